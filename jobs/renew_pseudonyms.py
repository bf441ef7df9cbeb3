"""Take the lake's pseudonyms to a new key: all tables, in place. docs/privacy.md says how it is run."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from pyspark.sql import SparkSession

from energy_lib.config import Config
from energy_lib.data_rights.pipeline.renew import renew
from energy_lib.entry import run_job
from energy_lib.intervals import Period
from energy_lib.lake import Lake, Outcome
from energy_lib.privacy.officers import require_officer, tell
from energy_lib.security.permissions import Permission

JOB = "renew_pseudonyms"


def run(spark: SparkSession, config: Config, period: Period) -> Outcome:
    """Renew what is of older keys; on a lake that has none of it nothing changes. Only for privacy officers."""
    actor = require_officer(config, JOB, Permission.REIDENTIFY)
    outcome = renew(Lake(spark, config.lake), config)
    tell(config, JOB, Permission.REIDENTIFY, actor, detail={"rows": outcome.rows_out})
    return outcome


def main(argv: Sequence[str] | None = None) -> int:
    return run_job(JOB, "Take the lake's pseudonyms to the newest key.", run, argv)


if __name__ == "__main__":
    sys.exit(main())
