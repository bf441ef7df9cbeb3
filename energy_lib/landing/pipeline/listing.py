"""What landing offers and the lake has not dealt with: listed through Hadoop's file systems, so on any store."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from pyspark.sql import SparkSession

from energy_lib.errors import InputMissing
from energy_lib.lake import Lake
from energy_lib.landing.files.file_outcomes import CLAIMED
from energy_lib.landing.files.offered_files import Offer
from energy_lib.landing.sources.loading import source_of
from energy_lib.landing.sources.source import Source
from energy_lib.tables import bronze

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
# Names that Hadoop and most tools hold for hidden: files still being written, checksums, markers.
HIDDEN = ("_", ".")


@dataclass(slots=True)
class Listing:
    """The files to ingest, and the paths of those that no source describes."""

    files: list[Offer] = field(default_factory=list)
    undescribed: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class LandedFile:
    """A file in landing; `path` is below landing, `landed_at_utc` its modification time."""

    uri: str
    path: str
    landed_at_utc: datetime
    size_bytes: int


def list_offers(lake: Lake, landing: str, sources: dict[str, Source]) -> Listing:
    """Files of known sources that are new, or were claimed and not finished; known ones are not opened."""
    known = _known_files(lake)
    listing = Listing()
    for file in _landed_files(lake.spark, landing):
        status, file_id = known.get((file.path, file.landed_at_utc, file.size_bytes), (None, None))
        if status not in (None, CLAIMED):
            continue
        source = source_of(file.path, sources.values())
        if source is None:
            listing.undescribed.append(file.path)
            continue
        listing.files.append(Offer(file.landed_at_utc, file.path, file.uri, file.size_bytes, source.name, file_id))
    listing.files.sort()
    listing.undescribed.sort()
    return listing


def _landed_files(spark: SparkSession, landing: str) -> Iterator[LandedFile]:
    jvm, context = spark.sparkContext._jvm, spark.sparkContext._jsc
    assert jvm is not None
    assert context is not None
    folder = jvm.org.apache.hadoop.fs.Path(landing)
    store = folder.getFileSystem(context.hadoopConfiguration())
    root = store.makeQualified(folder)
    if not store.exists(root):
        raise InputMissing(f"There is no landing directory {landing}: create it, or set the key landing.")
    below = len(str(root.toString()).rstrip("/")) + 1
    statuses = store.listFiles(root, True)
    while statuses.hasNext():
        status = statuses.next()
        uri = str(status.getPath().toString())
        path = uri[below:]
        if not any(part.startswith(HIDDEN) for part in path.split("/")):
            landed_at_utc = EPOCH + timedelta(milliseconds=int(status.getModificationTime()))
            yield LandedFile(uri, path, landed_at_utc, int(status.getLen()))


def _known_files(lake: Lake) -> dict[tuple[str, datetime, int], tuple[str, str]]:
    """Every file the lake knows: path, landing time and size → status and hash."""
    names = ["path", "landed_at_utc", "size_bytes", "status", "file_id"]
    path, landed, size, status, file_id = (column.to_pylist() for column in lake.small_tables.read(bronze.FILES, names))
    keys = zip(path, (stamp.astimezone(UTC) for stamp in landed), size, strict=True)
    return dict(zip(keys, zip(status, file_id, strict=True), strict=True))
