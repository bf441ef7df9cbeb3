"""The use case of jobs/scenario.py: work scenarios out, audit, publish."""

from __future__ import annotations

from collections.abc import Sequence

import pyarrow as pa

from energy_lib.config import Config
from energy_lib.insights.scenarios.pipeline.inputs import READ
from energy_lib.insights.scenarios.pipeline.what_if import Row, read_year, results_of
from energy_lib.insights.scenarios.printed import lines_of
from energy_lib.insights.scenarios.scenario import Scenario
from energy_lib.intervals import Period
from energy_lib.lake import Lake, Outcome
from energy_lib.lake.sql_literals import text_sql
from energy_lib.quality import gate
from energy_lib.tables.answers.scenarios import SCENARIO_RESULTS
from energy_lib.tables.arrow import arrow_schema

JOB = "scenario"


def run_scenarios(lake: Lake, config: Config, period: Period, scenarios: Sequence[Scenario]) -> Outcome:
    """Each scenario's rows as of the period's day replace those it had, in one commit for all of them.

    Raises BadConfig for a scenario that asks for what is not there, InputMissing without a whole month that was read,
    GateRefused if the rows break their suite.
    """
    outcome = Outcome(versions_read={table.full_name: lake.version(table) for table in READ})
    year = read_year(lake.small_tables, period.only_day, config.cleaning, config.access)
    rows: list[Row] = []
    for scenario in scenarios:
        found = results_of(scenario, year)
        outcome.lines += lines_of(found, scenario, year.baseline)
        rows += found
    names = ", ".join(text_sql(scenario.name) for scenario in scenarios)
    there = lake.small_tables.read(
        SCENARIO_RESULTS, where=f"as_of_date = DATE '{period.only_day}' AND scenario IN ({names})"
    )
    batch = pa.Table.from_pylist(rows, schema=arrow_schema(SCENARIO_RESULTS))
    outcome.gates.append(gate(batch, SCENARIO_RESULTS))
    key = SCENARIO_RESULTS.key
    keys = {tuple(row[name] for name in key) for row in rows}
    gone = [row for row in there.to_pylist() if tuple(row[name] for name in key) not in keys]
    lake.upsert(SCENARIO_RESULTS, batch, gone=pa.Table.from_pylist(gone, schema=batch.schema))
    outcome.rows_in, outcome.rows_out = len(year.portfolio.units), batch.num_rows
    outcome.versions_written = {SCENARIO_RESULTS.full_name: lake.version(SCENARIO_RESULTS)}
    return outcome
