"""Landing without somebody's rows, and bronze.files in step, so that no file is read again."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Collection, Iterator
from pathlib import Path

import pyarrow as pa

from energy_lib.config import Config
from energy_lib.data_rights.landing_files import without_rows
from energy_lib.data_rights.mentions import mentions
from energy_lib.data_rights.subject import Subject, bytes_pattern
from energy_lib.errors import TryAgain
from energy_lib.lake import Lake, Outcome
from energy_lib.landing.files.content import local_path
from energy_lib.landing.files.file_outcomes import CLAIMED, DUPLICATE
from energy_lib.landing.files.local_listing import LandedFile, LocalListing
from energy_lib.landing.sources.loading import source_of
from energy_lib.landing.sources.pseudonymous import sources_of_lake
from energy_lib.landing.sources.source import Source
from energy_lib.privacy.door import path_through_the_door
from energy_lib.tables import bronze
from energy_lib.tables.arrow import arrow_schema

REWRITTEN = "an erasure took rows out of it"


def landed_files_of(config: Config, names: Collection[str]) -> list[LandedFile]:
    """The files of a local landing folder that hold one of the names; none where there is no such folder."""
    folder = config.landing.removeprefix("file://")
    if "://" in folder or not Path(folder).is_dir() or not names:
        return []
    pattern = bytes_pattern(names)
    listing = LocalListing(str(Path(folder).absolute()), config.landing_links_out)
    return [file for file in listing.files() if mentions(_local(file), pattern)]


def clear_landing(lake: Lake, config: Config, subject: Subject, outcome: Outcome) -> None:
    """Take the subject out of landing. Raises TryAgain for a file that names it and was not ingested yet.

    The lake knows the new files before they are there, as some that it need not read: a kill in between costs nothing.
    """
    whole, parted = [], []
    for file, path, source in _described(lake, config, subject, outcome):
        kept = without_rows(_local(file), source, subject)
        if kept is None:
            whole.append(file)
        elif len(kept) != file.size_bytes:
            parted.append((file, source, _row(file, path, source, kept)))
    rows = pa.Table.from_pylist([row for *_, row in parted], arrow_schema(bronze.FILES))
    lake.upsert(bronze.FILES, rows, prune=False)
    for file, source, _ in parted:
        kept = without_rows(_local(file), source, subject)
        assert kept is not None, "it was parted before"
        _replace(_local(file), kept)
    for file in whole:
        _local(file).unlink()
    outcome.lines.append(f"Landing: its rows taken out of {len(parted)} files; {len(whole)} files removed whole.")


def _described(
    lake: Lake, config: Config, subject: Subject, outcome: Outcome
) -> Iterator[tuple[LandedFile, str, Source]]:
    """The files that name the subject, what the lake calls each, and its source."""
    sources = sources_of_lake(lake.root, config)
    files = [row for row in lake.small_tables.rows(bronze.FILES) if row["status"] != CLAIMED]
    known = {(row["path"], row["landed_at_utc"], row["size_bytes"]) for row in files}
    for file in landed_files_of(config, subject.names):
        source = source_of(file.path, sources.values())
        if source is None:
            outcome.lines.append(f"Left as it is, for it belongs to no source: {file.path} in landing.")
            continue
        path = path_through_the_door(file.path, source.keys) if source.keys is not None else file.path
        if (path, file.landed_at_utc, file.size_bytes) not in known:
            raise TryAgain(f"{file.path} in landing was not ingested yet: run jobs/nightly.py, then this again.")
        yield file, path, source


def _row(file: LandedFile, path: str, source: Source, kept: bytes) -> dict[str, object]:
    digest = hashlib.sha256(kept).hexdigest()
    return {
        "source": source.name,
        "path": path,
        "landed_at_utc": file.landed_at_utc,
        "size_bytes": len(kept),
        "file_id": hashlib.sha256(f"{digest} {source.name}".encode()).hexdigest(),
        "status": DUPLICATE,
        "reason": REWRITTEN,
    }


def _replace(file: Path, kept: bytes) -> None:
    """Put the new content into the file's place, with its times."""
    aside, stamp = file.with_name(f".{file.name}.erasing"), file.stat()
    aside.write_bytes(kept)
    os.utime(aside, ns=(stamp.st_atime_ns, stamp.st_mtime_ns))
    aside.replace(file)


def _local(file: LandedFile) -> Path:
    path = local_path(file.uri)
    assert path is not None, "the landing folder is a local one"
    return path
