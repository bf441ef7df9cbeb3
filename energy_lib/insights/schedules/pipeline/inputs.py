"""What an origin knew of the sites that have assets: read without Spark, by origin, month and meter."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from energy_lib.cleaning.pipeline.known_hours import known_hours
from energy_lib.config import CleaningConfig, Config
from energy_lib.insights.accounts.book import Book, Meter, Profile, meters_of, tariffs_of
from energy_lib.insights.accounts.charges import DEMAND
from energy_lib.insights.accounts.hour_grid import HourGrid, grid_of
from energy_lib.insights.accounts.references import book_at
from energy_lib.insights.schedules.assets import Past
from energy_lib.insights.schedules.forecast import GROUP_COLUMNS, METER_COLUMNS, site_forecasts
from energy_lib.insights.schedules.problem import Problem, problem_of
from energy_lib.insights.schedules.terms import PEAK_DAYS, Terms, site_terms
from energy_lib.insights.schedules.windows import LocalHours
from energy_lib.intervals import DAY
from energy_lib.lake.small_tables import SmallTables
from energy_lib.lake.sql_literals import instant_sql
from energy_lib.tables import gold, references, silver
from energy_lib.tables.answers.schedules import SCHEDULES
from energy_lib.vocabulary import Flow, Fuel

READ = (
    references.ASSETS, references.TARIFFS, silver.METERS, silver.BUILDINGS, silver.PRICES, silver.CARBON_INTENSITY,
    silver.HOURLY, gold.FORECASTS, gold.GROUP_FORECASTS,
)  # fmt: skip
Row = dict[str, Any]
# A window that is under way at the origin began within so many hours before it; one within the plan may end so many
# after it.
HOURS_BEFORE, HOURS_AFTER = 30, 2
SECONDS = 3600
LONGEST_PLAN = timedelta(days=3)
NO_METER, NO_FORECAST = "no_electricity_meter", "no_forecast"
# The clock of a site without meters: it is not planned.
NOWHERE = Profile(str(Fuel.ELECTRICITY), str(Flow.IMPORT), "UTC", None, None, (), None, None)


def _months_sql(*instants: datetime) -> str:
    """First days of the UTC months of instants, for a condition in delta-rs' SQL."""
    return ", ".join(f"DATE '{day}'" for day in sorted({instant.date().replace(day=1) for instant in instants}))


@dataclass(frozen=True, slots=True)
class Moment:
    """When a plan begins, by forecasts of which origin, and what is known of it: at the origin itself for a night.

    `read`: by site kWh taken in by hour since the epoch, of hours that no night has cleaned yet.
    """

    origin: datetime
    begin: datetime
    known_at: datetime
    read: Mapping[str, Mapping[int, float]] = field(default_factory=dict)

    @classmethod
    def of_night(cls, origin: datetime) -> Moment:
        return cls(origin, origin, origin)

    @property
    def gone_hours(self) -> int:
        return _hour(self.begin) - _hour(self.origin)


def problems_at(small: SmallTables, config: Config, moment: Moment, assets: Sequence[Row]) -> list[Problem]:
    """The problem of each site that has assets, by site. What became known after the moment is in none.

    A plan ends where the one of the origin does.
    """
    origin, begin, hours = moment.origin, moment.begin, config.schedule.horizon_hours - moment.gone_hours
    of_site: dict[str, list[Row]] = defaultdict(list)
    for row in sorted(assets, key=lambda row: (row["site_id"], row["asset_id"], row["from_hour"] or 0)):
        of_site[row["site_id"]].append(row)
    meters = meters_of(small.rows(silver.METERS), small.rows(silver.BUILDINGS))
    electric = {site: electricity_meters(meters, site) for site in of_site}
    known = Book(meters, (), tariffs_of(small.rows(references.TARIFFS)), {}, {}, {})
    book = book_at(small, known, begin, hours, moment.known_at)
    groups, of_meters = _forecast_rows(small, origin, list(of_site))
    bought = _bought(of_meters)
    site_of = {row["meter_id"]: row["site_id"] for row in assets if row["kind"] == "generation" and row["meter_id"]}
    generators = of_meters.filter(pc.is_in(of_meters["meter_id"], pa.array(sorted(site_of), pa.string())))
    forecasts = site_forecasts(groups, generators, site_of, origin, config.schedule.horizon_hours)
    past, imports = _past(small, begin), _imports(small, moment, electric, book, config.cleaning)
    problems = []
    for site, rows in of_site.items():
        profile = _profile(site, electric[site], bought)
        clock = NOWHERE if isinstance(profile, str) else profile
        grid, local = _grids(clock, begin, hours)
        terms = _terms(profile, grid, book, begin, imports[site])
        forecast = forecasts.get(site, f"{NO_FORECAST}: site {site} has none of {origin:%Y-%m-%d %H:%M}Z")
        ahead = forecast if isinstance(forecast, str) else forecast.after(moment.gone_hours)
        problems.append(
            problem_of(site, begin, rows, local, hours, past[site], ahead, terms, clock.tariff_id, config.schedule)
        )
    return problems


def electricity_meters(meters: Mapping[str, Meter], site: str) -> list[Meter]:
    return [m for m in meters.values() if m.site_id == site and m.profile.fuel == Fuel.ELECTRICITY]


def _profile(site: str, meters: Sequence[Meter], bought: Mapping[str, float]) -> Profile | str:
    """The profile of the meters on the tariff by which the site is forecast to buy most; text that says why none.

    `bought`: kWh forecast by meter. What an asset moves is then reckoned by that tariff alone.
    """
    importing = sorted((m for m in meters if brings_in(m)), key=lambda m: m.meter_id)
    if not importing:
        return f"{NO_METER}: site {site}"
    by_tariff: dict[str, float] = defaultdict(float)
    for meter in importing:
        by_tariff[meter.profile.tariff_id or ""] += bought.get(meter.meter_id, 0.0)
    main = max(sorted(by_tariff), key=by_tariff.__getitem__)
    return next(m.profile for m in importing if (m.profile.tariff_id or "") == main)


def brings_in(meter: Meter) -> bool:
    return meter.profile.flow in (Flow.IMPORT, Flow.NET)


def _grids(profile: Profile, origin: datetime, hours: int) -> tuple[HourGrid, LocalHours]:
    """The hours of the plan, and those around them in which its windows may begin or end."""
    first = _hour(origin)
    place = (profile.zone, profile.country, profile.subdivision)
    around = grid_of(*place, first - HOURS_BEFORE, first + hours + HOURS_AFTER)
    local = LocalHours(HOURS_BEFORE, around.day.astype("datetime64[D]"), around.hour_of_day)
    return grid_of(*place, first, first + hours), local


def _hour(instant: datetime) -> int:
    return int(instant.timestamp()) // SECONDS


def _terms(
    profile: Profile | str, grid: HourGrid, book: Book, origin: datetime, imported: Mapping[int, float]
) -> Terms | str:
    if isinstance(profile, str):
        return profile
    now = _hour(origin)
    past = grid_of(profile.zone, profile.country, profile.subdivision, now - 24 * PEAK_DAYS, now)
    past_kw = np.array([imported.get(int(hour), np.nan) for hour in past.hours])
    return site_terms(profile, grid, book, past, past_kw)


def _imports(
    small: SmallTables, moment: Moment, meters: Mapping[str, Sequence[Meter]], book: Book, cleaning: CleaningConfig
) -> Mapping[str, Mapping[int, float]]:
    """kWh that each site took in past hours of PEAK_DAYS, known at the moment; of sites with a demand charge."""
    charged = {
        site: [m for m in of_site if brings_in(m)]
        for site, of_site in meters.items()
        if any(_has_demand(book, m.profile) for m in of_site)
    }
    site_of = {m.meter_id: site for site, of_site in charged.items() for m in of_site}
    sums: dict[str, dict[int, float]] = defaultdict(lambda: defaultdict(float))
    if not site_of:
        return sums
    columns = ["meter_id", "interval_start_utc", "energy_kwh"]
    first, end = moment.begin - DAY * PEAK_DAYS, moment.begin
    rows = known_hours(small, sorted(site_of), first, end, moment.known_at, cleaning, columns)
    rows = rows.filter(pc.is_valid(rows["energy_kwh"]))
    hours = rows["interval_start_utc"].cast(pa.int64()).to_numpy() // (SECONDS * 1_000_000)
    for meter_id, hour, kwh in zip(rows["meter_id"].to_pylist(), hours, rows["energy_kwh"].to_numpy(), strict=True):
        sums[site_of[meter_id]][int(hour)] += float(kwh)
    for site in charged:
        sums[site] = {**moment.read.get(site, {}), **sums[site]}
    return sums


def _has_demand(book: Book, profile: Profile) -> bool:
    rows = book.tariffs.get((profile.tariff_id or "", profile.fuel), ())
    return any(row["charge"] == DEMAND for row in rows)


def _forecast_rows(small: SmallTables, origin: datetime, sites: Sequence[str]) -> tuple[pa.Table, pa.Table]:
    """Live forecasts of the origin: of the sites' electricity, and of all electricity meters."""
    live = f"run_kind = 'live' AND fuel = '{Fuel.ELECTRICITY}' AND origin_utc = {instant_sql(origin)}"
    groups = small.read(gold.GROUP_FORECASTS, GROUP_COLUMNS, f"group_kind = 'site' AND {live}")
    meters = small.read(gold.FORECASTS, METER_COLUMNS, live)
    return groups.filter(pc.is_in(groups["group_id"], pa.array(sites, pa.string()))), meters


def _bought(meters: pa.Table) -> dict[str, float]:
    """kWh forecast by meter, of all models alike: it tells large meters from small ones."""
    sums = meters.group_by("meter_id").aggregate([("p50", "sum")])
    return dict(zip(sums["meter_id"].to_pylist(), pc.fill_null(sums["p50_sum"], 0.0).to_pylist(), strict=True))


def _past(small: SmallTables, origin: datetime) -> Mapping[str, Past]:
    """By site: power and state of charge of assets in the hours before the origin, of the plan then in force."""
    columns = ["site_id", "asset_id", "origin_utc", "interval_start_utc", "power_kw", "state_of_charge_kwh"]
    since = origin - timedelta(hours=HOURS_BEFORE)
    where = (
        f"origin_month IN ({_months_sql(origin, since - LONGEST_PLAN)}) AND origin_utc < {instant_sql(origin)} "
        f"AND interval_start_utc < {instant_sql(origin)} AND interval_start_utc >= {instant_sql(since)}"
    )
    rows = small.read(SCHEDULES, columns, where)
    found: dict[str, dict[tuple[str, int], tuple[float | None, float | None]]] = defaultdict(dict)
    # Later origins take the place of earlier ones.
    for row in rows.sort_by("origin_utc").to_pylist():
        hour = int((row["interval_start_utc"] - origin).total_seconds()) // SECONDS
        found[row["site_id"]][row["asset_id"], hour] = (row["power_kw"], row["state_of_charge_kwh"])
    return found
