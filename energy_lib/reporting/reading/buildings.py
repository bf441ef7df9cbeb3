"""Reads the list of buildings: what each used, cost and emitted in four weeks, and what is open at it."""

from __future__ import annotations

from energy_lib.reporting.as_of import AsOf
from energy_lib.reporting.pages.buildings import Buildings
from energy_lib.reporting.reading.common import ACTIONS, EVENTS, REGISTERS
from energy_lib.reporting.report_tables import ReportTables

# Energy, money and grams of registers of import in the four weeks to yesterday.
FOUR_WEEKS = f"""{REGISTERS}, four_weeks AS (
  SELECT r.building_id, a.fuel, a.currency, sum(a.energy_kwh) AS energy_kwh, sum(a.cost) AS cost,
         sum(a.emissions_g) / 1000 AS emissions_kgco2e, count(DISTINCT a.meter_id) AS meters,
         sum(a.energy_kwh * a.imputed_share) AS imputed_kwh, count(*) - count(a.energy_kwh) AS hours_unknown,
         string_agg(DISTINCT a.cost_reason, '; ' ORDER BY a.cost_reason) AS cost_reason,
         string_agg(DISTINCT a.emissions_reason, '; ' ORDER BY a.emissions_reason) AS emissions_reason
  FROM gold.hourly_accounts a JOIN registers r USING (meter_id)
  WHERE a.month >= date_trunc('month', $yesterday::DATE - 27)
    AND a.local_day BETWEEN $yesterday::DATE - 27 AND $yesterday AND r.flow = 'import'
  GROUP BY r.building_id, a.fuel, a.currency),
places AS (
  SELECT r.building_id, any_value(r.site_id) AS site_id, coalesce(any_value(b.use), any_value(r."use")) AS use,
         coalesce(any_value(b.floor_area_m2), max(r.floor_area_m2)) AS floor_area_m2, count(*) AS registers
  FROM registers r LEFT JOIN silver.buildings b ON b.building_id = r.building_id GROUP BY r.building_id)"""

BUILDINGS = f"""
WITH {FOUR_WEEKS}, {EVENTS}, {ACTIONS},
sums AS (
  SELECT building_id, currency, sum(energy_kwh) AS energy_kwh, sum(cost) AS cost,
         sum(emissions_kgco2e) AS emissions_kgco2e, sum(imputed_kwh) / nullif(sum(energy_kwh), 0) AS imputed_share,
         string_agg(DISTINCT cost_reason, '; ') AS cost_reason,
         string_agg(DISTINCT emissions_reason, '; ') AS emissions_reason
  FROM four_weeks GROUP BY building_id, currency),
wrong AS (
  SELECT coalesce(building_id, meter_id) AS building_id, count(*) AS open_events FROM open_causes
  GROUP BY ALL),
todo AS (
  SELECT coalesce(building_id, scope_id) AS building_id, currency, count(*) AS actions,
         sum(counted_cost_per_year) AS saving_per_year
  FROM actions WHERE status = 'offered' AND priority_rank IS NOT NULL GROUP BY ALL)
SELECT row_number() OVER (ORDER BY s.cost DESC NULLS LAST, s.energy_kwh DESC NULLS LAST, p.building_id) AS place,
       p.building_id, p.site_id, p.use, p.floor_area_m2, p.registers, s.energy_kwh,
       s.energy_kwh / p.floor_area_m2 AS kwh_per_m2, s.cost, s.currency, s.cost_reason, s.emissions_kgco2e,
       s.emissions_reason, s.imputed_share, coalesce(w.open_events, 0) AS open_events,
       coalesce(t.actions, 0) AS actions, t.saving_per_year
FROM places p LEFT JOIN sums s USING (building_id) LEFT JOIN wrong w USING (building_id)
LEFT JOIN todo t ON t.building_id = p.building_id AND t.currency = s.currency
ORDER BY place"""

BY_USE = f"""
WITH {FOUR_WEEKS}
SELECT use, f.fuel, count(DISTINCT building_id) AS buildings, sum(energy_kwh) AS energy_kwh,
       quantile_cont(energy_kwh / floor_area_m2, 0.25) AS kwh_per_m2_lower,
       quantile_cont(energy_kwh / floor_area_m2, 0.5) AS kwh_per_m2_median,
       quantile_cont(energy_kwh / floor_area_m2, 0.75) AS kwh_per_m2_upper
FROM four_weeks f JOIN places USING (building_id) GROUP BY use, f.fuel ORDER BY use, f.fuel"""


def read_buildings(lake: ReportTables, as_of: AsOf) -> Buildings:
    """All buildings, the one that costs most first; a meter without a building is one."""
    return Buildings(
        buildings=lake.figure("buildings", BUILDINGS, as_of), by_use=lake.figure("buildings_by_use", BY_USE, as_of)
    )
