"""Reads measured savings: totals of projects, their days, and why some are not known."""

from __future__ import annotations

from energy_lib.reporting.as_of import AsOf
from energy_lib.reporting.pages.savings import Savings
from energy_lib.reporting.report_tables import ReportTables

NEWEST = """newest AS (
  SELECT * FROM gold.savings WHERE scope = 'total' AND last_date < $day
  QUALIFY row_number() OVER (PARTITION BY project_id, meter_id ORDER BY last_date DESC) = 1),
measures AS (
  SELECT project_id, min(measure) AS measure, max(capital_cost) AS capital_cost,
         sum(expected_saving_kwh_per_year) AS promised_kwh_per_year
  FROM silver.projects GROUP BY project_id)"""
SHOWN = """measure, first_date, last_date, state, observed_kwh, counterfactual_kwh, avoided_kwh, avoided_kwh_low,
       avoided_kwh_high, proven, expected_kwh, avoided_cost, avoided_cost_low, avoided_cost_high, currency,
       avoided_kgco2e, avoided_kgco2e_low, avoided_kgco2e_high, days, days_with_events, days_unknown, imputed_share,
       cvrmse, nmbe, meets_guideline, model, interval_by, nullif(array_to_string(reasons, '; '), '') AS reason"""

PROJECTS = f"""
WITH {NEWEST}
SELECT project_id, {SHOWN} FROM newest LEFT JOIN measures USING (project_id)
WHERE meter_id = '*' ORDER BY project_id = '*' DESC, avoided_kwh DESC NULLS LAST, project_id"""

METERS = f"""
WITH {NEWEST}
SELECT project_id, meter_id, fuel, {SHOWN} FROM newest LEFT JOIN measures USING (project_id)
WHERE meter_id <> '*' ORDER BY project_id, meter_id"""

DAYS = """
SELECT project_id, first_date AS local_day, observed_kwh, counterfactual_kwh, avoided_kwh FROM gold.savings
WHERE scope = 'day' AND meter_id = '*' AND project_id <> '*' AND last_date < $day AND avoided_kwh IS NOT NULL
ORDER BY project_id, local_day"""


def read_savings(lake: ReportTables, as_of: AsOf) -> Savings:
    """The newest totals before the day."""
    return Savings(
        projects=lake.figure("savings_projects", PROJECTS, as_of),
        meters=lake.figure("savings_meters", METERS, as_of),
        days=lake.figure("savings_days", DAYS, as_of),
    )
