"""Whether a file names somebody: in its name, its bytes, or in what is packed into it."""

from __future__ import annotations

import re
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

GZIP, ZIP, PARQUET = b"\x1f\x8b", b"PK\x03\x04", b"PAR1"


def mentions(file: Path, pattern: re.Pattern[bytes]) -> bool:
    """Whether the file's name or content holds the pattern; gzip, zip and Parquet are unpacked.

    What cannot be unpacked is searched as it is.
    """
    if pattern.search(file.name.encode("utf-8", "surrogateescape")):
        return True
    content = file.read_bytes()
    return pattern.search(content) is not None or any(map(pattern.search, _unpacked(file, content)))


def _unpacked(file: Path, content: bytes) -> list[bytes]:
    try:
        if content.startswith(GZIP):
            return list(_gunzipped(content))
        if content.startswith(ZIP):
            with zipfile.ZipFile(file) as archive:
                return [archive.read(name) for name in archive.namelist()]
        if content.startswith(PARQUET):
            return _texts(pq.ParquetFile(file).read())
    except (OSError, zlib.error, zipfile.BadZipFile, pa.ArrowInvalid):
        return []
    return []


def _gunzipped(content: bytes) -> Iterator[bytes]:
    """What a gzip file holds, as far as it goes: of one that was cut off, what came before."""
    while content.startswith(GZIP):
        unpacking = zlib.decompressobj(wbits=zlib.MAX_WBITS | 16)
        try:
            yield unpacking.decompress(content)
        except zlib.error:
            return
        content = unpacking.unused_data


def _texts(rows: pa.Table) -> list[bytes]:
    """The distinct texts of a table, of lists and structs as well."""
    found = []
    for column in rows.flatten().columns:
        while pa.types.is_list(column.type):
            column = pc.list_flatten(column)
        if pa.types.is_struct(column.type):
            found += _texts(pa.Table.from_batches(pa.table({"part": column}).to_batches()))
        elif pa.types.is_map(column.type):
            found.append(str(column.to_pylist()).encode())
        elif pa.types.is_string(column.type) or pa.types.is_large_string(column.type):
            found.append("\n".join(filter(None, pc.unique(column).to_pylist())).encode())
    return found
