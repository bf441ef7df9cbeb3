"""The text of the files to be looked at, and their encoding."""

from __future__ import annotations

import codecs
from dataclasses import dataclass
from pathlib import Path

from energy_lib.errors import InputMissing
from energy_lib.landing.files.content import Content
from energy_lib.landing.files.file_faults import FileFault

# What is read of each file: enough for years of readings, and little enough to be quick.
SAMPLE_BYTES = 32 << 20


@dataclass(frozen=True, slots=True)
class Sample:
    """The beginning of one file; `whole` is false if there is more of it."""

    name: str
    data: bytes
    encoding: str
    whole: bool

    @property
    def text(self) -> str:
        return self.data.decode(self.encoding, errors="replace").removeprefix("\ufeff")


def existing(path: Path) -> Path:
    """The path; raises InputMissing if there is no such file."""
    if not path.is_file():
        raise InputMissing(f"There is no file {path}: give --propose files to look at.")
    return path


def read_sample(path: Path) -> Sample:
    """Raises InputMissing for a file without content, with damaged content, or in an archive."""
    try:
        with Content.at(str(path.resolve()), path.name).open() as stream:
            data = stream.read(SAMPLE_BYTES + 1)
    except FileFault as fault:
        raise InputMissing(f"{path} cannot be read: {fault.reason}.") from None
    if data.startswith(b"PK\x03\x04"):
        raise InputMissing(f"{path} is a zip archive (an Excel workbook is one too): unzip it, or save it as CSV.")
    whole = len(data) <= SAMPLE_BYTES
    data = data if whole else data[: data.rfind(b"\n", 0, SAMPLE_BYTES) + 1]
    return Sample(path.name, data, _encoding(data), whole)


def _encoding(data: bytes) -> str:
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return "cp1252"
    return "utf-8"
