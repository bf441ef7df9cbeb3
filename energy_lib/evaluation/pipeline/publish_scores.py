"""Publish scores: roll the sums up to rows of gold.scores, audit them, and replace the rows they take the place of."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

import pandas as pd
import pyarrow as pa

from energy_lib.cleaning.spark.registers_only import virtual_ids
from energy_lib.evaluation.scores import score_rows
from energy_lib.evaluation.spark.day_ranges import consecutive
from energy_lib.evaluation.spark.selection import Selection
from energy_lib.lake import Lake
from energy_lib.quality import gate
from energy_lib.tables import gold
from energy_lib.tables.arrow import conform_arrow


def publish_scores(
    lake: Lake, selection: Selection, sums: pd.DataFrame, window: Sequence[date], naives: Sequence[str]
) -> tuple[pd.DataFrame, dict[str, Any]]:
    """Score `sums` (`sums_of`) and publish the scores; returns the rows of gold.scores and the gate's result.

    Of the selection's models, rows of scope `day` are replaced for all days of the selection, and rows of scopes
    `meter` and `total` for each span of days within `window` that is scored now. All other rows stay.
    Raises GateRefused if the scores fail their suite; the table then stays as it was.
    """
    scores = score_rows(sums, window, naives, virtual_ids(lake))
    spans = scores.loc[scores["scope"] != "day", ["first_date", "last_date"]].drop_duplicates()
    replaced = [
        *(
            f"(scope = 'day' AND first_date BETWEEN '{first}' AND '{last}')"
            for first, last in consecutive(selection.days)
        ),
        *(f"(scope <> 'day' AND first_date = '{first}' AND last_date = '{last}')" for first, last in spans.to_numpy()),
    ]
    # An undefined metric, NaN in pandas, is NULL in the lake.
    rows = conform_arrow(pa.Table.from_pandas(scores, preserve_index=False), gold.SCORES)
    gate_result = gate(rows, gold.SCORES)
    lake.replace_where(gold.SCORES, rows, f"{selection.of_models} AND ({' OR '.join(replaced)})")
    return scores, gate_result
