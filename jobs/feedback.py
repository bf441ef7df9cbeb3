"""Say what became of a recommendation (accepted, done …) → gold.recommendation_states, silver.projects."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from datetime import UTC, datetime

from pyspark.sql import SparkSession

from energy_lib.config import Config
from energy_lib.entry import parser, start
from energy_lib.errors import BadConfig
from energy_lib.insights.recommendations.pipeline.feedback import JOB, Feedback, give_feedback
from energy_lib.intervals import Period, midnight_utc, parse_day
from energy_lib.lake import Lake, Outcome
from energy_lib.tables.answers.recommendations import STATES


def run(spark: SparkSession, config: Config, period: Period, feedback: Feedback) -> Outcome:
    """Keep it; the nights from its day on know it."""
    return give_feedback(Lake(spark, config.lake), feedback)


def instant(text: str) -> datetime:
    """`YYYY-MM-DDTHH:MM`, in UTC where it names no zone; raises BadConfig."""
    try:
        parsed = datetime.fromisoformat(text)
    except ValueError:
        raise BadConfig(f"'{text}' is no time: write --at as YYYY-MM-DDTHH:MM, in UTC.") from None
    return parsed.replace(tzinfo=UTC) if parsed.tzinfo is None else parsed.astimezone(UTC)


def main(argv: Sequence[str] | None = None) -> int:
    arguments = parser(JOB, "Say what became of a recommendation.")
    arguments.add_argument("--id", required=True, help="recommendation_id of gold.recommendations")
    arguments.add_argument("--state", required=True, choices=STATES, help="what it is now")
    arguments.add_argument("--by", required=True, help="who says so")
    arguments.add_argument("--note", help="why")
    arguments.add_argument("--until", help="of a snoozed one: the first day, YYYY-MM-DD, on which it is new again")
    arguments.add_argument(
        "--done-on", help="of a done one: the day, YYYY-MM-DD, on which it was (default: that of --at)"
    )
    arguments.add_argument(
        "--at", help="when it was said, YYYY-MM-DDTHH:MM in UTC (default: now; with --date its start)"
    )
    options = arguments.parse_args(argv)

    def said(spark: SparkSession, config: Config, period: Period) -> Outcome:
        started = midnight_utc(period.last) if options.date else datetime.now(UTC)
        feedback = Feedback(
            recommendation_id=options.id,
            state=options.state,
            changed_by=options.by,
            changed_at_utc=instant(options.at) if options.at else started,
            snoozed_until=parse_day(options.until) if options.until else None,
            done_on=parse_day(options.done_on) if options.done_on else None,
            note=options.note,
        )
        return run(spark, config, period, feedback)

    return start(JOB, options, said)


if __name__ == "__main__":
    sys.exit(main())
