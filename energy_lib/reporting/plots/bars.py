"""Stacked bars by category."""

from __future__ import annotations

from collections.abc import Sequence

from markupsafe import Markup

from energy_lib.reporting.plots.canvas import RIGHT, Canvas, Tick, hover, nice_ticks

FILLS = ("f0", "f1", "f2", "f3")


def stacked_bars(
    label: str,
    categories: Sequence[str],
    parts: Sequence[tuple[str, Sequence[float]]],
    *,
    unit: str,
    x_title: str,
) -> Markup | None:
    """A bar a category; `parts` are (name, value a category), from the bottom. None where all is nothing."""
    sums = [sum(values) for values in zip(*(values for _, values in parts), strict=True)]
    if not sums or not any(sums):
        return None
    canvas = Canvas(0, len(categories), nice_ticks(min(0.0, *sums), max(0.0, *sums)))
    step = -(-len(categories) // 8) or 1
    ticks = [Tick(n + 0.5, text) for n, text in enumerate(categories) if n % step == 0]
    canvas.grid(ticks, unit, x_title)
    width = (canvas.width - canvas.left - RIGHT) / len(categories)
    for n, category in enumerate(categories):
        below = 0.0
        for (name, values), fill in zip(parts, FILLS, strict=False):
            top = below + values[n]
            high, low = canvas.y(max(top, below)), canvas.y(min(top, below))
            if low - high > 0.05:
                canvas.draw(
                    '<rect class="{f}" x="{x}" y="{y}" width="{w}" height="{h}">{t}</rect>',
                    f=fill, x=round(canvas.x(n) + width * 0.1, 1), y=high, w=round(width * 0.8, 1),
                    h=round(low - high, 1), t=hover(f"{category}: {name} {values[n]:,.4g} {unit}"),
                )  # fmt: skip
            below = top
    return canvas.svg(label) + _legend([name for name, _ in parts])


def _legend(names: Sequence[str]) -> Markup:
    if len(names) < 2:
        return Markup("")
    items = Markup("").join(
        Markup(
            '<li><svg viewBox="0 0 26 12" aria-hidden="true"><rect class="{f}" x="1" y="1" width="24" '
            'height="10"/></svg>{n}</li>'
        ).format(f=fill, n=name)
        for name, fill in zip(names, FILLS, strict=False)
    )
    return Markup('<ul class="legend">{items}</ul>').format(items=items)
