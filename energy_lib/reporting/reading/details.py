"""Reads what is known of some buildings and their meters, virtual ones too."""

from __future__ import annotations

from collections.abc import Sequence

from energy_lib.reporting.as_of import AsOf
from energy_lib.reporting.pages.details import Details
from energy_lib.reporting.reading.buildings import FOUR_WEEKS
from energy_lib.reporting.reading.common import ACTIONS, BY_CHAMPION, EVENTS, STATEMENT, champion
from energy_lib.reporting.report_tables import ReportTables

METERS = """
SELECT meter_id, fuel, coalesce(flow, 'import') AS flow, zone, coalesce(m.building_id, meter_id) AS building_id,
       m.site_id, weather_location_id, coalesce(b.use, m.use) AS use,
       coalesce(b.floor_area_m2, m.floor_area_m2) AS floor_area_m2,
       capacity_kw, tariff_id, carbon_region, registered_by
FROM silver.meters m LEFT JOIN silver.buildings b ON b.building_id = m.building_id
WHERE coalesce(m.building_id, meter_id) IN (SELECT unnest($buildings::VARCHAR[]))
ORDER BY building_id, registered_by, flow <> 'import', fuel, meter_id"""

# Months are those of UTC: a month more on either side holds every local day.
HOURS = """
SELECT meter_id, interval_start_utc, energy_kwh, imputed_share, len(flags) > 0 AS suspect
FROM silver.hourly_readings
WHERE meter_id IN (SELECT unnest($meters::VARCHAR[]))
  AND interval_start_utc >= $origin - INTERVAL 29 DAY AND interval_start_utc < $origin
  AND interval_month >= date_trunc('month', $origin - INTERVAL 29 DAY)
ORDER BY meter_id, interval_start_utc"""

# A day counts with at least 20 known hours. The base load is the mean of its three lowest.
DAYS = """
WITH zones AS (
  SELECT meter_id, zone, weather_location_id FROM silver.meters WHERE meter_id IN (SELECT unnest($meters::VARCHAR[]))),
energy AS (
  SELECT meter_id, CAST(timezone(zone, timezone('UTC', interval_start_utc)) AS DATE) AS local_day,
         sum(energy_kwh) AS energy_kwh, list_avg(min(energy_kwh, 3)) AS base_kw, count(energy_kwh) AS hours_known,
         avg(imputed_share) AS imputed_share
  FROM silver.hourly_readings JOIN zones USING (meter_id)
  WHERE interval_start_utc >= $origin - INTERVAL 365 DAY AND interval_start_utc < $origin
    AND interval_month >= date_trunc('month', $origin - INTERVAL 365 DAY)
    AND meter_id IN (SELECT unnest($meters::VARCHAR[]))
  GROUP BY ALL HAVING count(energy_kwh) >= 20),
warmth AS (
  SELECT meter_id, CAST(timezone(zone, timezone('UTC', interval_start_utc)) AS DATE) AS local_day,
         avg(temperature_c) AS temperature_c
  FROM silver.weather JOIN zones ON location_id = weather_location_id
  WHERE kind = 'observed' AND interval_start_utc >= $origin - INTERVAL 366 DAY AND interval_start_utc < $origin
  GROUP BY ALL)
SELECT * FROM energy LEFT JOIN warmth USING (meter_id, local_day) ORDER BY meter_id, local_day"""

FORECAST = f"""
SELECT meter_id, interval_start_utc, p10, p25, p50, p75, p90, imputed_share, fallback, model_name, model_version
FROM gold.forecasts
WHERE {BY_CHAMPION} AND meter_id IN (SELECT unnest($meters::VARCHAR[])) ORDER BY meter_id, interval_start_utc"""

METER_EVENTS = f"""
WITH {EVENTS}
SELECT e.meter_id, e.type, e.severity, e.state, e.start_utc, e.end_utc, e.observed_kwh, e.expected_kwh,
       e.expected_low_kwh, e.expected_high_kwh, e.energy_kwh, e.cost, e.currency, e.cost_reason, c.type AS part_of,
       array_to_string(e.evidence, '; ') AS evidence
FROM events e LEFT JOIN events c ON c.anomaly_id = e.explained_by
WHERE e.meter_id IN (SELECT unnest($meters::VARCHAR[])) AND e.end_utc >= $origin - INTERVAL 90 DAY
ORDER BY e.meter_id, e.start_utc DESC"""

MONTHS = f"""
WITH carbon AS (
  SELECT group_id, fuel, flow, month, emissions_g / 1000 AS emissions_kgco2e, reason AS emissions_reason
  FROM gold.emissions WHERE group_kind = 'meter' AND {STATEMENT} AND group_id IN (SELECT unnest($meters::VARCHAR[])))
SELECT group_id AS meter_id, month, energy_kwh, total AS cost_with_vat, currency, c.reason AS cost_reason, peak_kw,
       imputed_share, emissions_kgco2e, emissions_reason, hours_counted, hours
FROM gold.costs c LEFT JOIN carbon USING (group_id, fuel, flow, month)
WHERE group_kind = 'meter' AND {STATEMENT} AND group_id IN (SELECT unnest($meters::VARCHAR[]))
  AND month > $day::DATE - 400 AND month <= $day
ORDER BY meter_id, month DESC"""

SCORES = """
SELECT meter_id, model_name, model_version, first_date, last_date, cells, wape, coverage_p10_p90 FROM gold.scores
WHERE scope = 'meter' AND run_kind = 'backtest' AND meter_id IN (SELECT unnest($meters::VARCHAR[]))
  AND last_date = (SELECT max(last_date) FROM gold.scores
                   WHERE scope = 'meter' AND run_kind = 'backtest' AND last_date < $day)
ORDER BY meter_id, wape"""

LIKE = f"""
WITH {FOUR_WEEKS}
SELECT building_id, use, f.fuel, energy_kwh / floor_area_m2 AS kwh_per_m2
FROM four_weeks f JOIN places USING (building_id)
WHERE floor_area_m2 > 0 AND energy_kwh IS NOT NULL AND use IS NOT NULL ORDER BY use, f.fuel, building_id"""

PLACE_ACTIONS = f"""
WITH {ACTIONS}
SELECT coalesce(building_id, scope_id) AS building_id, priority_rank, action, scope_kind, scope_id, fuel, effort, what,
       cost_per_year, cost_low, cost_high, currency, energy_kwh_per_year, carbon_kg_per_year, confidence, state, reason
FROM actions WHERE status = 'offered'
  AND coalesce(building_id, scope_id) IN (SELECT unnest($buildings::VARCHAR[]))
ORDER BY building_id, priority_rank NULLS LAST"""


def read_details(lake: ReportTables, as_of: AsOf, buildings: Sequence[str]) -> Details:
    """All that the pages of these buildings show."""
    places = list(buildings)
    meters = lake.figure("details_meters", METERS, as_of, buildings=places)
    ids = list(map(str, meters.rows["meter_id"]))
    return Details(
        order=tuple(places),
        meters=meters,
        hours=lake.figure("details_hours", HOURS, as_of, meters=ids),
        days=lake.figure("details_days", DAYS, as_of, meters=ids),
        forecast=lake.figure("details_forecast", FORECAST, as_of, meters=ids, **champion(lake, as_of)),
        events=lake.figure("details_events", METER_EVENTS, as_of, meters=ids),
        months=lake.figure("details_months", MONTHS, as_of, meters=ids),
        scores=lake.figure("details_scores", SCORES, as_of, meters=ids),
        like=lake.shared("details_like_buildings", LIKE, as_of),
        actions=lake.figure("details_actions", PLACE_ACTIONS, as_of, buildings=places),
    )
