"""Config section `training.boosting`."""

from __future__ import annotations

from pydantic import Field

from energy_lib.config import Section


class BoostingConfig(Section):
    """Gradient-boosted trees (training.model lightgbm, and those of an ensemble)."""

    rounds: int = Field(700, ge=1, description="Most trees of the median")
    tail_rounds: int = Field(200, ge=1, description="Most trees of each other quantile, which has less to learn")
    learning_rate: float = Field(0.07, gt=0)
    leaves: int = Field(127, ge=2)
    min_rows: int = Field(400, ge=1, description="Fewest hours in a leaf")
    feature_fraction: float = Field(0.6, gt=0, le=1, description="Share of the features each tree may use")
    row_fraction: float = Field(0.7, gt=0, le=1, description="Share of the hours each tree sees")
    most_hours: int = Field(
        900_000, ge=1, description="Hours of a fuel to learn from; of more, so many are drawn, by their weight"
    )
    bins: int = Field(127, ge=3, description="Most values a feature is told apart by")
    l2: float = Field(1.0, ge=0)
    patience: int | None = Field(
        200, ge=1, description="Trees without a better validation loss before it stops; null: all are grown and kept"
    )
