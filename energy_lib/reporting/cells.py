"""Cells of tables. What is not known says so, with its reason where the row has one; it is never zero."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd
from markupsafe import Markup, escape

from energy_lib.reporting import action_words
from energy_lib.reporting.context import Context
from energy_lib.reporting.found_words import found
from energy_lib.reporting.labels import LABELS

Row = Mapping[str, Any]
LONGEST = 260
NUMERIC = ("number", "money", "percent", "change")
INSTANTS = ("date", "month", "time", "utc")


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table: its key in the rows, its title, how it is shown, and the key of why it is not known.

    `low`, `high`: keys of the ends of its interval. `of`: key of what a share is of. `blank`: nothing is there where
    nothing is to be said, such as the error of a run that had none.
    """

    key: str
    title: str
    kind: str = "text"
    reason: str = ""
    low: str = ""
    high: str = ""
    of: str = ""
    blank: bool = False

    @property
    def css(self) -> str:
        return "number" if self.kind in NUMERIC else "when" if self.kind in INSTANTS else ""


def known(value: Any) -> bool:
    return value is not None and not (isinstance(value, float) and value != value) and value is not pd.NaT


def cell(row: Row, column: Column, context: Context) -> Markup:
    """A row's value as HTML. A row may name columns that are `withheld`: what they hold is known, and not told."""
    value = row.get(column.key)
    if column.key in str(row.get("withheld")).split("; "):
        return Markup('<span class="unknown">{}</span>').format(context.words.text("withheld"))
    if not known(value):
        if column.blank:
            return Markup("")
        return unknown(reason_of(row.get(column.reason), column.key) if column.reason else None, context)
    shown = SHOWN[column.kind](value, row, context)
    if column.low and known(row.get(column.low)) and known(row.get(column.high)):
        ends = [context.words.number(float(row[key])) for key in (column.low, column.high)]
        shown += Markup(' <span class="interval">({} – {})</span>').format(*ends)
    if column.of and known(row.get(column.of)):
        many = context.words.text("of %(count)s") % {"count": context.words.number(float(row[column.of]))}
        shown += Markup(' <span class="interval">{}</span>').format(many)
    return shown


def reason_of(reason: Any, key: str) -> Any:
    """The part of a reason such as `cost: no price is known; energy: none is saved` that concerns a column."""
    for part in str(reason).split("; ") if known(reason) else ():
        topic, colon, why = part.partition(": ")
        if colon and key.startswith(topic):
            return why
    return reason


def unknown(reason: Any, context: Context) -> Markup:
    """The words for a value that is not known."""
    shown = context.words.text("not known")
    if not known(reason) or not str(reason).strip():
        return Markup('<span class="unknown">{}</span>').format(shown)
    named = all(part in LABELS for part in str(reason).split("; "))
    parts = shortened("; ".join(context.words.label(part) for part in str(reason).split("; ")))
    said = escape(parts) if named else found(parts, context.words)
    return Markup('<span class="unknown">{}: {}</span>').format(shown, said)


def shortened(text: str) -> str:
    """At most LONGEST letters; the figure's file has the whole."""
    return text if len(text) <= LONGEST else f"{text[:LONGEST].rstrip()} …"


def _money(value: Any, row: Row, context: Context) -> Markup:
    return Markup("{} {}").format(context.words.number(float(value)), row.get("currency") or "")


def _change(value: Any, row: Row, context: Context) -> Markup:
    sign = "+" if value > 0 else "−" if value < 0 else "±"
    return Markup("{}{}").format(sign, context.words.percent(abs(float(value))))


def _state(value: Any, row: Row, context: Context) -> Markup:
    """A sign, a word and a colour: none of them alone carries the meaning."""
    good = value in ("fresh", "succeeded", "passed", "done")
    bad = value in ("late", "none", "failed", "refused", "high")
    sign, css = ("✓", "good") if good else ("✗", "bad") if bad else ("!", "fair")
    return Markup('<span class="state {}"><span aria-hidden="true">{}</span> {}</span>').format(
        css, sign, context.words.label(value)
    )


def _building(value: Any, row: Row, context: Context) -> Markup:
    link = context.links.building(str(value))
    return Markup('<a href="{}">{}</a>').format(link, value) if link else escape(value)


def _action(value: Any, row: Row, context: Context) -> Markup:
    """The action's name, and what was found."""
    title = Markup("{}").format(action_words.lines(str(value)).title(context.words))
    what = row.get("what")
    return (
        title + Markup('<br><span class="note">{}</span>').format(found(what, context.words)) if known(what) else title
    )


def _meter(value: Any, row: Row, context: Context) -> Markup:
    """A meter leads to its building, which shows it."""
    link = context.links.building(str(row.get("building_id") or value))
    return Markup('<a href="{}">{}</a>').format(link, value) if link else escape(value)


def _project(value: Any, row: Row, context: Context) -> Markup:
    return escape(context.words.text("all projects") if value == "*" else value)


def _yes(value: Any, row: Row, context: Context) -> Markup:
    return escape(context.words.text("yes") if value else context.words.text("no"))


SHOWN: Mapping[str, Callable[[Any, Row, Context], Markup]] = {
    "text": lambda value, row, context: escape(value),
    "data": lambda value, row, context: found(shortened(str(value)), context.words),
    "label": lambda value, row, context: escape(context.words.label(value)),
    "number": lambda value, row, context: escape(context.words.number(float(value))),
    "percent": lambda value, row, context: escape(context.words.percent(float(value))),
    "change": _change,
    "money": _money,
    "date": lambda value, row, context: escape(context.words.day(pd.Timestamp(value).date())),
    "month": lambda value, row, context: escape(context.words.month(pd.Timestamp(value).date())),
    "time": lambda value, row, context: escape(context.words.instant(value, context.zone)),
    "utc": lambda value, row, context: escape(context.words.instant(value, "UTC")),
    "state": _state,
    "building": _building,
    "meter": _meter,
    "action": _action,
    "project": _project,
    "yes": _yes,
}
