"""Lines of scores: the change against naive, and a dash where naive is too good to compare with."""

from __future__ import annotations

import math

import pandas as pd
import pytest

from energy_lib.evaluation.relative_change import relative_change, signed_interval
from energy_lib.evaluation.report import score_lines

NAIVES = ("seasonal_naive_24h", "seasonal_naive_168h")


def scores(naive_wape: float | None, model_wape: float = 0.05) -> pd.DataFrame:
    wapes = {"dense": model_wape} | ({} if naive_wape is None else dict.fromkeys(NAIVES, naive_wape))
    rows = [
        {
            "scope": "total", "first_date": "2024-01-01", "last_date": "2024-01-30", "fuel": "electricity",
            "model_name": name, "model_version": name, "cells": 720, "wape": wape, "wape_median": wape, "mase": 1.0,
            "wql": wape, "coverage_p10_p90": 0.8,
        }
        for name, wape in wapes.items()
    ]  # fmt: skip
    return pd.DataFrame(rows)


def last_column(naive_wape: float | None) -> str:
    lines = score_lines(scores(naive_wape), NAIVES)
    (line,) = (line for line in lines if "dense" in line)
    return line.removeprefix("electricity").split("0.800")[1].strip()


@pytest.mark.parametrize(
    ("naive_wape", "shown"),
    [(0.04, "+25.0 %"), (0.1, "-50.0 %"), (0.0, "–"), (2.0344e-9, "–"), (math.nan, "–"), (None, "–")],
)
def test_a_naive_without_error_gives_a_dash(naive_wape: float | None, shown: str) -> None:
    assert last_column(naive_wape) == shown


def test_columns_stand_under_each_other() -> None:
    lengths = [{len(line) for line in score_lines(scores(wape), NAIVES)[1:]} for wape in (0.04, 0.0)]
    assert lengths[0] == lengths[1]
    assert len(lengths[0]) == 1


def test_a_change_is_relative_to_the_reference() -> None:
    assert relative_change(0.06, 0.04) == pytest.approx(0.5)
    assert math.isnan(relative_change(0.06, 1e-12))
    assert math.isnan(relative_change(0.0, 0.0))


def test_an_interval_without_ends_says_so() -> None:
    assert signed_interval(1.24, -0.5, math.inf, places=1, unit=" %") == "+1.2 % (-0.5 … –)"
    assert signed_interval(math.nan, math.nan, math.nan, places=1, unit=" %") == "–"
