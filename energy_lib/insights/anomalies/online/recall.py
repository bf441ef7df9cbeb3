"""Alerts that were told before, from gold.alerts: for a stream that starts again, and what the night says of them."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

import numpy as np
import pandas as pd

from energy_lib.insights.anomalies.hourly import HOURLY
from energy_lib.insights.anomalies.online.state import State
from energy_lib.insights.anomalies.online.told import Told

CONTENT = ("type", "end_utc", "score", "statistic_limit", "observed_kwh", "expected_kwh", "evidence")


def with_alerts(state: State, rows: pd.DataFrame) -> None:
    """Take rows of gold.alerts in: those of about the last two months, or those that a night has added.

    Of an alert the last row counts. What the night has withdrawn is not told again.
    """
    last = rows.sort_values("told_at_utc", kind="stable").drop_duplicates("alert_id", keep="last")
    place = state.meters.get_indexer(pd.Index(last["meter_id"]))
    own: dict[int, dict[str, Told]] = defaultdict(dict)
    for row, values in zip(place.tolist(), last.itertuples(index=False, name=None), strict=True):
        if row >= 0:
            said = dict(zip(last.columns, values, strict=True))
            own[row][str(said["alert_id"])] = _told(said)
    for row, alerts in own.items():
        there = {each.alert_id: each for each in state.told.get(row, [])}
        state.told[row] = list((there | alerts).values())
        state.changed[row] = True


def _told(row: dict[str, Any]) -> Told:
    evidence = [str(each) for each in row["evidence"]]
    content = {name: row[name] for name in CONTENT} | {"evidence": evidence}
    names = (each.split(":")[0] for each in evidence)
    suppressed = row["suppressed"] if isinstance(row["suppressed"], str) else None
    return Told(
        alert_id=str(row["alert_id"]),
        day=int(np.datetime64(row["day_local"], "D").astype(np.int64)),
        name=str(row["statistic"]),
        start=pd.Timestamp(row["start_utc"]).tz_convert("UTC"),
        state=str(row["state"]),
        severity=str(row["severity"]),
        suppressed=suppressed,
        names=tuple(each for each in names if each in HOURLY),
        content=content,
        by_night=row["event"] == "withdrawn_by_night",
    )
