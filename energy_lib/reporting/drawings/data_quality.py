"""Plots of data quality."""

from __future__ import annotations

import pandas as pd
from markupsafe import Markup

from energy_lib.reporting.context import Context
from energy_lib.reporting.pages.data_quality import DataQuality
from energy_lib.reporting.plots.bars import stacked_bars


def days(page: DataQuality, context: Context) -> Markup | None:
    """Hours of each local day: read, estimated, not known."""
    rows = page.days.rows
    text = context.words.text
    return stacked_bars(
        text("Meter hours of each day that were read, estimated, or are not known"),
        [context.words.short_day(pd.Timestamp(day).date()) for day in rows["local_day"]],
        [
            (text("read"), rows["hours_read"].astype(float).tolist()),
            (text("estimated"), rows["hours_estimated"].astype(float).tolist()),
            (text("not known"), rows["hours_unknown"].astype(float).tolist()),
        ],
        unit=text("meter hours"),
        x_title=text("local day"),
    )


def late(page: DataQuality, context: Context) -> Markup | None:
    """Readings by how long after their interval they were known, all sources together."""
    text = context.words.text
    names = {
        "1": text("1 h"), "2": text("1 day"), "3": text("2 days"), "4": text("7 days"), "5": text("later"),
    }  # fmt: skip
    sums = page.late.rows.groupby("bucket")["readings"].sum()
    total = float(sums.sum()) or 1.0
    return stacked_bars(
        text("Share of readings that were known within a time"),
        list(names.values()),
        [(text("readings"), [100 * float(sums.get(key, 0)) / total for key in names])],
        unit="%",
        x_title=text("known after the interval within"),
    )
