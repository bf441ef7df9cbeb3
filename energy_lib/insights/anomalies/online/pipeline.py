"""The night's part in online detection: what the next days are held against, and what becomes of what was told."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from energy_lib.insights.anomalies.online.verdicts import LOOK_BACK, verdicts
from energy_lib.insights.anomalies.said_ahead import unpacked
from energy_lib.lake import Lake, Outcome
from energy_lib.lake.sql_literals import instant_sql
from energy_lib.quality import gate
from energy_lib.tables.answers.alerts import ALERTS, DAY_LIMITS
from energy_lib.tables.answers.anomalies import ANOMALIES
from energy_lib.tables.arrow import arrow_schema
from energy_lib.tables.silver import VIRTUAL

Row = dict[str, Any]


def publish_limits(
    lake: Lake, limits: Sequence[bytes], readings_version: int, meters: Mapping[str, Row], outcome: Outcome
) -> None:
    """Bring gold.day_limits to what a night says of the next days; of virtual meters, which no stream reads, nothing.

    Saying the same again changes nothing. Raises GateRefused if the rows break the table's rules.
    """
    rows = unpacked(limits, readings_version)
    read = [meter_id for meter_id, row in meters.items() if row["registered_by"] != VIRTUAL]
    rows = rows.filter(pc.is_in(rows["meter_id"], pa.array(read, pa.string())))
    if rows.num_rows == 0:
        return
    outcome.gates.append(gate(rows, DAY_LIMITS))
    lake.upsert(DAY_LIMITS, rows)
    outcome.versions_written[DAY_LIMITS.full_name] = lake.version(DAY_LIMITS)


def judge_alerts(
    lake: Lake, meters: Mapping[str, Row], judged: Collection[str], as_of: datetime, outcome: Outcome
) -> None:
    """Confirm or withdraw what gold.alerts told of days that are over, of the meters that the night has looked at."""
    if not judged or lake.small_tables.empty(ALERTS):
        return
    recent = f"told_at_utc >= {instant_sql(as_of - LOOK_BACK)} AND told_at_utc <= {instant_sql(as_of)}"
    told = lake.small_tables.read(ALERTS, where=recent).to_pylist()
    found = verdicts(told, lake.small_tables.rows(ANOMALIES) if told else [], meters, judged, as_of)
    if not (found.written or found.removed):
        return
    rows, gone = (pa.Table.from_pylist(each, schema=arrow_schema(ALERTS)) for each in (found.written, found.removed))
    outcome.gates.append(gate(rows, ALERTS))
    lake.upsert(ALERTS, rows, gone=gone)
    outcome.versions_written[ALERTS.full_name] = lake.version(ALERTS)
    confirmed = sum(row["event"] == "confirmed_by_night" for row in found.written)
    outcome.lines.append(f"  alerts: {confirmed} confirmed, {len(found.written) - confirmed} withdrawn")
