"""The usual dirt, and a ledger of every row it touched: no row is dirtied twice, so that cleaning can be held to it."""

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
SPOILT = ("ERR", "--", "1.2.3", "12,x4", "#VALUE!")
LATE_DAYS = (1, 4)
# Events per meter and day, by kind: a meter of 150 days has about three gaps and one frozen register.
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
class Soil:
    """Rows in the making: `touched` marks what already has its dirt, `ledger` says which."""

    rows: pd.DataFrame
    rng: np.random.Generator
    touched: NDArray[Any]
    drop: NDArray[Any]
    extra: list[pd.DataFrame] = field(default_factory=list)
    ledger: list[pd.DataFrame] = field(default_factory=list)

    def note(self, kind: str, index: NDArray[Any]) -> None:
        self.touched[index] = True
        self.ledger.append(self.rows.iloc[index][["meter", "start", "minutes", "kwh"]].assign(kind=kind))


def soil(rows: pd.DataFrame, seed: int, days: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Dirty rows, and the ledger: meter, start, minutes, true kwh and kind of each row touched."""
    work = Soil(rows.copy(), np.random.default_rng([seed, 7]), np.zeros(len(rows), bool), np.zeros(len(rows), bool))
    last_day = rows["file_day"].max()
    meter_days = rows["meter"].nunique() * days
    for kind, rate in RUN_RATES.items():
        for _ in range(_events(work, rate * meter_days)):
            _dirty_run(work, kind)
    for kind, rate in ROW_RATES.items():
        latest = last_day - LATE_DAYS[1] * DAY if kind in ("late", "correction") else last_day
        free = np.flatnonzero(~work.touched & (rows["file_day"].to_numpy() <= latest))
        count = min(_events(work, rate * meter_days), len(free))
        index = np.sort(work.rng.choice(free, count, replace=False))
        work.note(kind, index)
        ROW_DIRT[kind](work, index)
    whole = pd.concat([work.rows[~work.drop], *work.extra], ignore_index=True)
    return whole, pd.concat(work.ledger, ignore_index=True)


def _events(work: Soil, expected: float) -> int:
    """At least one where a few meters are simulated for more than a fortnight: a demo should show every kind."""
    return max(int(work.rng.poisson(expected)), int(len(work.rows) > 1000))


def _dirty_run(work: Soil, kind: str) -> None:
    rows, rng = work.rows, work.rng
    first = int(rng.integers(0, len(rows)))
    lengths = {"gap": GAP_HOURS, "zero_run": ZERO_HOURS, "flatline": FLAT_HOURS}[kind]
    hours = int(rng.choice(lengths))
    count = hours * 60 // int(rows["minutes"].to_numpy()[first])
    index = np.arange(first, min(first + count, len(rows)))
    index = index[rows["meter"].to_numpy()[index] == rows["meter"].iat[first]]
    if work.touched[index].any() or len(index) < count:
        return
    work.note(kind, index)
    if kind == "gap":
        work.drop[index] = True
    else:
        _set(work, index, "kwh", np.full(len(index), 0.0 if kind == "zero_run" else rows["kwh"].iat[first]))


def _set(work: Soil, index: NDArray[Any], column: str, values: Any) -> None:
    work.rows.loc[index, column] = values


def _spike(work: Soil, index: NDArray[Any]) -> None:
    _set(work, index, "kwh", (work.rows["kwh"].to_numpy()[index] * work.rng.uniform(8, 60, len(index))).round(3))


def _negative(work: Soil, index: NDArray[Any]) -> None:
    _set(work, index, "kwh", -work.rows["kwh"].to_numpy()[index] - 0.1)


def _unparseable(work: Soil, index: NDArray[Any]) -> None:
    _set(work, index, "shown", work.rng.choice(SPOILT, len(index)))


def _missing_value(work: Soil, index: NDArray[Any]) -> None:
    _set(work, index, "shown", "NA")


def _off_grid(work: Soil, index: NDArray[Any]) -> None:
    _set(work, index, "shown_start", _shifted(work, index, 17 * 60))


def _snapped(work: Soil, index: NDArray[Any]) -> None:
    _set(work, index, "shown_start", _shifted(work, index, 20))


def _future(work: Soil, index: NDArray[Any]) -> None:
    _set(work, index, "shown_start", stamps(work.rows["start"].to_numpy()[index] + FUTURE))


def _shifted(work: Soil, index: NDArray[Any], seconds: int) -> NDArray[Any]:
    return stamps(work.rows["start"].to_numpy()[index] + np.timedelta64(seconds, "s"))


def _duplicate(work: Soil, index: NDArray[Any]) -> None:
    work.extra.append(work.rows.iloc[index].assign(rank=np.int8(1)))


def _conflicting(work: Soil, index: NDArray[Any]) -> None:
    """The wrong value first: head-ends append what is right."""
    wrong = work.rows.iloc[index]
    work.extra.append(wrong.assign(kwh=(wrong["kwh"] * 1.5 + 0.2).round(3), rank=np.int8(-1)))


def _late(work: Soil, index: NDArray[Any]) -> None:
    received = _later(work, index)
    _set(work, index, "received", received)
    _set(work, index, "file_day", received.astype("datetime64[D]").astype("datetime64[s]"))


def _correction(work: Soil, index: NDArray[Any]) -> None:
    """What came first was wrong; the truth comes days later, edited."""
    received = _later(work, index)
    right = work.rows.iloc[index].assign(
        received=received,
        file_day=received.astype("datetime64[D]").astype("datetime64[s]"),
        quality=Quality.EDITED.value,
    )
    work.extra.append(right)
    _set(work, index, "kwh", (work.rows["kwh"].to_numpy()[index] * work.rng.uniform(0.3, 0.8, len(index))).round(3))


def _unknown(work: Soil, index: NDArray[Any]) -> None:
    work.extra.append(work.rows.iloc[index].assign(meter=np.int32(UNKNOWN_METER)))


def _later(work: Soil, index: NDArray[Any]) -> NDArray[Any]:
    days = work.rng.integers(*LATE_DAYS, len(index)).astype("timedelta64[D]")
    start = work.rows["start"].to_numpy()[index].astype("datetime64[s]")
    seconds = work.rng.integers(5 * 3600, 20 * 3600, len(index)).astype("timedelta64[s]")
    return np.asarray(start.astype("datetime64[D]") + days + seconds)


def stamps(instants: NDArray[Any]) -> NDArray[Any]:
    """ISO 8601 with a Z, as objects."""
    return np.char.add(np.datetime_as_string(instants.astype("datetime64[s]"), unit="s"), "Z").astype(object)


ROW_DIRT: dict[str, Callable[[Soil, NDArray[Any]], None]] = {
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
