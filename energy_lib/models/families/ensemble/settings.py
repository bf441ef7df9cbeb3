"""Config section `training.linear`."""

from __future__ import annotations

from pydantic import Field

from energy_lib.config import Section


class LinearConfig(Section):
    """The ensemble's linear day (training.model ensemble)."""

    common_ridge: float = Field(100.0, gt=0, description="Penalty on the part that all meters share")
    own_ridge: float = Field(1000.0, gt=0, description="Penalty on a meter's own part")
    own_days: int = Field(100, ge=1, description="Days a meter must have to get a part of its own")
    own_meters: int = Field(1000, ge=0, description="Most meters with a part of their own, those with most days first")
    rounds: int = Field(4, ge=1, description="Reweightings on the way to least absolute deviations")
