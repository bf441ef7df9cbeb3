"""The plots of a comparison: one figure for each question, with a panel for each fuel. Baselines are grey."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import LogLocator, MaxNLocator, NullFormatter

from energy_lib.evaluation.comparison.summary import GROUPS, Comparison, best_and_worst
from energy_lib.vocabulary import QUANTILES

COLOURS = ("#1f6fb4", "#d1495b", "#2e933c", "#b8860b", "#7b4fa3", "#00848c")
GREYS = ("#555555", "#999999", "#bbbbbb")
BASELINES = ("seasonal_naive", "mean_of")
WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
METERS_SHOWN = 6
PANEL_INCHES = (6.2, 3.8)
WAPE = "WAPE, % of energy used"

# Draws one fuel.
Panel = Callable[[Axes, str], None]


def draw_all(comparison: Comparison, horizon_unit: str, folder: Path) -> dict[str, str]:
    """Write every plot into `folder` as PNG; returns the caption of each file by its name."""
    draw = Drawing(comparison)
    below = f"; below, the difference to {comparison.reference} with 95 % intervals"
    plots: dict[str, tuple[str, tuple[Panel, ...]]] = {
        "horizon.png": (
            f"Accuracy by horizon ({horizon_unit} ahead){below}",
            draw.by("horizon", f"{horizon_unit} ahead"),
        ),
        "hour.png": (f"Error by hour of day, on the meter's own clock{below}", draw.by("hour", "local hour")),
        "weekday.png": (f"Error by weekday, on the meter's own clock{below}", draw.by("weekday", "local weekday")),
        "group.png": (f"Error by size of meter (thirds of the meters by mean use){below}", draw.by("group", "group")),
        "calibration.png": ("Calibration: how often the actual lay below each quantile", (draw.calibration,)),
        "differences.png": (
            f"Difference to {comparison.reference}, with 95 % intervals (paired bootstrap over origins)",
            (draw.differences,),
        ),
        "meters.png": (f"Best and worst meters of {comparison.reference} (best above the line)", (draw.meters,)),
    }
    for name, (_, panels) in plots.items():
        draw.save(folder / name, panels)
    return {name: title for name, (title, _) in plots.items()}


class Drawing:
    """Panels of one comparison; a model has the same colour in all of them."""

    def __init__(self, comparison: Comparison) -> None:
        self.comparison = comparison
        baselines = [model for model in comparison.models if model.startswith(BASELINES)]
        trained = [model for model in comparison.models if model not in baselines]
        self.models = [*trained, *baselines]
        self.style = {
            **{model: (COLOURS[i % len(COLOURS)], "-") for i, model in enumerate(trained)},
            **{model: (GREYS[i % len(GREYS)], "--") for i, model in enumerate(baselines)},
        }

    def save(self, file: Path, panels: tuple[Panel, ...]) -> None:
        """One figure with a row for each panel, a column for each fuel and one legend."""
        fuels = sorted(self.comparison.of("total")["fuel"].unique())
        width, height = PANEL_INCHES
        figure = Figure(figsize=(width * len(fuels), height * len(panels)), layout="constrained")
        rows = figure.subplots(len(panels), len(fuels), squeeze=False)
        for row, panel in zip(rows, panels, strict=True):
            for axes, fuel in zip(row, fuels, strict=True):
                panel(axes, fuel)
                axes.grid(alpha=0.3)
                axes.spines[["top", "right"]].set_visible(False)
        for axes, fuel in zip(rows[0], fuels, strict=True):
            axes.set_title(fuel)
        handles, labels = rows[0][0].get_legend_handles_labels()
        figure.legend(handles, labels, loc="outside lower center", ncols=min(len(labels), 4), frameon=False)
        figure.savefig(file, format="png", dpi=110)

    def by(self, name: str, x_label: str) -> tuple[Panel, Panel]:
        """Two panels over the values of a slice: WAPE, and its relative difference to the reference's."""

        def errors(axes: Axes, fuel: str) -> None:
            rows = self.comparison.of(name)
            for model in self.models:
                scores = _ordered(rows[(rows["fuel"] == fuel) & (rows["model"] == model)], name)
                colour, dash = self.style[model]
                values, wape = scores["value"], 100 * scores["wape"]
                axes.plot(values, wape, dash, color=colour, marker="o", markersize=3, label=model)
            axes.set(xlabel=x_label, ylabel=WAPE)
            axes.set_ylim(bottom=0)
            _ticks(axes, name)

        def differences(axes: Axes, fuel: str) -> None:
            rows = self.comparison.differences_of(name)
            rows = rows[(rows["fuel"] == fuel) & (rows["metric"] == "wape")]
            axes.axhline(0, color=self.style[self.comparison.reference][0], linewidth=1.5)
            for model in self.models:
                of_model = _ordered(rows[rows["model"] == model], name)
                colour, dash = self.style[model]
                low, high = 100 * of_model["relative_low"], 100 * of_model["relative_high"]
                values = list(of_model["value"])
                axes.fill_between(values, low, high, color=colour, alpha=0.2, linewidth=0)
                axes.plot(values, 100 * of_model["relative"], dash, color=colour, marker="o", markersize=3)
            axes.set(xlabel=x_label, ylabel=f"WAPE against {self.comparison.reference}, %")
            _ticks(axes, name)

        return errors, differences

    def calibration(self, axes: Axes, fuel: str) -> None:
        """Observed minus nominal share. It shows small deviations better than a plot against the diagonal."""
        rows = self.comparison.calibration
        axes.axhline(0, color="black", linewidth=0.8)
        for model in self.models:
            of_model = rows[(rows["fuel"] == fuel) & (rows["model"] == model)]
            colour, dash = self.style[model]
            deviation = 100 * (of_model["below"] - of_model["nominal"])
            axes.plot(100 * of_model["nominal"], deviation, dash, color=colour, marker="o", markersize=3, label=model)
        axes.set_xticks([100 * level for level in QUANTILES.values()], list(QUANTILES), rotation=60, fontsize=9)
        axes.set(xlabel="forecast quantile", ylabel="actuals below it minus nominal, % points")

    def differences(self, axes: Axes, fuel: str) -> None:
        """Pooled WAPE and WQL of each model relative to the reference's, with their intervals."""
        rows = self.comparison.differences_of("total")
        others = [model for model in self.models if model != self.comparison.reference]
        axes.axvline(0, color="black", linewidth=0.8)
        for shift, (metric, marker) in zip((0.12, -0.12), (("wape", "o"), ("wql", "s")), strict=True):
            of_metric = rows[(rows["fuel"] == fuel) & (rows["metric"] == metric)].set_index("model").reindex(others)
            heights = [len(others) - 1 - i + shift for i in range(len(others))]
            middle = 100 * of_metric["relative"]
            reach = [middle - 100 * of_metric["relative_low"], 100 * of_metric["relative_high"] - middle]
            colour = COLOURS[0] if metric == "wape" else COLOURS[1]
            axes.errorbar(middle, heights, xerr=reach, fmt=marker, color=colour, capsize=3, label=metric.upper())
        axes.set_yticks(range(len(others)), others[::-1])
        axes.set_ylim(-0.6, len(others) - 0.4)
        axes.set(xlabel=f"% of the value of {self.comparison.reference}; right of 0 is worse")

    def meters(self, axes: Axes, fuel: str) -> None:
        """WAPE of the reference's best and worst meters, by every model."""
        shown = best_and_worst(self.comparison, fuel, METERS_SHOWN)
        rows = self.comparison.of("meter")
        height = {meter: len(shown) - 1 - i for i, meter in enumerate(shown)}
        of_shown = rows[(rows["fuel"] == fuel) & rows["value"].isin(shown)]
        for model in self.models:
            of_model = of_shown[of_shown["model"] == model]
            colour, dash = self.style[model]
            marker, size, layer = ("o", 7, 3) if dash == "-" else ("|", 11, 2)
            heights = of_model["value"].map(height)
            axes.plot(100 * of_model["wape"], heights, marker, color=colour, markersize=size, label=model, zorder=layer)
        axes.set_yticks(range(len(shown)), shown[::-1], fontsize=8)
        if len(shown) == 2 * METERS_SHOWN:
            axes.axhline(METERS_SHOWN - 0.5, color="black", linewidth=0.8)
        axes.set(xlabel=f"{WAPE} (logarithmic)", xscale="log")
        axes.xaxis.set_major_locator(LogLocator(subs=(1, 2, 5), numticks=20))
        axes.xaxis.set_major_formatter("{x:g}")
        axes.xaxis.set_minor_formatter(NullFormatter())


def _ticks(axes: Axes, name: str) -> None:
    if name == "weekday":
        axes.set_xticks(range(len(WEEKDAYS)), WEEKDAYS)
    elif name != "group":
        axes.xaxis.set_major_locator(MaxNLocator(steps=[1, 2, 3, 6, 10], integer=True))


def _ordered(rows: pd.DataFrame, name: str) -> pd.DataFrame:
    if name == "group":
        return rows.sort_values("value", key=lambda values: values.map(GROUPS.index))
    return rows.sort_values("value")
