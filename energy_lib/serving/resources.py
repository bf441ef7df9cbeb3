"""The tables that the API shows, each as one declaration: its columns are the table's."""

from __future__ import annotations

from dataclasses import dataclass

from energy_lib.security.permissions import Permission
from energy_lib.serving.visibility import RowsOf
from energy_lib.tables import Table, gold, ops, silver
from energy_lib.tables.answers import access, accounts, alerts, anomalies, recommendations, savings, schedules

STANDS = "superseded_at_utc IS NULL"
ISSUED = "origin_utc <= $as_of"


def _stood(known_since: str) -> str:
    """SQL for what stood at $as_of: known by then, and not superseded yet."""
    return f"{known_since} <= $as_of AND (superseded_at_utc IS NULL OR superseded_at_utc > $as_of)"


@dataclass(frozen=True, slots=True)
class Resource:
    """A table at /v1/<name>.

    rows_of: what a row is of, and so who sees it. meter, site: columns that ?meter= and ?site= are held against; a site
    is looked up by the meter where the table has none. time: column of ?from= and ?to=. filters: columns that may be
    asked for by their values. known: SQL for what was known at $as_of; None: the table keeps no past. stands: SQL
    for what stands now. latest: column of which the newest value is shown unless one is asked for. newest_of: of rows
    that are alike in these columns, the one with the highest edition.
    """

    name: str
    table: Table
    summary: str
    rows_of: RowsOf
    permission: Permission = Permission.READ_ANSWERS
    meter: str | None = "meter_id"
    site: str | None = None
    time: str | None = None
    filters: tuple[str, ...] = ()
    known: str | None = None
    stands: str = "true"
    always: str = "true"
    latest: str | None = None
    newest_of: tuple[str, ...] = ()


RESOURCES = (
    Resource(
        "meters", silver.METERS, "Meters and where they are.", RowsOf.METER,
        site="site_id", filters=("fuel", "flow", "building_id", "area_id", "use"),
    ),
    Resource(
        "readings", silver.READINGS, "Clean readings, as they stand or as they were known.", RowsOf.METER,
        permission=Permission.READ_READINGS, time="interval_start_utc", filters=("fuel", "quality"),
        known=_stood("available_at_utc"), stands=STANDS,
    ),
    Resource(
        "hourly-readings", silver.HOURLY, "Regular hours of the current readings, gaps estimated and flagged.",
        RowsOf.METER, permission=Permission.READ_READINGS, time="interval_start_utc", filters=("fuel", "quality"),
    ),
    Resource(
        "forecasts", gold.FORECASTS, "Live forecasts with their quantiles; of the newest origin unless one is named.",
        RowsOf.METER, time="interval_start_utc", filters=("fuel", "origin_utc", "model_name", "model_version"),
        known=ISSUED, always="run_kind = 'live'", latest="origin_utc",
    ),
    Resource(
        "group-forecasts", gold.GROUP_FORECASTS, "Live forecasts of buildings, sites and the portfolio.", RowsOf.GROUP,
        meter=None, time="interval_start_utc",
        filters=("group_kind", "group_id", "fuel", "origin_utc", "model_name"),
        known=ISSUED, always="run_kind = 'live'", latest="origin_utc",
    ),
    Resource(
        "anomalies", anomalies.ANOMALIES, "What is wrong, since when, and what it costs.", RowsOf.METER,
        time="start_utc", filters=("anomaly_id", "type", "state", "severity", "fuel", "building_id"),
        known=_stood("last_updated_utc"), stands=STANDS,
    ),
    Resource(
        "alerts", alerts.ALERTS, "What was told of meters as their readings came; /v1/alerts/stream tells it live.",
        RowsOf.METER, time="told_at_utc", filters=("alert_id", "event", "type", "state", "severity"),
        known="told_at_utc <= $as_of",
    ),
    Resource(
        "recommendations", recommendations.RECOMMENDATIONS, "What to do, the first first; of the newest night.",
        RowsOf.ACTION, meter=None, filters=("recommendation_id", "status", "action", "building_id", "site_id", "fuel",
        "state", "as_of_date"), site="site_id", known="as_of_date <= CAST($as_of AS DATE)", latest="as_of_date",
    ),
    Resource(
        "recommendation-states", recommendations.RECOMMENDATION_STATES, "What people said of recommendations.",
        RowsOf.ACTION_ID, meter=None, time="changed_at_utc", filters=("recommendation_id", "state"),
        known="changed_at_utc <= $as_of",
    ),
    Resource(
        "posted-feedback", ops.POSTED_FEEDBACK, "What was posted of recommendations; the next night takes it in.",
        RowsOf.ACTION_ID, meter=None, time="changed_at_utc", filters=("recommendation_id", "state"),
        known="changed_at_utc <= $as_of",
    ),
    Resource(
        "savings", savings.SAVINGS, "What projects saved, by day and in total, with its interval.", RowsOf.PROJECT,
        time="first_date", filters=("project_id", "scope", "state"), known="known_at_utc <= $as_of",
    ),
    Resource(
        "emissions", accounts.EMISSIONS, "Emissions of months by meter, building, site and portfolio.", RowsOf.GROUP,
        meter=None, time="month", filters=("group_kind", "group_id", "fuel", "flow", "scope"),
        known=_stood("reported_at_utc"), stands=STANDS,
    ),
    Resource(
        "costs", accounts.COSTS, "Costs of months by meter, building, site and portfolio.", RowsOf.GROUP,
        meter=None, time="month", filters=("group_kind", "group_id", "fuel", "flow", "currency"),
        known=_stood("reported_at_utc"), stands=STANDS,
    ),
    Resource(
        "schedules", schedules.SCHEDULES, "What to do with a site's assets, hour by hour; of the newest origin.",
        RowsOf.SITE, meter=None, site="site_id", time="interval_start_utc",
        filters=("site_id", "asset_id", "asset_kind", "origin_utc"), known=ISSUED, latest="origin_utc",
    ),
    Resource(
        "scores", gold.SCORES, "How good forecasts were, seasonal naive beside.", RowsOf.SCORE, time="first_date",
        filters=("run_kind", "scope", "fuel", "model_name", "model_version"),
    ),
    Resource(
        "area-summaries", access.AREA_SUMMARIES, "What areas use, pay and emit, and nothing of a single home.",
        RowsOf.AREA, meter=None, time="month", filters=("area_id", "category", "fuel", "flow"),
        known="reported_at_utc <= $as_of", newest_of=("area_id", "category", "fuel", "flow", "month"),
    ),
    Resource(
        "access-indicators", access.ACCESS_INDICATORS, "Share of an area's homes that is short of energy.", RowsOf.AREA,
        meter=None, time="month", filters=("area_id", "indicator"), known="reported_at_utc <= $as_of",
        newest_of=("area_id", "indicator", "month"),
    ),
)  # fmt: skip
BY_NAME = {resource.name: resource for resource in RESOURCES}
