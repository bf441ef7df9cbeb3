"""A search of every byte of every file below some folders, packed ones unpacked: nothing of the lake's own code."""

from __future__ import annotations

import io
import re
import sqlite3
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq


def files_with(folders: Iterable[Path], texts: Iterable[str], numbers: Iterable[float] = ()) -> list[str]:
    """Files whose name, bytes or values hold one of the texts (whole words) or, in Parquet, one of the numbers."""
    words = "|".join(re.escape(text) for text in sorted(texts))
    pattern = re.compile(rb"(?<![\w.-])(?:" + words.encode() + rb")(?![\w-])")
    wanted = {float(number) for number in numbers}
    found = []
    for folder in folders:
        for file in sorted(path for path in folder.rglob("*") if path.is_file()):
            if any(map(pattern.search, _contents(file))) or wanted & _numbers(file):
                found.append(str(file.relative_to(folder.parent)))
    return found


def _contents(file: Path) -> Iterator[bytes]:
    content = file.read_bytes()
    yield str(file.name).encode()
    if content[:4] == b"PAR1":
        # Its footer holds the least and greatest values. Packed pages spell numbers by chance: values are looked at.
        yield content[-8 - int.from_bytes(content[-8:-4], "little") :]
        rows = pq.ParquetFile(file).read()
        yield from (str(column.to_pylist()).encode() for column in rows.columns if not _is_number(column))
        return
    yield content
    if content[:2] == b"\x1f\x8b":
        # As far as it goes: one of the files is cut off.
        yield zlib.decompressobj(wbits=31).decompress(content)
    if content[:4] == b"PK\x03\x04":
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            yield from (archive.read(name) for name in archive.namelist())
    if content[:15] == b"SQLite format 3":
        with sqlite3.connect(f"file:{file}?mode=ro", uri=True) as database:
            yield "\n".join(database.iterdump()).encode()


def _numbers(file: Path) -> set[float]:
    if file.suffix != ".parquet":
        return set()
    columns = (column for column in pq.ParquetFile(file).read().columns if pa.types.is_floating(column.type))
    # A float32 as it is printed: 0.3 and not 0.30000001192092896.
    return {float(str(value)) for column in columns for value in column.to_numpy()}


def _is_number(column: pa.ChunkedArray) -> bool:
    return pa.types.is_floating(column.type) or pa.types.is_integer(column.type)
