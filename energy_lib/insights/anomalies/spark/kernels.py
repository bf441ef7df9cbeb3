"""Rows of hours in, rows of events out: what the detectors find in the meters of a building, or in pairs of meters."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime

import holidays
import numpy as np
import pandas as pd

from energy_lib.insights.anomalies.ahead import ahead_of
from energy_lib.insights.anomalies.detector import daily_limits, raised
from energy_lib.insights.anomalies.events import Beside, Event, Judged, events_of, judged
from energy_lib.insights.anomalies.heat_and_cool import heating_and_cooling
from energy_lib.insights.anomalies.meter_days import Floats, MeterDays, days_after, meter_days
from energy_lib.insights.anomalies.once import Once, counted_once
from energy_lib.insights.anomalies.outside import epoch_hours
from energy_lib.insights.anomalies.places import Pair
from energy_lib.insights.anomalies.said_ahead import DAYS_AHEAD, packed
from energy_lib.insights.anomalies.swap_events import without_echoes
from energy_lib.insights.anomalies.swapped import foreseen, may_be_swapped, on_the_same_days, swapped
from energy_lib.insights.anomalies.versions import anomaly_id
from energy_lib.vocabulary import Flow, Fuel

HALF = 0.5
FOUND = (
    "meter_id string, type string, start_utc timestamp, end_utc timestamp, goes_on boolean, severity string, "
    "score double, observed_kwh double, expected_kwh double, expected_low_kwh double, expected_high_kwh double, "
    "imputed_share double, evidence array<string>, growth_per_day double, days_left int, earliest int, latest int, "
    "counted_kwh double, explained_by string, "
    "pair string, read_hours array<bigint>, read_kwh array<double>, limits binary"
)
AS_THEY_ARE = (
    "type", "goes_on", "severity", "score", "observed_kwh", "expected_kwh", "expected_low_kwh", "expected_high_kwh",
    "imputed_share",
)  # fmt: skip
FOUND_COLUMNS = [name.split()[0] for name in FOUND.split(", ")]
Weather = dict[str, pd.Series]


def in_building(rows: pd.DataFrame, *, as_of: datetime, weather: Weather, alarms_per_month: float) -> pd.DataFrame:
    """The events (FOUND) of meters that are looked at together, each for itself, and gas beside electricity.

    In a row of their own: what their next days will be held against (`said_ahead.packed`).
    """
    known = _known_days(rows, as_of, weather)
    electric = {name: days for name, (facts, days) in known.items() if _imports(facts, Fuel.ELECTRICITY)}
    found: list[dict[str, object]] = []
    limits: list[dict[str, object]] = []
    for facts, days in known.values():
        beside = _cooling(days, electric) if electric and _imports(facts, Fuel.GAS) else None
        own = rows[rows["meter_id"] == facts["meter_id"]]
        scored = _judged(facts, days, alarms_per_month, beside)
        found += _rows(own, _events(facts, scored))
        limits += _ahead(facts, scored, weather)
    found.append({**dict.fromkeys(FOUND_COLUMNS), "limits": packed(limits, as_of)})
    return pd.DataFrame(found, columns=FOUND_COLUMNS)


def in_pairs(
    rows: pd.DataFrame,
    *,
    pairs: Mapping[str, Sequence[Pair]],
    as_of: datetime,
    weather: Weather,
    alarms_per_month: float,
) -> pd.DataFrame:
    """All events of two meters that were swapped, for each pair of the `place` of the rows; none of the others."""
    known = _known_days(rows, as_of, weather)
    before = {meter_id: foreseen(days) for meter_id, (_, days) in known.items()}
    found: list[dict[str, object]] = []
    for pair in pairs[rows["place"].iloc[0]]:
        same = on_the_same_days(*(before[each] for each in pair)) if before.keys() >= {*pair} else None
        if same is None:
            continue
        scores = swapped(*same)
        # Nearly no pair has this alarm: without it no event of theirs is kept, and finding them is most of the work.
        if may_be_swapped(scores) and raised(scores, daily_limits(scores, same[0].days.days, alarms_per_month)):
            for meter_id, other, own in zip(pair, pair[::-1], same, strict=True):
                facts = known[meter_id][0]
                events = _events(facts, _judged(facts, own.days, alarms_per_month, Beside(other, scores)))
                found += _rows(rows[rows["meter_id"] == meter_id], without_echoes(events), other)
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


def _judged(facts: pd.Series, days: MeterDays, alarms_per_month: float, beside: Beside | None) -> Judged:
    imports = facts["flow"] in (None, Flow.IMPORT, Flow.NET)
    return judged(days, imports=imports, alarms_per_month=alarms_per_month, beside=beside)


def _events(facts: pd.Series, scored: Judged) -> list[Event]:
    since = _in_utc(pd.DatetimeIndex([facts["since_utc"]]))[0]
    local = np.datetime64(since.tz_convert(scored.days.zone).date(), "D")
    return events_of(scored, str(facts["fuel"]), int((local - scored.days.days[0]).astype(int)))


def _ahead(facts: pd.Series, scored: Judged, weather: Weather) -> list[dict[str, object]]:
    """Rows of gold.day_limits of the meter's next days."""
    last = int(scored.days.days[-1].astype("datetime64[Y]").astype(int)) + 1970
    days_off = _holidays(facts["country"], facts["subdivision"], (last, last + 1))
    temperature = weather.get(str(facts["weather_location_id"]))
    meter: dict[str, object] = {"meter_id": str(facts["meter_id"]), "zone": scored.days.zone}
    return [meter | row for row in ahead_of(scored, days_after(scored.days, DAYS_AHEAD, temperature, days_off))]


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
    for once in counted_once(list(events)):
        within = slice(*starts.searchsorted(pd.DatetimeIndex([once.event.start, once.event.end])))
        row = _row(str(rows["meter_id"].iloc[0]), once)
        found.append({**row, "pair": pair, "read_hours": hours[within], "read_kwh": kwh[within]})
    return found


def _row(meter_id: str, once: Once) -> dict[str, object]:
    event, cause = once.event, once.explained_by
    growth = event.growth
    return {
        "meter_id": meter_id,
        "start_utc": event.start,
        "end_utc": event.end,
        **{name: getattr(event, name) for name in AS_THEY_ARE},
        "evidence": list(event.evidence),
        "growth_per_day": None if growth is None else growth.per_day,
        "days_left": None if growth is None else growth.days_left,
        "earliest": None if growth is None else growth.earliest,
        "latest": None if growth is None else growth.latest,
        "counted_kwh": once.counted_kwh,
        "explained_by": None if cause is None else anomaly_id(meter_id, cause.type, cause.start),
    }


def _in_utc(index: pd.DatetimeIndex) -> pd.DatetimeIndex:
    return index.tz_localize("UTC") if index.tz is None else index


def _holidays(country: str | None, subdivision: str | None, years: Iterable[int]) -> list[date]:
    if not country:
        return []
    return list(holidays.country_holidays(country, subdiv=subdivision or None, years=list(years)))
