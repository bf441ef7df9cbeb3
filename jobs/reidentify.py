"""Whose pseudonym it is, and which pseudonym somebody has. Needs no Java, and keeps nothing.

A pseudonym cannot be turned back. It is held against ids that may be meant, for instance all of the utility's register.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

from energy_lib.config import Config
from energy_lib.entry import parser, start_without_spark
from energy_lib.errors import BadConfig, InputMissing
from energy_lib.lake.outcome import Outcome
from energy_lib.privacy.keys import require_keys
from energy_lib.privacy.officers import require_officer, tell
from energy_lib.privacy.pseudonyms import version_of
from energy_lib.security.permissions import Permission

JOB = "reidentify"


def run(config: Config, pseudonym: str | None, candidates: str | None, meter: str | None) -> Outcome:
    """The id among the candidates that has the pseudonym, or the pseudonym of a meter. Only for privacy officers."""
    actor = require_officer(config, JOB, Permission.REIDENTIFY)
    keys = require_keys(config.privacy)
    if meter is not None:
        tell(config, JOB, Permission.REIDENTIFY, actor, detail={"asked": "the pseudonym of an id"})
        return Outcome(lines=[keys.pseudonym(meter)])
    if pseudonym is None or candidates is None:
        raise BadConfig("Give --meter ID, or --pseudonym P with --candidates FILE.")
    if version_of(pseudonym) != keys.version:
        raise BadConfig(f"{pseudonym} is no pseudonym of version {keys.version}, which the newest key makes.")
    found = keys.named(pseudonym, _ids(candidates))
    tell(config, JOB, Permission.REIDENTIFY, actor, detail={"asked": "a pseudonym", "found": found is not None})
    if found is None:
        raise InputMissing(f"None of the ids in {candidates} has the pseudonym {pseudonym}: give it more of them.")
    return Outcome(lines=[found])


def _ids(file: str) -> list[str]:
    try:
        return [line for line in Path(file).read_text(encoding="utf-8").splitlines() if line]
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is not UTF-8 text"
        raise BadConfig(f"--candidates {file} cannot be read ({why}): give a text file, an id a line.") from None


def main(argv: Sequence[str] | None = None) -> int:
    arguments = parser(JOB, "Name the meter behind a pseudonym, or the pseudonym of a meter.")
    arguments.add_argument("--pseudonym", metavar="P", help="pseudonym that stands in the lake")
    arguments.add_argument("--candidates", metavar="FILE", help="ids that may be meant, one a line")
    arguments.add_argument("--meter", metavar="ID", help="meter as its sender names it: prints its pseudonym")
    options = arguments.parse_args(argv)
    return start_without_spark(
        JOB, options, lambda config: run(config, options.pseudonym, options.candidates, options.meter)
    )


if __name__ == "__main__":
    sys.exit(main())
