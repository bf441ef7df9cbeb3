"""What a night does when one of its steps fails."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from pyspark.sql import SparkSession

from energy_lib.config import Config
from energy_lib.errors import BadConfig, EnergyError, InputMissing, TryAgain
from energy_lib.intervals import Period
from energy_lib.lake import Lake, Outcome
from energy_lib.tables import ops
from jobs import nightly

TWO_DAYS = Period(date(2024, 2, 20), date(2024, 2, 21))
# One report, of the last day, whatever became of the others.
REPORTED = ("2024-02-21", "report", "succeeded")


@pytest.fixture
def steps(monkeypatch: pytest.MonkeyPatch) -> Callable[[Exception], None]:
    """A night of three steps, of which the training fails by the given error."""

    def of(error: Exception) -> None:
        def fail(spark: SparkSession, config: Config, period: Period) -> Outcome:
            raise error

        def work(spark: SparkSession, config: Config, period: Period) -> Outcome:
            return Outcome(lines=[f"{period} worked"])

        train = nightly.Step("train", fail, nightly.Kind.TRAINING)
        monkeypatch.setattr(nightly, "STEPS", (nightly.Step("ingest", work), train, nightly.Step("forecast", work)))

    return of


def ended(lake: Lake) -> list[tuple[str, str, str]]:
    rows = sorted(lake.small_tables.rows(ops.RUNS), key=lambda row: row["started_at_utc"])
    return [(str(row["period_from"]), row["job"], row["status"]) for row in rows]


@pytest.mark.parametrize(
    "error",
    [BadConfig("Too many workers: give fewer."), TryAgain("A worker died: run again."), ValueError("a bug of a model")],
    ids=["config", "worker", "bug"],
)
def test_a_failed_training_costs_no_forecast_and_ends_the_night_with_its_error(
    lake: Lake,
    steps: Callable[[Exception], None],
    error: Exception,
    capsys: pytest.CaptureFixture[str],
) -> None:
    steps(error)
    with pytest.raises(type(error)) as raised:
        nightly.run(lake.spark, Config(lake=lake.root), TWO_DAYS)
    assert raised.value is error
    assert ended(lake) == [
        (str(day), *step)
        for day in TWO_DAYS.days()
        for step in (("ingest", "succeeded"), ("train", "failed"), ("forecast", "succeeded"))
    ] + [REPORTED]
    assert capsys.readouterr().out.count("worked") == 4


def test_a_training_that_lacks_history_does_not_fail_the_night(
    lake: Lake, steps: Callable[[EnergyError], None]
) -> None:
    steps(InputMissing("There are no shards yet: wait."))
    outcome = nightly.run(lake.spark, Config(lake=lake.root), TWO_DAYS)
    assert "No training on 2024-02-21: There are no shards yet: wait." in outcome.lines


def test_the_answers_of_the_night_are_answers() -> None:
    answers = [step.job for step in nightly.STEPS if step.kind is nightly.Kind.ANSWER]
    assert answers == ["detect", "account", "verify_savings", "recommend", "schedule", "summarize_areas"]


def test_a_failed_answer_costs_no_other_answer_and_ends_the_night_with_its_error(
    lake: Lake, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    first = BadConfig("No such weight: give another.")

    def fail(spark: SparkSession, config: Config, period: Period) -> Outcome:
        raise first

    def work(spark: SparkSession, config: Config, period: Period) -> Outcome:
        return Outcome(lines=[f"{period} worked"])

    answers = [nightly.Step(name, run, nightly.Kind.ANSWER) for name, run in (("detect", fail), ("account", work))]
    monkeypatch.setattr(nightly, "STEPS", (nightly.Step("evaluate", work), *answers))
    with pytest.raises(BadConfig) as raised:
        nightly.run(lake.spark, Config(lake=lake.root), TWO_DAYS)
    assert raised.value is first
    steps = (("evaluate", "succeeded"), ("detect", "failed"), ("account", "succeeded"))
    assert ended(lake) == [(str(day), *step) for day in TWO_DAYS.days() for step in steps] + [REPORTED]
    assert capsys.readouterr().out.count("worked") == 4


def test_a_report_that_fails_costs_no_table(
    lake: Lake, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail(spark: SparkSession, config: Config, period: Period) -> Outcome:
        raise TryAgain("The disk is full: free some.")

    def work(spark: SparkSession, config: Config, period: Period) -> Outcome:
        return Outcome(lines=[f"{period} worked"])

    monkeypatch.setattr(nightly, "STEPS", (nightly.Step("ingest", work), nightly.Step("forecast", work)))
    monkeypatch.setattr(nightly, "REPORT", nightly.Step("report", fail, nightly.Kind.ANSWER))
    with pytest.raises(TryAgain, match="disk is full"):
        nightly.run(lake.spark, Config(lake=lake.root), TWO_DAYS)
    assert [step for step in ended(lake) if step[2] == "succeeded"] == [
        (str(day), job, "succeeded") for day in TWO_DAYS.days() for job in ("ingest", "forecast")
    ]
    assert capsys.readouterr().out.count("worked") == 4


def test_a_night_ends_with_its_report(lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(nightly, "STEPS", ())
    outcome = nightly.run(lake.spark, Config(lake=lake.root), TWO_DAYS)
    page = Path(lake.root, "reports", "2024-02-21", "report.html")
    assert outcome.lines[-1] == f"The report is {page}."
    assert outcome.lines[-2].startswith("On 20 Feb 2024, ")
    assert page.is_file()
