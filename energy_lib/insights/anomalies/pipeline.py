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
from energy_lib.insights.anomalies.explained import explaining, told_of
from energy_lib.insights.anomalies.issued import issued_bands
from energy_lib.insights.anomalies.online.pipeline import judge_alerts, publish_limits
from energy_lib.insights.anomalies.outside import Bands, outside
from energy_lib.insights.anomalies.places import looked_at
from energy_lib.insights.anomalies.spark.found import first_news, found_events, in_utc
from energy_lib.insights.anomalies.statistics import RULE_VERSION
from energy_lib.insights.anomalies.swap_events import SWAPPED
from energy_lib.insights.anomalies.valuation import counted, valued
from energy_lib.insights.anomalies.versions import (
    anomaly_id,
    going_on_since,
    revised,
    valued_as_then,
    whole_events_since,
)
from energy_lib.insights.declared_events import events_of, landed_between
from energy_lib.intervals import DAY, HOUR, Period, midnight_utc
from energy_lib.lake import Lake, Outcome, last_run, progress, record_progress
from energy_lib.quality import gate
from energy_lib.tables import references, silver
from energy_lib.tables.answers.anomalies import ANOMALIES, SEVERITIES
from energy_lib.tables.arrow import arrow_schema
from energy_lib.tables.references import landed_by

JOB = "detect"
Row = dict[str, Any]
SHOWN = 5
LEAST_SEVERITY = SEVERITIES[0]
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
    meters = {row["meter_id"]: row for row in lake.small_tables.rows(silver.METERS)}
    declared = lake.small_tables.rows(references.EVENTS)
    own = _since(news, table, _told(landed_between(declared, known_from, as_of), meters, as_of), as_of)
    swaps = going_on_since([row for row in table if row["type"] == SWAPPED], as_of)
    since = whole_events_since(looked_at(own, meters, swaps), table, as_of)
    found: list[Row] = []
    limits: list[bytes] = []
    if since:
        events, limits = found_events(lake, since, meters, as_of, config.detect.alarms_per_meter_month, config.cleaning)
        book = read_book(lake.small_tables)
        known = landed_by(declared, as_of)
        bands = issued_bands(lake, events, as_of)
        found = [
            _row(event, meters[event["meter_id"]], book, known, bands.get(event["meter_id"], {})) for event in events
        ]
    weather = lake.version(silver.WEATHER)
    lineage = {
        "rule_version": RULE_VERSION,
        "readings_version": version,
        "weather_version": weather if weather >= 0 else None,
    }
    standing = [row for row in table if row["meter_id"] in since]
    if redone:
        found = valued_as_then(found, standing, as_of)
    found = _counted(found)
    revision = revised(standing, found, since, as_of, lineage)
    if revision.written or revision.removed:
        of_table = partial(pa.Table.from_pylist, schema=arrow_schema(ANOMALIES))
        rows = of_table(revision.written)
        outcome.gates.append(gate(rows, ANOMALIES))
        lake.upsert(ANOMALIES, rows, gone=of_table(revision.removed), prune=False)
    publish_limits(lake, limits, version, meters, outcome)
    judge_alerts(lake, meters, since, as_of, outcome)
    if not redone:
        record_progress(lake, JOB, {silver.HOURLY: version}, {silver.HOURLY: as_of.isoformat()})
    outcome.rows_in += len(since)
    outcome.rows_out += len(revision.written)
    outcome.versions_read = {silver.HOURLY.full_name: version}
    outcome.versions_written[ANOMALIES.full_name] = lake.version(ANOMALIES)
    outcome.lines += _lines(revision.written, len(since), as_of)


def _since(news: pd.DataFrame, table: list[Row], told: dict[str, datetime], as_of: datetime) -> dict[str, datetime]:
    """meter_id -> from when on its events are found again."""
    going_on = going_on_since(table, as_of)
    since = dict(told)
    for row in _records(news):
        meter_id = str(row["meter_id"])
        since[meter_id] = min(in_utc(row["since_utc"]), since.get(meter_id, as_of))
    return {meter_id: min(since[meter_id], going_on.get(meter_id, as_of)) for meter_id in sorted(since)}


def _told(events: list[Row], meters: dict[str, Row], as_of: datetime) -> dict[str, datetime]:
    """meter_id -> the local midnight before the earliest of the events that concern it and had begun by then."""
    since: dict[str, datetime] = {}
    for meter_id, meter in meters.items() if events else ():
        for event in events_of(meter, events):
            midnight = event.start_utc.tz_convert(meter["zone"]).normalize()
            begins = midnight.tz_convert("UTC").to_pydatetime()
            if begins < as_of:
                since[meter_id] = min(begins, since.get(meter_id, as_of))
    return since


def _records(frame: pd.DataFrame) -> list[Row]:
    return [dict(zip(frame.columns, values, strict=True)) for values in frame.itertuples(index=False, name=None)]


def _row(event: Row, meter: Row, book: Book, declared: list[Row], bands: Bands) -> Row:
    """A row of gold.anomalies without its version's columns."""
    start, end = event["start_utc"], event["end_utc"]
    numbers = {name: _known(event[name]) for name in PLAIN}
    both = (numbers["observed_kwh"], numbers["expected_kwh"])
    energy = None if None in both else both[0] - both[1]
    cost, emissions = valued(energy, start, end, meter["meter_id"], book)
    last = end.date()
    forecast = outside(event["read_hours"], event["read_kwh"], bands)
    explained = explaining(pd.Timestamp(start), pd.Timestamp(end), meter["zone"], events_of(meter, declared))
    severity = {"severity": LEAST_SEVERITY} if explained else {}
    return {
        **numbers,
        **severity,
        "anomaly_id": anomaly_id(meter["meter_id"], event["type"], start),
        **{name: meter[name] for name in ("meter_id", "fuel", "flow", "building_id")},
        "type": event["type"],
        "goes_on": bool(event["goes_on"]),
        "start_utc": start,
        "end_utc": end,
        "energy_kwh": energy,
        "counted_kwh": _known(event["counted_kwh"]),
        "explained_by": event["explained_by"],
        "cost": cost.amount,
        "currency": cost.unit,
        "cost_reason": cost.reason,
        "emissions_kgco2e": emissions.amount,
        "emissions_reason": emissions.reason,
        "evidence": [*map(told_of, explained), *event["evidence"], *([forecast.told] if forecast else [])],
        "share_outside_forecast": forecast.share if forecast else None,
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


def _counted(found: list[Row]) -> list[Row]:
    """With what counts in totals. An event that explains others may have been told of otherwise: of a swapped meter."""
    told = {row["anomaly_id"] for row in found}
    return [
        {**row, **counted(row), "explained_by": row["explained_by"] if row["explained_by"] in told else None}
        for row in found
    ]


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
