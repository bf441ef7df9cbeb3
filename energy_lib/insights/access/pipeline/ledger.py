"""What editions were made of, in ops.area_releases: written before an edition is said, read before the next one is."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date

import pyarrow as pa

from energy_lib.insights.access.editions import Released
from energy_lib.lake import Lake, Outcome
from energy_lib.quality import gate
from energy_lib.tables.answers.access import AREA_RELEASES
from energy_lib.tables.arrow import arrow_schema

# (family or indicator, measure).
Name = tuple[str, str]


def read_released(lake: Lake, month: date, edition: int) -> dict[Name, Released]:
    """What was written of an edition, without the areas that say it; nothing if it was not made."""
    rows = lake.small_tables.read(AREA_RELEASES, where=f"month = DATE '{month}' AND edition = {edition}").to_pylist()
    values: dict[Name, dict[str, float]] = {}
    area_of: dict[Name, dict[str, str]] = {}
    for row in rows:
        name = (row["family"], row["measure"])
        values.setdefault(name, {})[row["unit_id"]] = row["value"]
        area_of.setdefault(name, {})[row["unit_id"]] = row["area_id"]
    return {name: Released(values[name], area_of[name], frozenset()) for name in values}


def write_released(lake: Lake, month: date, edition: int, released: Mapping[Name, Released], outcome: Outcome) -> None:
    """One commit, so that an edition is known whole or not at all."""
    names = list(_sorted(released))
    columns = {
        "family": [name[0] for name, _, _ in names],
        "measure": [name[1] for name, _, _ in names],
        "unit_id": [unit for _, unit, _ in names],
        "edition": pa.array([edition] * len(names), pa.int32()),
        "area_id": [released[name].area_of[unit] for name, unit, _ in names],
        "value": pa.array([value for _, _, value in names], pa.float64()),
        "month": pa.array([month] * len(names), pa.date32()),
    }
    batch = pa.table(columns, schema=arrow_schema(AREA_RELEASES))
    outcome.gates.append(gate(batch, AREA_RELEASES))
    lake.upsert(AREA_RELEASES, batch)
    outcome.rows_out += batch.num_rows


def _sorted(released: Mapping[Name, Released]) -> Iterable[tuple[Name, str, float]]:
    for name in sorted(released):
        for unit in sorted(released[name].values):
            yield name, unit, released[name].values[unit]
