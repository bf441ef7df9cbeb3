"""The job scenario on a small lake: what it publishes, again and again, and what it says of what is wrong."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest
from pyspark.sql import SparkSession
from scenario_lake import DAY, DAYS, fill

from energy_lib.config import AccessConfig, Config
from energy_lib.entry import run_with_lease
from energy_lib.errors import BadConfig
from energy_lib.intervals import Period
from energy_lib.lake import Lake, Outcome
from energy_lib.tables.answers.scenarios import SCENARIO_RESULTS
from jobs import scenario

SMALL = AccessConfig(min_homes=2, min_meters=2, largest_share=0.6)
MINE = """\
question: What if?
areas: [{area}]
measures:
  - kind: insulation
    heat_saving: {{low: 0.1, central: 0.2, high: 0.4, source: By hand}}
"""


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("scenario") / "lake"
    fill(root)
    return root


@pytest.fixture
def root(filled: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(filled, tmp_path / "lake"))


def run(spark: SparkSession, root: Path, *names: str) -> Outcome:
    config = Config(lake=str(root), access=SMALL)
    return run_with_lease(
        "scenario", spark, config, Period.day(DAY), lambda s, c, period: scenario.run(s, c, period, names)
    )


def published(spark: SparkSession, root: Path) -> list[dict[str, Any]]:
    rows = Lake(spark, str(root)).small_tables.rows(SCENARIO_RESULTS)
    return sorted(rows, key=lambda row: tuple(row[name] for name in SCENARIO_RESULTS.key))


def test_asked_again_it_says_the_same_and_writes_nothing(spark: SparkSession, root: Path) -> None:
    outcome = run(spark, root, "insulation", "electric_vehicles", "unserved_area")
    first, version = published(spark, root), outcome.versions_written["gold.scenario_results"]
    assert {row["scenario"] for row in first} == {"insulation", "electric_vehicles", "unserved_area"}
    assert {row["days"] for row in first} == {DAYS}
    assert outcome.rows_out == len(first)
    assert any(line.startswith("  homes, cost GBP: ") for line in outcome.lines)
    assert any(line.startswith("  hill, electricity mtf_tier: ") for line in outcome.lines)
    again = run(spark, root, "insulation", "electric_vehicles", "unserved_area")
    assert published(spark, root) == first
    assert again.versions_written["gold.scenario_results"] == version


def test_a_changed_file_replaces_its_rows_and_no_others(spark: SparkSession, root: Path, tmp_path: Path) -> None:
    mine = tmp_path / "mine.yaml"
    mine.write_text(MINE.format(area="town"), encoding="utf-8")
    run(spark, root, str(mine), "shifted_load")
    before = published(spark, root)
    mine.write_text(MINE.format(area="north"), encoding="utf-8")
    run(spark, root, str(mine))
    after = published(spark, root)
    assert [r for r in after if r["scenario"] == "shifted_load"] == [
        r for r in before if r["scenario"] == "shifted_load"
    ]
    hashes = {row["scenario_hash"] for row in after if row["scenario"] == "mine"}
    assert len(hashes) == 1
    assert not hashes & {row["scenario_hash"] for row in before}
    (all_homes,) = [
        row for row in after
        if (row["scenario"], row["group_kind"], row["quantity"], row["fuel"]) == ("mine", "all", "energy_kwh", "gas")
    ]  # fmt: skip
    assert all_homes["units"] == 12


@pytest.mark.parametrize(
    ("names", "sentence"),
    [
        ((), "No scenario is named"),
        (("heat pumps",), "There is no scenario heat pumps: give one of electric_vehicles"),
        (("solar", "conf/scenarios/solar.yaml"), "the same name"),
    ],
)
def test_what_is_wrong_is_one_sentence_and_nothing_is_written(
    spark: SparkSession, root: Path, names: tuple[str, ...], sentence: str
) -> None:
    with pytest.raises(BadConfig, match=sentence):
        run(spark, root, *names)
    assert not Lake(spark, str(root)).exists(SCENARIO_RESULTS)
