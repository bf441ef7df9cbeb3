"""A comparison as a folder: one HTML page with its plots inside, the plots as PNG, the numbers as CSV."""

from __future__ import annotations

import base64
import shutil
from collections.abc import Sequence
from html import escape
from pathlib import Path

import pandas as pd

from energy_lib.evaluation.comparison.plots import draw_all
from energy_lib.evaluation.comparison.summary import Comparison
from energy_lib.evaluation.relative_change import signed_interval

PAGE = "comparison.html"
STYLE = """
body { font: 15px/1.5 system-ui, sans-serif; max-width: 1100px; margin: 2em auto; padding: 0 1em; color: #222; }
table { border-collapse: collapse; margin: 1em 0; } h2 { margin-top: 2em; }
th, td { padding: .25em .8em; border-bottom: 1px solid #ddd; text-align: right; white-space: nowrap; }
th { border-bottom: 2px solid #999; } .text { text-align: left; } img { max-width: 100%; } .wide { overflow-x: auto; }
"""
MEANING = (
    "WAPE: sum of absolute errors over energy used, all meters together, and of the median meter. MASE: error over "
    "that of repeating last week in the eight weeks before the month, mean over meters. WQL: mean over p10, p50, p90 "
    "of twice the pinball loss over energy used. p10–p90: share of actuals within; 80 % is right. All models are "
    "scored on the same cells: hours that were measured, are not suspect, and that every model forecast."
)


def write_comparison(comparison: Comparison, title: str, summary: str, horizon_unit: str, folder: Path) -> None:
    """Write the page (PAGE), the plots and the numbers; a folder of the same name is replaced whole.

    `summary` says in one sentence what was compared; `horizon_unit` is what the slice `horizon` counts (hours or days).
    """
    new_folder = folder.with_name(f"{folder.name}.new")
    shutil.rmtree(new_folder, ignore_errors=True)
    new_folder.mkdir(parents=True)
    comparison.scores.to_csv(new_folder / "scores.csv", index=False)
    comparison.differences.to_csv(new_folder / "differences.csv", index=False)
    comparison.calibration.to_csv(new_folder / "calibration.csv", index=False)
    plots = draw_all(comparison, horizon_unit, new_folder)
    (new_folder / PAGE).write_text(_page(comparison, title, summary, plots, new_folder), encoding="utf-8")
    shutil.rmtree(folder, ignore_errors=True)
    new_folder.rename(folder)


def _page(comparison: Comparison, title: str, summary: str, plots: dict[str, str], folder: Path) -> str:
    figures = [
        f'<h2>{escape(caption)}</h2><img alt="{escape(caption)}" src="data:image/png;base64,{_base64(folder / name)}">'
        for name, caption in plots.items()
    ]
    differences = f"Difference to {comparison.reference}, with 95 % intervals"
    parts = [
        f"<h1>{escape(title)}</h1><p>{escape(summary)}</p><p>{escape(MEANING)}</p>",
        _table(_scores(comparison.of("total"), "")),
        f"<h2>{escape(differences)}</h2>",
        _table(_differences(comparison.differences_of("total"), "")),
        *figures,
        "<h2>By size of meter</h2>",
        _table(_scores(comparison.of("group"), "group")),
        _table(_differences(comparison.differences_of("group"), "group")),
    ]
    body = "\n".join(parts)
    return (
        f'<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8"><title>{escape(title)}</title>'
        f"<style>{STYLE}</style></head><body>{body}</body></html>\n"
    )


def _scores(rows: pd.DataFrame, value: str) -> pd.DataFrame:
    by = ["fuel", *(["value"] if value else []), "wape"]
    rows = rows.sort_values(by)
    return pd.DataFrame(
        {
            "fuel": rows["fuel"],
            **({value: rows["value"]} if value else {}),
            "model": rows["model"],
            "hours scored": rows["cells"].map("{:,}".format),
            "WAPE, %": _percent(rows["wape"]),
            "median meter, %": _percent(rows["wape_median"]),
            "MASE": rows["mase"].map("{:.3f}".format),
            "WQL, %": _percent(rows["wql"]),
            "p10–p90, %": _percent(rows["coverage_p10_p90"], 1),
            "by a fallback, %": _percent(rows["fallback_share"], 1),
        }
    )


def _differences(rows: pd.DataFrame, value: str) -> pd.DataFrame:
    def interval(middle: str, low: str, high: str, places: int) -> Sequence[str]:
        percents = [100 * rows[name] for name in (middle, low, high)]
        return [signed_interval(m, lowest, highest, places) for m, lowest, highest in zip(*percents, strict=True)]

    return pd.DataFrame(
        {
            "fuel": rows["fuel"],
            **({value: rows["value"]} if value else {}),
            "model": rows["model"],
            "metric": rows["metric"].str.upper(),
            "value, %": _percent(rows["model_value"]),
            "reference, %": _percent(rows["reference_value"]),
            "difference, % points": interval("difference", "low", "high", 2),
            "difference, % of the reference": interval("relative", "relative_low", "relative_high", 1),
        }
    )


def _percent(values: pd.Series[float], places: int = 2) -> pd.Series[str]:
    return (100 * values).map(f"{{:.{places}f}}".format)


def _table(rows: pd.DataFrame) -> str:
    text_columns = {"fuel", "model", "metric", "group"}

    def line(tag: str, cells: Sequence[str]) -> str:
        tagged = (
            f"<{tag}{' class=text' if name in text_columns else ''}>{escape(str(cell))}</{tag}>"
            for name, cell in zip(rows.columns, cells, strict=True)
        )
        return f"<tr>{''.join(tagged)}</tr>"

    body = "".join(line("td", list(row)) for row in rows.itertuples(index=False))
    return f'<div class="wide"><table>{line("th", list(rows.columns))}{body}</table></div>'


def _base64(file: Path) -> str:
    return base64.b64encode(file.read_bytes()).decode()
