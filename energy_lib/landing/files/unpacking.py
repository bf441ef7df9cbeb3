"""What a file's first bytes say: gzip is unpacked on the way in, up to a limit; other archives are told by name."""

from __future__ import annotations

import gzip
import io
from typing import BinaryIO, cast

from energy_lib.landing.files import file_faults
from energy_lib.landing.files.file_faults import FileFault

GZIP_MAGIC = b"\x1f\x8b"
MAGIC_BYTES = 8
WORKBOOK = "an Excel workbook: save its sheet as CSV"
ARCHIVES = {
    b"PK\x03\x04": "a ZIP archive (or an Excel workbook): unzip it and land the files in it (save a sheet as CSV)",
    b"7z\xbc\xaf\x27\x1c": "a 7z archive: unpack it and land the files in it",
    b"Rar!\x1a\x07": "a RAR archive: unpack it and land the files in it",
    b"BZh": "a bzip2 file: unpack it, or pack it with gzip",
    b"\xfd7zXZ\x00": "an xz file: unpack it, or pack it with gzip",
    b"\x28\xb5\x2f\xfd": "a Zstandard file: unpack it, or pack it with gzip",
    b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1": WORKBOOK,
}
# Meter readings pack ten to fifty times smaller. What packs 200 times smaller is a bomb, or holds nothing but zeros.
LARGEST_RATIO = 200
FREE_BYTES = 256 << 20
STEP_BYTES = 8 << 20


def unpacked(raw: BinaryIO) -> BinaryIO:
    """The stream to read: `raw`, gunzipped if its magic bytes say so. Raises FileFault for no bytes or an archive."""
    magic = raw.read(MAGIC_BYTES)
    if not magic:
        raise FileFault(file_faults.FILE_EMPTY, "the file holds no bytes")
    for mark, what in ARCHIVES.items():
        if magic.startswith(mark):
            raise FileFault(file_faults.FILE_BINARY, f"this is {what}")
    raw.seek(0)
    return cast(BinaryIO, _Gunzipped(raw)) if magic.startswith(GZIP_MAGIC) else raw


def not_text(data: bytes, offset: int) -> str:
    """What a block with a NUL byte is, `offset` bytes into the file."""
    if offset == 0 and data[257:262] == b"ustar":
        return "this is a tar archive: unpack it and land the files in it"
    if offset == 0 and data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "this text is in UTF-16: write encoding: utf-16 in the YAML"
    return f"byte {offset + data.index(0)} is NUL: this is not a text file"


class _Gunzipped(io.RawIOBase):
    """The text of a gzip stream; one that unpacks to far more than text can is refused before it fills the memory."""

    def __init__(self, raw: BinaryIO) -> None:
        self._raw = raw
        self._stream = gzip.GzipFile(fileobj=raw)
        self._given = 0

    def read(self, size: int = -1) -> bytes:
        if size is None or size < 0:
            return b"".join(iter(lambda: self._step(STEP_BYTES), b""))
        return self._step(size)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        data = self._step(len(buffer))
        buffer[: len(data)] = data
        return len(data)

    def _step(self, size: int) -> bytes:
        data = self._stream.read(size)
        self._given += len(data)
        if self._given > FREE_BYTES and self._given > LARGEST_RATIO * self._raw.tell():
            raise FileFault(
                file_faults.FILE_TOO_LARGE,
                f"{self._raw.tell():,} bytes of gzip unpack to more than {self._given:,}: "
                "if it is no mistake, land it unpacked",
            )
        return data
