"""Reads the overview: yesterday, the next day, what is wrong, what to do, money and carbon, how fresh the data are."""

from __future__ import annotations

from energy_lib.reporting.as_of import AsOf
from energy_lib.reporting.pages.overview import Overview
from energy_lib.reporting.reading.common import (
    ACTIONS,
    BY_CHAMPION,
    EVENTS,
    FIRST_STATEMENT,
    REGISTERS,
    SEVERITY_ORDER,
    STATEMENT,
    champion,
)
from energy_lib.reporting.report_tables import ReportTables

# The same weekday of the four weeks before is what yesterday is held against.
YESTERDAY = f"""
WITH {REGISTERS}, days AS (
  SELECT fuel, flow, local_day, currency, sum(energy_kwh) AS energy_kwh, sum(cost) AS cost,
         sum(emissions_g) / 1000 AS emissions_kgco2e, count(energy_kwh) AS hours_known,
         count(DISTINCT meter_id) AS meters,
         sum(energy_kwh * imputed_share) / nullif(sum(energy_kwh), 0) AS imputed_share,
         string_agg(DISTINCT cost_reason, '; ' ORDER BY cost_reason) AS cost_reason,
         string_agg(DISTINCT emissions_reason, '; ' ORDER BY emissions_reason) AS emissions_reason
  FROM gold.hourly_accounts
  WHERE month >= date_trunc('month', $yesterday::DATE - 28)
    AND local_day IN ($yesterday::DATE, $yesterday::DATE - 7, $yesterday::DATE - 14, $yesterday::DATE - 21,
                      $yesterday::DATE - 28)
  GROUP BY ALL),
registered AS (SELECT fuel, flow, count(*) AS meters_registered FROM registers GROUP BY ALL),
usual AS (
  SELECT fuel, flow, currency, avg(energy_kwh) AS usual_kwh, count(*) AS usual_days FROM days
  WHERE local_day < $yesterday GROUP BY ALL)
SELECT fuel, flow, meters_registered, coalesce(d.meters, 0) AS meters, coalesce(d.hours_known, 0) AS hours_known,
       d.energy_kwh, usual_kwh, coalesce(usual_days, 0) AS usual_days, d.imputed_share, d.cost, d.currency,
       d.cost_reason, d.emissions_kgco2e, d.emissions_reason
FROM registered
LEFT JOIN (SELECT * FROM days WHERE local_day = $yesterday) d USING (fuel, flow)
LEFT JOIN usual USING (fuel, flow, currency)
ORDER BY flow <> 'import', fuel, flow, currency"""

RECENT = f"""
WITH {REGISTERS}
SELECT fuel, interval_start_utc, sum(energy_kwh) AS energy_kwh,
       sum(energy_kwh * imputed_share) / nullif(sum(energy_kwh), 0) AS imputed_share, count(energy_kwh) AS meters
FROM silver.hourly_readings h JOIN registers USING (meter_id, fuel)
WHERE registers.flow = 'import' AND interval_start_utc >= $origin - INTERVAL 7 DAY AND interval_start_utc < $origin
  AND interval_month >= date_trunc('month', $origin - INTERVAL 7 DAY)
GROUP BY ALL ORDER BY fuel, interval_start_utc"""

NEXT_DAY = f"""
SELECT fuel, interval_start_utc, p10, p25, own_p50, p75, p90, imputed_share, fallback_share, meters, model_name,
       model_version, origin_utc
FROM gold.group_forecasts
WHERE group_kind = 'portfolio' AND coalesce(flow, 'import') = 'import' AND {BY_CHAMPION}
ORDER BY fuel, interval_start_utc"""

NEXT_DAY_MONEY = f"""
WITH {REGISTERS}
SELECT a.fuel, a.flow, a.currency, sum(cost_p50) AS cost, sum(emissions_p50_g) / 1000 AS emissions_kgco2e,
       count(DISTINCT a.meter_id) AS meters, count(*) - count(cost_p50) AS hours_without_cost,
       count(*) - count(emissions_p50_g) AS hours_without_emissions,
       avg(price_is_estimated::INTEGER) AS estimated_price_share
FROM gold.account_forecasts a JOIN registers USING (meter_id)
WHERE {BY_CHAMPION} GROUP BY a.fuel, a.flow, a.currency
ORDER BY a.flow <> 'import', a.fuel, a.flow, a.currency"""

WRONG = f"""
WITH {EVENTS}
SELECT meter_id, building_id, fuel, type, severity, state, start_utc, end_utc, energy_kwh, cost, currency, cost_reason,
       emissions_kgco2e, emissions_reason, array_to_string(evidence, '; ') AS evidence
FROM open_causes
ORDER BY {SEVERITY_ORDER}, abs(cost) DESC NULLS LAST, abs(energy_kwh) DESC NULLS LAST, meter_id, start_utc"""

TO_DO = f"""
WITH {ACTIONS}
SELECT priority_rank, action, scope_kind, scope_id, fuel, effort, what, cost_per_year, cost_low, cost_high, currency,
       carbon_kg_per_year, energy_kwh_per_year, confidence, reason, counted_cost_per_year, counted_carbon_kg_per_year,
       counted_energy_kwh_per_year
FROM actions WHERE status = 'offered' AND priority_rank IS NOT NULL ORDER BY priority_rank"""

MONTHS = f"""
SELECT month, fuel, c.flow, c.currency, c.energy_kwh, total AS cost_with_vat, c.reason AS cost_reason,
       emissions_g / 1000 AS emissions_kgco2e, e.scope, e.reason AS emissions_reason, c.hours, c.hours_counted,
       c.imputed_share, c.statement
FROM (SELECT * FROM gold.costs WHERE group_kind = 'portfolio' AND {STATEMENT}) c
LEFT JOIN (SELECT * FROM gold.emissions WHERE group_kind = 'portfolio' AND {STATEMENT}) e USING (month, fuel, flow)
WHERE month >= date_trunc('month', $yesterday::DATE) - INTERVAL 1 MONTH AND month <= $yesterday
ORDER BY month DESC, c.flow <> 'import', fuel, c.flow, c.currency"""

FRESHNESS = f"""
WITH {REGISTERS}, newest AS (
  SELECT meter_id, max(interval_start_utc) + INTERVAL 1 HOUR AS newest_utc FROM silver.hourly_readings
  WHERE measured_kwh IS NOT NULL AND interval_start_utc < $origin
    AND interval_month >= date_trunc('month', $origin - INTERVAL 35 DAY)
  GROUP BY meter_id),
readings AS (
  SELECT 'readings' AS data, fuel || CASE flow WHEN 'import' THEN '' ELSE '_' || flow END AS part,
         max(newest_utc) AS newest_utc, count(*) AS meters,
         count(*) FILTER (newest_utc > $origin - INTERVAL 24 HOUR) AS meters_fresh
  FROM registers LEFT JOIN newest USING (meter_id) GROUP BY ALL)
SELECT * FROM readings
UNION ALL SELECT 'weather', location_id, max(interval_start_utc) + INTERVAL 1 HOUR, NULL, NULL FROM silver.weather
  WHERE kind = 'observed' AND available_at_utc < $until AND interval_start_utc < $until GROUP BY ALL
UNION ALL SELECT 'intensity_' || method, region, max(interval_start_utc) + INTERVAL 1 HOUR, NULL, NULL
  FROM silver.carbon_intensity WHERE available_at_utc < $until GROUP BY ALL
UNION ALL SELECT 'prices', tariff_id, max(interval_start_utc) + INTERVAL 1 HOUR, NULL, NULL
  FROM silver.prices WHERE available_at_utc < $until GROUP BY ALL
UNION ALL SELECT 'forecasts', NULL, max(origin_utc), count(DISTINCT meter_id), count(DISTINCT meter_id)
  FROM gold.forecasts WHERE run_kind = 'live' AND origin_utc = (
    SELECT max(origin_utc) FROM gold.forecasts WHERE run_kind = 'live' AND origin_utc <= $origin)
ORDER BY data <> 'readings', data, part"""

RUNS = """
SELECT job, status, started_at_utc, duration_s, rows_in, rows_out, error FROM ops.runs
WHERE period_from <= $day AND period_to >= $day
QUALIFY row_number() OVER (PARTITION BY job ORDER BY started_at_utc DESC) = 1
ORDER BY started_at_utc"""


def read_overview(lake: ReportTables, as_of: AsOf) -> Overview:
    """The whole portfolio's figures on a day."""
    model = champion(lake, as_of)
    return Overview(
        yesterday=lake.figure("overview_yesterday", YESTERDAY, as_of),
        recent=lake.figure("overview_recent_hours", RECENT, as_of),
        next_day=lake.figure("overview_next_day", NEXT_DAY, as_of, **model),
        next_day_money=lake.figure("overview_next_day_money", NEXT_DAY_MONEY, as_of, **model),
        wrong=lake.figure("overview_wrong", WRONG, as_of),
        to_do=lake.figure("overview_actions", TO_DO, as_of),
        months=lake.figure("overview_months", MONTHS, as_of),
        first_statement=lake.figure("overview_first_statement", FIRST_STATEMENT, as_of),
        freshness=lake.figure("overview_freshness", FRESHNESS, as_of),
        runs=lake.figure("overview_runs", RUNS, as_of),
    )
