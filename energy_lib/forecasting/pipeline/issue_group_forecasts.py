"""Issue forecasts of groups: read gold.forecasts, sum them, audit the batch, publish gold.group_forecasts."""

from __future__ import annotations

from typing import Any

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from energy_lib.cleaning.spark.registers_only import registers_only
from energy_lib.config import Config
from energy_lib.features.spark.kernels import between
from energy_lib.forecasting.group_spread import history_from
from energy_lib.forecasting.pipeline.issue_forecasts import issued_predicate, origins_of, require_days, within
from energy_lib.forecasting.spark.group_forecasts import (
    GROUP,
    group_forecasts,
    group_places,
    in_groups,
    known_sums,
    spreads,
    summed,
)
from energy_lib.intervals import Period
from energy_lib.lake import Lake
from energy_lib.quality import gate
from energy_lib.tables import gold, silver
from energy_lib.vocabulary import Flow


def issue_groups(lake: Lake, config: Config, period: Period, run_kind: str) -> tuple[int, dict[str, Any]]:
    """Replace the groups' forecasts of the period's origins; returns how many rows, and the gate's result.

    Virtual meters are in no group: their registers are. Raises InputMissing, which names the days that gold.forecasts
    does not have.
    """
    table, every = gold.GROUP_FORECASTS, config.features.origin_every_days
    origins = origins_of(config, period)
    first, last = origins[0], origins[-1]
    forecasts = registers_only(lake, known_forecasts(lake, run_kind))
    places = group_places(lake.read_or_empty(silver.METERS), lake.read_or_empty(silver.BUILDINGS))
    with lake.materialized(f"{table.full_name}.sums", summed(forecasts.where(within(origins)), places)) as summed_up:
        sums = summed_up.frame
        job = "forecast" if run_kind == "live" else "backtest"
        require_days(sums, origins, f"gold.forecasts has no {run_kind} rows", job)
        since = history_from(first, every)
        # A group of one meter needs no past: its quantiles are the meter's.
        several = sums.where("meters > 1").select(*GROUP).distinct()
        past = in_groups(forecasts.where(F.col("origin_utc").between(F.lit(since), F.lit(last))), places)
        known = known_sums(
            past.join(F.broadcast(several), [*GROUP], "left_semi"),
            between(lake.read(silver.HOURLY), since, last),
            first,
            last,
            config.features.origin_hour_utc,
            every,
        )
        with lake.staged(table, group_forecasts(sums, spreads(sums, known))) as staged:
            result = gate(staged.rows, table)
            lake.replace_where(table, staged.frame, issued_predicate(run_kind, origins))
    return int(result["rows"]), result


def known_forecasts(lake: Lake, run_kind: str) -> DataFrame:
    """Rows of gold.forecasts of a run kind that have a p50, with the `flow` that none means."""
    rows = lake.read(gold.FORECASTS).withColumn("flow", F.coalesce("flow", F.lit(str(Flow.IMPORT))))
    return rows.where((F.col("run_kind") == run_kind) & F.col("p50").isNotNull() & ~F.isnan("p50"))
