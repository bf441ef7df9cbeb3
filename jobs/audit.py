"""Hold the audit's chain (ops.audit) to be whole, or remove what is older than it is kept. It starts no Spark."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from energy_lib.config import Config
from energy_lib.entry import parser, start_without_spark
from energy_lib.errors import ChainBroken
from energy_lib.lake.audit_log import append_entries, newest_before, remove_up_to, verify
from energy_lib.lake.outcome import Outcome
from energy_lib.security.acting import require_actor
from energy_lib.security.audit_chain import PRUNED, Head, prune_detail
from energy_lib.security.audit_entry import entry_of_job
from energy_lib.security.permissions import Permission

JOB = "audit"
ACTIONS = ("verify", "prune")


def verified(config: Config, expected: Head | None) -> Outcome:
    """Raises ChainBroken, which names the first row that is wrong."""
    found = verify(config.lake, expected)
    if found.fault is not None:
        raise ChainBroken(
            f"{found.fault}; {found.rows:,} rows before it are whole: keep the table and find out who wrote to it."
        )
    lines = [f"{found.rows:,} rows are whole."]
    if found.head is not None:
        lines.append(f"Head: {found.head} (keep it elsewhere; verify --head holds it against the chain later)")
    return Outcome(rows_in=found.rows, lines=lines)


def prune(config: Config, now: datetime) -> Outcome:
    """Remove rows older than security.audit_retain_days, once the chain has a row that says so."""
    actor = require_actor(config.security, Permission.PRUNE_AUDIT)
    last = newest_before(config.lake, now - timedelta(days=config.security.audit_retain_days))
    if last is None:
        return Outcome(lines=["No row is that old."])
    verified(config, None)
    append_entries(config.lake, [entry_of_job(now, JOB, PRUNED, "ops.audit", prune_detail(last), actor=actor.name)])
    remove_up_to(config.lake, last)
    return Outcome(lines=[f"The rows up to {last.sequence:,} were removed; the chain says so."])


def main(argv: Sequence[str] | None = None) -> int:
    arguments = parser(JOB, "Hold the audit's chain to be whole, or remove its oldest rows.")
    arguments.add_argument("action", choices=ACTIONS, nargs="?", default="verify", help="what to do (default: verify)")
    arguments.add_argument(
        "--head", metavar="SEQUENCE:HASH", help="of verify: a head noted earlier, which must be in it"
    )
    options = arguments.parse_args(argv)

    def work(config: Config) -> Outcome:
        if options.action == "prune":
            return prune(config, datetime.now(UTC))
        return verified(config, Head.of(options.head) if options.head else None)

    return start_without_spark(JOB, options, work)


if __name__ == "__main__":
    sys.exit(main())
