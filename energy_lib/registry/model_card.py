"""A model card: a registered version's training data, scores, limits and cost.

The sections follow Mitchell et al. 2019, "Model Cards for Model Reporting", as far as meters need them.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from energy_lib.shards.manifest import Manifest

SHOWN_FEATURES = 15
SCORES = ("cells", "wape", "wape_median", "mase", "wql", "coverage_p10_p90", "fallback_share")


def model_card(
    described: Mapping[str, Any],
    manifest: Manifest,
    scores: pd.DataFrame,
    importance: Mapping[str, float],
    cost: Mapping[str, float],
) -> str:
    """Markdown. `described`: model.json; `scores`: gold.scores rows of the backtest that judged it, naives among them;
    `importance`: feature → growth of the error; `cost`: seconds, energy_kwh and co2e_kg of the training."""
    split = manifest.split
    return "\n".join(
        [
            f"# {described['name']} by {described['framework']}, training {described['training_id']}",
            "",
            f"Forecasts p05 … p95 of hourly energy up to {manifest.encoding.horizon_hours} h ahead, for electricity "
            "and gas meters, from what was known at the origin.",
            "",
            "## Learnt from",
            f"- {manifest.rows('train'):,} meter-days, origins from {split.train_first or 'the first'} to "
            f"{split.train_last}; choice and calibration on {manifest.rows('validation'):,}, origins "
            f"{split.validation_first} to {split.validation_last}; nothing known later than "
            f"{described['trained_until']}.",
            f"- Dataset {described['dataset_id']}, feature set {manifest.encoding.feature_set}, of "
            + ", ".join(f"{table} version {number}" for table, number in sorted(manifest.delta_versions.items()))
            + ".",
            "",
            f"## Scores of the origins {split.backtest_first} to {split.backtest_last}, of which it learnt nothing",
            *_score_table(scores),
            "",
            "## Calibration",
            *_calibration(scores, str(described["name"])),
            "",
            "## What it looks at",
            "Growth of the error when a feature is shuffled; features that tell much the same share it.",
            "",
            "| feature | error grows by |",
            "| --- | --- |",
            *(f"| {name} | {100 * grown:.1f} % |" for name, grown in list(importance.items())[:SHOWN_FEATURES]),
            "",
            "## Limits",
            "- It knows no event that the calendar, the weather and the meter's own past do not show: closures, "
            "refurbishments and new plant are learnt from the readings that follow them.",
            "- A meter with less than 24 known hours in two weeks is forecast by a fallback, and its rows say so.",
            "- Scores are of the meters and the season above; another season or portfolio needs a backtest of its own.",
            "- Intervals are calibrated over meters and hours of a fuel together, not for each meter.",
            "",
            "## Cost of training",
            f"{cost['seconds']:,.0f} s, {cost['energy_kwh']:.4f} kWh, {cost['co2e_kg']:.4f} kg CO2e "
            "(CodeCarbon's estimate of the whole machine that the job was started on, workers elsewhere left out; the "
            "grid's average intensity).",
            "",
        ]
    )


def _score_table(scores: pd.DataFrame) -> list[str]:
    totals = scores[scores["scope"] == "total"].sort_values(["fuel", "wape"])
    lines = [
        "| fuel | model | cells | WAPE | median | MASE | WQL | p10–p90 | by fallback |",
        "| --- " * 9 + "|",
    ]
    for row in totals.to_dict("records"):
        cells, *rest = (row[name] for name in SCORES)
        figures = " | ".join(f"{value:.4f}" for value in rest)
        lines.append(f"| {_fuel(row)} | {row['model_name']} {_version(row)} | {cells:,} | {figures} |")
    return lines


def _fuel(row: Mapping[Any, Any]) -> str:
    return "all" if row["fuel"] == "*" else str(row["fuel"])


def _version(row: Mapping[Any, Any]) -> str:
    return "" if row["model_version"] == row["model_name"] else f"v{row['model_version']}"


def _calibration(scores: pd.DataFrame, name: str) -> list[str]:
    rows = scores[(scores["scope"] == "total") & (scores["model_name"] == name)]
    return [
        f"- {_fuel(row)}: {100 * row['coverage_p10_p90']:.1f} % of the actuals lay within p10 … p90 (80 % is right)."
        for row in rows.to_dict("records")
    ]
