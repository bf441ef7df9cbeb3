"""Work scenarios out on the tables of a lake, without Spark: rows of gold.scenario_results, lines for people."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np

from energy_lib.config import AccessConfig, CleaningConfig
from energy_lib.errors import BadConfig, InputMissing
from energy_lib.insights.access.privacy import AreaTree, Limits
from energy_lib.insights.accounts.amounts import Bools
from energy_lib.insights.scenarios.answers import Results
from energy_lib.insights.scenarios.baseline import Baseline
from energy_lib.insights.scenarios.effects import Effects, Portfolio, export_share, loads_of
from energy_lib.insights.scenarios.groups import Group, area_groups, tenth_groups, tree_of
from energy_lib.insights.scenarios.load import POWER
from energy_lib.insights.scenarios.pipeline.inputs import READ, read_baseline
from energy_lib.insights.scenarios.ranges import runs_of
from energy_lib.insights.scenarios.scenario import Scenario
from energy_lib.insights.scenarios.unit_worth import UnitWorths
from energy_lib.insights.scenarios.unserved import LikeArea, unserved_rows
from energy_lib.insights.scenarios.valuation import Valuer
from energy_lib.lake.small_tables import SmallTables
from energy_lib.tables import references
from energy_lib.vocabulary import Flow

Row = dict[str, Any]
HOMES, OTHER = "homes", "other"


@dataclass(frozen=True, eq=False)
class Year:
    """The months that were read, with their areas; `portfolio`: the units, valued. One for all scenarios of a day."""

    day: date
    baseline: Baseline
    portfolio: Portfolio
    areas: dict[str, Row]
    tree: AreaTree
    limits: dict[str, Limits]
    versions: dict[str, int]


def read_year(tables: SmallTables, day: date, cleaning: CleaningConfig, access: AccessConfig) -> Year:
    """The whole months before a day as they were known on it; raises InputMissing where there is none."""
    versions = {table.full_name: tables.version(table) for table in READ}
    baseline, book = read_baseline(tables, day, cleaning, access.home_uses)
    if not baseline.units:
        raise InputMissing(f"No home or building has all its registers read in the months before {day}.")
    areas = {row["area_id"]: row for row in tables.rows(references.AREAS)}
    worths = UnitWorths(Valuer(book, baseline.first_hour, baseline.months))
    return Year(
        day,
        baseline,
        Portfolio(baseline.units, baseline.counted, worths),
        areas,
        tree_of({area: row["parent_area_id"] for area, row in areas.items()}),
        {
            HOMES: Limits(access.min_homes, access.largest_share),
            OTHER: Limits(access.min_meters, access.largest_share),
        },
        versions,
    )


def results_of(scenario: Scenario, year: Year) -> list[Row]:
    """Rows of gold.scenario_results. Raises BadConfig for an area that is not there, and a measure that fits nobody."""
    for area in (*(scenario.areas or ()), *((scenario.unserved.areas if scenario.unserved else None) or ())):
        if area not in year.areas:
            raise BadConfig(f"Scenario {scenario.name}: there is no area '{area}' in silver.areas: name one there is.")
    rows = _unserved(scenario, year) if scenario.unserved is not None else changed(scenario, year).rows()
    chosen = {"assumptions": scenario.model_dump(mode="json", exclude={"name", "digest"}, exclude_none=True)}
    common: Row = {
        "scenario": scenario.name,
        "as_of_date": year.day,
        "first_day": year.baseline.first_day,
        "last_day": year.baseline.last_day,
        "days": year.baseline.days,
        "assumptions": json.dumps(chosen["assumptions"], sort_keys=True),
        "scenario_hash": scenario.digest,
        "lineage": json.dumps(year.versions, sort_keys=True),
    }
    return [common | row for row in rows]


def changed(scenario: Scenario, year: Year) -> Results:
    """Every home and building before and after a scenario's measures; raises BadConfig for one that fits nobody."""
    units = year.portfolio.units
    places = np.array([i for i, unit in enumerate(units) if _lies_in(unit.area_id, scenario, year)], np.int64)
    mine = [units[i] for i in places.tolist()]
    takes_part = np.array([[measure.takes_part(unit) for unit in mine] for measure in scenario.measures])
    for i, measure in enumerate(scenario.measures):
        if not takes_part[i].any():
            raise BadConfig(
                f"Scenario {scenario.name}: {scenario.label(i)} fits no home or building that was read: "
                f"it needs {measure.NEEDS}{', within its uses and share' if measure.uses or measure.share < 1 else ''}."
            )
    portfolio = Portfolio(mine, year.portfolio.counted[places], year.portfolio.worths)
    runs = runs_of(scenario)
    as_read = [unit.load for unit in mine]
    central = loads_of(mine, scenario, runs[0])
    # What is generated is in no bill: of panels, what is taken in and fed in is told.
    keys = sorted({key for load in central for key in load.kwh if key[1] != Flow.GENERATION})
    plain = portfolio.effects(as_read, (), keys, None)
    groups = _groups(portfolio, plain, year, takes_part.any(axis=0))
    members = [group.members for group in groups]
    before = portfolio.effects(as_read, members, keys, None)
    after = [
        portfolio.effects(
            central if run is runs[0] else loads_of(mine, scenario, run), members, keys, export_share(scenario, run)
        )
        for run in runs
    ]
    return Results(
        mine, before, after, [run.name for run in runs], groups, year.tree, year.limits, takes_part.any(axis=0),
        lambda among: year.baseline.imputed_share(places[among]),
    )  # fmt: skip


def _lies_in(area: str | None, scenario: Scenario, year: Year) -> bool:
    if scenario.areas is None:
        return True
    return area is not None and bool(set(scenario.areas) & set(year.tree.lineage(area)))


def _groups(portfolio: Portfolio, plain: Effects, year: Year, takes_part: Bools) -> list[Group]:
    """All, areas, and tenths of homes by what they pay; where no bill is known, by what they use.

    A category of which nobody takes part has none.
    """
    found = []
    for category, is_home in ((HOMES, True), (OTHER, False)):
        places = np.array([i for i, unit in enumerate(portfolio.units) if unit.is_home == is_home], np.int64)
        if not takes_part[places].any():
            continue
        found += area_groups(category, portfolio.units, places, year.tree)
        if is_home:
            is_priced = np.isfinite(plain.cost[places]).any()
            used = np.sum([np.nan_to_num(kwh) for key, kwh in plain.energy.items() if key[1] == POWER[1]], axis=0)
            rank, kind = (plain.cost, "tenth_by_cost") if is_priced else (used, "tenth_by_energy")
            found += tenth_groups(category, places, rank, kind)
    return found


def _unserved(scenario: Scenario, year: Year) -> list[Row]:
    asked = scenario.unserved
    assert asked is not None
    served = {area for unit in year.portfolio.units for area in year.tree.lineage(unit.area_id or "")}
    wanted = asked.areas or tuple(sorted(a for a, row in year.areas.items() if row["households"] and a not in served))
    if not wanted:
        raise InputMissing(f"Scenario {scenario.name}: no area of silver.areas has households and no meter.")
    for area in wanted:
        if area in served:
            raise BadConfig(f"Scenario {scenario.name}: area '{area}' has meters, and is served: name one without.")
        if not year.areas[area]["households"]:
            raise BadConfig(f"Scenario {scenario.name}: silver.areas says no households of area '{area}': add them.")
    like = _like_areas(year)
    return [
        row
        for area in wanted
        for row in unserved_rows(
            year.areas[area] | {"climate_zone": _zone(area, year)}, like, year.baseline.days,
            same_zone=asked.same_climate_zone,
        )
    ]  # fmt: skip


def _like_areas(year: Year) -> list[LikeArea]:
    """Areas by themselves whose measured homes may be told."""
    own: dict[str, list[int]] = {}
    for place, unit in enumerate(year.portfolio.units):
        if unit.is_home and unit.area_id in year.areas and POWER in unit.load.kwh:
            own.setdefault(str(unit.area_id), []).append(place)
    found = []
    for area, places in sorted(own.items()):
        units, counted = [year.portfolio.units[i] for i in places], year.portfolio.counted[places]
        power = np.nan_to_num(np.array([unit.load.kwh[POWER] for unit in units])) * counted
        if year.limits[HOMES].amounts(power.sum(axis=1)):
            a_day = float(power.sum()) / len(units) / year.baseline.days
            found.append(
                LikeArea(area, _zone(area, year), len(units), a_day, float(power.sum(axis=0).max()) / len(units))
            )
    return found


def _zone(area: str, year: Year) -> str | None:
    zones = (year.areas[each]["climate_zone"] for each in year.tree.lineage(area) if each in year.areas)
    return next((zone for zone in zones if zone is not None), None)
