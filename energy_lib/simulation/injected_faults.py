"""Injects the usual faults of meter data into true readings, and records each, so that cleaning can be checked.

A reading gets one fault at most.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from energy_lib.vocabulary import Quality

HOUR = np.timedelta64(3600, "s")
DAY = np.timedelta64(86400, "s")
GAP_HOURS = (1, 2, 3, 6, 12, 24, 48, 72)
ZERO_HOURS = (4, 8, 24, 60)
FLAT_HOURS = (26, 36, 50)
UNPARSEABLE_TEXTS = ("ERR", "--", "1.2.3", "12,x4", "#VALUE!")
LATE_DAYS = (1, 4)
# Faults per meter and day, by kind: in 150 days a meter has about three gaps and one register that stands still.
RUN_RATES = {"gap": 0.02, "zero_run": 0.006, "flatline": 0.005}
ROW_RATES = {
    "spike": 0.008,
    "negative": 0.006,
    "unparseable_value": 0.006,
    "missing_value": 0.006,
    "off_grid": 0.005,
    "snapped": 0.01,
    "duplicate_exact": 0.012,
    "duplicate_conflicting": 0.006,
    "late": 0.02,
    "correction": 0.01,
    "future_stamp": 0.001,
    "unknown_meter": 0.002,
}
UNKNOWN_METER = -1
FUTURE = np.timedelta64(400 * 86400, "s")


@dataclass(slots=True)
class FaultInjector:
    """Changes `rows` (as true_readings gives them) in place.

    The masks lie beside `rows`: `faulty` marks rows that have their fault, `removed` those that no file will hold.
    `added` holds rows beside them (duplicates, corrections); `ledger` has one row for each faulty reading.
    """

    rows: pd.DataFrame
    rng: np.random.Generator
    faulty: NDArray[Any]
    removed: NDArray[Any]
    added: list[pd.DataFrame] = field(default_factory=list)
    ledger: list[pd.DataFrame] = field(default_factory=list)

    def record(self, kind: str, index: NDArray[Any]) -> None:
        self.faulty[index] = True
        self.ledger.append(self.rows.iloc[index][["meter", "start", "minutes", "kwh"]].assign(kind=kind))


def inject_faults(
    rows: pd.DataFrame, seed: int, days: int, lasting: Callable[[FaultInjector], None]
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The rows with faults, and the ledger: meter, start, minutes, true kwh and kind of each faulty reading.

    `rows` are those of true_readings for `days` days, and stay as they are. `lasting` injects faults of whole meters.
    """
    rng = np.random.default_rng([seed, 7])
    injector = FaultInjector(rows.copy(), rng, np.zeros(len(rows), bool), np.zeros(len(rows), bool))
    lasting(injector)
    last_day = rows["file_day"].max()
    meter_days = rows["meter"].nunique() * days
    for kind, rate in RUN_RATES.items():
        for _ in range(_fault_count(injector, rate * meter_days)):
            _inject_run(injector, kind)
    for kind, rate in ROW_RATES.items():
        latest = last_day - LATE_DAYS[1] * DAY if kind in ("late", "correction") else last_day
        # A multiple of nothing is nothing: panels rest at night.
        can_have = rows["kwh"].to_numpy() > 0 if kind in ("spike", "correction") else True
        faultless = np.flatnonzero(~injector.faulty & (rows["file_day"].to_numpy() <= latest) & can_have)
        count = min(_fault_count(injector, rate * meter_days), len(faultless))
        index = np.sort(injector.rng.choice(faultless, count, replace=False))
        injector.record(kind, index)
        ROW_FAULTS[kind](injector, index)
    with_faults = pd.concat([injector.rows[~injector.removed], *injector.added], ignore_index=True)
    return with_faults, pd.concat(injector.ledger, ignore_index=True)


def _fault_count(injector: FaultInjector, expected: float) -> int:
    """A Poisson draw; at least one for more than 1,000 rows, so that a demo shows every kind."""
    return max(int(injector.rng.poisson(expected)), int(len(injector.rows) > 1000))


def _inject_run(injector: FaultInjector, kind: str) -> None:
    rows, rng = injector.rows, injector.rng
    first = int(rng.integers(0, len(rows)))
    lengths = {"gap": GAP_HOURS, "zero_run": ZERO_HOURS, "flatline": FLAT_HOURS}[kind]
    hours = int(rng.choice(lengths))
    count = hours * 60 // int(rows["minutes"].to_numpy()[first])
    index = np.arange(first, min(first + count, len(rows)))
    index = index[rows["meter"].to_numpy()[index] == rows["meter"].iat[first]]
    if injector.faulty[index].any() or len(index) < count:
        return
    injector.record(kind, index)
    if kind == "gap":
        injector.removed[index] = True
    else:
        _set(injector, index, "kwh", np.full(len(index), 0.0 if kind == "zero_run" else rows["kwh"].iat[first]))


def _set(injector: FaultInjector, index: NDArray[Any], column: str, values: Any) -> None:
    injector.rows.loc[index, column] = values


def _scale(injector: FaultInjector, index: NDArray[Any], low: float, high: float) -> None:
    factors = injector.rng.uniform(low, high, len(index))
    _set(injector, index, "kwh", (injector.rows["kwh"].to_numpy()[index] * factors).round(3))


def _spike(injector: FaultInjector, index: NDArray[Any]) -> None:
    _scale(injector, index, 8, 60)


def _negative(injector: FaultInjector, index: NDArray[Any]) -> None:
    _set(injector, index, "kwh", -injector.rows["kwh"].to_numpy()[index] - 0.1)


def _unparseable(injector: FaultInjector, index: NDArray[Any]) -> None:
    _set(injector, index, "value_text", injector.rng.choice(UNPARSEABLE_TEXTS, len(index)))


def _missing_value(injector: FaultInjector, index: NDArray[Any]) -> None:
    _set(injector, index, "value_text", "NA")


def _off_grid(injector: FaultInjector, index: NDArray[Any]) -> None:
    _set(injector, index, "start_text", _shifted(injector, index, 17 * 60))


def _snapped(injector: FaultInjector, index: NDArray[Any]) -> None:
    _set(injector, index, "start_text", _shifted(injector, index, 20))


def _future(injector: FaultInjector, index: NDArray[Any]) -> None:
    _set(injector, index, "start_text", iso_stamps(injector.rows["start"].to_numpy()[index] + FUTURE))


def _shifted(injector: FaultInjector, index: NDArray[Any], seconds: int) -> NDArray[Any]:
    return iso_stamps(injector.rows["start"].to_numpy()[index] + np.timedelta64(seconds, "s"))


def _duplicate(injector: FaultInjector, index: NDArray[Any]) -> None:
    injector.added.append(injector.rows.iloc[index].assign(rank=np.int8(1)))


def _conflicting(injector: FaultInjector, index: NDArray[Any]) -> None:
    """The wrong value comes first: head-ends append the right one."""
    wrong = injector.rows.iloc[index]
    injector.added.append(wrong.assign(kwh=(wrong["kwh"] * 1.5 + 0.2).round(3), rank=np.int8(-1)))


def _late(injector: FaultInjector, index: NDArray[Any]) -> None:
    received = _later(injector, index)
    _set(injector, index, "received", received)
    _set(injector, index, "file_day", received.astype("datetime64[D]").astype("datetime64[s]"))


def _correction(injector: FaultInjector, index: NDArray[Any]) -> None:
    """A wrong value comes first; the true one comes days later, edited."""
    received = _later(injector, index)
    right = injector.rows.iloc[index].assign(
        received=received,
        file_day=received.astype("datetime64[D]").astype("datetime64[s]"),
        quality=Quality.EDITED.value,
    )
    injector.added.append(right)
    _scale(injector, index, 0.3, 0.8)


def _unknown(injector: FaultInjector, index: NDArray[Any]) -> None:
    injector.added.append(injector.rows.iloc[index].assign(meter=np.int32(UNKNOWN_METER)))


def _later(injector: FaultInjector, index: NDArray[Any]) -> NDArray[Any]:
    """When the rows are received instead: 1 to 3 days after their day, between 05:00 and 20:00 UTC."""
    days = injector.rng.integers(*LATE_DAYS, len(index)).astype("timedelta64[D]")
    start = injector.rows["start"].to_numpy()[index].astype("datetime64[s]")
    seconds = injector.rng.integers(5 * 3600, 20 * 3600, len(index)).astype("timedelta64[s]")
    return np.asarray(start.astype("datetime64[D]") + days + seconds)


def iso_stamps(instants: NDArray[Any]) -> NDArray[Any]:
    """ISO 8601 with a Z, as objects."""
    return np.char.add(np.datetime_as_string(instants.astype("datetime64[s]"), unit="s"), "Z").astype(object)


ROW_FAULTS: dict[str, Callable[[FaultInjector, NDArray[Any]], None]] = {
    "spike": _spike,
    "negative": _negative,
    "unparseable_value": _unparseable,
    "missing_value": _missing_value,
    "off_grid": _off_grid,
    "snapped": _snapped,
    "duplicate_exact": _duplicate,
    "duplicate_conflicting": _conflicting,
    "late": _late,
    "correction": _correction,
    "future_stamp": _future,
    "unknown_meter": _unknown,
}
