"""A file's bytes: opened from any store, gunzipped where its magic bytes say so, cut into whole lines."""

from __future__ import annotations

import gzip
import hashlib
import io
import os
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, cast
from urllib.parse import unquote_to_bytes

from energy_lib.landing.files import file_faults
from energy_lib.landing.files.file_faults import FileFault

GZIP_MAGIC = b"\x1f\x8b"
# A local path whose bytes are not UTF-8, percent-encoded.
BYTES_SCHEME = "file-bytes"
BLOCK_BYTES = 8 << 20
# Beyond this an open quote is a stray one, not the start of a field with line breaks.
LONGEST_QUOTED_BYTES = 4 * BLOCK_BYTES


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
            magic = raw.read(2)
            if not magic:
                raise FileFault(file_faults.FILE_EMPTY, "the file holds no bytes")
            raw.seek(0)
            stream = cast(BinaryIO, gzip.GzipFile(fileobj=raw)) if magic == GZIP_MAGIC else raw
            try:
                yield stream
            except EOFError:
                raise FileFault(file_faults.FILE_TRUNCATED, "the gzip stream ends before its end marker") from None
            except (gzip.BadGzipFile, zlib.error) as error:
                raise FileFault(file_faults.FILE_CORRUPT, f"the gzip stream is damaged ({error})") from None


def open_uri(uri: str) -> BinaryIO:
    """Open a local path, a file: URI, or an object of a store that pyarrow knows (s3, gs, hdfs, abfs)."""
    scheme, colon, rest = uri.partition(":")
    if not colon or "/" in scheme or scheme in ("file", BYTES_SCHEME):
        # file:/path or file:///path, with blanks and such as they are; by bytes, whatever this process's locale is.
        named = unquote_to_bytes(rest) if scheme == BYTES_SCHEME else (rest if scheme == "file" else uri).encode()
        return Path(os.fsdecode(b"/" + named.lstrip(b"/") if scheme.startswith("file") else named)).open("rb")
    from pyarrow import fs

    store, path = fs.FileSystem.from_uri(uri.replace("s3a://", "s3://", 1))
    return cast(BinaryIO, store.open_input_file(path))


def text_blocks(stream: BinaryIO, encoding: str, block_bytes: int = BLOCK_BYTES) -> Iterator[bytes]:
    """Blocks of whole lines as UTF-8; a quoted line break never ends a block.

    Raises FileFault for a binary, another encoding, or a file without text.
    """
    utf8 = encoding.lower().replace("_", "-") in ("utf-8", "utf8")
    source: BinaryIO = stream if utf8 else cast(BinaryIO, _Recoded(stream, encoding))
    rest, read, offset, first = b"", 0, 0, True
    while data := source.read(block_bytes):
        if b"\0" in data:
            raise FileFault(file_faults.FILE_BINARY, f"byte {read + data.index(0)} is NUL: this is not a text file")
        read += len(data)
        if first:
            data, first = data.removeprefix(b"\xef\xbb\xbf"), False
        block = rest + data
        cut = _end_of_lines(block)
        rest = block[cut:]
        if cut:
            yield _checked(block[:cut], offset)
            offset += cut
    if offset == 0 and b"\n" not in rest and b"\r" in rest.strip():
        raise FileFault(file_faults.FILE_UNREADABLE, "its lines end in CR alone: write it with LF or with CR and LF")
    if rest.strip():
        yield _checked(rest + b"\n", offset)
    elif offset == 0:
        raise FileFault(file_faults.FILE_EMPTY, "the file holds no text")


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
