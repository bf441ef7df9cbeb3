"""Lines, bands, points and spans over time or another number."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from markupsafe import Markup

from energy_lib.reporting.plots.canvas import BOTTOM as BELOW
from energy_lib.reporting.plots.canvas import DASHES, SERIES, TOP, Canvas, Span, Tick, hover, nice_ticks

Numbers = Sequence[float]
# Points are larger where there are few.
FEW, FEW_WIDTH, MANY_WIDTH = 12, 8, 4


@dataclass(frozen=True, slots=True)
class Line:
    """A named line; NaN breaks it. `dots`: no line, but points."""

    name: str
    x: Numbers
    y: Numbers
    dots: bool = False


@dataclass(frozen=True, slots=True)
class Band:
    """The stretch between two quantiles."""

    name: str
    x: Numbers
    low: Numbers
    high: Numbers


def lines(
    label: str,
    series: Sequence[Line],
    *,
    unit: str,
    x_ticks: Sequence[Tick],
    x_title: str,
    bands: Sequence[Band] = (),
    marks: Sequence[Line] = (),
    spans: Sequence[Span] = (),
    from_zero: bool = True,
) -> Markup | None:
    """The plot, or None where no value is known. `marks` are single points above the lines, hollow."""
    xs = [*(x for each in (*series, *marks) for x in each.x), *(x for band in bands for x in band.x)]
    ys = [y for each in (*series, *marks) for y in each.y]
    ys += [y for band in bands for y in (*band.low, *band.high)]
    known = [y for y in ys if not math.isnan(y)]
    if not known:
        return None
    low = min(0.0, *known) if from_zero else min(known)
    canvas = Canvas(min(xs), max(xs), nice_ticks(low, max(known)))
    for span in spans:
        _span(canvas, span)
    canvas.grid(x_ticks, unit, x_title)
    for order, band in enumerate(bands):
        _band(canvas, band, order)
    for order, each in enumerate(series):
        _line(canvas, each, order)
    for mark in marks:
        at = "".join(f"M{canvas.x(x):g} {canvas.y(y):g}h0" for x, y in zip(mark.x, mark.y, strict=True) if y == y)
        canvas.draw('<path class="mark" d="{d}"/><path class="mark-in" d="{d}"/>', d=at)
    return canvas.svg(label) + _legend(series, bands, marks, spans)


def _span(canvas: Canvas, span: Span) -> None:
    start, end = (canvas.x(min(max(at, canvas.x_low), canvas.x_high)) for at in (span.start, span.end))
    canvas.draw(
        '<rect class="span" x="{x}" y="{y}" width="{w}" height="{h}">{t}</rect>',
        x=start,
        y=TOP,
        w=max(round(end - start, 1), 2),
        h=canvas.height - TOP - BELOW,
        t=hover(span.text),
    )


def _band(canvas: Canvas, band: Band, order: int) -> None:
    there = list(zip(band.x, band.high, strict=True))
    back = list(zip(reversed(band.x), reversed(band.low), strict=True))
    outline = canvas.path([point for point in (*there, *back) if not math.isnan(point[1])])
    if outline:
        canvas.draw('<path class="band b{n}" d="{d}Z"/>', n=order, d=outline)


def _line(canvas: Canvas, line: Line, order: int) -> None:
    points = list(zip(line.x, line.y, strict=True))
    if line.dots:
        at = "".join(f"M{canvas.x(x):g} {canvas.y(y):g}h0" for x, y in points if not math.isnan(y))
        width = FEW_WIDTH if len(points) <= FEW else MANY_WIDTH
        canvas.draw('<path class="dots" style="stroke:{c};stroke-width:{w}" d="{d}"/>', c=SERIES[order], w=width, d=at)
        return
    canvas.draw(
        '<path class="line" style="stroke:{c};stroke-dasharray:{dash}" d="{d}"/>',
        c=SERIES[order % len(SERIES)],
        dash=DASHES[order % len(DASHES)] or "none",
        d=canvas.path(points),
    )


def _legend(series: Sequence[Line], bands: Sequence[Band], marks: Sequence[Line], spans: Sequence[Span]) -> Markup:
    """One line of HTML below the plot: the sign of each series, and its name."""
    items = []
    for order, line in enumerate(series):
        sign = (
            '<path class="dots" style="stroke:{c}" d="M13 6h0"/>'
            if line.dots
            else ('<path class="line" style="stroke:{c};stroke-dasharray:{d}" d="M1 6h24"/>')
        )
        items.append((Markup(sign).format(c=SERIES[order % 5], d=DASHES[order % 5] or "none"), line.name))  # noqa: S704 values are escaped into it
    items += [
        (Markup('<rect class="band b{n}" x="1" y="1" width="24" height="10"/>').format(n=n), band.name)
        for n, band in enumerate(bands)
    ]
    items += [
        (Markup('<path class="mark" d="M13 6h0"/><path class="mark-in" d="M13 6h0"/>'), mark.name)
        for mark in marks
        if len(mark.x)
    ]
    if spans:
        items.append((Markup('<rect class="span" x="1" y="1" width="24" height="10"/>'), spans[0].text.split(":")[0]))
    shown = Markup("").join(
        Markup('<li><svg viewBox="0 0 26 12" aria-hidden="true">{sign}</svg>{name}</li>').format(sign=sign, name=name)
        for sign, name in items
    )
    return Markup('<ul class="legend">{items}</ul>').format(items=shown) if len(items) > 1 else Markup("")


def numeric_ticks(values: Numbers, count: int = 6) -> list[Tick]:
    """Ticks at round numbers within the values."""
    known = np.array([value for value in values if not math.isnan(value)])
    if not len(known):
        return []
    low, high = float(known.min()), float(known.max())
    return [Tick(at, f"{at:g}") for at in nice_ticks(low, high, count) if low <= at <= high]
