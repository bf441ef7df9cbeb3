"""Each answer's job killed after each of its commits: run again it leaves the tables of an uninterrupted run."""

from __future__ import annotations

from datetime import date

import pytest
from answer_nights import ANSWERS, FIRST, NEXT, AnswerNights
from lake_content import differences
from pyspark.sql import SparkSession

from energy_lib.lake.small_tables import SmallTables
from jobs import nightly


def test_every_answer_of_the_night_is_killed() -> None:
    assert list(ANSWERS) == [step.job for step in nightly.STEPS if step.kind is nightly.Kind.ANSWER]


@pytest.mark.parametrize("night", [FIRST, NEXT], ids=["the first night", "after a correction"])
@pytest.mark.parametrize("job", ANSWERS)
def test_a_kill_after_any_commit_changes_no_answer(
    spark: SparkSession, answer_nights: AnswerNights, job: str, night: date
) -> None:
    killed = answer_nights.killed(night, job)
    # The areas of a month are told once: the second night tells nothing.
    assert killed or (job, night) == ("summarize_areas", NEXT)
    for lake in killed:
        answer_nights.run(spark, job, lake, night)
        assert differences(answer_nights.after(night, job), lake, "gold") == [], lake.name
        tables = SmallTables(str(lake))
        versions = [tables.version(table) for table in ANSWERS[job][1]]
        answer_nights.run(spark, job, lake, night)
        assert [tables.version(table) for table in ANSWERS[job][1]] == versions, lake.name
