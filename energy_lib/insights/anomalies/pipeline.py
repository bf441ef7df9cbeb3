"""The use case of jobs/detect.py: find events in what is news, hold them against what stands, audit, publish."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import partial
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

from energy_lib.config import Config
from energy_lib.insights.accounts.book import Book
from energy_lib.insights.accounts.references import read_book
from energy_lib.insights.anomalies.spark.found import first_news, found_events
from energy_lib.insights.anomalies.statistics import RULE_VERSION
from energy_lib.insights.anomalies.valuation import valued
from energy_lib.insights.anomalies.versions import anomaly_id, going_on_since, revised, valued_as_then
from energy_lib.intervals import DAY, HOUR, Period, midnight_utc
from energy_lib.lake import Lake, Outcome, last_run, progress, record_progress
from energy_lib.quality import gate
from energy_lib.tables import silver
from energy_lib.tables.answers.anomalies import ANOMALIES
from energy_lib.tables.arrow import arrow_schema

JOB = "detect"
Row = dict[str, Any]
SHOWN = 5
PLAIN = (
    "severity", "score", "observed_kwh", "expected_kwh", "expected_low_kwh", "expected_high_kwh", "imputed_share",
)  # fmt: skip


def detect_anomalies(lake: Lake, config: Config, period: Period) -> Outcome:
    """Bring gold.anomalies to what is known at each origin of the period.

    Looked at are meters with hours that are news since the last run, from the first such hour or the start of what is
    still going on. A day before the last run's is done again as it was known then. Raises GateRefused if a batch breaks
    the table's rules.
    """
    outcome = Outcome()
    for day in period.days():
        _detect_as_of(lake, config, midnight_utc(day) + HOUR * config.features.origin_hour_utc, outcome)
    return outcome


def _detect_as_of(lake: Lake, config: Config, as_of: datetime, outcome: Outcome) -> None:
    version = lake.version(silver.HOURLY)
    done, text = progress(lake, JOB, silver.HOURLY), last_run(lake, JOB, silver.HOURLY)
    last = None if text is None else datetime.fromisoformat(text)
    redone = last is not None and as_of <= last
    known_from = as_of - DAY if last is None or redone else last
    # A past day is done again from what became known on it; that later rows have changed is no news to it.
    after = version if redone else done
    news = first_news(lake, after, known_from, as_of, redone=redone).toPandas()
    lake.ensure(ANOMALIES)
    table = lake.small_tables.read(ANOMALIES).to_pylist()
    since = _since(news, table, as_of)
    meters = {row["meter_id"]: row for row in lake.small_tables.rows(silver.METERS)}
    since = {meter_id: start for meter_id, start in since.items() if meter_id in meters}
    found: list[Row] = []
    if since:
        frame = pd.DataFrame({"meter_id": list(since), "since_utc": pd.DatetimeIndex(list(since.values()))})
        events = found_events(lake, frame, as_of, config.detect.alarms_per_meter_month, config.cleaning)
        book = read_book(lake)
        found = [_row(event, meters[event["meter_id"]], book) for event in _records(events)]
    weather = lake.version(silver.WEATHER)
    lineage = {
        "rule_version": RULE_VERSION,
        "readings_version": version,
        "weather_version": weather if weather >= 0 else None,
    }
    standing = [row for row in table if row["meter_id"] in since]
    if redone:
        found = valued_as_then(found, standing, as_of)
    revision = revised(standing, found, since, as_of, lineage)
    if revision.written or revision.removed:
        of_table = partial(pa.Table.from_pylist, schema=arrow_schema(ANOMALIES))
        rows = of_table(revision.written)
        outcome.gates.append(gate(rows, ANOMALIES))
        lake.upsert(ANOMALIES, rows, gone=of_table(revision.removed), prune=False)
    if not redone:
        record_progress(lake, JOB, {silver.HOURLY: version}, {silver.HOURLY: as_of.isoformat()})
    outcome.rows_in += len(since)
    outcome.rows_out += len(revision.written)
    outcome.versions_read = {silver.HOURLY.full_name: version}
    outcome.versions_written = {ANOMALIES.full_name: lake.version(ANOMALIES)}
    outcome.lines += _lines(revision.written, len(since), as_of)


def _since(news: pd.DataFrame, table: list[Row], as_of: datetime) -> dict[str, datetime]:
    """meter_id -> from when on its events are found again."""
    going_on = going_on_since(table, as_of)
    return {
        str(row["meter_id"]): min(_aware(row["since_utc"]), going_on.get(row["meter_id"], as_of))
        for row in _records(news.sort_values("meter_id"))
    }


def _records(frame: pd.DataFrame) -> list[Row]:
    return [dict(zip(frame.columns, values, strict=True)) for values in frame.itertuples(index=False, name=None)]


def _aware(stamp: pd.Timestamp) -> datetime:
    aware = stamp.tz_localize("UTC") if stamp.tzinfo is None else stamp
    instant: datetime = aware.to_pydatetime()
    return instant


def _row(event: Row, meter: Row, book: Book) -> Row:
    """A row of gold.anomalies without its version's columns."""
    start, end = _aware(event["start_utc"]), _aware(event["end_utc"])
    numbers = {name: _known(event[name]) for name in PLAIN}
    both = (numbers["observed_kwh"], numbers["expected_kwh"])
    energy = None if None in both else both[0] - both[1]
    cost, emissions = valued(energy, start, end, meter["meter_id"], book)
    last = end.date()
    return {
        **numbers,
        "anomaly_id": anomaly_id(meter["meter_id"], event["type"], start),
        **{name: meter[name] for name in ("meter_id", "fuel", "flow", "building_id")},
        "type": event["type"],
        "goes_on": bool(event["goes_on"]),
        "start_utc": start,
        "end_utc": end,
        "energy_kwh": energy,
        "cost": cost.amount,
        "currency": cost.unit,
        "cost_reason": cost.reason,
        "emissions_kgco2e": emissions.amount,
        "emissions_reason": emissions.reason,
        "evidence": list(event["evidence"]),
        "growth_per_day": _known(event["growth_per_day"]),
        **{
            name: None if (left := _known(event[of])) is None else last + timedelta(days=int(left))
            for name, of in (
                ("passes_threshold_on", "days_left"),
                ("passes_earliest", "earliest"),
                ("passes_latest", "latest"),
            )
        },
    }


def _known(value: Any) -> Any:
    return None if value is None or (isinstance(value, float) and np.isnan(value)) else value


def _lines(written: list[Row], meters: int, as_of: datetime) -> list[str]:
    current = [row for row in written if row["last_updated_utc"] == as_of]
    counts = pd.Series([row["state"] for row in current], dtype=str).value_counts()
    states = ", ".join(f"{count} {state}" for state, count in sorted(counts.items())) or "nothing new"
    worst = sorted(
        (row for row in current if row["state"] != "withdrawn"),
        key=lambda row: (("high", "medium", "low").index(row["severity"]), -row["score"], row["anomaly_id"]),
    )
    return [f"detect as of {as_of:%Y-%m-%d %H:%M}: {meters} meters looked at, {states}"] + [
        f"  {row['meter_id']}: {row['type']} since {row['start_utc']:%Y-%m-%d %H:%M} ({row['severity']})"
        for row in worst[:SHOWN]
    ]
