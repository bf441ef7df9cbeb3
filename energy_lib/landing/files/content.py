"""A file's bytes: opened from any store, gunzipped where its magic bytes say so, cut into whole lines."""

from __future__ import annotations

import gzip
import hashlib
import io
import os
import re
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, cast
from urllib.parse import unquote_to_bytes

from energy_lib.landing.files import file_faults
from energy_lib.landing.files.file_faults import FileFault
from energy_lib.landing.files.unpacking import not_text, unpacked

# A local path whose bytes are not UTF-8, percent-encoded.
BYTES_SCHEME = "file-bytes"
BLOCK_BYTES = 8 << 20
# Beyond this an open quote is a stray one, not the start of a field with line breaks.
LONGEST_QUOTED_BYTES = 4 * BLOCK_BYTES
# A wide row of a million meters is half of that.
LONGEST_LINE_BYTES = 2 * BLOCK_BYTES
SHOWN_BYTES = 1000
BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_CR_ALONE = re.compile(rb"\r(?!\n)")


@dataclass(frozen=True, slots=True)
class Content:
    """One landed file; `name` is its path below landing."""

    name: str
    open_raw: Callable[[], BinaryIO]

    @classmethod
    def at(cls, uri: str, name: str) -> Content:
        return cls(name, lambda: open_uri(uri))

    @classmethod
    def of(cls, data: bytes, name: str = "file") -> Content:
        return cls(name, lambda: io.BytesIO(data))

    def sha256(self) -> str:
        with self.open_raw() as stream:
            digest = hashlib.sha256()
            while data := stream.read(BLOCK_BYTES):
                digest.update(data)
            return digest.hexdigest()

    @contextmanager
    def open(self) -> Iterator[BinaryIO]:
        """The content, gunzipped if need be; faults of the file raise FileFault."""
        with self.open_raw() as raw:
            try:
                yield unpacked(raw)
            except EOFError:
                raise FileFault(file_faults.FILE_TRUNCATED, "the gzip stream ends before its end marker") from None
            except (gzip.BadGzipFile, zlib.error) as error:
                raise FileFault(file_faults.FILE_CORRUPT, f"the gzip stream is damaged ({error})") from None


def open_uri(uri: str) -> BinaryIO:
    """Open a local path, a file: URI, or an object of a store that pyarrow knows (s3, gs, hdfs, abfs)."""
    path = local_path(uri)
    if path is not None:
        return path.open("rb")
    from pyarrow import fs

    store, key = fs.FileSystem.from_uri(uri.replace("s3a://", "s3://", 1))
    return cast(BinaryIO, store.open_input_file(key))


def local_path(uri: str) -> Path | None:
    """The path that a local path or a file: URI names; None for an object of a store."""
    scheme, colon, rest = uri.partition(":")
    if colon and "/" not in scheme and scheme not in ("file", BYTES_SCHEME):
        return None
    # file:/path or file:///path, with blanks and such as they are; by bytes, whatever this process's locale is.
    named = unquote_to_bytes(rest) if scheme == BYTES_SCHEME else (rest if scheme == "file" else uri).encode()
    return Path(os.fsdecode(b"/" + named.lstrip(b"/") if scheme.startswith("file") else named))


@dataclass(frozen=True, slots=True)
class LongLine:
    """A line beyond LONGEST_LINE_BYTES: its number in the file, how long it is, and how it begins."""

    number: int
    size_bytes: int
    begins: str


def text_blocks(
    stream: BinaryIO, encoding: str, block_bytes: int = BLOCK_BYTES, long_lines: list[LongLine] | None = None
) -> Iterator[bytes]:
    """Blocks of whole lines as UTF-8, ended by LF; a quoted line break never ends a block.

    A line ends in LF, CR and LF, or CR alone. One that is longer than memory is good for goes into `long_lines`, and an
    empty line stands in its place; without `long_lines` it is the file's fault. Every byte that is read is given on:
    that is counted. Raises FileFault for a binary, another encoding, or a file without text.
    """
    utf8 = encoding.lower().replace("_", "-") in ("utf-8", "utf8")
    source = stream if utf8 else cast(BinaryIO, _Recoded(stream, encoding))
    feeds, lines, read = _LineFeeds(), _Lines(long_lines), 0
    while data := source.read(block_bytes):
        if b"\0" in data:
            raise FileFault(file_faults.FILE_BINARY, not_text(data, read))
        if read == 0 and data.startswith(BYTE_ORDER_MARK):
            data, lines.set_aside = data.removeprefix(BYTE_ORDER_MARK), len(BYTE_ORDER_MARK)
            read = lines.set_aside
        read += len(data)
        if block := lines.whole(feeds.of(data)):
            yield _checked(block, lines.given - len(block))
    if last := lines.last(feeds.last()):
        yield _checked(last, lines.given - len(last))
    if not lines.any_text:
        raise FileFault(file_faults.FILE_EMPTY, "the file holds no text")
    if read + lines.added != lines.given + lines.set_aside:
        reason = f"of {read:,} bytes {lines.given + lines.set_aside:,} were given on: please report it"
        raise FileFault(file_faults.FILE_MISCOUNTED, reason)


class _LineFeeds:
    """Writes LF where CR ends a line alone. A CR at the end of the bytes is held until the next ones are seen."""

    def __init__(self) -> None:
        self._held = b""

    def of(self, data: bytes) -> bytes:
        data = self._held + data
        self._held = b"\r" if data.endswith(b"\r") else b""
        data = data[: len(data) - len(self._held)]
        return _CR_ALONE.sub(b"\n", data) if data.count(b"\r") != data.count(b"\r\n") else data

    def last(self) -> bytes:
        return b"\n" if self._held else b""


class _Lines:
    """Cuts bytes behind whole lines, and counts those it gave on, set aside, or added (the last line's end)."""

    def __init__(self, long_lines: list[LongLine] | None) -> None:
        self.given = self.set_aside = self.added = 0
        self.any_text = False
        self._long_lines = long_lines
        self._rest = b""
        self._number = 1
        self._begins: str | None = None
        self._long_bytes = 0

    def whole(self, data: bytes) -> bytes:
        """The lines that are whole now."""
        if self._begins is not None:
            end = data.find(b"\n")
            self._long_bytes += len(data) if end < 0 else end
            if end < 0:
                return b""
            self._end_long_line()
            data = data[end:]
        block = self._rest + data if self._rest else data
        cut = _end_of_lines(block)
        self._rest = block[cut:]
        if len(self._rest) > LONGEST_LINE_BYTES and b"\n" not in self._rest:
            self._begin_long_line()
        return self._give(block[:cut])

    def last(self, data: bytes) -> bytes:
        """What is left at the end of the file, as whole lines."""
        block = self.whole(data)
        if self._begins is not None:
            self._end_long_line()
        rest, self._rest = self._rest, b""
        if not rest.strip():
            self.set_aside += len(rest)
            return block
        if not rest.endswith(b"\n"):
            self.added, rest = 1, rest + b"\n"
        return block + self._give(rest)

    def _give(self, block: bytes) -> bytes:
        self.given += len(block)
        self._number += block.count(b"\n")
        self.any_text = self.any_text or bool(block.strip())
        return block

    def _begin_long_line(self) -> None:
        self._begins = self._rest[:SHOWN_BYTES].decode("utf-8", errors="replace")
        self._long_bytes, self._rest = len(self._rest), b""

    def _end_long_line(self) -> None:
        line = LongLine(self._number, self._long_bytes, self._begins or "")
        if self._long_lines is None:
            reason = f"line {line.number} has {line.size_bytes:,} bytes: no line of readings is that long"
            raise FileFault(file_faults.FILE_TOO_LARGE, reason)
        self._long_lines.append(line)
        self.set_aside += self._long_bytes
        self.any_text, self._begins, self._long_bytes = True, None, 0


def _end_of_lines(block: bytes) -> int:
    """Where the last line ends that is whole and outside quotes; 0 if none is."""
    cut = block.rfind(b"\n") + 1
    if len(block) < LONGEST_QUOTED_BYTES and block.count(b'"', 0, cut) % 2:
        cut = block.rfind(b"\n", 0, block.rfind(b'"', 0, cut)) + 1
    return cut


def _checked(block: bytes, offset: int) -> bytes:
    try:
        block.decode("utf-8")
    except UnicodeDecodeError as error:
        reason = f"byte {offset + error.start} is not UTF-8; if the sender uses another encoding, say so in the YAML"
        raise FileFault(file_faults.FILE_ENCODING, reason) from None
    return block


class _Recoded(io.RawIOBase):
    """A stream of another encoding, read as UTF-8."""

    def __init__(self, stream: BinaryIO, encoding: str) -> None:
        self._text = io.TextIOWrapper(stream, encoding=encoding, newline="")
        self._encoding = encoding

    def read(self, size: int = -1) -> bytes:
        try:
            return self._text.read(size).encode("utf-8")
        except UnicodeError as error:
            raise FileFault(file_faults.FILE_ENCODING, f"the file is not {self._encoding} ({error})") from None
