"""Rows with the pseudonyms of older keys renewed, wherever a text holds one: for Spark's mapInArrow."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

import pyarrow as pa

from energy_lib.privacy.pseudonyms import KeyRing


@dataclass(frozen=True)
class RenewTask:
    """What one Spark task does with its rows. `ids`: those of answers, which are made of pseudonyms."""

    keys: KeyRing
    ids: Mapping[str, str]

    def __call__(self, batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        for batch in batches:
            columns = [self._renewed(column) for column in batch.columns]
            yield pa.RecordBatch.from_arrays(columns, schema=batch.schema)

    def _renewed(self, column: pa.Array) -> pa.Array:
        if pa.types.is_string(column.type):
            encoded = column.dictionary_encode()
            return pa.array(map(self._text, encoded.dictionary.to_pylist()), column.type).take(encoded.indices)
        if pa.types.is_list(column.type) and pa.types.is_string(column.type.value_type):
            lists = ([self._text(one) for one in each] if each is not None else None for each in column.to_pylist())
            return pa.array(lists, column.type)
        return column

    def _text(self, text: str | None) -> str | None:
        return None if text is None else self.ids.get(text) or self.keys.renewed_text(text)
