"""Rows with a point, its interval and a mark to hold it against."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from energy_lib.reporting.plots.canvas import RIGHT, TOP, VERMILION, Canvas, Tick, hover, nice_ticks, plain_number

ROW = 30


@dataclass(frozen=True, slots=True)
class Row:
    """NaN where a value is not known."""

    name: str
    value: float
    low: float
    high: float
    mark: float


def intervals(label: str, rows: Sequence[Row], *, unit: str, value: str, mark: str) -> Markup | None:
    """`value` and `mark` name the point and what it is held against."""
    known = [x for row in rows for x in (row.value, row.low, row.high, row.mark) if not math.isnan(x)]
    if not known:
        return None
    ticks = nice_ticks(min(0.0, *known), max(0.0, *known))
    canvas = Canvas(ticks[0], ticks[-1], (0.0, 1.0), height=len(rows) * ROW + TOP + 40, left=150)
    bottom = TOP + len(rows) * ROW
    for tick in (Tick(at, plain_number(at)) for at in ticks):
        canvas.draw('<path class="grid" d="M{x} {a}V{b}"/>', x=canvas.x(tick.at), a=TOP, b=bottom)
        canvas.draw('<text class="mid" x="{x}" y="{y}">{t}</text>', x=canvas.x(tick.at), y=bottom + 15, t=tick.text)
    across = (canvas.left + canvas.width - RIGHT) / 2
    canvas.draw('<text class="mid" x="{x}" y="{y}">{t}</text>', x=across, y=bottom + 31, t=unit)
    for n, row in enumerate(rows):
        _row(canvas, row, TOP + n * ROW + ROW / 2)
    legend = Markup(
        '<ul class="legend"><li><svg viewBox="0 0 26 12" aria-hidden="true"><path class="line" d="M1 6h24"/>'
        '<circle cx="13" cy="6" r="4"/></svg>{v}</li><li><svg viewBox="0 0 26 12" aria-hidden="true">'
        '<path class="target" style="stroke:{c}" d="M13 0v12"/></svg>{m}</li></ul>'
    ).format(v=value, m=mark, c=VERMILION)
    return canvas.svg(label) + legend


def _row(canvas: Canvas, row: Row, y: float) -> None:
    shown = row.name if len(row.name) <= 22 else f"{row.name[:21]}…"
    canvas.draw(
        '<text class="end" x="{x}" y="{y}">{t}{h}</text>', x=canvas.left - 6, y=y + 4, t=shown, h=hover(row.name)
    )
    if not math.isnan(row.low) and not math.isnan(row.high):
        canvas.draw('<path class="line" d="M{a} {y}H{b}"/>', a=canvas.x(row.low), b=canvas.x(row.high), y=y)
    if not math.isnan(row.value):
        canvas.draw('<circle cx="{x}" cy="{y}" r="5"/>', x=canvas.x(row.value), y=y)
    if not math.isnan(row.mark):
        canvas.draw(
            '<path class="target" style="stroke:{c}" d="M{x} {a}v18"/>', x=canvas.x(row.mark), a=y - 9, c=VERMILION
        )
