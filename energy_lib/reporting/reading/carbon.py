"""Reads carbon: months, scopes, hours, factors; marginal amounts apart from all of them."""

from __future__ import annotations

from energy_lib.reporting.as_of import AsOf
from energy_lib.reporting.pages.carbon import Carbon
from energy_lib.reporting.reading.common import FIRST_STATEMENT, REGISTERS, STATEMENT
from energy_lib.reporting.report_tables import ReportTables

MONTHS = f"""
SELECT month, scope, fuel, flow, energy_kwh, emissions_g / 1000 AS emissions_kgco2e,
       market_emissions_g / 1000 AS market_emissions_kgco2e, market_hours, apart_g / 1000 AS apart_kgco2e, hours,
       hours_counted, meters, meters_missing, imputed_share, stale_share, factors, reason, statement, reported_at_utc
FROM gold.emissions
WHERE group_kind = 'portfolio' AND {STATEMENT} AND month > $day::DATE - 400 AND month <= $day
ORDER BY month DESC, scope, fuel, flow <> 'import', flow"""

MARGINAL = f"""
SELECT month, fuel, flow, marginal_g / 1000 AS marginal_kgco2e, energy_kwh, marginal_hours, hours, reason
FROM gold.emissions
WHERE group_kind = 'portfolio' AND {STATEMENT} AND month > $day::DATE - 400 AND month <= $day AND marginal_hours > 0
ORDER BY month DESC, fuel, flow <> 'import', flow"""

RESTATED = """
SELECT month, fuel, flow, scope, statement, reported_at_utc, emissions_g / 1000 AS emissions_kgco2e
FROM gold.emissions
WHERE group_kind = 'portfolio' AND reported_at_utc < $until AND month > $day::DATE - 400
QUALIFY count(*) OVER (PARTITION BY month, fuel, flow) > 1 ORDER BY month DESC, fuel, flow, statement"""

# Four weeks to yesterday, on each meter's own clock.
BY_HOUR = f"""
WITH {REGISTERS}, hours AS (
  SELECT r.zone, a.interval_start_utc, a.fuel, sum(a.energy_kwh) AS energy_kwh, sum(a.emissions_g) AS emissions_g
  FROM gold.hourly_accounts a JOIN registers r USING (meter_id)
  WHERE a.month >= date_trunc('month', $yesterday::DATE - 27)
    AND a.local_day BETWEEN $yesterday::DATE - 27 AND $yesterday AND r.flow = 'import'
  GROUP BY r.zone, a.interval_start_utc, a.fuel)
SELECT hour(timezone(zone, timezone('UTC', interval_start_utc))) AS local_hour, fuel,
       sum(energy_kwh) / 28 AS energy_kwh, sum(emissions_g) / 28000 AS emissions_kgco2e
FROM hours GROUP BY 1, fuel ORDER BY fuel, local_hour"""

INTENSITY = f"""
WITH {REGISTERS}, zones AS (
  SELECT m.carbon_region AS region, mode(m.zone) AS zone FROM silver.meters m WHERE carbon_region IS NOT NULL
  GROUP BY m.carbon_region)
SELECT region, method, zone, hour(timezone(zone, timezone('UTC', interval_start_utc))) AS local_hour,
       avg(intensity_gco2_per_kwh) AS g_per_kwh, min(intensity_gco2_per_kwh) AS lowest_g_per_kwh,
       max(intensity_gco2_per_kwh) AS highest_g_per_kwh
FROM silver.carbon_intensity JOIN zones USING (region)
WHERE interval_start_utc >= $origin - INTERVAL 28 DAY AND interval_start_utc < $origin
GROUP BY ALL ORDER BY region, method, local_hour"""

FACTORS = f"""
WITH {REGISTERS}
SELECT a.fuel, a.scope, factor_publication, factor_edition, min(factor_g_per_kwh) AS lowest_g_per_kwh,
       sum(emissions_g) / nullif(sum(a.energy_kwh) FILTER (emissions_g IS NOT NULL), 0) AS mean_g_per_kwh,
       max(factor_g_per_kwh) AS highest_g_per_kwh, sum(a.energy_kwh) AS energy_kwh,
       sum(stale_share * a.energy_kwh) / nullif(sum(a.energy_kwh), 0) AS stale_share,
       string_agg(DISTINCT emissions_reason, '; ' ORDER BY emissions_reason) AS emissions_reason
FROM gold.hourly_accounts a JOIN registers r USING (meter_id)
WHERE a.month >= date_trunc('month', $yesterday::DATE - 27)
  AND a.local_day BETWEEN $yesterday::DATE - 27 AND $yesterday AND r.flow = 'import'
GROUP BY ALL ORDER BY a.fuel, energy_kwh DESC"""

SITES = f"""
SELECT group_kind, group_id, month, scope, fuel, energy_kwh, emissions_g / 1000 AS emissions_kgco2e, imputed_share,
       reason
FROM gold.emissions
WHERE group_kind = 'site' AND flow = 'import' AND {STATEMENT} AND month = date_trunc('month', $yesterday::DATE)
ORDER BY emissions_g DESC NULLS LAST, group_id, fuel"""


def read_carbon(lake: ReportTables, as_of: AsOf) -> Carbon:
    """Thirteen months of the portfolio, and four weeks by the hour."""
    return Carbon(
        months=lake.figure("carbon_months", MONTHS, as_of),
        first_statement=lake.figure("carbon_first_statement", FIRST_STATEMENT, as_of),
        marginal=lake.figure("carbon_marginal", MARGINAL, as_of),
        restated=lake.figure("carbon_restated", RESTATED, as_of),
        by_hour=lake.figure("carbon_by_hour", BY_HOUR, as_of),
        intensity=lake.figure("carbon_intensity", INTENSITY, as_of),
        factors=lake.figure("carbon_factors", FACTORS, as_of),
        sites=lake.figure("carbon_sites", SITES, as_of),
    )
