"""How many readings a second online detection judges, and how much memory a meter takes.

Meters have made-up days: each hour of a day comes as one batch, with a share of faults. `python -m
benchmarks.online_detection --meters 10000`
"""

from __future__ import annotations

import argparse
from time import process_time

import numpy as np
import pandas as pd

from energy_lib.insights.anomalies.hourly import HOURLY
from energy_lib.insights.anomalies.online.advance import advance
from energy_lib.insights.anomalies.online.limits_in import with_limits
from energy_lib.insights.anomalies.online.state import Settings, State, empty_state

FIRST = pd.Timestamp("2024-06-03", tz="UTC")
HOUR = pd.Timedelta(hours=1)
LIMITS = {
    "spike": 15.0, "peak": 0.7, "dropout": 15.0, "multiplied": 0.8, "divided": 2.0, "stuck": 12.0, "dead": 30.0,
    "gap": 2.0,
}  # fmt: skip


def day_limits(meters: int, day: pd.Timestamp, zone: str) -> pd.DataFrame:
    """What a night says of two days of meters that use 20 kWh an hour."""
    frames = []
    for ahead in (0, 1):
        same = {name: [np.full(24, value)] * meters for name, value in (("expected_kwh", 20.0), ("scale_kwh", 1.0))}
        weights = {f"{name}_weight": [np.full(24, 3.5)] * meters for name in ("stuck", "dead")}
        before = 0 if ahead == 0 else None
        frames.append(
            pd.DataFrame(
                {
                    "meter_id": [f"meter-{i:07d}" for i in range(meters)],
                    "origin_utc": day,
                    "zone": zone,
                    "day_local": (day + pd.Timedelta(days=ahead)).date(),
                    **same,
                    **weights,
                    "highest_before_kwh": 40.0,
                    **{f"{name}_limit": LIMITS[name] for name in HOURLY},
                    **{f"{name}_hours_before": before for name in ("stuck", "dead", "gap")},
                    **{f"{name}_weight_before": before for name in ("stuck", "dead")},
                    "alarms_before": None,
                }
            )
        )
    return pd.concat(frames, ignore_index=True)


def batch(meters: int, hour: pd.Timestamp, minutes: int, faults: float, rng: np.random.Generator) -> pd.DataFrame:
    """An hour of all meters; a share of them read zero on odd days."""
    starts = [hour + pd.Timedelta(minutes=each) for each in range(0, 60, minutes)]
    names = np.array([f"meter-{i:07d}" for i in range(meters)], dtype=object)
    dead = (np.arange(meters) < faults * meters) & (hour.day % 2 == 1)
    return pd.concat(
        [
            pd.DataFrame(
                {
                    "meter_id": names,
                    "interval_start_utc": start,
                    "interval_minutes": minutes,
                    "energy_kwh": np.where(dead, 0.0, rng.normal(20.0, 1.0, meters)) * minutes / 60,
                    "available_at_utc": hour + HOUR,
                }
            )
            for start in starts
        ],
        ignore_index=True,
    )


def measured(meters: int, hours: int, minutes: int, faults: float, zone: str) -> tuple[State, dict[str, float]]:
    """The state after `hours` hours, and what was measured; batches are made before the clock runs."""
    rng = np.random.default_rng(1)
    state = empty_state(FIRST.to_pydatetime(), Settings(parts=60 // minutes))
    seconds, rows, alerts, slowest = 0.0, 0, 0, 0.0
    for at in range(hours):
        hour = FIRST + at * HOUR
        readings = batch(meters, hour, minutes, faults, rng)
        if at % 24 == 0:
            with_limits(state, day_limits(meters, hour, zone))
        begun = process_time()
        alerts += len(advance(state, readings, (hour + HOUR).to_pydatetime()).alerts)
        took = process_time() - begun
        seconds, rows, slowest = seconds + took, rows + len(readings), max(slowest, took)
    return state, {"rows_per_second": rows / seconds, "slowest_batch_seconds": slowest, "alerts": float(alerts)}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--meters", type=int, default=10_000)
    parser.add_argument("--hours", type=int, default=72)
    parser.add_argument("--minutes", type=int, default=60, choices=(60, 30, 15, 5))
    parser.add_argument("--faults", type=float, default=0.01, help="share of the meters that read zero on odd days")
    parser.add_argument("--zone", default="UTC")
    chosen = parser.parse_args()
    state, result = measured(chosen.meters, chosen.hours, chosen.minutes, chosen.faults, chosen.zone)
    print(f"{chosen.meters:,} meters, readings of {chosen.minutes} minutes, {chosen.hours} hours, one process")
    print(f"rows a second of CPU time  {result['rows_per_second']:,.0f}")
    print(f"slowest batch, s           {result['slowest_batch_seconds']:.2f}")
    print(f"alert rows                 {result['alerts']:,.0f}")
    print(f"bytes a meter              {state.bytes_per_meter:,.0f}")


if __name__ == "__main__":
    main()
