"""An area without meters: what its households would use, from homes of like areas, and the tier of access that is.

Source of the tiers: Bhatia, Angelou, Beyond Connections: Energy Access Redefined (ESMAP Technical Report 008/15, 2015):
least daily supply of electricity to a household.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from pydantic import Field

from energy_lib.config import Section
from energy_lib.insights.scenarios.load import POWER

Row = dict[str, Any]
# kWh a day, of tiers 1 to 5.
TIERS = (0.012, 0.2, 1.0, 3.4, 8.2)
QUANTILES = (0.1, 0.5, 0.9)
NO_LIKE_AREA = "no like area has enough measured homes to be told"


class Unserved(Section):
    """`areas`: null: all that have households and no meter."""

    areas: tuple[str, ...] | None = Field(None, description="Areas to be served; null: all with households, no meter")
    same_climate_zone: bool = Field(True, description="Whether like areas are of the same climate zone, where one is")


@dataclass(frozen=True, slots=True)
class LikeArea:
    """Measured homes of an area: kWh a day and kW in the highest hour of their sum, both by home."""

    area_id: str
    climate_zone: str | None
    homes: int
    kwh_per_day: float
    peak_kw: float


def tier(kwh_per_day: float) -> int:
    """Tier of the Multi-Tier Framework by daily supply, 0 to 5."""
    return int(np.searchsorted(TIERS, kwh_per_day, side="right"))


def unserved_rows(area: Mapping[str, Any], like: Sequence[LikeArea], days: int, *, same_zone: bool) -> list[Row]:
    """Rows of gold.scenario_results of one area with `households` and `climate_zone`.

    The range is the quantiles 0.1, 0.5 and 0.9 over the like areas, each counted once.
    """
    zone = area["climate_zone"]
    near = [each for each in like if each.climate_zone == zone] if same_zone and zone is not None else []
    alike = near or list(like)
    common: Row = {"category": "homes", "group_kind": "unserved", "group_id": area["area_id"]}
    common |= dict(zip(("fuel", "flow"), POWER, strict=True))
    names = ("kwh_per_household_day", "mtf_tier", "energy_kwh", "peak_kw")
    if not alike:
        return [common | {"quantity": name, "reason": NO_LIKE_AREA} for name in names]
    a_day = np.quantile([each.kwh_per_day for each in alike], QUANTILES)
    kw = np.quantile([each.peak_kw for each in alike], QUANTILES)
    households = area["households"]
    values = {
        "kwh_per_household_day": a_day,
        "mtf_tier": np.array([tier(each) for each in a_day], dtype=float),
        "energy_kwh": a_day * days * households,
        "peak_kw": kw * households,
    }
    said = {"baseline": 0.0, "units": sum(each.homes for each in alike), "known_share": 1.0}
    ends = ("change_low", "change", "change_high")
    return [
        common | said | {"quantity": name} | dict(zip(ends, (round(float(v), 6) for v in value), strict=True))
        for name, value in values.items()
    ]
