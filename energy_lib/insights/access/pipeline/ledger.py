"""What editions were made of, in ops.area_releases: written before an edition is said, read before the next one is."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

import pyarrow as pa

from energy_lib.insights.access.editions import Released
from energy_lib.lake import Lake, Outcome
from energy_lib.quality import gate
from energy_lib.tables.answers.access import AREA_RELEASES
from energy_lib.tables.arrow import arrow_schema

# (family or indicator, measure).
Name = tuple[str, str]
# Month and edition.
Edition = tuple[date, int]


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


def write_released(lake: Lake, editions: Mapping[Edition, Mapping[Name, Released]], outcome: Outcome) -> None:
    """One commit, so that each edition is known whole or not at all."""
    if not editions:
        return
    batch = pa.concat_tables([_rows(month, number, released) for (month, number), released in editions.items()])
    outcome.gates.append(gate(batch, AREA_RELEASES))
    lake.upsert(AREA_RELEASES, batch)
    outcome.rows_out += batch.num_rows


def _rows(month: date, edition: int, released: Mapping[Name, Released]) -> pa.Table:
    units = [(name, unit) for name in sorted(released) for unit in sorted(released[name].values)]
    columns = {
        "family": pa.array([name[0] for name, _ in units], pa.string()),
        "measure": pa.array([name[1] for name, _ in units], pa.string()),
        "unit_id": pa.array([unit for _, unit in units], pa.string()),
        "edition": pa.array([edition] * len(units), pa.int32()),
        "area_id": pa.array([released[name].area_of[unit] for name, unit in units], pa.string()),
        "value": pa.array([released[name].values[unit] for name, unit in units], pa.float64()),
        "month": pa.array([month] * len(units), pa.date32()),
    }
    return pa.table(columns, schema=arrow_schema(AREA_RELEASES))
