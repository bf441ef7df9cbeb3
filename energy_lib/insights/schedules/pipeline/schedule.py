"""The use case behind jobs/schedule.py: plan every site that has assets, audit the rows, publish gold.schedules."""

from __future__ import annotations

from datetime import datetime

import pyarrow as pa
import pyarrow.compute as pc

from energy_lib.config import Config
from energy_lib.insights.schedules.pipeline.inputs import READ, Moment, problems_at
from energy_lib.insights.schedules.problem import Problem
from energy_lib.insights.schedules.rows import schedule_rows
from energy_lib.insights.schedules.solver import Solver
from energy_lib.insights.schedules.spark.plans import planned_on_spark
from energy_lib.intervals import Period
from energy_lib.lake import Lake, Outcome
from energy_lib.lake.sql_literals import instant_sql
from energy_lib.quality import gate
from energy_lib.tables import references
from energy_lib.tables.answers.schedules import SCHEDULES, WHOLE_SITE
from energy_lib.tables.arrow import conform_arrow

JOB = "schedule"
# Up to so many sites are planned here: Spark's workers would start no sooner than they are done.
FEW_SITES = 100


def schedule(lake: Lake, config: Config, period: Period) -> Outcome:
    """Plan the sites of silver.assets at each origin of the period, each from what it knew and the plans before it.

    What was planned at these origins before is replaced. Without assets there is nothing to do. A site that cannot be
    planned has rows that say why. Raises GateRefused if a batch fails its suite; the table then stays as it was.
    """
    outcome = Outcome(versions_read={table.full_name: lake.version(table) for table in READ})
    assets = lake.small_tables.rows(references.ASSETS)
    if not assets:
        outcome.lines.append("schedules: silver.assets has no rows, so there is nothing to plan")
        return outcome
    for origin in period.origins(config.features.origin_hour_utc, config.features.origin_every_days):
        rows = _rows(lake, problems_at(lake.small_tables, config, Moment.of_night(origin), assets))
        outcome.gates.append(gate(rows, SCHEDULES))
        there = lake.small_tables.read(SCHEDULES, SCHEDULES.key, f"origin_utc = {instant_sql(origin)}")
        gone = there.join(rows.select(SCHEDULES.key), list(SCHEDULES.key), join_type="left anti")
        lake.upsert(SCHEDULES, rows, gone=_whole(gone) if gone.num_rows else None)
        outcome.rows_in += len(assets)
        outcome.rows_out += rows.num_rows
        outcome.lines += _lines(origin, rows)
    outcome.versions_written[SCHEDULES.full_name] = lake.version(SCHEDULES)
    return outcome


def _rows(lake: Lake, problems: list[Problem]) -> pa.Table:
    if len(problems) > FEW_SITES:
        return conform_arrow(planned_on_spark(lake.spark, problems), SCHEDULES)
    solver = Solver()
    parts = [pa.Table.from_pandas(schedule_rows(problem, solver), preserve_index=False) for problem in problems]
    return pa.concat_tables([conform_arrow(part, SCHEDULES) for part in parts])


def _whole(keys: pa.Table) -> pa.Table:
    """Rows to leave the table: their keys say which."""
    schema = conform_arrow(keys.slice(0, 0).append_column("asset_kind", pa.array([], pa.string())), SCHEDULES).schema
    return pa.Table.from_arrays(
        [keys[f.name] if f.name in keys.column_names else pa.nulls(keys.num_rows, f.type) for f in schema],
        schema=schema,
    )


def _lines(origin: datetime, rows: pa.Table) -> list[str]:
    """One line an origin (sites, savings by currency, hours of a relaxed limit), and why what is not planned is not."""
    of_site = rows.filter(pc.equal(rows["asset_id"], WHOLE_SITE))
    sites = len(pc.unique(of_site["site_id"]))
    relaxed = pc.sum(pc.greater(pc.fill_null(of_site["relaxed_kw"], 0.0), 0.0).cast(pa.int64())).as_py() or 0
    savings = rows.group_by("currency").aggregate([("expected_saving", "sum"), ("expected_saving_kgco2e", "sum")])
    texts = [
        f"{row['expected_saving_sum']:.2f} {row['currency']}, {row['expected_saving_kgco2e_sum'] or 0:.1f} kgCO2e"
        for row in savings.to_pylist()
        if row["expected_saving_sum"] is not None
    ]
    saved = "; ".join(sorted(texts)) or "nothing"
    line = f"schedules of {origin:%Y-%m-%d %H:%M}Z: {sites} sites, expected to save {saved}"
    reasons = sorted(set(filter(None, pc.unique(rows["reason"]).to_pylist())))
    return [f"{line}; limits relaxed in {relaxed} hours", *(f"  not planned: {reason}" for reason in reasons[:5])]
