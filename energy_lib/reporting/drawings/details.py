"""Plots of a meter, and of a building beside like ones."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pandas as pd
from markupsafe import Markup

from energy_lib.reporting.context import Context
from energy_lib.reporting.drawings.overview import MARK_FROM
from energy_lib.reporting.pages.details import Details, heating, hour_by_day, like_buildings
from energy_lib.reporting.plots.canvas import Span
from energy_lib.reporting.plots.clock import day_ticks, hours_since_epoch, midnights
from energy_lib.reporting.plots.heatmap import heatmap
from energy_lib.reporting.plots.intervals import Row, intervals
from energy_lib.reporting.plots.lines import Band, Line, lines, numeric_ticks

READ_DAYS = 14
NAN = math.nan


def readings(page: Details, meter: dict[str, Any], context: Context) -> Markup | None:
    """Two weeks of hours and the next day's forecast; estimated hours are marked, events are shaded."""
    text, label = context.words.text, context.words.label
    name = str(meter["meter_id"])
    hours = page.of_meter("hours", name).rows
    ahead = page.of_meter("forecast", name).rows
    first = context.as_of.origin - pd.Timedelta(days=READ_DAYS)
    hours = hours[hours["interval_start_utc"] >= first]
    if hours.empty and ahead.empty:
        return None
    at, then = hours_since_epoch(hours["interval_start_utc"]), hours_since_epoch(ahead["interval_start_utc"])
    energy = hours["energy_kwh"].astype(float)
    imputed = energy.where(hours["imputed_share"] > MARK_FROM)
    events = page.of_meter("events", name).rows
    events = events[events["end_utc"] > first]
    event = text("event")
    spans = [
        Span(start, end, f"{event}: {label(type_)}")
        for start, end, type_ in zip(
            hours_since_epoch(events["start_utc"]), hours_since_epoch(events["end_utc"]), events["type"], strict=True
        )
    ]
    instants = pd.concat([hours["interval_start_utc"], ahead["interval_start_utc"]])
    return lines(
        text("Hourly readings and forecast of meter %(meter)s") % {"meter": name},
        [Line(text("read"), at, energy.tolist()), Line(text("forecast (median)"), then, ahead["p50"].tolist())],
        unit="kWh/h",
        x_ticks=midnights(instants.min(), instants.max(), str(meter["zone"]), context.words.short_day),
        x_title=str(meter["zone"]),
        bands=[
            Band(text("8 of 10 outcomes"), then, ahead["p10"].tolist(), ahead["p90"].tolist()),
            Band(text("5 of 10 outcomes"), then, ahead["p25"].tolist(), ahead["p75"].tolist()),
        ],
        marks=[Line(text("partly estimated"), at, imputed.tolist())] if imputed.notna().any() else [],
        spans=spans,
    )


def heat(page: Details, meter: dict[str, Any], context: Context) -> Markup | None:
    """Four weeks, a row a day and a column an hour."""
    hours = page.of_meter("hours", str(meter["meter_id"])).rows
    days, energy = hour_by_day(hours, str(meter["zone"]), context.as_of.yesterday)
    text = context.words.text
    return heatmap(
        text("Energy of meter %(meter)s by local hour and day") % {"meter": meter["meter_id"]},
        energy,
        [context.words.short_day(day) for day in days],
        unit="kWh/h",
        hours=text("local hour"),
    )


def base_load(page: Details, meter: dict[str, Any], context: Context) -> Markup | None:
    """The mean of each day's three lowest hours, over a year."""
    days = page.of_meter("days", str(meter["meter_id"])).rows
    if days.empty:
        return None
    moments = [pd.Timestamp(day).date() for day in days["local_day"]]
    whole = [day.date() for day in pd.date_range(moments[0], moments[-1])]
    known = dict(zip(moments, days["base_kw"].astype(float), strict=True))
    text = context.words.text
    return lines(
        text("Base load of meter %(meter)s by day") % {"meter": meter["meter_id"]},
        [Line(text("base load"), [float(d.toordinal()) for d in whole], [known.get(day, NAN) for day in whole])],
        unit="kW",
        x_ticks=day_ticks(whole, context.words.short_day),
        x_title=text("local day"),
    )


def warmth(page: Details, meter: dict[str, Any], context: Context) -> Markup | None:
    """Daily energy over the day's mean temperature, with the heating's line where there is one."""
    days = page.of_meter("days", str(meter["meter_id"])).rows
    days = days[days["temperature_c"].notna()]
    if days.empty:
        return None
    text = context.words.text
    series = [Line(text("a day"), days["temperature_c"].tolist(), days["energy_kwh"].astype(float).tolist(), dots=True)]
    model = heating(days)
    if model is not None:
        grid = np.linspace(days["temperature_c"].min(), days["temperature_c"].max(), 60)
        series.append(Line(text("heating line"), grid.tolist(), model.predicted(grid).tolist()))
    return lines(
        text("Daily energy of meter %(meter)s over outdoor temperature") % {"meter": meter["meter_id"]},
        series,
        unit="kWh/d",
        x_ticks=numeric_ticks(days["temperature_c"].tolist()),
        x_title=text("mean outdoor temperature of the day, °C"),
    )


def warmth_note(page: Details, meter: dict[str, Any], context: Context) -> str:
    """The heating line in words."""
    text, number = context.words.text, context.words.number
    model = heating(page.of_meter("days", str(meter["meter_id"])).rows)
    if model is None:
        return text("The cold explains too little of it, or too few days are known, to call it heating.")
    return text(
        "Below %(balance)s °C each degree costs %(slope)s kWh a day; the line explains %(explained)s of the spread."
    ) % {
        "balance": number(model.balance_c),
        "slope": number(model.slope_kwh_per_k),
        "explained": context.words.percent(model.explained),
    }


def beside_like(page: Details, building_id: str, context: Context) -> Markup | None:
    """The building's energy for each square metre, beside the middle half of buildings of its use."""
    text = context.words.text
    rows = [
        Row(context.words.label(each.fuel), each.own, each.quartiles[0], each.quartiles[2], each.quartiles[1])
        for each in like_buildings(page.like.rows, building_id)
        if each.quartiles
    ]
    return intervals(
        text("Energy for each square metre of %(building)s beside like buildings") % {"building": building_id},
        rows,
        unit=text("kWh/m² in four weeks"),
        value=text("this building; the line: the middle half of like ones"),
        mark=text("their median"),
    )
