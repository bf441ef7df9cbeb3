"""The lake's own detector as a method of the benchmark."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from benchmarks.faults.alarms import Alarm
from benchmarks.faults.meters import ZONE, Meter
from energy_lib.insights.anomalies.detector import daily_limits, raised
from energy_lib.insights.anomalies.events import grouped
from energy_lib.insights.anomalies.meter_days import MeterDays, meter_days
from energy_lib.insights.anomalies.naming import surest
from energy_lib.insights.anomalies.statistics import REACH_DAYS, statistics


class Own:
    """`gold.anomalies`' kernels, run for each day with what was known at its end."""

    name = "this lake"

    def __init__(self) -> None:
        self.days: dict[str, MeterDays] = {}
        self.scores: dict[str, dict[str, NDArray[np.float64]]] = {}
        self.limits: dict[str, dict[str, NDArray[np.float64]]] = {}
        self.rate = 1.0

    def learn(self, meters: Sequence[Meter], alarms_per_month: float) -> None:
        self.rate = alarms_per_month
        for meter in meters:
            self.days[meter.meter_id] = self._days(meter, meter.energy)
            self.scores[meter.meter_id] = statistics(self.days[meter.meter_id])
            self.limits[meter.meter_id] = daily_limits(
                self.scores[meter.meter_id], self.days[meter.meter_id].days, self.rate
            )

    def alarms(self, meter: Meter, readings: NDArray[np.float64], first: int, end: int) -> list[Alarm]:
        local = meter.local
        origin = local[0].tz_localize(None).normalize()
        day_of_first = (local[first].tz_localize(None).normalize() - origin).days
        scores, limits = self.scores[meter.meter_id], self.limits[meter.meter_id]
        if readings is not meter.energy:
            days = self._days(meter, readings)
            start = max(0, day_of_first - REACH_DAYS)
            last = min(len(days.days), (local[end - 1].tz_localize(None).normalize() - origin).days + 1)
            part = statistics(days.between(start, last))
            scores = {
                name: np.concatenate([values[:day_of_first], part[name][day_of_first - start :]])
                for name, values in scores.items()
            }
            later = daily_limits(scores, days.days[:last], self.rate, since=day_of_first)
            limits = {
                name: np.where(np.isnan(later[name]), values[:last], later[name]) for name, values in limits.items()
            }
        found = raised(scores, limits)
        alarms = []
        midnights = pd.date_range(origin, periods=len(scores["spike"]) + 1, freq="D").tz_localize(ZONE)
        for group in grouped(found):
            hour = int(meter.index.searchsorted(midnights[group[0].day + 1].tz_convert("UTC"))) - 1
            if first <= hour < end:
                alarms.append(Alarm(hour, surest(group).name))
        return alarms

    def _days(self, meter: Meter, readings: NDArray[np.float64]) -> MeterDays:
        return meter_days(
            pd.Series(readings, meter.index),
            ZONE,
            temperature_c=pd.Series(meter.temperature, meter.index),
            holidays=meter.holidays,
        )
