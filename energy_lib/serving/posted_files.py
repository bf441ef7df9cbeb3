"""The landing files of posted readings: one for each request, whole or not at all, which the next ingest reads."""

from __future__ import annotations

import hashlib
import os
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Self

import orjson

from energy_lib.config import Config
from energy_lib.errors import BadConfig, TryAgain
from energy_lib.landing.files.content import Content
from energy_lib.landing.files.file_faults import FileFault
from energy_lib.landing.parsing.readings import parse_readings
from energy_lib.landing.sources.allowed_values import Format
from energy_lib.landing.sources.loading import load_sources, source_of
from energy_lib.landing.sources.source import Kind, Source
from energy_lib.serving.idempotency import key_used
from energy_lib.serving.posted_readings import PostedReading, line_of
from energy_lib.vocabulary import Flow, Fuel

SUFFIX = ".jsonl"
SAMPLE = PostedReading("m-1", datetime(2024, 5, 1, tzinfo=UTC), 0.25, 30, "estimated")


@dataclass(frozen=True, slots=True)
class PostedFiles:
    """Files in the first folder of a source. `request_hash` and `row` of a line say what it was in which request."""

    folder: Path

    @classmethod
    def open(cls, config: Config) -> Self | None:
        """Those of `serving.readings_source`; None without one. Raises BadConfig for one that would not read them."""
        name = config.serving.readings_source
        if name is None:
            return None
        source = load_sources(config.sources_dir).get(name)
        if source is None or source.kind is not Kind.READINGS or source.format is not Format.JSON_LINES:
            raise BadConfig(f"serving.readings_source {name} is no source of readings as json_lines: name one.")
        if "://" in config.landing and not config.landing.startswith("file://"):
            raise BadConfig(f"landing {config.landing} is no folder, which serving.readings_source needs: mount it.")
        if source.pseudonymize or source_of(f"{source.folders[0]}/0{SUFFIX}", [source]) is None or not _reads(source):
            raise BadConfig(
                f"Source {name} does not read what the API writes: begin with conf/sources/posted_readings.yaml, and "
                "leave pseudonymize out, as the API knows meters by their pseudonyms."
            )
        return cls(Path(config.landing.removeprefix("file://")).absolute() / source.folders[0])

    def kept(self, key: str, request_hash: str) -> frozenset[int] | None:
        """Rows of the request that its file holds; None if there is no file. Raises as `keep`."""
        try:
            lines = [orjson.loads(line) for line in self._path(key).read_bytes().splitlines()]
        except FileNotFoundError:
            return None
        except OSError as error:
            raise _away(error) from None
        if any(line["request_hash"] != request_hash for line in lines):
            raise key_used()
        return frozenset(line["row"] for line in lines)

    def keep(self, key: str, request_hash: str, lines: Mapping[int, Mapping[str, Any]]) -> frozenset[int] | None:
        """Write the file of a request; it is on disk when this returns. None: it is new; else as `kept`.

        Of two processes with one key, one writes. Raises Problem (422) for a key of another request, and TryAgain if
        landing cannot be written.
        """
        path = self._path(key)
        part = path.with_name(f".{secrets.token_hex(8)}")
        rows = ({**line, "row": row, "request_hash": request_hash} for row, line in lines.items())
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            _write(part, rows)
            try:
                os.link(part, path)
            except FileExistsError:
                return self.kept(key, request_hash)
            finally:
                part.unlink()
            _sync(self.folder)
        except OSError as error:
            raise _away(error) from None
        return None

    def _path(self, key: str) -> Path:
        return self.folder / f"{key}{SUFFIX}"


def hashed(*texts: str | bytes) -> str:
    """One name for texts, each in its place."""
    parts = (text.encode() if isinstance(text, str) else text for text in texts)
    return hashlib.sha256(b"".join(b"%d:%s" % (len(part), part) for part in parts)).hexdigest()


def _away(error: OSError) -> TryAgain:
    return TryAgain(f"The readings cannot be kept ({error.strerror}): tell your administrator.")


def _write(part: Path, rows: Iterable[Mapping[str, Any]]) -> None:
    with part.open("wb") as file:
        file.writelines(orjson.dumps(row, option=orjson.OPT_APPEND_NEWLINE) for row in rows)
        file.flush()
        os.fsync(file.fileno())


def _sync(folder: Path) -> None:
    """So that the name survives a power cut, too."""
    opened = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)


def _reads(source: Source) -> bool:
    """Whether the source gives a line of ours back."""
    line = line_of(SAMPLE, {"fuel": Fuel.GAS, "flow": Flow.EXPORT})
    content = Content.of(orjson.dumps(line, option=orjson.OPT_APPEND_NEWLINE), f"{source.folders[0]}/0{SUFFIX}")
    try:
        (row,) = [row for table in parse_readings(content, source, datetime.now(UTC)) for row in table.to_pylist()]
    except (FileFault, ValueError):
        return False
    back = (row["rule_id"], row["interval_start_utc"], *(row[name] for name in line if name != "interval_start_utc"))
    return back == (None, SAMPLE.interval_start_utc, *(v for n, v in line.items() if n != "interval_start_utc"))
