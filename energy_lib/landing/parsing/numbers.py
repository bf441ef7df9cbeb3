"""Values as texts or numbers → floats, and units → kWh."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from energy_lib.landing.sources.allowed_values import Unit
from energy_lib.landing.sources.yaml_sections import Value

Floats = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]

# Texts that say "no value" in whatever case, in every source.
NO_VALUE = ("null", "none", "nan", "missing", "empty")
MJ_PER_KWH = 3.6
# BTU and calorie of the International Table (ISO 31-4). A therm is 100,000 BTU, a ton of refrigeration 12,000 an hour.
KWH_PER_BTU = 1055.05585262 / 3.6e6
KWH_PER_UNIT = {
    Unit.WH: 1e-3,
    Unit.KWH: 1.0,
    Unit.MWH: 1e3,
    Unit.J: 1 / 3.6e6,
    Unit.MJ: 1 / 3.6,
    Unit.GJ: 1e3 / 3.6,
    Unit.BTU: KWH_PER_BTU,
    Unit.MMBTU: 1e6 * KWH_PER_BTU,
    Unit.THERM: 1e5 * KWH_PER_BTU,
    Unit.GCAL: 4186.8 / 3.6,
    Unit.TON_HOUR: 12_000 * KWH_PER_BTU,
}
# Exact, by the foot of 0.3048 m and the US gallon of 231 cubic inches.
M3_PER_UNIT = {
    Unit.M3: 1.0,
    Unit.FT3: 0.028316846592,
    Unit.CCF: 2.8316846592,
    Unit.LITRE: 1e-3,
    Unit.GAL: 0.003785411784,
}
KW_PER_UNIT = {Unit.W: 1e-3, Unit.KW: 1.0, Unit.MW: 1e3}


@dataclass(frozen=True, slots=True)
class Numbers:
    """Values, NaN where there is none; `missing` where the file says that there is none."""

    values: Floats
    missing: Mask


def read_numbers(column: pa.Array, decimal: str, thousands: str | None, missing: Sequence[str]) -> Numbers:
    """Numbers as the file writes them; what is no finite number is NaN.

    `missing` are the texts that mean that there is no value; an empty text, a null and NO_VALUE mean it too. Truth
    values, dates and such are no numbers.
    """
    if _is_number(column.type):
        values = _typed(column)
        return Numbers(np.where(np.isfinite(values), values, np.nan), _mask(pc.is_null(column, nan_is_null=True)))
    texts = pc.utf8_trim_whitespace(column.cast(pa.string()))
    tokens = pa.array(["", *missing], pa.string())
    absent = pc.or_(texts.is_null(), pc.is_in(texts, value_set=tokens))
    absent = pc.or_(absent, pc.fill_null(pc.is_in(pc.utf8_lower(texts), value_set=pa.array(NO_VALUE)), False))
    texts = pc.if_else(absent, pa.scalar(None, pa.string()), texts)
    if thousands:
        texts = pc.replace_substring(texts, thousands, "")
    if decimal != ".":
        texts = pc.replace_substring(texts, decimal, ".")
    try:
        values = pc.cast(texts, pa.float64()).to_numpy(zero_copy_only=False)
    except pa.ArrowInvalid:
        values = pd.to_numeric(texts.to_pandas(), errors="coerce").to_numpy(dtype=float)
    return Numbers(np.where(np.isfinite(values), values, np.nan), _mask(absent))


def _is_number(type_: pa.DataType) -> bool:
    return bool(pa.types.is_integer(type_) or pa.types.is_floating(type_) or pa.types.is_decimal(type_))


def _typed(column: pa.Array) -> Floats:
    if pa.types.is_float32(column.type):
        # Through the shortest decimal, so that 17.3 stored in 32 bits is 17.3 and not 17.299999.
        column = column.cast(pa.string())
    return np.asarray(column.cast(pa.float64(), safe=False).to_numpy(zero_copy_only=False), dtype=float)


def kwh_factor(unit: Unit, minutes: npt.NDArray[np.int64], value: Value) -> Floats:
    """What one unit is in kWh: power times the interval's hours, a volume of fuel by its calorific value."""
    if unit in KW_PER_UNIT:
        return KW_PER_UNIT[unit] * minutes / 60.0
    if unit in M3_PER_UNIT:
        calorific = value.calorific_value_mj_per_m3 or np.nan
        return np.full(len(minutes), M3_PER_UNIT[unit] * calorific * value.correction_factor / MJ_PER_KWH)
    return np.full(len(minutes), KWH_PER_UNIT[unit])


def _mask(array: pa.Array) -> Mask:
    return np.asarray(array.to_numpy(zero_copy_only=False), dtype=bool)
