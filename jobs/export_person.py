"""A person's data in one file (right of access): all rows of their meters, and what columns mean. Needs no Java."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from energy_lib.catalog import all_tables
from energy_lib.config import Config
from energy_lib.data_rights.export import export, require_new_file
from energy_lib.data_rights.pipeline.subjects import require_known, subject_of
from energy_lib.entry import parser, start_without_spark
from energy_lib.lake.outcome import Outcome
from energy_lib.lake.small_tables import SmallTables
from energy_lib.privacy.keys import key_ring
from energy_lib.privacy.officers import require_officer, tell
from energy_lib.security.permissions import Permission

JOB = "export_person"


def run(config: Config, meters: Sequence[str], output: str) -> Outcome:
    """Write the rows of the meters, as their sender names them, to a zip of CSV files. Only for privacy officers."""
    actor = require_officer(config, JOB, Permission.EXPORT_PERSON)
    path, keys, tables = require_new_file(output), key_ring(config.privacy), SmallTables(config.lake)
    require_known(tables, meters, keys)
    rows = export(tables, all_tables(), subject_of(tables, meters, keys), meters, path)
    tell(config, JOB, Permission.EXPORT_PERSON, actor, detail={"meters": len(meters), "rows": rows})
    return Outcome(rows_out=rows, lines=[f"{rows:,} rows in {path}, which you alone may read."])


def main(argv: Sequence[str] | None = None) -> int:
    arguments = parser(JOB, "Write a person's data to one file.")
    arguments.add_argument(
        "--meter", action="append", required=True, metavar="ID", help="meter as its sender names it; may be repeated"
    )
    arguments.add_argument("--output", required=True, metavar="FILE", help="new .zip to write")
    options = arguments.parse_args(argv)
    return start_without_spark(JOB, options, lambda config: run(config, options.meter, options.output))


if __name__ == "__main__":
    sys.exit(main())
