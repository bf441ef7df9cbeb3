"""Two nights of answers over the small utility: the first, and the one after corrections and new references landed."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from answer_news import FIRST, NEXT, bring_news
from commit_copies import copied, copies_after_commits
from flat_baseline import publish_flat_baseline
from pyspark.sql import SparkSession
from small_utility import Utility

from energy_lib.entry import Run, run_with_lease
from energy_lib.insights.savings.pipeline.inputs import declared_projects
from energy_lib.intervals import Period, midnight_utc
from energy_lib.lake import Lake
from energy_lib.tables import Table, answers, ops
from energy_lib.tables.answers import access, accounts, anomalies, recommendations, savings, schedules
from jobs import account, detect, recommend, schedule, summarize_areas, verify_savings

ANSWERS: dict[str, tuple[Run, tuple[Table, ...]]] = {
    "detect": (detect.run, anomalies.TABLES),
    "account": (account.run, accounts.TABLES),
    "verify_savings": (verify_savings.run, savings.TABLES),
    "recommend": (recommend.run, (recommendations.RECOMMENDATIONS,)),
    "schedule": (schedule.run, schedules.TABLES),
    "summarize_areas": (summarize_areas.run, access.TABLES),
}


@dataclass(frozen=True)
class AnswerNights:
    """Lakes below `folder`: of each of the two nights, before its answers, after each commit of each job, and after.

    Nobody changes those of `before` and `after`; a test takes a copy.
    """

    folder: Path
    utility: Utility

    def before(self, night: date) -> Path:
        return self.folder / str(night) / "before"

    def after(self, night: date, job: str) -> Path:
        return self.folder / str(night) / job / "after"

    def killed(self, night: date, job: str) -> list[Path]:
        """After each commit but the last, which says in ops.runs that the job is done."""
        return sorted((self.folder / str(night) / job / "commits").iterdir())[:-1]

    def run(self, spark: SparkSession, job: str, lake: Path, night: date) -> None:
        run_with_lease(job, spark, self.utility.config(lake), Period.day(night), ANSWERS[job][0])


def make_nights(spark: SparkSession, utility: Utility, reference: Path, folder: Path) -> None:
    """`reference`: the lake of a whole first night, of which all but the answers is taken."""
    lake = folder / "lake"
    nights = AnswerNights(folder, utility)
    copied(reference, lake)
    without_answers(spark, lake)
    answer(spark, nights, lake, FIRST)
    bring_news(Lake(spark, str(lake)))
    answer(spark, nights, lake, NEXT)


def answer(spark: SparkSession, nights: AnswerNights, lake: Path, night: date) -> None:
    """Run the night's answers, and keep what the lake was on the way."""
    copied(lake, nights.before(night))
    for job in ANSWERS:
        with copies_after_commits(lake, nights.after(night, job).parent / "commits"):
            nights.run(spark, job, lake, night)
        copied(lake, nights.after(night, job))


def without_answers(spark: SparkSession, root: Path) -> None:
    """As before the first night's answers, but for a baseline: none is fitted to fifty days."""
    for table in answers.TABLES:
        shutil.rmtree(root / table.layer / table.name, ignore_errors=True)
    lake = Lake(spark, str(root))
    version, rows = lake.small_tables.version_and_rows(ops.PROGRESS)
    lake.small_tables.replace(ops.PROGRESS, [row for row in rows if row["job"] not in ANSWERS], version)
    known_at = midnight_utc(FIRST)
    (controls,) = (found for found in declared_projects(lake, known_at) if found.key[0] == "sim-controls")
    publish_flat_baseline(lake, controls, 400.0, known_at)
