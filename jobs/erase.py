"""Forget a person: remove one or more meters from the lake, its history, landing, shards and reports.

It cannot be undone. Models that were trained on them are listed; privacy.trained_models says what becomes of them.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from functools import partial

from pyspark.sql import SparkSession

from energy_lib.config import Config
from energy_lib.data_rights.pipeline.erase import erase
from energy_lib.entry import parser, start
from energy_lib.intervals import Period
from energy_lib.lake import Lake, Outcome
from energy_lib.privacy.officers import require_officer, tell
from energy_lib.security.permissions import Permission

JOB = "erase"


def run(spark: SparkSession, config: Config, period: Period, meters: Sequence[str]) -> Outcome:
    """Erase the meters, as their sender names them. Only for privacy officers."""
    actor = require_officer(config, JOB, Permission.ERASE_PERSON)
    outcome = erase(Lake(spark, config.lake), config, meters)
    tell(config, JOB, Permission.ERASE_PERSON, actor, detail={"meters": len(meters), "rows": outcome.rows_out})
    return outcome


def main(argv: Sequence[str] | None = None) -> int:
    arguments = parser(JOB, "Forget meters: remove them from the lake, its history, landing and all made of them.")
    arguments.add_argument(
        "--meter", action="append", required=True, metavar="ID", help="meter as its sender names it; may be repeated"
    )
    options = arguments.parse_args(argv)
    return start(JOB, options, partial(run, meters=options.meter))


if __name__ == "__main__":
    sys.exit(main())
