"""A virtual meter has scores of its own, and is in no total: its energy is that of its registers."""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd

from energy_lib.evaluation.scores import MODEL, score_rows
from energy_lib.evaluation.spark.daily_sums import SCORE_TERMS

DAY = date(2024, 3, 1)


def sums(*meters: str) -> pd.DataFrame:
    """Sums of a model over the cells of a day; those of a meter follow from its name."""
    rows = []
    for meter in meters:
        rng = np.random.default_rng(len(meter))
        values = {term.name: float(rng.uniform(1, 9)) for term in SCORE_TERMS}
        model = dict(zip(MODEL, ("live", "dense", "1"), strict=True))
        rows.append({**values, **model, "fuel": "electricity", "meter_id": meter, "day": DAY, "cells": 24})
    return pd.DataFrame(rows).assign(scaled_error=1.0)


def test_days_and_totals_are_those_of_the_registers_alone() -> None:
    registers = sums("in", "out")
    both = pd.concat([registers, sums("in_use")], ignore_index=True)
    found = score_rows(both, [DAY], [], {"in_use"})
    own = found["meter_id"] == "in_use"
    assert found.loc[own, ["scope", "cells"]].to_numpy().tolist() == [["meter", 24]]
    pd.testing.assert_frame_equal(found[~own].reset_index(drop=True), score_rows(registers, [DAY], []))
    assert set(found.loc[found["scope"] == "total", "cells"]) == {48}
