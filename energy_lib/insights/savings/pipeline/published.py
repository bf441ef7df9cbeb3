"""Rows of savings in the lake: read back, stamped, audited and published."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime

import pyarrow as pa

from energy_lib.config import CleaningConfig
from energy_lib.insights.savings.measured import ALL, Row
from energy_lib.lake import Lake, Outcome
from energy_lib.lake.sql_literals import text_sql
from energy_lib.quality import gate
from energy_lib.tables import Table
from energy_lib.tables.answers import savings as tables
from energy_lib.tables.arrow import arrow_schema


@dataclass
class Books:
    """The two tables of savings, as one night writes them.

    `replay`: a later night was measured already, so days and baselines stay and only missing totals are added.
    """

    lake: Lake
    known_at: datetime
    cleaning: CleaningConfig
    stamp: Row
    outcome: Outcome
    replay: bool = field(init=False)
    last_known_at: datetime | None = field(init=False)

    def __post_init__(self) -> None:
        known = self.lake.small_tables.read(tables.SAVINGS, ["known_at_utc"], "scope = 'total'")
        self.last_known_at = max(known["known_at_utc"].to_pylist(), default=None)
        self.replay = self.last_known_at is not None and self.last_known_at > self.known_at

    def baselines(self) -> dict[tuple[str, str], Row]:
        rows = self.lake.small_tables.rows(tables.BASELINES)
        return {(row["project_id"], row["meter_id"]): row for row in rows}

    def days_of(self, project_id: str, first: date, last: date) -> list[Row]:
        """Rows of scope `day` of a project's meters, those of the project itself left out."""
        where = f"scope = 'day' AND project_id = {text_sql(project_id)} AND meter_id <> '{ALL}'"
        rows = self.lake.small_tables.read(
            tables.SAVINGS, where=f"{where} AND first_date >= DATE '{first}' AND first_date <= DATE '{last}'"
        )
        found: list[Row] = rows.to_pylist()
        return found

    def obsolete_days(self, project_id: str, meter_id: str, rows: list[Row]) -> pa.Table:
        """Rows of scope `day` that are there and not among `rows`, which are all of the meter's."""
        where = f"scope = 'day' AND project_id = {text_sql(project_id)} AND meter_id = {text_sql(meter_id)}"
        there = self.lake.small_tables.read(tables.SAVINGS, where=where).to_pylist()
        dates = {row["first_date"] for row in rows}
        gone = [row for row in there if row["first_date"] not in dates]
        return pa.Table.from_pylist(gone, schema=arrow_schema(tables.SAVINGS))

    def publish(
        self, table: Table, rows: list[Row], gone: pa.Table | None = None, *, insert_only: bool = False
    ) -> None:
        """Audit and publish; nothing where there is nothing."""
        if not rows and (gone is None or gone.num_rows == 0):
            return
        stamp = {name: value for name, value in self.stamp.items() if name in table.column_names}
        batch = pa.Table.from_pylist([row | stamp for row in rows], schema=arrow_schema(table))
        self.outcome.gates.append(gate(batch, table))
        self.lake.upsert(table, batch, gone=gone, insert_only=insert_only)
        self.outcome.rows_out += batch.num_rows
        self.outcome.versions_written[table.full_name] = self.lake.version(table)
