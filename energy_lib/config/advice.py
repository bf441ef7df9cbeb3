"""Config keys of advice: when doing otherwise than planned is worth telling at once."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from energy_lib.config.section import Section


class AdviceConfig(Section):
    min_worth: float = Field(
        5.0, gt=0, description="What doing otherwise than planned is worth at least, in the tariff's currency"
    )
    every_minutes: Literal[1, 5, 10, 15, 30, 60] = Field(
        5, description="So often, by the readings' own time, what has become known is held against the plan"
    )
    per_site_month: int = Field(20, ge=1, description="More than this in 30 days is suppressed, unless it is grave")
    poll_seconds: float = Field(2.0, gt=0, description="So often the lake is looked at")
