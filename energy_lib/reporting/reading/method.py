"""Reads what the page of methods names: the tables' sizes and what made the answers."""

from __future__ import annotations

from energy_lib.reporting.as_of import AsOf
from energy_lib.reporting.pages.method import Method
from energy_lib.reporting.report_tables import ReportTables

MADE_BY = """
SELECT 'forecast' AS answer, model_name || ' ' || model_version AS made_by, max(origin_utc)::DATE AS newest
FROM gold.forecasts WHERE run_kind = 'live' AND origin_utc <= $origin AND model_name NOT LIKE 'seasonal_naive%'
GROUP BY ALL HAVING max(origin_utc) = (
  SELECT max(origin_utc) FROM gold.forecasts WHERE run_kind = 'live' AND origin_utc <= $origin)
UNION ALL
SELECT 'anomalies', 'detectors ' || rule_version, max(last_updated_utc)::DATE FROM gold.anomalies
WHERE last_updated_utc < $until GROUP BY ALL
UNION ALL
SELECT 'savings', model, max(last_date) FROM gold.savings WHERE model IS NOT NULL AND last_date < $day GROUP BY ALL
UNION ALL
SELECT 'schedules', method, max(origin_utc)::DATE FROM gold.schedules
WHERE origin_utc <= $origin AND method IS NOT NULL GROUP BY ALL
ORDER BY answer, newest DESC"""


def read_method(lake: ReportTables, as_of: AsOf) -> Method:
    """Which versions of models and rules made the answers."""
    return Method(made_by=lake.figure("method_made_by", MADE_BY, as_of))
