"""What is to be said of every planned site at an instant: its plan in force, what was read since, what is known now."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

from energy_lib.config import Config
from energy_lib.insights.accounts.book import meters_of
from energy_lib.insights.schedules.online.finding import finding
from energy_lib.insights.schedules.online.live_hours import SiteMeters, hour_so_far, known_readings, whole_hours
from energy_lib.insights.schedules.online.present import HourSoFar
from energy_lib.insights.schedules.online.telling import MONTH, Now, said
from energy_lib.insights.schedules.pipeline.inputs import (
    LONGEST_PLAN,
    Moment,
    brings_in,
    electricity_meters,
    problems_at,
)
from energy_lib.insights.schedules.problem import Problem
from energy_lib.insights.schedules.site import Hours
from energy_lib.insights.schedules.solver import Solver
from energy_lib.lake.small_tables import SmallTables
from energy_lib.lake.sql_literals import instant_sql
from energy_lib.tables import references, silver
from energy_lib.tables.answers.alerts import ALERTS
from energy_lib.tables.answers.schedules import SCHEDULES, WHOLE_SITE
from energy_lib.vocabulary import Flow

HOUR = timedelta(hours=1)
# Alerts that are open since longer are old news; what they doubt is in no forecast any more.
DOUBTED_SINCE = timedelta(days=3)
# Readings of a meter with such an open alert are not taken as they come.
DOUBTFUL = frozenset(
    {"stuck", "dead", "missing_data", "spike", "dropout", "multiplier_change", "unit_change", "clock_shift"}
)
# A plan with fewer hours left is not held against anything: the next night plans.
FEWEST_HOURS = 6


@dataclass
class Advisor:
    """Says what is to be done at sites with a plan. `told`: by site the rows of gold.advice of the last month."""

    small: SmallTables
    config: Config
    told: dict[str, list[dict[str, Any]]] = field(default_factory=lambda: defaultdict(list))
    solver: Solver = field(default_factory=Solver)

    def sites(self) -> dict[str, SiteMeters]:
        """The electricity meters of each site that has assets."""
        meters = meters_of(self.small.rows(silver.METERS), self.small.rows(silver.BUILDINGS))
        found = {}
        for site in sorted({row["site_id"] for row in self.small.rows(references.ASSETS)}):
            own = electricity_meters(meters, site)
            inward = frozenset(meter.meter_id for meter in own if brings_in(meter))
            outward = frozenset(meter.meter_id for meter in own if meter.profile.flow == Flow.EXPORT)
            found[site] = SiteMeters(inward, outward)
        return found

    def said_at(self, now: datetime, readings: pd.DataFrame, sites: Mapping[str, SiteMeters]) -> list[dict[str, Any]]:
        """Rows of gold.advice to add: what is known at `now` against the newest plan; `readings`: of live_hours."""
        plans = self._plans(now)
        if plans is None:
            return []
        origin, planned = plans
        hour = now.replace(minute=0, second=0, microsecond=0)
        known = known_readings(readings, now, self._doubted(now))
        read = {site: whole_hours(known, meters) for site, meters in sites.items()}
        assets = [row for row in self.small.rows(references.ASSETS) if row["site_id"] in planned]
        moment = Moment(origin, hour, now, read)
        problems = problems_at(self.small, self.config, moment, assets) if assets else []
        events = self.small.rows(references.EVENTS)
        rows: list[dict[str, Any]] = []
        zones = {row["site_id"]: row["zone"] for row in self.small.rows(silver.METERS)}
        for problem in problems:
            so_far = hour_so_far(known, sites[problem.site_id], hour, now)
            speaker = Now(
                now, problem.site_id, origin, problem.tariff_id, zones.get(problem.site_id) or "UTC",
                {"site_id": problem.site_id}, events, self.config.advice,
            )  # fmt: skip
            rows += self._of_site(problem, planned[problem.site_id], so_far, speaker)
        return rows

    def _of_site(
        self, problem: Problem, planned: Mapping[str, Hours], so_far: HourSoFar, speaker: Now
    ) -> Iterable[dict[str, Any]]:
        # What is older counts for no budget; the last one is what an open advice is known by.
        told = self.told[problem.site_id]
        told = [row for row in told if row["told_at_utc"] > speaker.told_at - MONTH] or told[-1:]
        found = finding(problem, planned, so_far, speaker.told_at, self.solver)
        rows = said(told, found, speaker)
        self.told[problem.site_id] = [*told, *rows]
        return rows

    def _plans(self, now: datetime) -> tuple[datetime, dict[str, dict[str, Hours]]] | None:
        """The newest origin by then that has a plan, and by site and asset its power from the hour of `now` on."""
        months = {instant.date().replace(day=1) for instant in (now, now - LONGEST_PLAN)}
        listed = ", ".join(f"DATE '{month}'" for month in sorted(months))
        hour = now.replace(minute=0, second=0, microsecond=0)
        where = (
            f"origin_month IN ({listed}) AND origin_utc <= {instant_sql(now)} AND "
            f"origin_utc > {instant_sql(now - LONGEST_PLAN)} AND interval_start_utc >= {instant_sql(hour)}"
        )
        columns = ["site_id", "asset_id", "origin_utc", "interval_start_utc", "power_kw"]
        rows = self.small.read(SCHEDULES, columns, where).to_pandas(timestamp_as_object=False)
        if rows.empty:
            return None
        origin = rows["origin_utc"].max()
        rows = rows[(rows["origin_utc"] == origin) & (rows["asset_id"] != WHOLE_SITE)]
        hours = self.config.schedule.horizon_hours - int((hour - origin) / HOUR)
        if hours < FEWEST_HOURS:
            return None
        return origin.to_pydatetime(), _powers(rows, hour, hours)

    def _doubted(self, now: datetime) -> frozenset[str]:
        """Meters that an alert of their readings is open for."""
        where = f"told_at_utc <= {instant_sql(now)} AND told_at_utc > {instant_sql(now - DOUBTED_SINCE)}"
        rows = self.small.read(ALERTS, ["alert_id", "told_at_utc", "meter_id", "type", "state"], where).to_pylist()
        last = {row["alert_id"]: row for row in sorted(rows, key=lambda row: row["told_at_utc"])}
        return frozenset(r["meter_id"] for r in last.values() if r["state"] == "open" and r["type"] in DOUBTFUL)


def _powers(rows: pd.DataFrame, hour: datetime, hours: int) -> dict[str, dict[str, Hours]]:
    found: dict[str, dict[str, Hours]] = defaultdict(dict)
    for (site, asset), own in rows.groupby(["site_id", "asset_id"], sort=True):
        power = np.full(hours, np.nan)
        place = ((own["interval_start_utc"] - pd.Timestamp(hour)) // pd.Timedelta(hours=1)).to_numpy()
        inside = place < hours
        power[place[inside]] = own["power_kw"].to_numpy(dtype=float)[inside]
        found[str(site)][str(asset)] = power
    return found


def newest_of(frame: pd.DataFrame, news: pa.Table, since: datetime) -> pd.DataFrame:
    """Readings that are kept: those before and new ones, each once, of intervals that began since then."""
    rows = pd.concat([frame, news.to_pandas(timestamp_as_object=False)], ignore_index=True)
    rows = rows.drop_duplicates(["meter_id", "interval_start_utc", "landed_at_utc"], keep="last")
    return rows[rows["interval_start_utc"] >= since].reset_index(drop=True)
