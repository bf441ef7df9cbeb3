"""The files below a local landing folder, by their names' bytes: whatever the locale, no name is lost. No Spark."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from urllib.parse import quote_from_bytes

from energy_lib.landing.files.content import BYTES_SCHEME
from energy_lib.landing.files.offered_files import LANDED_AFTER, LANDED_BEFORE

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MILLISECOND = timedelta(milliseconds=1)
# Names that Hadoop and most tools hold for hidden: files still being written, checksums, markers.
HIDDEN = ("_", ".")


@dataclass(frozen=True, slots=True)
class LandedFile:
    """A file in landing; `path` is below landing, `landed_at_utc` its modification time."""

    uri: str
    path: str
    landed_at_utc: datetime
    size_bytes: int


def landed_at(milliseconds: int) -> datetime:
    """The instant; LANDED_BEFORE or LANDED_AFTER for what no file can have come at."""
    if milliseconds < 0:
        return LANDED_BEFORE
    if milliseconds >= (LANDED_AFTER - EPOCH) // MILLISECOND:
        return LANDED_AFTER
    return EPOCH + milliseconds * MILLISECOND


def hidden(path: str) -> bool:
    return any(part.startswith(HIDDEN) for part in path.split("/"))


@dataclass(slots=True)
class LocalListing:
    """Walk a landing folder. `notes` are sentences on what was left out, once the walk is done.

    A link is followed where it leads to something in landing, and elsewhere only with `links_out`; one that leads back
    to a folder on its own way is followed once.
    """

    landing: str
    links_out: bool
    notes: list[str] = field(default_factory=list)

    def files(self) -> Iterator[LandedFile]:
        """Raises OSError if the landing folder itself cannot be read."""
        root = os.fsencode(os.path.realpath(self.landing))
        yield from self._below(root, b"", root, (root,))

    def _below(self, folder: bytes, below: bytes, root: bytes, way: tuple[bytes, ...]) -> Iterator[LandedFile]:
        with os.scandir(folder) as found:
            entries = sorted(found, key=lambda entry: entry.name)
        for entry in entries:
            path = below + entry.name
            if hidden(shown(path)):
                continue
            try:
                yield from self._entry(entry, path, root, way)
            except OSError as error:
                self.notes.append(
                    f"{shown(path)} in landing was left out: it cannot be read ({error.strerror}); give this user the "
                    "right to, and it comes in."
                )

    def _entry(
        self, entry: os.DirEntry[bytes], path: bytes, root: bytes, way: tuple[bytes, ...]
    ) -> Iterator[LandedFile]:
        real = os.path.realpath(entry.path) if entry.is_symlink() else entry.path
        if entry.is_symlink() and not self.links_out and not real.startswith(root + b"/") and real != root:
            self.notes.append(
                f"{shown(path)} in landing was left out: it is a link to {shown(real)}, outside landing; put the file "
                "itself there, or set landing_links_out."
            )
            return
        status = entry.stat()
        if stat.S_ISDIR(status.st_mode):
            target = os.path.realpath(entry.path)
            if target not in way:
                yield from self._below(entry.path, path + b"/", root, (*way, target))
        elif stat.S_ISREG(status.st_mode):
            when = landed_at(status.st_mtime_ns // 1_000_000)
            yield LandedFile(uri(entry.path), shown(path), when, status.st_size)
        else:
            self.notes.append(f"{shown(path)} in landing was left out: it is no file; take it away.")


def shown(name: bytes) -> str:
    """A name as text: bytes that are not UTF-8 as \\xfc."""
    return name.decode("utf-8", "backslashreplace")


def uri(path: bytes) -> str:
    """What `open_uri` opens, and Spark can carry."""
    try:
        return f"file:{path.decode('utf-8')}"
    except UnicodeDecodeError:
        return f"{BYTES_SCHEME}:{quote_from_bytes(path)}"
