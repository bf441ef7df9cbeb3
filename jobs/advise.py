"""What becomes known while a plan is in force, held against it: what to do at once; it starts no Spark."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from energy_lib.config import Config
from energy_lib.entry import new_run_id, parser, period_of, start_without_spark
from energy_lib.lake.outcome import Outcome
from energy_lib.run_log import run_fields
from energy_lib.streaming.pipeline.advise import JOB, advise


def main(argv: Sequence[str] | None = None) -> int:
    arguments = parser(JOB, "Tell what to do at once with sites' assets, beside their plan, until stopped.")
    arguments.add_argument("--once", action="store_true", help="judge what is there now, and end")
    options = arguments.parse_args(argv)

    def tell(config: Config) -> Outcome:
        period = period_of(options)
        with run_fields(JOB, new_run_id(JOB, period), period):
            return advise(config, once=options.once)

    return start_without_spark(JOB, options, tell)


if __name__ == "__main__":
    sys.exit(main())
