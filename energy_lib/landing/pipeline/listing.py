"""What landing offers and the lake has not dealt with, in a local folder or, through Hadoop, in any store."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeAlias

from pyspark.sql import SparkSession

from energy_lib.errors import BadConfig, InputMissing
from energy_lib.lake import Lake
from energy_lib.landing.files.file_outcomes import CLAIMED
from energy_lib.landing.files.local_listing import LandedFile, LocalListing, hidden, landed_at
from energy_lib.landing.files.offered_files import OFFERED_AGAIN, Offer
from energy_lib.landing.sources.loading import source_of
from energy_lib.landing.sources.source import Source
from energy_lib.privacy.door import path_through_the_door
from energy_lib.tables import bronze

# What the lake knows of a file: status, hash and rule.
Known: TypeAlias = tuple[str | None, str | None, str | None]
UNKNOWN: Known = (None, None, None)


@dataclass(slots=True)
class Listing:
    """The files to ingest, the paths of those that no source describes, and sentences on what was left out."""

    files: list[Offer] = field(default_factory=list)
    undescribed: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def list_offers(lake: Lake, landing: str, sources: dict[str, Source], *, links_out: bool = False) -> Listing:
    """Files of known sources that are new, were claimed and not finished, or could not be read; no others are opened.

    `links_out`: links that lead out of a local landing folder are followed. Raises InputMissing without a landing
    folder, BadConfig if it is no folder or cannot be read.
    """
    known = _known_files(lake)
    listing = Listing()
    for file in _landed_files(lake.spark, landing, links_out, listing.notes):
        if _is_dealt_with(known.get(_key(file, file.path), UNKNOWN)):
            continue
        source = source_of(file.path, sources.values())
        if source is None:
            listing.undescribed.append(file.path)
            continue
        path = path_through_the_door(file.path, source.keys) if source.keys is not None else file.path
        status, file_id, rule_id = known.get(_key(file, path), UNKNOWN)
        if _is_dealt_with((status, file_id, rule_id)):
            continue
        file_id, own_path = file_id if status == CLAIMED else None, file.path if path != file.path else None
        offer = Offer(file.landed_at_utc, path, file.uri, file.size_bytes, source.name, file_id, own_path)
        listing.files.append(offer)
    listing.files.sort()
    listing.undescribed.sort()
    return listing


def _key(file: LandedFile, path: str) -> tuple[str, datetime, int]:
    return path, file.landed_at_utc, file.size_bytes


def _is_dealt_with(known: Known) -> bool:
    status, _, rule_id = known
    return status not in (None, CLAIMED) and rule_id not in OFFERED_AGAIN


def _landed_files(spark: SparkSession, landing: str, links_out: bool, notes: list[str]) -> Iterator[LandedFile]:
    jvm, context = spark.sparkContext._jvm, spark.sparkContext._jsc
    assert jvm is not None
    assert context is not None
    folder = jvm.org.apache.hadoop.fs.Path(landing)
    store = folder.getFileSystem(context.hadoopConfiguration())
    root = store.makeQualified(folder)
    if not store.exists(root):
        raise InputMissing(f"There is no landing directory {landing}: create it, or set the key landing.")
    if store.getFileStatus(root).isFile():
        raise BadConfig(f"landing {landing} is a file: name a folder.")
    if str(root.toUri().getScheme()) == "file":
        local = LocalListing(str(Path(landing.removeprefix("file://")).absolute()), links_out, notes)
        try:
            yield from local.files()
        except OSError as error:
            raise BadConfig(
                f"landing {landing} cannot be read ({error.strerror}): give this user the right to."
            ) from None
        return
    below = len(str(root.toString()).rstrip("/")) + 1
    statuses = store.listFiles(root, True)
    while statuses.hasNext():
        status = statuses.next()
        uri = str(status.getPath().toString())
        path = uri[below:]
        if not hidden(path):
            yield LandedFile(uri, path, landed_at(int(status.getModificationTime())), int(status.getLen()))


def _known_files(lake: Lake) -> dict[tuple[str, datetime, int], Known]:
    """Every file the lake knows: path, landing time and size → status, hash and rule."""
    names = ["path", "landed_at_utc", "size_bytes", "status", "file_id", "rule_id"]
    files = lake.small_tables.read(bronze.FILES, names)
    path, landed, size, status, file_id, rule_id = (column.to_pylist() for column in files)
    keys = zip(path, (stamp.astimezone(UTC) for stamp in landed), size, strict=True)
    return dict(zip(keys, zip(status, file_id, rule_id, strict=True), strict=True))
