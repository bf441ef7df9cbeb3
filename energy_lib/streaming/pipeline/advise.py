"""The use case of jobs/advise.py: what becomes known is held against the plan in force; advice into gold.advice.

Time is the readings': at every step of their clock that brought something, what was known by then is judged. So the
same rows follow however the readings were cut into batches. A commit says up to which step advice was told.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pandas as pd
import pyarrow.compute as pc

from energy_lib.config import Config
from energy_lib.errors import BadConfig
from energy_lib.insights.schedules.online.live_hours import COLUMNS, SiteMeters
from energy_lib.insights.schedules.online.telling import MONTH
from energy_lib.insights.schedules.pipeline.advice import Advisor, newest_of
from energy_lib.lake.outcome import Outcome
from energy_lib.lake.small_tables import SmallTables
from energy_lib.lake.sql_literals import instant_sql, text_sql
from energy_lib.lake.stream_appends import append_rows, positions
from energy_lib.lake.table_lock import only_process
from energy_lib.lake.table_properties import PLAIN
from energy_lib.streaming.signals import stopped_by_signal
from energy_lib.tables import Table, bronze, silver
from energy_lib.tables.answers.advice import ADVICE
from energy_lib.tables.answers.schedules import SCHEDULES

JOB = "advise"
SERIES = (silver.PRICES, silver.CARBON_INTENSITY)
CLOCK = "advice:minutes"
KEPT = timedelta(hours=48)
# What is older when a run begins is told by nobody: there is nothing to be done about it.
LONGEST_BEHIND = timedelta(hours=24)
# Messages of several partitions are committed a little out of order.
OUT_OF_ORDER = timedelta(minutes=15)
# Without news for so long the clock goes on by itself.
SILENT_SECONDS = 30.0
QUIET_COMMIT_SECONDS = 60.0
EMPTY = pd.DataFrame(
    {name: pd.Series(dtype=type_) for name, type_ in zip(
        COLUMNS, ("object", "datetime64[us, UTC]", "int32", "float64", "datetime64[us, UTC]"), strict=True
    )}
)  # fmt: skip

log = logging.getLogger(__name__)


def advise(config: Config, *, once: bool) -> Outcome:
    """Tell advice until a signal comes; `once`: of what is there now.

    Raises BadConfig for a lake in an object store, TryAgain if another process advises on this lake.
    """
    if "://" in config.lake:
        raise BadConfig(f"lake {config.lake}: advice is told for a lake on a disk, which has locks.")
    tables = SmallTables(config.lake)
    with stopped_by_signal() as stop, only_process(config.lake, JOB):
        tables.create_empty(ADVICE, PLAIN)
        run = Advice.begin(tables, config)
        run.run(stop, once=once)
    return Outcome(rows_in=run.steps, rows_out=run.told, lines=[f"{run.steps:,} steps, {run.told:,} rows of advice."])


@dataclass
class Advice:
    """One run. `done`: the last step that was judged; `committed`: the one that the table knows of."""

    tables: SmallTables
    config: Config
    advisor: Advisor
    done: datetime | None
    committed: int | None
    readings: pd.DataFrame = field(default_factory=EMPTY.copy)
    sites: dict[str, SiteMeters] = field(default_factory=dict)
    steps: int = 0
    told: int = 0
    _versions: dict[str, int] = field(default_factory=dict)
    _news_at: float = field(default_factory=time.monotonic)
    _committed_at: float = 0.0
    _changed: bool = False
    _told_loaded: bool = False
    _known_at: pd.Series = field(default_factory=lambda: pd.Series(dtype="datetime64[us, UTC]"))

    @classmethod
    def begin(cls, tables: SmallTables, config: Config) -> Advice:
        """Go on behind the last step that was told of; the first run of all tells of what comes from then on."""
        minutes = positions(tables.root, ADVICE, [CLOCK]).get(CLOCK)
        done = None if minutes is None else datetime.fromtimestamp(60 * minutes, UTC)
        return cls(tables, config, Advisor(tables, config), done, minutes)

    def run(self, stop: threading.Event, *, once: bool) -> None:
        while not stop.is_set():
            clock = self._clock()
            if clock is not None:
                for step in self._steps(clock):
                    self._judge(step)
                    if stop.is_set():
                        break
            if once:
                break
            stop.wait(self.config.advice.poll_seconds)
        if self.done is not None:
            self._commit([])

    def _clock(self) -> datetime | None:
        """The time up to which everything is known; None before the first reading."""
        if self._has_news(bronze.READINGS):
            self._take_readings()
            self._news_at = time.monotonic()
        self._take_series()
        if self.readings.empty:
            return None
        newest: datetime = self.readings["landed_at_utc"].max().to_pydatetime()
        silent = time.monotonic() - self._news_at
        if silent <= SILENT_SECONDS:
            return newest
        now = datetime.now(UTC)
        # Readings of a past or of a simulated time have a clock of their own.
        return now if timedelta(0) <= now - newest <= LONGEST_BEHIND else newest + timedelta(seconds=silent)

    def _take_series(self) -> None:
        """When prices and intensities became known. What a file brought late is judged at the next step."""
        first = SERIES[0].full_name not in self._versions
        news = [self._has_news(table) for table in SERIES]
        if any(news):
            self._changed = not first
            since = "TRUE"
            if self.done is not None:
                since = f"available_at_utc > {instant_sql(self.done - LONGEST_BEHIND)}"
            columns = ["available_at_utc"]
            times = [self.tables.read(table, columns, since)["available_at_utc"].unique() for table in SERIES]
            self._known_at = pd.Series(pd.to_datetime([t for part in times for t in part.to_pylist()], utc=True))

    def _has_news(self, table: Table) -> bool:
        known = self._versions.get(table.full_name, -2)
        if known >= -1 and not self.tables.has_version(table, known + 1):
            return False
        self._versions[table.full_name] = self.tables.version(table)
        return True

    def _take_readings(self) -> None:
        """Readings of the planned sites' meters that have come; at first those since KEPT before the plan."""
        sites = self.advisor.sites()
        grown = sites != self.sites
        self.sites = sites
        meters = sorted({meter for each in sites.values() for meter in each.all})
        if not meters:
            return
        named = f"meter_id IN ({', '.join(map(text_sql, meters))}) AND rule_id IS NULL AND energy_kwh IS NOT NULL"
        if grown or self.readings.empty:
            origins = self.tables.read(SCHEDULES, ["origin_utc"])["origin_utc"]
            begin = pc.max(origins).as_py() if self.done is None else self.done
            since = None if begin is None else begin - KEPT
        else:
            since = self.readings["landed_at_utc"].max().to_pydatetime() - OUT_OF_ORDER
        if since is None:
            return
        month = (since - timedelta(days=1)).date().replace(day=1)
        where = f"landed_month >= DATE '{month}' AND landed_at_utc >= {instant_sql(since)} AND {named}"
        rows = self.tables.read(bronze.READINGS, COLUMNS, where)
        newest_landed = max(rows["landed_at_utc"].to_pylist(), default=since)
        self.readings = newest_of(self.readings, rows, newest_landed - KEPT)

    def _steps(self, clock: datetime) -> Iterator[datetime]:
        """The steps of the clock from the last one on that brought something, or begin an hour."""
        every = timedelta(minutes=self.config.advice.every_minutes)
        last = _floor(clock, every)
        if self.done is None:
            self.done = last - every
        if not self._told_loaded:
            self._load_told(last)
            self._told_loaded = True
        step = max(self.done, _floor(clock - LONGEST_BEHIND, every))
        series = (self.readings["landed_at_utc"], self._known_at)
        while step < last:
            before, step = step, step + every
            came = any(bool(((times > before) & (times <= step)).any()) for times in series)
            if came or step.minute == 0 or (self._changed and step == last):
                yield step
            self.done = step

    def _load_told(self, now: datetime) -> None:
        rows = self.tables.read(ADVICE, where=f"told_at_utc > {instant_sql(now - MONTH - LONGEST_BEHIND)}").to_pylist()
        order = {"raised": 1}
        for row in sorted(rows, key=lambda row: (row["told_at_utc"], order.get(row["event"], 0))):
            self.advisor.told[row["site_id"]].append(row)

    def _judge(self, step: datetime) -> None:
        started = time.monotonic()
        rows = self.advisor.said_at(step, self.readings, self.sites)
        self.done, self._changed = step, False
        self.steps, self.told = self.steps + 1, self.told + len(rows)
        if rows or time.monotonic() - self._committed_at > QUIET_COMMIT_SECONDS:
            self._commit(rows)
        if rows:
            log.info("%s: %d rows of advice in %.1f s", step, len(rows), time.monotonic() - started)

    def _commit(self, rows: list[dict[str, Any]]) -> None:
        """Advice and up to which step it is told, in one commit."""
        assert self.done is not None
        minutes = int(self.done.timestamp()) // 60
        if not rows and minutes == self.committed:
            return
        begun = {} if self.committed is None else {CLOCK: self.committed}
        append_rows(self.tables.root, ADVICE, rows, begun, {CLOCK: minutes})
        self.committed, self._committed_at = minutes, time.monotonic()


def _floor(instant: datetime, every: timedelta) -> datetime:
    seconds = every.total_seconds()
    return datetime.fromtimestamp(instant.timestamp() // seconds * seconds, UTC)
