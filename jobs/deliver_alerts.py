"""What is said in gold.alerts, to signed webhooks and by e-mail, as it is said; it starts no Spark."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from energy_lib.config import Config
from energy_lib.entry import new_run_id, parser, period_of, start_without_spark
from energy_lib.lake.outcome import Outcome
from energy_lib.run_log import run_fields
from energy_lib.streaming.pipeline.deliver import JOB, deliver_alerts


def main(argv: Sequence[str] | None = None) -> int:
    arguments = parser(JOB, "Tell webhooks and by e-mail what gold.alerts says, until stopped.")
    arguments.add_argument("--once", action="store_true", help="deliver what is there now, and end")
    arguments.add_argument("--dead", action="store_true", help="first try again what was given up")
    options = arguments.parse_args(argv)

    def deliver(config: Config) -> Outcome:
        period = period_of(options)
        with run_fields(JOB, new_run_id(JOB, period), period):
            return deliver_alerts(config, once=options.once, dead=options.dead)

    return start_without_spark(JOB, options, deliver)


if __name__ == "__main__":
    sys.exit(main())
