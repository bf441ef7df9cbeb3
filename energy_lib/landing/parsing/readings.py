"""RawReadings readings of one file → rows of bronze.readings: stamps in UTC, energy in kWh, or the rule a row broke."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from energy_lib.landing.files import file_faults
from energy_lib.landing.files.content import Content
from energy_lib.landing.formats import RawReadings
from energy_lib.landing.parsing.arrow_columns import (
    UTC_STAMP,
    flags,
    instants,
    not_empty,
    replaced,
    stamp_texts,
    trimmed,
    with_broken,
)
from energy_lib.landing.parsing.fuel_quality_unit import flows, fuels, qualities, register_ids, units
from energy_lib.landing.parsing.interval_lengths import InferredLengths
from energy_lib.landing.parsing.numbers import kwh_factor, read_numbers
from energy_lib.landing.parsing.parse_failures import BrokenRules
from energy_lib.landing.parsing.raw_readings import raw_readings
from energy_lib.landing.parsing.reading_times import ReadingTimes, told_by
from energy_lib.landing.parsing.stamp_parser import joined_stamps
from energy_lib.landing.parsing.timestamps import MINUTE, NAT, Instants
from energy_lib.landing.sources.allowed_values import VOLUMES, DoubledHour
from energy_lib.landing.sources.source import Source
from energy_lib.landing.sources.yaml_sections import Available, FlowOfRegister, Time, Value

Longs = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]

# For NEM12 and Green Button, whose files give unit, length and instant themselves.
SELF_DESCRIBED_TIME = Time(column="", zone="UTC", interval_column="")
SELF_DESCRIBED_VALUE = Value(unit_column="")


def parse_readings(content: Content, source: Source, landed_at_utc: datetime) -> Iterator[pa.Table]:
    """Tables of the file's readings, in file order: the columns of bronze.readings that parsing fills.

    `interval_start_utc` is in UTC, `energy_kwh` (or `register_kwh`) in kWh. A row that breaks a rule has `rule_id` and
    `reason` and keeps its raw texts; `row_number` counts from 1 through the file. Raises FileFault for a file that
    cannot be used as a whole.
    """
    time = source.time or SELF_DESCRIBED_TIME
    landed_micros = int(landed_at_utc.timestamp() * 1_000_000)
    inferred = told_by(source, time)
    if inferred is not None:
        first_look = ReadingsParser(source, landed_micros, inferred)
        for raw in raw_readings(content, source):
            first_look.observe(raw)
        inferred.settle()
    parser = ReadingsParser(source, landed_micros, inferred)
    for raw in raw_readings(content, source):
        yield parser.parse(raw)


class ReadingsParser:
    """One file's parser. Doubled hours and row numbers carry over from chunk to chunk.

    `landed_micros`: when the rows landed, microseconds since 1970; of messages an array, one of each row of the chunk.
    """

    def __init__(self, source: Source, landed_micros: int | Longs, inferred: InferredLengths | None) -> None:
        self.source = source
        self.time = source.time or SELF_DESCRIBED_TIME
        self.value = source.value or SELF_DESCRIBED_VALUE
        self.landed_micros = landed_micros
        self._of_registers = bool(self.value.register_reads)
        self.times = ReadingTimes(source, self.time, inferred, register_reads=self._of_registers)
        self.rows = 0

    def observe(self, raw: RawReadings) -> None:
        """Look at a chunk for the lengths of its intervals."""
        rules = BrokenRules(len(raw.meter))
        self.times.observe(raw, self._register(raw, rules)[0], rules)

    def _register(self, raw: RawReadings, rules: BrokenRules) -> tuple[pa.Array, pa.Array]:
        """Id and flow of each row's register."""
        if raw.rule is not None:
            rules.adopt(raw.rule, raw.reason)
        meter = trimmed(raw.meter)
        rules.mark(
            file_faults.MISSING_METER, flags(pc.fill_null(pc.equal(meter, ""), True)), lambda i: "no meter is named"
        )
        flow = flows(raw.flow, self.source.flow, len(meter))
        rules.mark(file_faults.UNKNOWN_FLOW, flags(pc.is_null(flow)), lambda i: f"{_quoted(raw.flow, i)} is no flow")
        # From here on import and export of one point are two meters: their rows may bear the same stamps.
        return (meter if self._meters_apart(raw) else register_ids(meter, flow)), flow

    def parse(self, raw: RawReadings) -> pa.Table:
        rules = BrokenRules(len(raw.meter))
        meter, flow = self._register(raw, rules)
        start, minutes = self.times.times(raw, meter, rules)
        energy = self._energies(raw, minutes, rules)
        columns = self._columns(raw, meter, flow, start, minutes, energy, rules)
        if self.time.doubled_hour is DoubledHour.SPLIT and start.ambiguous.any():
            columns = self._split(columns, start)
        table = with_broken(columns, raw.broken)
        numbers = np.arange(self.rows + 1, self.rows + 1 + table.num_rows)
        self.rows += table.num_rows
        return table.append_column("row_number", pa.array(numbers))

    def _energies(self, raw: RawReadings, minutes: Longs, rules: BrokenRules) -> npt.NDArray[np.float64]:
        """Energy (or register) in kWh, NaN where there is none."""
        numbers = read_numbers(raw.value, self.value.decimal, self.value.thousands, self.value.missing)
        rules.mark(file_faults.MISSING_VALUE, numbers.missing, lambda i: "the file says that there is no value")
        bad = np.isnan(numbers.values) & ~numbers.missing
        rules.mark(file_faults.UNPARSEABLE_VALUE, bad, lambda i: f"{raw.value[i].as_py()!r} is not a number")
        sign = 1.0 if self.value.use_is == "positive" else -1.0
        factor = self._factors(raw.unit, minutes, rules)
        with np.errstate(over="ignore"):
            energy = np.asarray(numbers.values * factor * sign)
        rules.mark(
            file_faults.UNPARSEABLE_VALUE,
            np.isinf(energy),
            lambda i: f"{raw.value[i].as_py()!r} is too large for a number of kWh",
        )
        # Minus zero is zero.
        return np.where(energy == 0, 0.0, energy)

    def _factors(self, texts: pa.Array | None, minutes: Longs, rules: BrokenRules) -> npt.NDArray[np.float64]:
        """What one unit of each row is in kWh."""
        if texts is None:
            assert self.value.unit is not None, "the source was checked when it was read"
            return kwh_factor(self.value.unit, minutes, self.value)
        factor = np.full(len(minutes), np.nan)
        for unit, here in units(texts, self.value).items():
            factor[here] = kwh_factor(unit, minutes[here], self.value)
        volumes = [unit.value for unit in VOLUMES] if self.value.calorific_value_mj_per_m3 is None else []
        rules.mark(
            file_faults.UNKNOWN_UNIT,
            np.isnan(factor),
            lambda i: (
                f"unit {texts[i].as_py()} needs value.calorific_value_mj_per_m3 in the source's YAML"
                if texts[i].as_py() in volumes
                else f"unit {texts[i].as_py()!r} is none that is known"
            ),
        )
        return factor

    def _columns(
        self,
        raw: RawReadings,
        meter: pa.Array,
        flow: pa.Array,
        start: Instants,
        minutes: Longs,
        energy: npt.NDArray[np.float64],
        rules: BrokenRules,
    ) -> pa.Table:
        fuel = fuels(raw.fuel, self.source.fuel, len(meter))
        rules.mark(file_faults.UNKNOWN_FUEL, flags(pc.is_null(fuel)), lambda i: f"{_quoted(raw.fuel, i)} is no fuel")
        whole = ~rules.broken
        timed = (start.micros != NAT) & ~start.nonexistent & ~(start.ambiguous & rules.broken)
        registers = self._registers(raw)
        rule_id, reason = rules.arrays()
        nothing = pa.nulls(len(meter), pa.float64())
        kwh = pa.array(energy, mask=~whole | np.isnan(energy))
        return pa.table(
            {
                "raw_meter_id": raw.meter.cast(pa.string()),
                "raw_timestamp": _shown_stamps(raw),
                "raw_value": (raw.value if raw.raw_value is None else raw.raw_value).cast(pa.string()),
                "raw_row": pa.nulls(len(meter), pa.string()),
                "meter_id": not_empty(meter),
                "building_id": pa.nulls(len(meter), pa.string()) if raw.building is None else trimmed(raw.building),
                "fuel": fuel,
                "flow": flow,
                "interval_start_utc": instants(start.micros, timed),
                "interval_minutes": pa.array(minutes.astype(np.int32), mask=minutes <= 0),
                "energy_kwh": nothing if registers else kwh,
                "register_kwh": kwh if registers else nothing,
                "quality": qualities(raw.quality, self.source.quality, len(meter)),
                "available_at_utc": instants(self._available(raw, start, minutes), timed),
                "rule_id": rule_id,
                "reason": reason,
            }
        )

    def _registers(self, raw: RawReadings) -> bool:
        return self._of_registers or raw.register_reads

    def _meters_apart(self, raw: RawReadings) -> bool:
        flow = self.source.flow
        return raw.meters_apart or (isinstance(flow, FlowOfRegister) and flow.meter_names_register)

    def _available(self, raw: RawReadings, start: Instants, minutes: Longs) -> Longs:
        """Never before the interval's end: nobody knows a reading while it is being made."""
        ends = np.where(start.micros == NAT, 0, start.micros + minutes * MINUTE)
        available = self.source.available
        if not isinstance(available, Available):
            return np.maximum(ends, self.landed_micros)
        if available.after_interval_end_minutes is not None:
            return np.asarray(ends + available.after_interval_end_minutes * MINUTE)
        if raw.available is None:
            return np.maximum(ends, self.landed_micros)
        known = self.times.instants(raw.available)
        return np.maximum(ends, np.where(known == NAT, self.landed_micros, known))

    def _split(self, columns: pa.Table, start: Instants) -> pa.Table:
        """A value that holds both passages of the doubled hour becomes two halves, marked as estimated."""
        whole = start.ambiguous & flags(pc.is_null(columns["rule_id"]))
        halves = pc.multiply(columns["energy_kwh"], pa.array(np.where(whole, 0.5, 1.0)))
        quality = pc.if_else(pa.array(whole), pa.scalar("estimated"), columns["quality"].combine_chunks())
        columns = replaced(replaced(columns, "energy_kwh", halves), "quality", quality)
        rows = np.repeat(np.arange(columns.num_rows), np.where(whole, 2, 1))
        second_half = np.append(False, rows[1:] == rows[:-1])
        moved = np.where(second_half, start.second_micros[rows] - start.micros[rows], 0)
        columns = columns.take(pa.array(rows))
        # Where a reading counts as known some time after its interval, that moves with the interval.
        available_moves = isinstance(self.source.available, Available) and self.source.available.column is None
        for name in ("interval_start_utc", *(("available_at_utc",) if available_moves else ())):
            micros = pc.add(columns[name].cast(pa.int64()), pa.array(moved)).cast(UTC_STAMP)
            columns = replaced(columns, name, micros)
        return columns


def _shown_stamps(raw: RawReadings) -> pa.Array:
    """Stamps as they stood; of a numbered period its day and number."""
    texts = stamp_texts(raw.stamp if raw.raw_stamp is None else raw.raw_stamp)
    return texts if raw.period is None else joined_stamps([texts, raw.period])


def _quoted(texts: pa.Array | None, row: int) -> str:
    return "nothing" if texts is None else repr(texts[row].as_py())
