"""Forget meters: the use case of jobs/erase.py.

Each step can be done again after a kill at any point, and the steps are in such an order that a rerun still knows
whose data it looks for: what says so (the registry, the answers' ids) goes last.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from pathlib import Path

from energy_lib.catalog import all_tables
from energy_lib.config import Config
from energy_lib.data_rights import derived_files
from energy_lib.data_rights.mentions import mentions
from energy_lib.data_rights.pipeline.landing import clear_landing, landed_files_of
from energy_lib.data_rights.pipeline.subjects import subject_of
from energy_lib.data_rights.pipeline.table_rows import remove_rows, take_out_of_texts
from energy_lib.data_rights.pipeline.traces import KEPT, past_holds, remove_files_with
from energy_lib.data_rights.subject import Subject, bytes_pattern, is_distinctive
from energy_lib.errors import InputMissing
from energy_lib.lake import Lake, Outcome
from energy_lib.lake.forgetting import forget_history, require_read
from energy_lib.privacy.keys import key_ring
from energy_lib.registry.versions import mark_trained_on_erased
from energy_lib.tables import Table, bronze, ops, references, silver
from energy_lib.tables.answers.advice import ADVICE
from energy_lib.tables.answers.alerts import ALERTS
from energy_lib.tables.answers.anomalies import ANOMALIES
from energy_lib.tables.answers.recommendations import RECOMMENDATIONS

# They say what else is of a meter, so they go after what they say it of.
ANSWERS = (RECOMMENDATIONS, ANOMALIES, ALERTS, ADVICE)
LAST = (*ANSWERS, references.PROJECTS, bronze.READINGS, silver.VIRTUAL_METERS, silver.METERS)
STAY = (
    "These stay, since they tell of many: area summaries and indicators, private statistics, sums of buildings, sites, "
    "projects and the portfolio that hold other meters too."
)
NOT_REACHED = (
    "Not reached: backups and copies of the lake, messages that Kafka still keeps (set retention.ms of the topic), "
    "mails and webhooks that were delivered, exports and answers that somebody saved, and the sender's own system."
)

log = logging.getLogger(__name__)


def erase(lake: Lake, config: Config, ids: Sequence[str]) -> Outcome:
    """Remove all that is of these meters alone, as the sender names them, from the lake and from landing.

    Raises TryAgain while changes or files are unread, BadConfig for registers that cannot be parted and for a lake in
    an object store, InputMissing if nothing of the meters was found.
    """
    root, keys = config.local_folder, key_ring(config.privacy)
    tables = tables_to_search()
    require_read(lake, tables)
    subject = subject_of(lake.small_tables, ids, keys)
    names = bytes_pattern(subject.names)
    outcome = Outcome(lines=_searched(subject))
    clear_landing(lake, config, subject, outcome)
    clear_models_and_files(lake, config, root, subject, outcome)
    forgotten = 0
    for table in filter(lake.exists, tables):
        removed, texts = remove_rows(lake, table, subject), take_out_of_texts(lake, table, subject)
        if removed or texts or past_holds(lake, table, names):
            log.info("forgetting the history of %s", table.full_name)
            forgotten += forget_history(lake, table)
        if removed or texts:
            outcome.lines.append(f"{table.full_name}: {removed:,} rows removed, its id taken out of {texts:,} others.")
        outcome.rows_out += removed
    if not forgotten:
        raise InputMissing(
            f"Nothing of {len(ids)} meters was found in {lake.root}: look for their ids in silver.meters."
        )
    outcome.lines += _left(lake, config, root, subject)
    return outcome


def tables_to_search() -> tuple[Table, ...]:
    """All tables that may hold somebody's data or a text, in the order in which they are cleared."""
    first = [table for table in all_tables() if table not in LAST and table.full_name not in KEPT]
    # Answers that only refer to others come before these.
    return (*sorted(first, key=lambda table: table.layer == "silver"), *LAST)


def clear_models_and_files(lake: Lake, config: Config, root: Path, subject: Subject, outcome: Outcome) -> None:
    """Say which models were trained on the subject, then remove the files that were made of its data."""
    pattern = bytes_pattern(subject.told_in_texts or subject.names)
    trainings = derived_files.trainings_on(root, derived_files.datasets_that_name(root, pattern))
    marked = mark_trained_on_erased(config, trainings)
    policy = config.privacy.trained_models
    if policy == "retrain":
        derived_files.remove_checkpoints(root, trainings)
    for version in marked:
        outcome.lines.append(f"Version {version.version} ({version.name}) was trained on it: {policy}.")
    outcome.lines += [f"Removed, since it named it: {path}." for path in remove_files_with(lake, root, pattern)]


def _searched(subject: Subject) -> list[str]:
    short = sum(not is_distinctive(name) for name in subject.names)
    return [
        f"{len(subject.meters)} ids of meters, {len(subject.buildings)} buildings, {len(subject.sites)} sites, "
        f"{len(subject.projects)} projects that hold no other meters.",
        *([f"{short} ids are too short to be looked for in texts: look there yourself."] if short else []),
    ]


def _left(lake: Lake, config: Config, root: Path, subject: Subject) -> list[str]:
    """What was left: by policy, out of reach, and what still names the subject."""
    names, pattern = bytes_pattern(subject.names), bytes_pattern(subject.told_in_texts or subject.names)
    still = derived_files.files_that_still_name(root, pattern)
    still += [f"{file.path} in landing" for file in landed_files_of(config, subject.told_in_texts)]
    tables = filter(lake.exists, tables_to_search())
    still += [f"old files of {table.full_name}" for table in tables if past_holds(lake, table, names)]
    if any(mentions(file, pattern) for file in sorted(Path(lake.path(ops.AUDIT)).glob("*.parquet"))):
        still.append(f"{ops.AUDIT.full_name}, where somebody asked for it (kept for security.audit_retain_days)")
    return [STAY, NOT_REACHED, *(f"Still names it: {path}." for path in still)]
