"""Parts of queries that several pages share. Names of tables stand in full: a figure's sources follow from them."""

from __future__ import annotations

from typing import Any

from energy_lib.reporting.as_of import AsOf
from energy_lib.reporting.report_tables import ReportTables

# Registers, without virtual meters, whose energy is that of registers.
REGISTERS = """registers AS (
  SELECT meter_id, fuel, coalesce(flow, 'import') AS flow, zone, coalesce(building_id, meter_id) AS building_id,
         site_id, weather_location_id, floor_area_m2, "use"
  FROM silver.meters WHERE registered_by <> 'virtual_meters')"""

# Events as the night knew them. `open_causes`: those that are not over, but for ways in which another of them shows;
# its amounts are of all its ways, each hour once.
EVENTS = """events AS (
  SELECT * FROM gold.anomalies
  WHERE last_updated_utc < $until AND (superseded_at_utc IS NULL OR superseded_at_utc >= $until)
    AND state <> 'withdrawn'),
open_events AS (SELECT * FROM events WHERE state IN ('open', 'ongoing')),
of_causes AS (
  SELECT coalesce(c.anomaly_id, e.anomaly_id) AS anomaly_id, count(*) AS ways,
         sum(coalesce(e.counted_kwh, e.energy_kwh)) AS energy_kwh, sum(coalesce(e.counted_cost, e.cost)) AS cost,
         sum(coalesce(e.counted_emissions_kgco2e, e.emissions_kgco2e)) AS emissions_kgco2e
  FROM open_events e LEFT JOIN open_events c ON c.anomaly_id = e.explained_by GROUP BY 1),
open_causes AS (
  SELECT e.* REPLACE (c.energy_kwh AS energy_kwh, c.cost AS cost, c.emissions_kgco2e AS emissions_kgco2e), c.ways
  FROM open_events e JOIN of_causes c ON c.anomaly_id = e.anomaly_id)"""

# What the night last said of actions.
ACTIONS = """actions AS (
  SELECT * FROM gold.recommendations
  WHERE as_of_date = (SELECT max(as_of_date) FROM gold.recommendations WHERE as_of_date <= $day))"""

# The origin of the night's forecasts, and the model that people are shown: a baseline only where there is no other.
CHAMPION = """
SELECT origin_utc, model_name, model_version FROM gold.forecasts
WHERE run_kind = 'live' AND origin_utc = (
  SELECT max(origin_utc) FROM gold.forecasts WHERE run_kind = 'live' AND origin_utc <= $origin)
GROUP BY origin_utc, model_name, model_version
ORDER BY model_name LIKE 'seasonal_naive%', model_name, model_version DESC LIMIT 1"""
BY_CHAMPION = """run_kind = 'live' AND origin_utc = $forecast_origin::TIMESTAMP AND model_name = $model_name
  AND model_version = $model_version"""

# Statements of months as they stood on the night.
STATEMENT = "reported_at_utc < $until AND (superseded_at_utc IS NULL OR superseded_at_utc >= $until)"

# When a month was reported for the first time; of archives that may be long after their nights.
FIRST_STATEMENT = "SELECT min(reported_at_utc) AS first_utc FROM gold.emissions WHERE group_kind = 'portfolio'"

SEVERITY_ORDER = "CASE severity WHEN 'high' THEN 0 WHEN 'medium' THEN 1 ELSE 2 END"


def champion(lake: ReportTables, as_of: AsOf) -> dict[str, Any]:
    """What BY_CHAMPION asks for: known values, by which the files of forecasts are pruned; null where there is none."""
    rows = lake.shared("champion", CHAMPION, as_of).records()
    found = rows[0] if rows else {"origin_utc": None, "model_name": None, "model_version": None}
    return {
        "forecast_origin": found["origin_utc"],
        "model_name": found["model_name"],
        "model_version": found["model_version"],
    }
