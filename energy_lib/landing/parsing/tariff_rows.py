"""Tariffs of one register in rows of their own (`value.sum_over`): the rows of a stamp become one reading."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import Any, cast

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from energy_lib.landing.files import file_faults
from energy_lib.landing.formats import RawReadings
from energy_lib.landing.parsing.arrow_columns import stamp_texts, trimmed
from energy_lib.landing.parsing.fuel_quality_unit import flows, fuels, qualities
from energy_lib.landing.parsing.summed_values import summed
from energy_lib.landing.sources.source import Source
from energy_lib.vocabulary import Quality

Longs = npt.NDArray[np.int64]
REGISTER = ["meter", "flow", "fuel"]


def tariffs_summed(raw: RawReadings, source: Source) -> RawReadings:
    """Readings of one meter, flow, fuel and stamp, summed over the texts of `raw.tariff`.

    Needs all rows of a file at once. A text that comes again for a stamp is no other tariff: the first rows make one
    sum, the second ones another (the doubled hour, or a correction). A register's sum needs all tariffs that its meter
    has in the file. A sum is estimated if one of its parts is, and known when the last of them is.
    """
    assert source.value is not None, "the source was checked when it was read"
    frame = _frame(raw, source)
    first = np.asarray(frame.groupby("reading")["row"].min())
    value = np.full(len(first), np.nan)
    texts, rule, reason = (np.full(len(first), None, dtype=object) for _ in range(3))
    for names, registers in _registers_by_tariffs(frame).items():
        readings, parts = _parts(raw, frame[frame["register"].isin(registers)], names)
        sums = summed(parts, names, source.value)
        value[readings], texts[readings] = sums.values, sums.texts
        rule[readings], reason[readings] = sums.rule, sums.reason
    rule, reason = _unlike_units(raw, frame, rule, reason)
    rows = _taken(raw, first)
    return replace(
        rows,
        value=pa.array(value),
        raw_value=pa.array(texts, pa.string()),
        rule=_first_said(rows.rule, rule),
        reason=_first_said(rows.reason, reason),
        quality=_of_worst_part(raw, frame, source),
        available=_of_last_part(raw, frame),
    )


def _frame(raw: RawReadings, source: Source) -> pd.DataFrame:
    """One row a row of the file: to which register and to which reading of it the row belongs."""
    rows = len(raw.meter)
    frame = pd.DataFrame(
        {
            "row": np.arange(rows),
            "meter": trimmed(raw.meter).to_pandas(),
            "flow": flows(raw.flow, source.flow, rows).to_pandas(),
            "fuel": fuels(raw.fuel, source.fuel, rows).to_pandas(),
            "stamp": stamp_texts(raw.stamp).to_pandas(),
            "offset": "" if raw.offset is None else raw.offset.cast(pa.string()).to_pandas(),
            "period": "" if raw.period is None else raw.period.cast(pa.string()).to_pandas(),
            "tariff": pc.fill_null(trimmed(raw.tariff), "").to_pandas(),
        }
    ).astype({"offset": object, "period": object})
    stamp = [*REGISTER, "stamp", "offset", "period"]
    frame["passage"] = frame.groupby([*stamp, "tariff"], dropna=False, sort=False).cumcount()
    alone = np.zeros(rows, dtype=bool) if raw.rule is None else raw.rule.is_valid().to_numpy(zero_copy_only=False)
    frame.loc[alone, "passage"] = -1 - frame.loc[alone, "row"]
    frame["reading"] = frame.groupby([*stamp, "passage"], dropna=False, sort=False).ngroup()
    frame["register"] = frame.groupby(REGISTER, dropna=False, sort=False).ngroup()
    # A row that is no reading makes no tariff that the others would lack.
    frame.loc[alone, "register"] = -1
    return frame


def _registers_by_tariffs(frame: pd.DataFrame) -> dict[tuple[str, ...], list[int]]:
    """The tariffs that a register has in the file → the registers that have these."""
    registers: dict[tuple[str, ...], list[int]] = {}
    for register, texts in frame.groupby("register")["tariff"].unique().items():
        registers.setdefault(tuple(sorted(texts)), []).append(cast(int, register))
    return registers


def _parts(raw: RawReadings, frame: pd.DataFrame, names: tuple[str, ...]) -> tuple[Longs, list[pa.Array]]:
    """Readings, and for each tariff its value in each of them (null where the tariff has no row)."""
    wide = frame.pivot(index="reading", columns="tariff", values="row").reindex(columns=list(names))
    parts = []
    for name in names:
        row = wide[name]
        parts.append(raw.value.take(pa.array(row.fillna(0).astype("int64").to_numpy(), mask=row.isna().to_numpy())))
    return wide.index.to_numpy(), parts


def _unlike_units(raw: RawReadings, frame: pd.DataFrame, rule: Any, reason: Any) -> tuple[Any, Any]:
    if raw.unit is None:
        return rule, reason
    units = frame.assign(unit=trimmed(raw.unit).to_pandas()).groupby("reading")["unit"].nunique(dropna=False)
    for at in np.flatnonzero(units.to_numpy() > 1):
        rule[at], reason[at] = file_faults.UNKNOWN_UNIT, "the rows that value.sum_over sums have different units"
    return rule, reason


def _of_worst_part(raw: RawReadings, frame: pd.DataFrame, source: Source) -> pa.Array | None:
    if raw.quality is None:
        return None
    words = qualities(raw.quality, source.quality, len(raw.meter)).to_pandas()
    order = frame.assign(measured=(words == Quality.MEASURED.value).to_numpy()).sort_values(["measured", "row"])
    return raw.quality.take(pa.array(order.groupby("reading")["row"].first().to_numpy()))


def _of_last_part(raw: RawReadings, frame: pd.DataFrame) -> pa.Array | None:
    if raw.available is None:
        return None
    texts = stamp_texts(raw.available).to_pandas().fillna("")
    order = frame.assign(available=texts.to_numpy()).sort_values(["available", "row"])
    return raw.available.take(pa.array(order.groupby("reading")["row"].last().to_numpy()))


def _taken(raw: RawReadings, rows: Longs) -> RawReadings:
    columns = {field.name: getattr(raw, field.name) for field in fields(raw)}
    taken = {name: col.take(pa.array(rows)) for name, col in columns.items() if isinstance(col, pa.Array)}
    return replace(raw, **taken)


def _first_said(of_row: pa.Array | None, of_sum: Any) -> pa.Array:
    texts = pa.array(of_sum, pa.string())
    return texts if of_row is None else pc.coalesce(of_row, texts)
