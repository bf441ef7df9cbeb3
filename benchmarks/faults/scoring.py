"""What a method found: alarms that a fault caused, false ones, delays."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from benchmarks.faults.alarms import QUIET_HOURS, Alarm
from benchmarks.faults.injections import Fault

# An alarm this near one of the clean copy was not caused by the fault.
NEAR_CLEAN_HOURS = 6
# A fault may be found so long after its end: a method that looks at whole days does so in the night after.
GRACE_HOURS = 24
# Alarms this far around a fault count for its precision.
AROUND_HOURS = 14 * 24


@dataclass(frozen=True, slots=True)
class Cell:
    """A fault in one meter under one method. `delay` is None where it was missed."""

    method: str
    meter_id: str
    fuel: str
    kind: str
    size: float
    delay: int | None
    false_around: int
    named: str


def merged(alarms: Sequence[Alarm]) -> list[Alarm]:
    """Alarms in time order; those within a day of the one before are the same alarm."""
    kept: list[Alarm] = []
    last = -10 * QUIET_HOURS
    for alarm in sorted(alarms, key=lambda each: each.raised):
        if alarm.raised - last > QUIET_HOURS:
            kept.append(alarm)
        last = alarm.raised
    return kept


def judge(method: str, meter_id: str, fuel: str, fault: Fault, clean: list[Alarm], faulty: list[Alarm]) -> Cell:
    """Score the alarms raised on the faulty copy; `clean` are all of the clean copy's, neither list merged."""
    at_clean = np.array([each.raised for each in clean])
    caused = [a for a in faulty if not len(at_clean) or np.abs(at_clean - a.raised).min() > NEAR_CLEAN_HOURS]
    hits = [a for a in caused if fault.start <= a.raised < fault.end + GRACE_HOURS]
    around = merged([a for a in faulty if a not in hits])
    near = [a for a in around if fault.start - AROUND_HOURS <= a.raised < fault.end + AROUND_HOURS]
    first = min(hits, key=lambda each: each.raised, default=None)
    delay = None if first is None else first.raised + 1 - fault.start
    return Cell(method, meter_id, fuel, fault.kind, fault.size, delay, len(near), "" if first is None else first.name)


def table(cells: Sequence[Cell]) -> pd.DataFrame:
    """(method, kind) -> cells, recall, precision, f1, delay_h (median of those found)."""
    frame = pd.DataFrame(cells)
    frame["found"] = frame["delay"].notna()
    groups = frame.groupby(["method", "kind"], sort=False)
    result = pd.DataFrame(
        {
            "cells": groups.size(),
            "recall": groups["found"].mean(),
            "precision": groups["found"].sum() / (groups["found"].sum() + groups["false_around"].sum()),
            "delay_h": groups["delay"].median(),
        }
    )
    both = result["recall"] + result["precision"]
    result["f1"] = 2 * result["recall"] * result["precision"] / both.where(both > 0)
    return result
