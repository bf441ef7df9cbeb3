"""Rows of silver.assets as what a site can plan, going on from what the plan before made of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from energy_lib.insights.schedules.default_run import default_power
from energy_lib.insights.schedules.site import NO_POWER_KW, Battery, Generation, Hours, Run
from energy_lib.insights.schedules.windows import LocalHours, Window, in_window, valid, windows

Row = Mapping[str, Any]
# Power and state of charge by asset and hour before the origin (−1: the last one), of the plans in force then.
Past = Mapping[tuple[str, int], tuple[float | None, float | None]]


@dataclass(slots=True)
class SiteAssets:
    """What a site can plan. `limit_names`: the assets that limit each hour. `failed`: why an asset cannot be planned.

    `within_kw`: power of loads in every hour if nobody plans, as far as the site's readings, and so its forecast, hold
    it. `metered`: those loads.
    """

    limit_kw: Hours
    within_kw: Hours
    limit_names: list[set[str]]
    batteries: list[Battery] = field(default_factory=list)
    runs: list[Run] = field(default_factory=list)
    generation: list[Generation] = field(default_factory=list)
    kinds: dict[str, str] = field(default_factory=dict)
    failed: dict[str, str] = field(default_factory=dict)
    metered: set[str] = field(default_factory=set)


def site_assets(
    rows: Iterable[Row], local: LocalHours, hours: int, past: Past, generated: Mapping[str, Hours]
) -> SiteAssets:
    """The assets of one site for so many hours from the origin. `generated`: forecasts of generation by meter, kW."""
    found = SiteAssets(np.full(hours, np.inf), np.zeros(hours), [set() for _ in range(hours)])
    ahead = local.day[local.origin : local.origin + hours]
    for row in rows:
        held = valid(ahead, row["valid_from"], row["valid_to"])
        # What comes or goes within the plan is planned by window or hour; a battery is there from its start or not yet.
        if not (held[0] if row["kind"] in ("battery", "generation") else held.any()):
            continue
        if row["kind"] != "site_limit":
            found.kinds[row["asset_id"]] = row["kind"]
        ADD[row["kind"]](found, row, local, past, generated)
    return found


def _add_limit(found: SiteAssets, row: Row, local: LocalHours, past: Past, generated: Mapping[str, Hours]) -> None:
    """The lowest limit of an hour counts."""
    ahead = slice(local.origin, local.origin + len(found.limit_kw))
    first, last = row["from_hour"] or 0, 24 if row["to_hour"] is None else row["to_hour"]
    held = in_window(local.hour_of_day[ahead], first, last) & valid(
        local.day[ahead], row["valid_from"], row["valid_to"]
    )
    for hour in np.flatnonzero(held & (row["power_kw"] <= found.limit_kw)):
        same = row["power_kw"] == found.limit_kw[hour]
        found.limit_names[hour] = {row["asset_id"], *(found.limit_names[hour] if same else ())}
        found.limit_kw[hour] = row["power_kw"]


def _add_battery(found: SiteAssets, row: Row, local: LocalHours, past: Past, generated: Mapping[str, Hours]) -> None:
    """A battery that no plan has known before is empty, as far as it may be."""
    if missing := [name for name in ("energy_kwh", "round_trip_efficiency") if not row[name]]:
        found.failed[row["asset_id"]] = f"asset_without_{missing[0]}: {row['asset_id']}"
        return
    capacity = row["energy_kwh"]
    lowest = capacity * (row["lowest_charge_share"] or 0.0)
    highest = capacity * (1.0 if row["highest_charge_share"] is None else row["highest_charge_share"])
    held = past.get((row["asset_id"], -1), (None, None))[1]
    found.batteries.append(
        Battery(
            asset_id=row["asset_id"],
            charge_kw=row["power_kw"],
            discharge_kw=row["power_kw"] if row["discharge_kw"] is None else row["discharge_kw"],
            lowest_kwh=lowest,
            highest_kwh=highest,
            start_kwh=min(max(lowest if held is None else held, lowest), highest),
            efficiency=row["round_trip_efficiency"],
            wear_per_kwh=row["wear_cost_per_kwh"] or 0.0,
        )
    )


def _add_runs(found: SiteAssets, row: Row, local: LocalHours, past: Past, generated: Mapping[str, Hours]) -> None:
    asset_id, hours = row["asset_id"], len(found.limit_kw)
    if row["energy_kwh"] is None:
        found.failed[asset_id] = f"asset_without_energy_kwh: {asset_id}"
        return
    ends_ahead = (w for w in windows(local, *(row[n] for n in ("from_hour", "to_hour", "valid_from", "valid_to"))))
    for window in ends_ahead:
        if window.first < hours and 0 < window.end <= hours:
            run = _run(row, window, hours, past)
            found.runs.append(run)
            # A load with a meter is in its readings.
            if row["meter_id"] is not None:
                found.within_kw += run.default_kw
                found.metered.add(asset_id)


def _run(row: Row, window: Window, hours: int, past: Past) -> Run:
    """One window of a load. Of one under way what is left: it did until the origin what was planned, or its default."""
    usual = default_power(row["energy_kwh"], row["power_kw"], row["minimum_run_hours"] or 1)
    default = np.zeros(hours - window.first)
    length = min(len(usual), len(default))
    default[:length] = usual[:length]
    begun = max(-window.first, 0)
    done = [past.get((row["asset_id"], window.first + i), (None, None))[0] for i in range(begun)]
    used = np.array([default[i] if power is None else power for i, power in enumerate(done)])
    resting = np.flatnonzero(used <= NO_POWER_KW)
    return Run(
        asset_id=row["asset_id"],
        first=max(window.first, 0),
        end=window.end,
        energy_kwh=max(row["energy_kwh"] - float(used.sum()), 0.0),
        power_kw=row["power_kw"],
        default_kw=np.concatenate([np.zeros(max(window.first, 0)), default[begun:]]),
        lowest_kw=row["lowest_power_kw"] or 0.0,
        minimum_hours=row["minimum_run_hours"] or 1,
        ran_hours=begun - (int(resting[-1]) + 1 if len(resting) else 0),
    )


def _add_generation(found: SiteAssets, row: Row, local: LocalHours, past: Past, generated: Mapping[str, Hours]) -> None:
    forecast = generated.get(row["meter_id"] or "")
    if forecast is None:
        found.failed[row["asset_id"]] = f"no_forecast: meter {row['meter_id']} of generation {row['asset_id']}"
        return
    found.generation.append(Generation(row["asset_id"], np.minimum(forecast, row["power_kw"])))


ADD: dict[str, Callable[[SiteAssets, Row, LocalHours, Past, Mapping[str, Hours]], None]] = {
    "site_limit": _add_limit,
    "battery": _add_battery,
    "flexible_load": _add_runs,
    "generation": _add_generation,
}
