"""Reads what areas use and who is short of energy there: of each month the newest edition that the night knew."""

from __future__ import annotations

from energy_lib.reporting.as_of import AsOf
from energy_lib.reporting.pages.areas import TENTHS, Areas
from energy_lib.reporting.report_tables import ReportTables

KNOWN = """
SELECT area_id, parent_area_id, name, households, floor_area_m2, income_per_year, currency, deprivation_rank,
       climate_zone
FROM silver.areas ORDER BY area_id"""

TOLD = "reported_at_utc < $until AND month > $day::DATE - 400 AND month <= $day"

# The peak is said by the first edition alone.
SUMMARIES = f"""
SELECT month, area_id, s.parent_area_id, category, fuel, flow, edition, is_final, meters, energy_kwh,
       energy_per_meter_kwh, energy_per_m2_kwh, degree_days_k, normal_degree_days_k, normalised_kwh,
       max(peak_kw) OVER family AS peak_kw, max(coincidence) OVER family AS coincidence, gini, {", ".join(TENTHS)},
       emissions_kg, cost, s.currency, saving_kwh_per_year, evening_hours, imputed_share, saidi_minutes, saifi,
       caidi_minutes, array_to_string(withheld, '; ') AS withheld, reported_at_utc
FROM gold.area_summaries s WHERE {TOLD}
WINDOW family AS (PARTITION BY month, area_id, category, fuel, flow)
QUALIFY edition = max(edition) OVER family
ORDER BY month DESC, category, flow <> 'import', fuel, flow, area_id"""

INDICATORS = f"""
SELECT month, area_id, i.parent_area_id, indicator, edition, is_final, homes, share, is_withheld, households,
       income_per_year, currency, deprivation_rank, reported_at_utc
FROM gold.access_indicators i LEFT JOIN silver.areas USING (area_id) WHERE {TOLD}
QUALIFY edition = max(edition) OVER (PARTITION BY month, area_id, indicator)
ORDER BY month DESC, indicator, area_id"""

PRIVATE = f"""
SELECT month, area_id, parent_area_id, statistic, fuel, value, noise_standard_deviation, epsilon, reported_at_utc
FROM gold.private_area_statistics LEFT JOIN silver.areas USING (area_id) WHERE {TOLD}
QUALIFY month = max(month) OVER () ORDER BY statistic, fuel, area_id"""


def read_areas(lake: ReportTables, as_of: AsOf) -> Areas:
    """Thirteen months of all areas; of private statistics the newest."""
    return Areas(
        known=lake.figure("areas_known", KNOWN, as_of),
        summaries=lake.figure("areas", SUMMARIES, as_of),
        indicators=lake.figure("areas_indicators", INDICATORS, as_of),
        private=lake.figure("areas_private", PRIVATE, as_of),
    )
