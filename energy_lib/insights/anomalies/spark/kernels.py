"""Rows of hours in, rows of events out: what the detectors find in the meters of a building, or in two meters."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict
from datetime import date, datetime

import holidays
import numpy as np
import pandas as pd

from energy_lib.insights.anomalies.detector import daily_limits, raised
from energy_lib.insights.anomalies.events import Beside, Event, detect
from energy_lib.insights.anomalies.heat_and_cool import heating_and_cooling
from energy_lib.insights.anomalies.meter_days import Floats, MeterDays, meter_days
from energy_lib.insights.anomalies.outside import epoch_hours
from energy_lib.insights.anomalies.swap_events import without_echoes
from energy_lib.insights.anomalies.swapped import on_the_same_days, swapped
from energy_lib.vocabulary import Flow, Fuel

HALF = 0.5
FOUND = (
    "meter_id string, type string, start_utc timestamp, end_utc timestamp, goes_on boolean, severity string, "
    "score double, observed_kwh double, expected_kwh double, expected_low_kwh double, expected_high_kwh double, "
    "imputed_share double, evidence array<string>, growth_per_day double, days_left int, earliest int, latest int, "
    "pair string, read_hours array<bigint>, read_kwh array<double>"
)
FOUND_COLUMNS = [name.split()[0] for name in FOUND.split(", ")]
Weather = dict[str, pd.Series]


def in_building(rows: pd.DataFrame, *, as_of: datetime, weather: Weather, alarms_per_month: float) -> pd.DataFrame:
    """The events (FOUND) of meters that are looked at together, each for itself, and gas beside electricity."""
    known = _known_days(rows, as_of, weather)
    electric = {name: days for name, (facts, days) in known.items() if _imports(facts, Fuel.ELECTRICITY)}
    found = []
    for facts, days in known.values():
        beside = _cooling(days, electric) if electric and _imports(facts, Fuel.GAS) else None
        own = rows[rows["meter_id"] == facts["meter_id"]]
        found += _rows(own, _detected(facts, days, alarms_per_month, beside))
    return pd.DataFrame(found, columns=FOUND_COLUMNS)


def in_pair(rows: pd.DataFrame, *, as_of: datetime, weather: Weather, alarms_per_month: float) -> pd.DataFrame:
    """All events of two meters if they were swapped; none if they were not."""
    known = list(_known_days(rows, as_of, weather).values())
    if len(known) < 2:
        return pd.DataFrame(columns=FOUND_COLUMNS)
    (facts, days), (other_facts, other_days) = known
    same = on_the_same_days(days, other_days)
    if same is None:
        return pd.DataFrame(columns=FOUND_COLUMNS)
    scores = swapped(*same)
    if not raised(scores, daily_limits(scores, same[0].days, alarms_per_month)):
        # Nearly every pair: without this alarm no event of theirs is kept, and finding them is most of the work.
        return pd.DataFrame(columns=FOUND_COLUMNS)
    found = []
    for mine, own, his in ((facts, same[0], other_facts), (other_facts, same[1], facts)):
        other = str(his["meter_id"])
        events = without_echoes(_detected(mine, own, alarms_per_month, Beside(other, scores)))
        found += _rows(rows[rows["meter_id"] == mine["meter_id"]], events, other)
    return pd.DataFrame(found, columns=FOUND_COLUMNS)


def _known_days(rows: pd.DataFrame, as_of: datetime, weather: Weather) -> dict[str, tuple[pd.Series, MeterDays]]:
    """meter_id -> what is known of the meter, and its whole days by then, of meters that have some."""
    found = {}
    for meter_id, own in rows.groupby("meter_id", sort=True):
        days = _days(own, as_of, weather)
        if len(days.days):
            found[str(meter_id)] = (own.iloc[0], days)
    return found


def _days(rows: pd.DataFrame, as_of: datetime, weather: Weather) -> MeterDays:
    """Days of one meter. An hour of which more than half is estimated counts as not read."""
    facts = rows.iloc[0]
    index = _in_utc(pd.DatetimeIndex(rows["interval_start_utc"]))
    read = np.where(rows["imputed_share"] > HALF, np.nan, rows["energy_kwh"].astype(float))
    every = pd.date_range(index.min(), pd.Timestamp(as_of), freq="h", inclusive="left")
    days = meter_days(
        pd.Series(read, index).reindex(every),
        str(facts["zone"]),
        temperature_c=weather.get(str(facts["weather_location_id"])),
        imputed=pd.Series(rows["imputed_share"].to_numpy() > 0, index).reindex(every, fill_value=False),
        holidays=_holidays(facts["country"], facts["subdivision"], range(every[0].year, every[-1].year + 2)),
    )
    # A day that is not over by then is looked at by the next night.
    return days.between(0, len(days.days) - int(days.utc(len(days.days), 0) > pd.Timestamp(as_of)))


def _detected(facts: pd.Series, days: MeterDays, alarms_per_month: float, beside: Beside | None) -> list[Event]:
    since = _in_utc(pd.DatetimeIndex([facts["since_utc"]]))[0]
    local = np.datetime64(since.tz_convert(days.zone).date(), "D")
    return detect(
        days,
        fuel=str(facts["fuel"]),
        imports=facts["flow"] in (None, Flow.IMPORT, Flow.NET),
        alarms_per_month=alarms_per_month,
        since=int((local - days.days[0]).astype(int)),
        beside=beside,
    )


def _cooling(gas: MeterDays, electric: dict[str, MeterDays]) -> Beside:
    """What the building's electricity says of the gas: the sum of its meters, unknown where one of them is."""
    total: Floats = np.zeros(gas.energy.shape)
    for days in electric.values():
        position = (gas.days - days.days[0]).astype(int)
        inside = (position >= 0) & (position < len(days.days))
        total[~inside] = np.nan
        total[inside] += days.energy[position[inside]]
    return Beside(", ".join(electric), heating_and_cooling(gas, total))


def _imports(facts: pd.Series, fuel: Fuel) -> bool:
    return facts["fuel"] == fuel and facts["flow"] in (None, Flow.IMPORT)


def _rows(rows: pd.DataFrame, events: Iterable[Event], pair: str | None = None) -> list[dict[str, object]]:
    """Rows of FOUND of a meter's events; `read_hours` (epoch hours) and `read_kwh` are what was read within them."""
    read = rows[rows["imputed_share"] <= HALF].sort_values("interval_start_utc")
    starts = _in_utc(pd.DatetimeIndex(read["interval_start_utc"]))
    hours = epoch_hours(starts)
    kwh = read["energy_kwh"].to_numpy(dtype=float)
    found = []
    for event in events:
        within = slice(*starts.searchsorted(pd.DatetimeIndex([event.start, event.end])))
        row = _row(str(rows["meter_id"].iloc[0]), event)
        found.append({**row, "pair": pair, "read_hours": hours[within], "read_kwh": kwh[within]})
    return found


def _row(meter_id: str, event: Event) -> dict[str, object]:
    values = asdict(event)
    growth = values.pop("growth") or {}
    return {
        "meter_id": meter_id,
        "start_utc": values.pop("start"),
        "end_utc": values.pop("end"),
        **{name: value for name, value in values.items() if name != "raised"},
        "evidence": list(values["evidence"]),
        "growth_per_day": growth.get("per_day"),
        "days_left": growth.get("days_left"),
        "earliest": growth.get("earliest"),
        "latest": growth.get("latest"),
    }


def _in_utc(index: pd.DatetimeIndex) -> pd.DatetimeIndex:
    return index.tz_localize("UTC") if index.tz is None else index


def _holidays(country: str | None, subdivision: str | None, years: Iterable[int]) -> list[date]:
    if not country:
        return []
    return list(holidays.country_holidays(country, subdiv=subdivision or None, years=list(years)))
