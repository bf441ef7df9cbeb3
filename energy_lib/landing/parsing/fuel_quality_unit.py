"""Fuel, flow, quality and unit: texts of the file → words of the vocabulary, each distinct text looked up once."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from energy_lib.landing.parsing.obis import obis_flow, obis_fuel
from energy_lib.landing.sources.allowed_values import Unit
from energy_lib.landing.sources.yaml_sections import FlowOfRegister, FuelColumn, QualityColumn, Value
from energy_lib.vocabulary import Flow, Fuel, Quality


def fuels(texts: pa.Array | None, fuel: Fuel | FuelColumn | None, rows: int) -> pa.Array:
    """Fuel of each row: what the row says, else the source; null where it is no fuel, no OBIS code, in no mapping."""
    if isinstance(fuel, Fuel) and texts is None:
        return pa.repeat(pa.scalar(fuel.value), rows)
    mapping = fuel.mapping if isinstance(fuel, FuelColumn) else {}
    if texts is None:
        return pa.nulls(rows, pa.string())
    return _mapped(texts, lambda text: mapping.get(text) or _word(Fuel, text) or obis_fuel(text))


def flows(texts: pa.Array | None, flow: Flow | FlowOfRegister | None, rows: int) -> pa.Array:
    """Flow of each row: what the YAML says, else what the file says, else import; null where a text is no flow."""
    mapping = flow.mapping if isinstance(flow, FlowOfRegister) else {}
    constant = flow.constant if isinstance(flow, FlowOfRegister) else flow
    if constant is not None or texts is None:
        return pa.repeat(pa.scalar((constant or Flow.IMPORT).value), rows)
    return _mapped(texts, lambda text: mapping.get(text) or _word(Flow, text) or obis_flow(text))


def register_ids(meters: pa.Array, flow: pa.Array) -> pa.Array:
    """Meter ids of registers: the point's id for import, else `<point>_<flow>`; a meter or a flow of null gives it."""
    others = pc.and_(pc.is_valid(flow), pc.not_equal(flow, Flow.IMPORT.value))
    return pc.if_else(pc.fill_null(others, False), pc.binary_join_element_wise(meters, flow, "_"), meters)


def qualities(texts: pa.Array | None, quality: Quality | QualityColumn, rows: int) -> pa.Array:
    """Quality of each row; a text that is no quality and in no mapping gives the default."""
    if texts is None:
        return pa.repeat(pa.scalar(quality.value if isinstance(quality, Quality) else quality.default.value), rows)
    mapping = quality.mapping if isinstance(quality, QualityColumn) else {}
    default = quality.default if isinstance(quality, QualityColumn) else quality
    words = _mapped(texts, lambda text: mapping.get(text) or _word(Quality, text) or default.value)
    return pc.fill_null(words, default.value)


def units(texts: pa.Array, value: Value) -> dict[Unit, npt.NDArray[np.bool_]]:
    """Unit → the rows that are in it; rows of no known unit are in none."""
    unit_of = {unit.value.lower(): unit.value for unit in Unit}
    words = _mapped(texts, lambda text: value.units.get(text) or unit_of.get(text.lower()))
    return {
        Unit(word): np.asarray(pc.fill_null(pc.equal(words, word), False).to_numpy(zero_copy_only=False), dtype=bool)
        for word in pc.unique(words).to_pylist()
        if word is not None
    }


def _mapped(texts: pa.Array, word_of: Callable[[str], str | None]) -> pa.Array:
    encoded = texts.cast(pa.string()).dictionary_encode()
    words = [_plain(word_of(text.strip())) for text in encoded.dictionary.to_pylist()]
    return pa.array(words, pa.string()).take(encoded.indices)


def _plain(word: str | None) -> str | None:
    return None if word is None else str(word)


def _word(vocabulary: type[Fuel] | type[Flow] | type[Quality], text: str) -> str | None:
    words = {word.value for word in vocabulary}
    return text.lower() if text.lower() in words else None
