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
from energy_lib.insights.anomalies.measured import shown
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
            self.days[meter.meter_id] = self._days(meter)
            self.scores[meter.meter_id] = statistics(self.days[meter.meter_id])
            self.limits[meter.meter_id] = daily_limits(
                self.scores[meter.meter_id], self.days[meter.meter_id].days, self.rate
            )

    def alarms(self, meter: Meter, readings: NDArray[np.float64], first: int, end: int) -> list[Alarm]:
        origin = meter.local[0].tz_localize(None).normalize()
        day_of_first = (meter.local[first].tz_localize(None).normalize() - origin).days
        scores, limits = self.scores[meter.meter_id], self.limits[meter.meter_id]
        days = self.days[meter.meter_id]
        last = len(scores["spike"])
        if readings is not meter.energy:
            last = min(last, (meter.local[end - 1].tz_localize(None).normalize() - origin).days + 1)
            days = self._changed(meter, readings, first, last)
            # A score's reach in front: the scores of the part are those of the whole.
            start = max(0, day_of_first - REACH_DAYS)
            part = statistics(days.between(start, last))
            scores = {
                name: np.concatenate([values[:day_of_first], part[name][day_of_first - start :]])
                for name, values in scores.items()
            }
            later = daily_limits(scores, days.days[:last], self.rate, since=day_of_first)
            limits = {
                name: np.where(np.isnan(later[name]), values[:last], later[name]) for name, values in limits.items()
            }
        alarms = []
        for group in grouped(raised(scores, limits, shown(days))):
            over = self.days[meter.meter_id].utc(group[0].day + 1, 0)
            hour = int(meter.index.searchsorted(over)) - 1
            if first <= hour < end:
                alarms.append(Alarm(hour, surest([each for each in group if each.day == group[0].day]).name))
        return alarms

    def _changed(self, meter: Meter, readings: NDArray[np.float64], first: int, last_day: int) -> MeterDays:
        """The meter's days with the readings of the days from that of the hour `first` on."""
        clean = self.days[meter.meter_id]
        day = int((np.datetime64(meter.local[first].date(), "D") - clean.days[0]).astype(int))
        hours = slice(*(int(meter.index.searchsorted(clean.utc(each, 0))) for each in (day, last_day)))
        part = meter_days(pd.Series(readings[hours], meter.index[hours]), ZONE)
        energy = clean.energy.copy()
        energy[day:last_day] = part.energy[: last_day - day]
        return clean.with_energy(energy)

    def _days(self, meter: Meter) -> MeterDays:
        return meter_days(
            pd.Series(meter.energy, meter.index),
            ZONE,
            temperature_c=pd.Series(meter.temperature, meter.index),
            holidays=meter.holidays,
        )
