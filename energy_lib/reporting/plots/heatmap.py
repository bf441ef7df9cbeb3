"""Energy by local hour and day, as a map of colours."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Sequence

import numpy as np
from markupsafe import Markup
from numpy.typing import NDArray

from energy_lib.reporting.plots.canvas import RIGHT, TOP, Canvas, plain_number

# Cividis (Nuñez, Anderton & Renslow 2018) from dark to light: the same to colour-blind eyes, and grey on paper.
COLOURS = ("#00224e", "#1f3b6d", "#434e6c", "#61626f", "#7d7a77", "#9b9377", "#bcaf6f", "#decd5d", "#fee838")
UNKNOWN = "#ffffff"
ROW = 5


def heatmap(label: str, energy: NDArray[np.float64], days: Sequence[str], *, unit: str, hours: str) -> Markup | None:
    """`energy` (days, 24) in `unit`, NaN where unknown; `days` are the rows' texts, shown once a week."""
    if not energy.size or np.isnan(energy).all():
        return None
    low, high = float(np.nanmin(energy)), float(np.nanmax(energy))
    height = len(days) * ROW + TOP + 34
    canvas = Canvas(0, 24, (0.0, 1.0), height=height)
    cells: dict[str, list[str]] = defaultdict(list)
    width = (canvas.width - canvas.left - RIGHT) / 24
    for row, of_day in enumerate(energy):
        for hour, value in enumerate(of_day):
            if math.isnan(value):
                continue
            step = int((value - low) / ((high - low) or 1.0) * len(COLOURS))
            cells[COLOURS[min(step, len(COLOURS) - 1)]].append(f"M{canvas.x(hour):g} {TOP + row * ROW}")
    for colour, at in cells.items():
        box = f"h{width:.1f}v{ROW}h-{width:.1f}z"
        canvas.draw('<path fill="{c}" d="{d}"/>', c=colour, d="".join(each + box for each in at))
    for row in range(0, len(days), 7):
        canvas.draw(
            '<text class="end" x="{x}" y="{y}">{t}</text>', x=canvas.left - 5, y=TOP + row * ROW + 9, t=days[row]
        )
    bottom = TOP + len(days) * ROW
    for hour in range(0, 25, 3):
        canvas.draw('<text class="mid" x="{x}" y="{y}">{t}</text>', x=canvas.x(hour), y=bottom + 14, t=hour)
    canvas.draw('<text class="mid" x="{x}" y="{y}">{t}</text>', x=canvas.width / 2, y=bottom + 29, t=hours)
    return canvas.svg(label) + _scale(low, high, unit)


def _scale(low: float, high: float, unit: str) -> Markup:
    steps = Markup("").join(
        Markup('<rect x="{x}" width="14" height="10" fill="{c}"/>').format(x=14 * n, c=colour)
        for n, colour in enumerate(COLOURS)
    )
    return Markup(
        '<p class="scale">{low} <svg viewBox="0 0 {w} 10" aria-hidden="true">{steps}</svg> {high} {unit}</p>'
    ).format(
        low=plain_number(round(low, 2)), high=plain_number(round(high, 2)), unit=unit, w=14 * len(COLOURS), steps=steps
    )
