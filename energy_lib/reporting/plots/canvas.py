"""Axes, ticks and texts of a plot. Sizes are in the units of the SVG's view box."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

from markupsafe import Markup, escape

WIDTH, HEIGHT = 520, 230
LEFT, RIGHT, TOP, BOTTOM = 56, 12, 10, 40
# Okabe & Ito 2008, Color Universal Design; told apart by dashes and shapes too.
BLUE, VERMILION, GREEN, PURPLE, GREY = "#0072b2", "#d55e00", "#007a5a", "#a8467f", "#5a5a5a"
SERIES = (BLUE, VERMILION, GREEN, PURPLE, GREY)
DASHES = ("", "6 3", "2 3", "8 3 2 3", "1 2")


@dataclass(frozen=True, slots=True)
class Tick:
    at: float
    text: str


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of the x axis that something is said of; `text` shows when it is pointed at."""

    start: float
    end: float
    text: str


def nice_ticks(low: float, high: float, count: int = 5) -> list[float]:
    """Round values from at or below `low` to at or above `high`, in steps of 1, 2 or 5 times a power of ten."""
    if high - low <= 1e-9 * max(abs(low), abs(high), 1.0):
        high = low + (abs(low) if abs(low) > 1e-6 else 1.0)
    raw = (high - low) / count
    power = 10.0 ** math.floor(math.log10(raw))
    step = next(factor * power for factor in (1, 2, 5, 10) if factor * power >= raw * (1 - 1e-9))
    first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    return [round(index * step, 12) for index in range(first, last + 1)]


def plain_number(value: float) -> str:
    """A tick's text: 12k for 12,000, so that it is short in every language."""
    for limit, sign in ((1e9, "G"), (1e6, "M"), (1e4, "k")):
        if abs(value) >= limit:
            scale = {"G": 1e9, "M": 1e6, "k": 1e3}[sign]
            return f"{value / scale:g}{sign}"
    return f"{value:g}"


@dataclass
class Canvas:
    """Linear axes over a rectangle, and the parts that are drawn so far."""

    x_low: float
    x_high: float
    y_ticks: Sequence[float]
    width: int = WIDTH
    height: int = HEIGHT
    left: int = LEFT
    parts: list[Markup] = field(default_factory=list)

    def x(self, value: float) -> float:
        share = (value - self.x_low) / ((self.x_high - self.x_low) or 1.0)
        return round(self.left + share * (self.width - self.left - RIGHT), 1)

    def y(self, value: float) -> float:
        low, high = self.y_ticks[0], self.y_ticks[-1]
        return round(self.height - BOTTOM - (value - low) / (high - low) * (self.height - TOP - BOTTOM), 1)

    def draw(self, markup: str, **values: object) -> None:
        """Add a piece of SVG; `values` are escaped into it."""
        self.parts.append(Markup(markup).format(**values))  # noqa: S704 values are escaped into it

    def grid(self, x_ticks: Sequence[Tick], unit: str, x_title: str) -> None:
        for tick in self.y_ticks:
            self.draw('<path class="grid" d="M{a} {y}H{b}"/>', a=self.left, b=self.width - RIGHT, y=self.y(tick))
            self.draw(
                '<text class="end" x="{x}" y="{y}">{t}</text>',
                x=self.left - 5,
                y=self.y(tick) + 4,
                t=plain_number(tick),
            )
        bottom = self.height - BOTTOM
        for each in x_ticks:
            self.draw('<path class="tick" d="M{x} {y}v4"/>', x=self.x(each.at), y=bottom)
            # A text at the right edge ends there.
            at, anchor = self.x(each.at), "mid"
            if at > self.width - RIGHT - 20 and len(each.text) > 3:
                at, anchor = float(self.width - 2), "end"
            self.draw('<text class="{c}" x="{x}" y="{y}">{t}</text>', c=anchor, x=at, y=bottom + 16, t=each.text)
        middle = (TOP + bottom) / 2
        self.draw('<text class="mid" transform="translate(12 {y})rotate(-90)">{t}</text>', y=middle, t=unit)
        across = (self.left + self.width - RIGHT) / 2
        self.draw('<text class="mid" x="{x}" y="{y}">{t}</text>', x=across, y=self.height - 5, t=x_title)

    def path(self, points: Sequence[tuple[float, float]]) -> str:
        """A line through the points; it breaks where y is not a number."""
        steps, pen = [], "M"
        for x, y in points:
            if math.isnan(y):
                pen = "M"
                continue
            steps.append(f"{pen}{self.x(x):g} {self.y(y):g}")
            pen = "L"
        return "".join(steps)

    def svg(self, label: str) -> Markup:
        """The plot; `label` says in words what it shows, for those who do not see it."""
        head = Markup('<svg class="plot" viewBox="0 0 {w} {h}" role="img" aria-label="{t}">').format(
            w=self.width, h=self.height, t=label
        )
        return head + Markup("").join(self.parts) + Markup("</svg>")


def hover(text: str) -> Markup:
    """What shows when a shape is pointed at."""
    return Markup("<title>") + escape(text) + Markup("</title>")
