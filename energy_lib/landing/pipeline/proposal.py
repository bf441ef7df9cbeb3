"""A proposed YAML for new files, and the dry run with it: for people, and without writing anything."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

from energy_lib.landing.pipeline.dry_run import Clean, preview_by
from energy_lib.landing.proposal.propose import propose
from energy_lib.landing.proposal.sample import existing
from energy_lib.landing.proposal.yaml_text import UNSURE, yaml_lines
from energy_lib.landing.sources.loading import load_sources


def proposal_lines(files: Sequence[str], clean: Clean | None = None) -> Iterator[str]:
    """The lines of the YAML, then those of the dry run of each file.

    `clean` gives the lines of what cleaning would reject of the first file. Raises InputMissing for a file that is not
    there or cannot be read, BadConfig for files of several formats.
    """
    paths = [existing(Path(file)) for file in files]
    landed_at_utc = datetime.fromtimestamp(max(path.stat().st_mtime for path in paths), UTC)
    proposal = propose(paths, landed_at_utc, load_sources(None))
    yield f"# Proposed from {', '.join(path.name for path in paths)}."
    yield "# Save it as <source>.yaml in your sources_dir, and the files in the folder <source> of landing."
    yield f"# Check what is marked {UNSURE.strip(': ')}: the file does not tell it (docs/sources.md)."
    yield from yaml_lines(proposal.guesses)
    if proposal.source is None:
        yield f"# {UNSURE}this is not whole yet: {proposal.fault}."
        return
    for number, file in enumerate(files):
        yield ""
        yield f"How {file} would be read by it:"
        yield from preview_by(file, proposal.source, clean if number == 0 else None)
