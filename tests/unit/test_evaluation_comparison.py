"""The comparison's tables by hand, against an independent way over single cells, and the bootstrap's properties."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from energy_lib.evaluation.comparison.differences import paired_differences
from energy_lib.evaluation.comparison.page import PAGE, write_comparison
from energy_lib.evaluation.comparison.summary import (
    SLICES,
    Comparison,
    best_and_worst,
    calibration,
    compare,
    label,
    meter_groups,
    slice_scores,
)
from energy_lib.evaluation.report import difference_lines
from energy_lib.metrics import arrays as metrics
from energy_lib.vocabulary import QUANTILES

LEVELS = {"p10": 0.1, "p50": 0.5, "p90": 0.9}
FIRST = date(2024, 3, 4)
DAYS, METERS = 12, 7
NAIVE = "seasonal_naive_168h"


def cells(seed: int = 3) -> pd.DataFrame:
    """Single cells of three models, seven meters of electricity and one of gas, two horizons, twelve days."""
    rng = np.random.default_rng(seed)
    meters = [(f"e{i}", "electricity", 2.0**i) for i in range(METERS)] + [("g0", "gas", 3.0)]
    rows = [
        {"fuel": fuel, "meter_id": meter, "day": FIRST + timedelta(days=d), "horizon": h, "actual": rng.gamma(2, size)}
        for meter, fuel, size in meters
        for d in range(DAYS)
        for h in (1, 2)
    ]
    base = pd.DataFrame(rows)
    base["hour_local"] = base["horizon"] + 5
    base["weekday_local"] = [day.weekday() for day in base["day"]]
    parts = []
    for model, noise in (("trees v2", 0.1), ("dense v1", 0.3), (NAIVE, 0.6)):
        p50 = base["actual"] * rng.uniform(1 - noise, 1 + noise, len(base))
        spread = {name: p50 * (1 + noise * (level - 0.5)) for name, level in QUANTILES.items()}
        parts.append(base.assign(model=model, **spread))
    return pd.concat(parts, ignore_index=True)


def sums(single: pd.DataFrame, by: list[str]) -> pd.DataFrame:
    """What Spark adds up, added up by pandas."""
    y, p50 = single["actual"], single["p50"]
    each = single.assign(
        cells=1, energy_kwh=y, absolute_kwh=y.abs(), absolute_error=(y - p50).abs(), residual=y - p50,
        squared_error=(y - p50) ** 2, symmetric_error=0.0, covered=1.0 * y.between(single["p10"], single["p90"]),
        fallbacks=0.0, scaled_error=(y - p50).abs() / 2,
        **{f"below_{name}": 1.0 * (y < single[name]) for name in QUANTILES},
        **{f"pinball_{n}": np.maximum(v * (y - single[n]), (v - 1) * (y - single[n])) for n, v in LEVELS.items()},
    )  # fmt: skip
    values = [name for name in each.columns if name not in single.columns]
    return each.groupby(["model", "fuel", "meter_id", *by])[values].sum().reset_index()


def across(single: pd.DataFrame) -> pd.DataFrame:
    return sums(single.assign(meter_id="*"), ["day", *SLICES.values()])


@pytest.fixture(scope="module")
def compared() -> tuple[pd.DataFrame, Comparison]:
    single = cells()
    slices = sums(single.assign(day=FIRST), ["day", *SLICES.values()])
    return single, compare(slices, sums(single, ["day"]), across(single), "trees v2", seed=1)


def test_each_slice_is_the_metric_over_its_own_cells(compared: tuple[pd.DataFrame, Comparison]) -> None:
    single, made = compared
    groups = {f"e{i}": ("small", "small", "small", "middle", "middle", "large", "large")[i] for i in range(METERS)}
    single = single.assign(group=single["meter_id"].map(groups).fillna("large"), all="all")
    columns = {
        "total": "all", "horizon": "horizon", "hour": "hour_local", "weekday": "weekday_local", "meter": "meter_id",
    }  # fmt: skip
    assert set(made.scores["slice"]) == {*columns, "group"}
    for name, column in columns.items():
        rows = made.of(name).set_index(["value", "fuel", "model"])
        wanted = single.groupby([column, "fuel", "model"])
        assert len(rows) == wanted.ngroups
        for key, own in wanted:
            y, p50 = own["actual"].to_numpy(), own["p50"].to_numpy()
            row = rows.loc[key]
            assert row["cells"] == len(own)
            assert row["wape"] == pytest.approx(metrics.wape(y, p50))
            quantiles = {level: own[n].to_numpy() for n, level in LEVELS.items()}
            assert row["wql"] == pytest.approx(metrics.wql(y, quantiles))
            medians = own.groupby("meter_id").apply(
                lambda m: metrics.wape(m["actual"].to_numpy(), m["p50"].to_numpy()), include_groups=False
            )
            assert row["wape_median"] == pytest.approx(medians.median())
            scaled = own.groupby("meter_id").apply(
                lambda m: metrics.mase(m["actual"].to_numpy(), m["p50"].to_numpy(), 2.0), include_groups=False
            )
            assert row["mase"] == pytest.approx(scaled.mean())


def test_meters_stand_in_thirds_of_their_own_fuel_by_use() -> None:
    level = {"a": 1.0, "b": 9.0, "c": 4.0, "d": 2.0, "x": 100.0}
    daily = pd.DataFrame(
        {"fuel": ["gas" if m == "x" else "electricity" for m in level], "meter_id": list(level), "cells": 2}
    ).assign(absolute_kwh=[2 * kwh for kwh in level.values()])
    found = meter_groups(daily).set_index("meter_id")
    assert found["group"].to_dict() == {"a": "small", "d": "middle", "c": "large", "b": "large", "x": "large"}
    assert found.loc["b", "level_kwh"] == 9


def test_a_difference_by_hand_and_its_interval() -> None:
    """Two days of 10 kWh; the reference is off by 1 each day, the other by 1 and 3: +1 kWh a day in the mean."""
    days = [FIRST, FIRST + timedelta(days=1)]
    common = {"fuel": "gas", "meter_id": "g", "day": days, "absolute_kwh": 10.0, "cells": 1}
    pinball = dict.fromkeys(("pinball_p10", "pinball_p50", "pinball_p90"), 0.5)
    daily = pd.concat(
        [
            pd.DataFrame({**common, **pinball, "model": "a", "absolute_error": [1.0, 1.0]}),
            pd.DataFrame({**common, **pinball, "model": "b", "absolute_error": [1.0, 3.0]}),
        ]
    ).assign(value="all")
    found = paired_differences(daily, "a", seed=1).set_index("metric")
    wape, wql = found.loc["wape"], found.loc["wql"]
    assert (wape["model_value"], wape["reference_value"], wape["difference"]) == pytest.approx((0.2, 0.1, 0.1))
    # A draw is one day twice or both: nothing, 2 of 10, or 1 of 10.
    assert (wape["low"], wape["high"], wape["relative"]) == pytest.approx((0.0, 0.2, 1.0))
    assert (wape["relative_low"], wape["relative_high"]) == pytest.approx((0.0, 2.0))
    assert (wql["model_value"], wql["difference"], wql["low"], wql["high"]) == pytest.approx((0.1, 0, 0, 0))


def test_the_bootstrap_is_that_of_single_draws() -> None:
    """Against resampling with indices, one draw after another, on the cells themselves."""
    single = cells(seed=8)
    single = single[single["fuel"] == "electricity"]
    daily = sums(single, ["day"]).assign(value="all")
    found = paired_differences(daily, "trees v2", seed=4).set_index(["model", "metric"])
    error = single.assign(e=(single["actual"] - single["p50"]).abs()).groupby(["model", "day"])[["e", "actual"]].sum()
    rng = np.random.default_rng(99)
    draws = []
    for _ in range(4_000):
        index = rng.integers(0, DAYS, DAYS)
        mine, base = (error.loc[model].to_numpy()[index].sum(axis=0) for model in (NAIVE, "trees v2"))
        draws.append(mine[0] / mine[1] - base[0] / base[1])
    row = found.loc[(NAIVE, "wape")]
    assert (row["low"], row["high"]) == pytest.approx(tuple(np.quantile(draws, [0.025, 0.975])), rel=0.03)
    again = paired_differences(daily, "trees v2", seed=4).set_index(["model", "metric"])
    pd.testing.assert_frame_equal(found, again)


def test_a_slice_differs_by_what_its_own_cells_differ_by(compared: tuple[pd.DataFrame, Comparison]) -> None:
    """Each value of a slice as if nothing else had been forecast; groups by their meters."""
    single, made = compared
    groups = meter_groups(sums(single, ["day"]))[["fuel", "meter_id", "group"]]
    single = single.merge(groups).assign(all="all")
    columns = {"total": "all", "horizon": "horizon", "hour": "hour_local", "weekday": "weekday_local", "group": "group"}
    assert set(made.differences["slice"]) == set(columns)
    for name, column in columns.items():
        found = made.differences_of(name).set_index(["value", "fuel", "model", "metric"])
        assert len(found) == single.groupby([column, "fuel"]).ngroups * 2 * 2
        for value, own in single.groupby(column):
            alone = paired_differences(sums(own, ["day"]).assign(value=value), "trees v2", seed=1)
            wanted = alone.set_index(["value", "fuel", "model", "metric"])
            pd.testing.assert_frame_equal(found.loc[wanted.index].drop(columns="slice"), wanted)


def test_calibration_is_the_share_below() -> None:
    single = cells()
    found = calibration(sums(single.assign(day=FIRST), ["day"])).set_index(["fuel", "model", "nominal"])["below"]
    for (fuel, model), own in single.groupby(["fuel", "model"]):
        for name, level in QUANTILES.items():
            assert found[(fuel, model, level)] == pytest.approx((own["actual"] < own[name]).mean())


def test_best_and_worst_are_the_references(compared: tuple[pd.DataFrame, Comparison]) -> None:
    _, made = compared
    shown = best_and_worst(made, "electricity", 2)
    meters = made.of("meter").query("fuel == 'electricity' and model == 'trees v2'").set_index("value")["wape"]
    assert shown == [*meters.sort_values().index[:2], *meters.sort_values().index[-2:]]
    assert best_and_worst(made, "gas", 2) == ["g0"]


def test_the_page_stands_alone_and_replaces_the_last(compared: tuple[pd.DataFrame, Comparison], tmp_path: Path) -> None:
    _, made = compared
    folder = tmp_path / "a_b"
    folder.mkdir()
    (folder / "stale.txt").write_text("of another run")
    write_comparison(made, "Title <b>", "Told.", "hours", folder)
    page = (folder / PAGE).read_text()
    assert "Title &lt;b&gt;" in page
    assert "http" not in page.replace("http-equiv", "")
    assert page.count("data:image/png;base64,") == len(list(folder.glob("*.png"))) == 7
    assert all(model in page for model in ("trees v2", "dense v1", NAIVE))
    assert sorted(p.name for p in folder.glob("*.csv")) == ["calibration.csv", "differences.csv", "scores.csv"]
    assert not (folder / "stale.txt").exists()
    written = pd.read_csv(folder / "differences.csv", dtype={"value": str})
    pd.testing.assert_frame_equal(written, made.differences.assign(value=made.differences["value"].astype(str)))


def test_labels_and_lines_name_versions(compared: tuple[pd.DataFrame, Comparison]) -> None:
    assert label("trees", "2") == "trees v2"
    assert label("trees", "refit_7d") == "trees refit_7d"
    assert label(NAIVE, NAIVE) == NAIVE
    lines = difference_lines(compared[1])
    assert len(lines) == 1 + 2 * 2 * 2
    assert "against trees v2" in lines[0]


def test_against_a_reference_without_error_there_is_no_relative_difference() -> None:
    single = cells()
    perfect = single["model"] == NAIVE
    for name in QUANTILES:
        single[name] = single[name].mask(perfect, single["actual"] * (1 + 1e-9))
    differences = paired_differences(sums(single, ["day"]).assign(value="all"), NAIVE, seed=1)
    assert (differences["difference"] > 0).all()
    assert differences[["relative", "relative_low", "relative_high"]].isna().all(axis=None)


def test_scores_of_slices_agree_with_the_total(compared: tuple[pd.DataFrame, Comparison]) -> None:
    single, _ = compared
    slices = sums(single.assign(day=FIRST), ["day", *SLICES.values()])
    rows = slice_scores(slices, sums(single, ["day"]))
    cells_of = rows.groupby(["slice", "fuel", "model"])["cells"].sum().unstack("slice")
    assert (cells_of.nunique(axis=1) == 1).all()
