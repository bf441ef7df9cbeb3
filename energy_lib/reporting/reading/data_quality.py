"""Reads how good the data are: what was rejected, what is missing, what came late, what the gates said."""

from __future__ import annotations

from energy_lib.reporting.as_of import AsOf
from energy_lib.reporting.pages.data_quality import DataQuality, gates
from energy_lib.reporting.reading.common import REGISTERS
from energy_lib.reporting.report_tables import ReportTables

QUARANTINE = """
SELECT rule_id, source, count(*) AS rows_rejected, count(*) FILTER (landed_at_utc >= $origin - INTERVAL 28 DAY)
       AS rows_in_four_weeks, count(DISTINCT path) AS files, max(landed_at_utc) AS newest_utc,
       arg_max(reason, landed_at_utc) AS newest_reason
FROM silver.quarantine WHERE landed_at_utc < $until GROUP BY rule_id, source
ORDER BY rows_rejected DESC, rule_id, source"""

# Hours of registers as local days: measured, estimated, or not known in a gap too long to estimate.
DAYS = f"""
WITH {REGISTERS}, instants AS (
  SELECT zone, interval_start_utc, count(*) AS hours,
         count(*) FILTER (energy_kwh IS NOT NULL AND imputed_share = 0) AS hours_read,
         count(*) FILTER (energy_kwh IS NOT NULL AND imputed_share > 0) AS hours_estimated,
         count(*) FILTER (energy_kwh IS NULL) AS hours_unknown, count(*) FILTER (len(flags) > 0) AS hours_suspect
  FROM silver.hourly_readings JOIN registers USING (meter_id)
  WHERE interval_start_utc >= $origin - INTERVAL 30 DAY AND interval_start_utc < $origin
    AND interval_month >= date_trunc('month', $origin - INTERVAL 30 DAY)
  GROUP BY zone, interval_start_utc),
days AS (SELECT CAST(timezone(zone, timezone('UTC', interval_start_utc)) AS DATE) AS local_day, * FROM instants)
SELECT local_day, sum(hours) AS hours, sum(hours_read) AS hours_read, sum(hours_estimated) AS hours_estimated,
       sum(hours_unknown) AS hours_unknown, sum(hours_suspect) AS hours_suspect
FROM days WHERE local_day BETWEEN $yesterday::DATE - 27 AND $yesterday
GROUP BY local_day ORDER BY local_day"""

GAPS = f"""
WITH {REGISTERS}, hours AS (
  SELECT meter_id, count(*) FILTER (energy_kwh IS NULL) AS hours_unknown,
         count(*) FILTER (energy_kwh IS NOT NULL AND imputed_share > 0) AS hours_estimated,
         count(*) FILTER (len(flags) > 0) AS hours_suspect, count(*) AS hours,
         max(interval_start_utc) FILTER (measured_kwh IS NOT NULL) + INTERVAL 1 HOUR AS last_read_utc
  FROM silver.hourly_readings
  WHERE interval_start_utc >= $origin - INTERVAL 28 DAY AND interval_start_utc < $origin
    AND interval_month >= date_trunc('month', $origin - INTERVAL 28 DAY) GROUP BY meter_id)
SELECT r.meter_id, r.building_id, r.fuel, coalesce(hours, 0) AS hours, 672 - coalesce(hours, 0) AS hours_missing,
       hours_unknown, hours_estimated, hours_suspect, last_read_utc
FROM registers r LEFT JOIN hours USING (meter_id)
WHERE coalesce(hours, 0) < 672 OR hours_unknown + hours_estimated + hours_suspect > 0
ORDER BY hours_missing + coalesce(hours_unknown, 0) DESC, hours_estimated DESC NULLS LAST, r.meter_id"""

LATE = """
SELECT source, CASE WHEN delay <= 3600 THEN '1' WHEN delay <= 86400 THEN '2' WHEN delay <= 172800 THEN '3'
         WHEN delay <= 604800 THEN '4' ELSE '5' END AS bucket, count(*) AS readings, max(delay) / 3600 AS latest_hours
FROM (
  SELECT source, date_diff('second', interval_start_utc, available_at_utc) - 60 * interval_minutes AS delay
  FROM silver.readings
  WHERE interval_start_utc >= $origin - INTERVAL 28 DAY AND interval_start_utc < $origin AND available_at_utc < $until
    AND interval_month >= date_trunc('month', $origin - INTERVAL 28 DAY))
GROUP BY ALL ORDER BY source, bucket"""

RESULTS = """
SELECT job, run_id, status, finished_at_utc, gate_results FROM ops.runs
WHERE period_from <= $day AND period_to >= $day AND gate_results IS NOT NULL
QUALIFY row_number() OVER (PARTITION BY job ORDER BY started_at_utc DESC) = 1 ORDER BY started_at_utc"""


def read_data_quality(lake: ReportTables, as_of: AsOf) -> DataQuality:
    """Four weeks to the origin; of what was rejected all, and of gates the night's newest runs."""
    results = lake.figure("data_gates", RESULTS, as_of)
    return DataQuality(
        quarantine=lake.figure("data_quarantine", QUARANTINE, as_of),
        days=lake.figure("data_days", DAYS, as_of),
        gaps=lake.figure("data_gaps", GAPS, as_of),
        late=lake.figure("data_late", LATE, as_of),
        gates=results.showing(gates(results.rows)),
    )
