"""Reads the actions: what is offered, what people said of it, what done ones saved, what could not be judged."""

from __future__ import annotations

from energy_lib.reporting.as_of import AsOf
from energy_lib.reporting.pages.actions import Actions
from energy_lib.reporting.reading.common import ACTIONS
from energy_lib.reporting.report_tables import ReportTables

OFFERED = f"""
WITH {ACTIONS}
SELECT priority_rank, recommendation_id, action, what, scope_kind, scope_id, building_id, site_id, fuel,
       len(meters) AS meters, state, state_by, state_at_utc, effort, rating, confidence, energy_kwh_per_year,
       energy_kwh_low, energy_kwh_high,
       cost_per_year, cost_low, cost_high, currency, carbon_kg_per_year, carbon_kg_low, carbon_kg_high,
       marginal_carbon_kg_per_year, capital_cost, payback_years, counted_energy_kwh_per_year, counted_cost_per_year,
       counted_carbon_kg_per_year, interval_is, assumption, reason, imputed_share, as_of_date
FROM actions WHERE status = 'offered'
ORDER BY priority_rank NULLS LAST, state, recommendation_id"""

# A done action is a project of the same id, whose saving is measured.
DONE = f"""
WITH {ACTIONS}, totals AS (
  SELECT * FROM gold.savings WHERE scope = 'total' AND meter_id = '*' AND last_date < $day
  QUALIFY row_number() OVER (PARTITION BY project_id ORDER BY last_date DESC) = 1)
SELECT a.recommendation_id, a.action, a.scope_kind, a.scope_id, a.state_by, a.state_at_utc, t.first_date, t.last_date,
       t.observed_kwh, t.counterfactual_kwh, t.avoided_kwh, t.avoided_kwh_low, t.avoided_kwh_high, t.proven,
       t.expected_kwh, t.avoided_cost, t.avoided_cost_low, t.avoided_cost_high, t.currency,
       coalesce(nullif(array_to_string(t.reasons, '; '), ''), 'no day after it is known yet') AS reason
FROM actions a LEFT JOIN totals t ON t.project_id = a.recommendation_id
WHERE a.state = 'done' ORDER BY a.state_at_utc DESC, a.recommendation_id"""

SUPPRESSED = f"""
WITH {ACTIONS}
SELECT action, reason, count(*) AS places FROM actions WHERE status = 'suppressed'
GROUP BY action, reason ORDER BY places DESC, action, reason"""

PLAN = """
SELECT site_id, asset_id, asset_kind, interval_start_utc, power_kw, default_power_kw, state_of_charge_kwh,
       expected_saving, expected_saving_kgco2e, currency, reason
FROM gold.schedules
WHERE origin_utc = (SELECT max(origin_utc) FROM gold.schedules WHERE origin_utc <= $origin)
ORDER BY site_id, asset_kind = 'site', asset_id, interval_start_utc"""


def read_actions(lake: ReportTables, as_of: AsOf) -> Actions:
    """All actions of the night's list."""
    return Actions(
        offered=lake.figure("actions", OFFERED, as_of),
        done=lake.figure("actions_done", DONE, as_of),
        suppressed=lake.figure("actions_not_judged", SUPPRESSED, as_of),
        plan=lake.figure("actions_plan", PLAN, as_of),
    )
