"""What the next days will be held against: known before they begin, for a day is judged by the days before it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from energy_lib.insights.anomalies.detector import Raised, daily_limits, raised
from energy_lib.insights.anomalies.events import ECHO_DAYS, Judged, grouped
from energy_lib.insights.anomalies.expectation import LOOK_BACK_DAYS, expected_from, scale_of
from energy_lib.insights.anomalies.hourly import (
    HOURLY,
    USUAL_DAYS,
    WEIGHED,
    mark_weights,
    run_lengths,
    run_weights,
)
from energy_lib.insights.anomalies.limits import APART_DAYS
from energy_lib.insights.anomalies.measured import shown
from energy_lib.insights.anomalies.meter_days import HOURS, Bools, Floats, MeterDays
from energy_lib.insights.anomalies.statistics import REACH_DAYS, highest_before, run_marks

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Before:
    """What was wrong before a day: the alarms of the last event, and name -> last day above its limit.

    `day` and `last_day` of alarms, and the days of `above`, are days since 1970.
    """

    event: tuple[Raised, ...]
    above: Mapping[str, int]

    def text(self) -> str | None:
        """As JSON; None if nothing was wrong."""
        if not self.event and not self.above:
            return None
        event = [[each.name, each.day, each.last_day, each.score, each.limit] for each in self.event]
        return json.dumps({"event": event, "above": dict(self.above)})

    @classmethod
    def of(cls, text: str) -> Before:
        said = json.loads(text)
        return cls(tuple(Raised(*each) for each in said["event"]), said["above"])


def ahead_of(known: Judged, ahead: MeterDays) -> list[Row]:
    """What each of the days `ahead`, the next after those known, will be held against: columns of gold.day_limits.

    Of the first of them it is what the night will hold its hours against, if no reading is corrected and the day is as
    warm as `ahead` says. The days after it are expected without those between.
    """
    first, count = len(known.days.days), len(ahead.days)
    expected, scale = _expected(known, ahead)
    limits = _limits(known, ahead)
    weights = _weights(run_marks(known.days.energy), count)
    highest = highest_before(_with_unknown(known.days.energy[-REACH_DAYS:], count))[-count:]
    before = _before(known)
    return [
        {
            "day_local": ahead.days[at].item(),
            "expected_kwh": expected[at],
            "scale_kwh": scale[at],
            **{f"{name}_weight": weights[name][at] for name in WEIGHED},
            "highest_before_kwh": _known(highest[at]),
            "temperature_c": _known(ahead.temperature[at]),
            **{f"{name}_limit": _known(limits[name][first + at]) for name in HOURLY},
            **(before if at == 0 else {}),
        }
        for at in range(count)
    ]


def _expected(known: Judged, ahead: MeterDays) -> tuple[Floats, Floats]:
    days = known.days.between(len(known.days.days) - LOOK_BACK_DAYS, len(known.days.days))
    count = len(days.days)
    joined = MeterDays(
        np.concatenate([days.days, ahead.days]),
        np.concatenate([days.energy, ahead.energy]),
        np.concatenate([days.imputed, ahead.imputed]),
        np.concatenate([days.temperature, ahead.temperature]),
        np.concatenate([days.kind, ahead.kind]),
        days.zone,
    )
    expected = expected_from(joined, count, len(joined.days))
    before = known.foreseen.energy[-count:] if count else known.foreseen.energy
    level = np.concatenate([before, expected])
    return expected, scale_of(joined.energy - level, level)[count:]


def _limits(known: Judged, ahead: MeterDays) -> dict[str, Floats]:
    scores = {name: _with_unknown(known.scores[name], len(ahead.days)) for name in HOURLY if name in known.scores}
    days: NDArray[np.datetime64] = np.concatenate([known.days.days, ahead.days])
    limits = daily_limits(scores, days, known.alarms_per_month, since=len(known.days.days))
    return {name: limits.get(name, np.full(len(days), np.nan)) for name in HOURLY}


def _weights(marks: Mapping[str, Bools], count: int) -> dict[str, Floats]:
    unknown = np.zeros((count, HOURS), dtype=bool)
    return {name: mark_weights(np.concatenate([marks[name][-USUAL_DAYS:], unknown]))[-count:] for name in WEIGHED}


def _before(known: Judged) -> Row:
    """What was known before the last whole day, whose hours the stream judges itself."""
    end = len(known.days.days) - 1
    found: Row = {}
    for name, marked in run_marks(known.days.energy[:end]).items():
        flat = marked.reshape(1, -1)
        lengths = run_lengths(flat)
        found[f"{name}_hours_before"] = int(lengths[0, -1]) if end > 0 else 0
        if name in WEIGHED:
            weights = run_weights(flat, mark_weights(marked).reshape(1, -1), lengths)
            found[f"{name}_weight_before"] = float(weights[0, -1]) if end > 0 else 0.0
    scores = {name: values[:end] for name, values in known.scores.items()}
    alarms = raised(scores, {name: values[:end] for name, values in known.limits.items()}, shown(known.days))
    epoch = int(known.days.days[0].astype(np.int64))
    found["alarms_before"] = before_of(
        [Raised(each.name, each.day + epoch, each.last_day + epoch, each.score, each.limit) for each in alarms],
        epoch + end,
    ).text()
    return found


def before_of(alarms: Iterable[Raised], day: int, before: Before | None = None) -> Before:
    """What of earlier alarms decides about a day: whether one is new, or an echo. `before`: of an earlier day."""
    earlier, said = ((), {}) if before is None else (before.event, before.above)
    new = sorted(alarms, key=lambda each: (each.day, each.name))
    groups = grouped(new, earlier)
    last = groups[-1] if groups and day - groups[-1][0].day <= ECHO_DAYS + 1 else []
    above = dict(said) | {each.name: max(each.last_day, said.get(each.name, 0)) for each in new}
    return Before(tuple(last), {name: at for name, at in above.items() if name in HOURLY and day - at <= APART_DAYS})


def _with_unknown(values: Floats, count: int) -> Floats:
    return np.concatenate([values, np.full((count, *values.shape[1:]), np.nan)])


def _known(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None
