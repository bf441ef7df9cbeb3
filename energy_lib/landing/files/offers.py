"""What landing offers and the lake has not dealt with: listed through Hadoop's file systems, so on any store."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from pyspark.sql import SparkSession

from energy_lib.errors import InputMissing
from energy_lib.lake import Lake
from energy_lib.landing.sources.loading import source_of
from energy_lib.landing.sources.source import Kind, Source
from energy_lib.tables import bronze

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
# Names that Hadoop and most tools hold for hidden: files still being written, checksums, markers.
HIDDEN = ("_", ".")


@dataclass(frozen=True, slots=True, order=True)
class Offer:
    """One file to ingest; `claimed_id` is the content's hash if an earlier run claimed it and did not finish."""

    landed_at_utc: datetime
    path: str
    uri: str
    size_bytes: int
    source: str
    claimed_id: str | None = None


def says_nothing_new(offer: Offer, kind: Kind, file_id: str, known: Mapping[str, Offer]) -> bool:
    """Whether the offered content is a copy of a `known` one (hash → the offer it was ingested from).

    Readings count from their content's first landing, whichever copy was offered first: an earlier one takes over.
    """
    first = known.get(file_id)
    if first is None:
        return False
    return kind is not Kind.READINGS or offer.source != first.source or offer.landed_at_utc >= first.landed_at_utc


@dataclass(slots=True)
class Offers:
    """What is to be done, and the files that no source explains."""

    files: list[Offer] = field(default_factory=list)
    unexplained: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Listed:
    """A file in landing; `path` is below landing, `landed_at_utc` its modification time."""

    uri: str
    path: str
    landed_at_utc: datetime
    size_bytes: int


def list_offers(lake: Lake, landing: str, sources: dict[str, Source]) -> Offers:
    """Files of known sources that are new, or were claimed and not finished; known ones are not opened."""
    known = _known(lake)
    offers = Offers()
    for file in _listing(lake.spark, landing):
        status, file_id = known.get((file.path, file.landed_at_utc, file.size_bytes), (None, None))
        if status not in (None, "claimed"):
            continue
        source = source_of(file.path, sources.values())
        if source is None:
            offers.unexplained.append(file.path)
            continue
        offers.files.append(Offer(file.landed_at_utc, file.path, file.uri, file.size_bytes, source.name, file_id))
    offers.files.sort()
    offers.unexplained.sort()
    return offers


def _listing(spark: SparkSession, landing: str) -> Iterator[Listed]:
    jvm, context = spark.sparkContext._jvm, spark.sparkContext._jsc
    assert jvm is not None
    assert context is not None
    given = jvm.org.apache.hadoop.fs.Path(landing)
    store = given.getFileSystem(context.hadoopConfiguration())
    root = store.makeQualified(given)
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
            yield Listed(uri, path, landed_at_utc, int(status.getLen()))


def _known(lake: Lake) -> dict[tuple[str, datetime, int], tuple[str, str]]:
    """Every file the lake knows: path, landing time and size → status and hash."""
    files = lake.read_or_empty(bronze.FILES).select("path", "landed_at_utc", "size_bytes", "status", "file_id")
    frame = files.toPandas()
    landed = (stamp.to_pydatetime().replace(tzinfo=UTC) for stamp in frame["landed_at_utc"])
    keys = zip(frame["path"], landed, frame["size_bytes"], strict=True)
    return dict(zip(keys, zip(frame["status"], frame["file_id"], strict=True), strict=True))
