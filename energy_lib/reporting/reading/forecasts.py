"""Reads how good forecasts were: the published scores, and the same cells by horizon, hour and weekday."""

from __future__ import annotations

from datetime import timedelta

import pandas as pd

from energy_lib.reporting.as_of import AsOf
from energy_lib.reporting.figure import Figure
from energy_lib.reporting.pages.forecasts import Forecasts
from energy_lib.reporting.report_tables import ReportTables
from energy_lib.vocabulary import QUANTILES

TOTALS = """
SELECT run_kind, fuel, model_name, nullif(model_version, model_name) AS model_version, first_date,
       last_date, cells, wape, mase, nmbe, wql, coverage_p10_p90,
       fallback_share
FROM gold.scores s
WHERE scope = 'total' AND last_date < $day
QUALIFY last_date = max(last_date) OVER (PARTITION BY run_kind)
ORDER BY run_kind, fuel <> '*', fuel, wape"""

DAYS = """
SELECT first_date AS origin_day, run_kind, model_name, model_version, cells, wape, coverage_p10_p90 FROM gold.scores
WHERE scope = 'day' AND fuel = '*' AND first_date >= $day::DATE - 90 AND first_date < $day
ORDER BY run_kind, model_name, origin_day"""

# Cells as gold.scores has them: measured whole, unsuspect, and forecast by every model of the origin. Registers alone.
BELOW = ", ".join(f"count(*) FILTER (actual <= {name})::DOUBLE AS below_{name}" for name in QUANTILES)
SLICES = f"""
WITH registers AS (SELECT meter_id, zone FROM silver.meters WHERE registered_by <> 'virtual_meters'),
actuals AS (
  SELECT meter_id, interval_start_utc, energy_kwh AS actual FROM silver.hourly_readings
  WHERE imputed_share = 0 AND len(flags) = 0 AND energy_kwh IS NOT NULL
    AND interval_start_utc >= $first::TIMESTAMP AND interval_start_utc < $origin
    AND interval_start_utc <= (SELECT max(interval_start_utc) FROM gold.forecasts
                               WHERE origin_utc >= $first::TIMESTAMP AND origin_utc < $end::TIMESTAMP)
    AND interval_month >= date_trunc('month', $first::TIMESTAMP)),
known AS (
  SELECT run_kind, model_name, model_version, meter_id, origin_utc, interval_start_utc, horizon_hours,
         {", ".join(QUANTILES)}
  FROM gold.forecasts
  WHERE origin_utc >= $first::TIMESTAMP AND origin_utc < $end::TIMESTAMP AND NOT isnan(p50)),
models AS (
  SELECT run_kind, origin_utc, count(DISTINCT (model_name, model_version)) AS models FROM known
  GROUP BY run_kind, origin_utc),
cells AS (
  SELECT run_kind, meter_id, origin_utc, interval_start_utc, any_value(actual) AS actual
  FROM known JOIN actuals USING (meter_id, interval_start_utc) JOIN models USING (run_kind, origin_utc)
  GROUP BY run_kind, meter_id, origin_utc, interval_start_utc HAVING count(*) = any_value(models)),
instants AS (
  SELECT run_kind, model_name, model_version, horizon_hours, zone, interval_start_utc, count(*) AS cells,
         sum(abs(actual - p50)) AS absolute_error_kwh, sum(abs(actual)) AS absolute_kwh,
         sum(actual - p50) AS residual_kwh, {BELOW}
  FROM known JOIN cells USING (run_kind, meter_id, origin_utc, interval_start_utc) JOIN registers USING (meter_id)
  GROUP BY run_kind, model_name, model_version, horizon_hours, zone, interval_start_utc)
SELECT run_kind, model_name, model_version, horizon_hours,
       hour(timezone(zone, timezone('UTC', interval_start_utc))) AS local_hour,
       isodow(timezone(zone, timezone('UTC', interval_start_utc))) AS weekday, sum(cells)::BIGINT AS cells,
       sum(absolute_error_kwh) AS absolute_error_kwh, sum(absolute_kwh) AS absolute_kwh,
       sum(residual_kwh) AS residual_kwh, {", ".join(f"sum(below_{name}) AS below_{name}" for name in QUANTILES)}
FROM instants
GROUP BY run_kind, model_name, model_version, horizon_hours, 5, 6
ORDER BY run_kind, model_name, model_version, horizon_hours, local_hour, weekday"""


SLICE = ["run_kind", "model_name", "model_version", "horizon_hours", "local_hour", "weekday"]
SUMS = ["cells", "absolute_error_kwh", "absolute_kwh", "residual_kwh", *(f"below_{name}" for name in QUANTILES)]
WEEKS, WEEK = 4, timedelta(days=7)


def read_forecasts(lake: ReportTables, as_of: AsOf) -> Forecasts:
    """The newest totals before the day, and the cells of the four weeks of origins before it."""
    return Forecasts(
        totals=lake.figure("forecasts_totals", TOTALS, as_of),
        days=lake.figure("forecasts_days", DAYS, as_of),
        slices=_slices(lake, as_of),
    )


def _slices(lake: ReportTables, as_of: AsOf) -> Figure:
    """Week by week, since the cells of four weeks may not fit into memory; an origin's cells are in one week."""
    starts = [as_of.origin - WEEK * n for n in range(WEEKS, 0, -1)]
    weeks = [lake.figure("forecasts_slices", SLICES, as_of, first=first, end=first + WEEK) for first in starts]
    rows = pd.concat([week.rows for week in weeks])
    return weeks[0].showing(rows.groupby(SLICE, dropna=False)[SUMS].sum().reset_index())
