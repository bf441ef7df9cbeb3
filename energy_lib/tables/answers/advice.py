"""Gold: what to do at once with a site's assets, because a price, an intensity or a peak is not what was planned on."""

from __future__ import annotations

from energy_lib.tables.answers.anomalies import SEVERITIES
from energy_lib.tables.table import Table, optional, required

EVENTS = ("raised", "updated", "withdrawn", "expired", "planned_by_night")
STATES = ("open", "over")
PRICE_SPIKE, INTENSITY_SPIKE, DEMAND_PEAK = "price_spike", "intensity_spike", "demand_peak"
TYPES = (PRICE_SPIKE, INTENSITY_SPIKE, DEMAND_PEAK)
SUPPRESSIONS = ("declared", "budget")

ADVICE = Table(
    layer="gold",
    name="advice",
    comment="What to do at once with a site's assets beside the plan of gold.schedules, because a price, a marginal "
    "intensity or a peak is not what was planned on; a row whenever something is said. What stands at T is the last "
    "row of an advice with told_at_utc <= T. Its worth is beside going on as planned, so it adds to no other saving.",
    columns=(
        required("advice_id", "string", "Advice: a hash of site and when it was first said"),
        required("event", "string", "What is said: docs/live.md describes each", EVENTS),
        required("told_at_utc", "timestamp", "As of when it is said: nothing that became known later is in it"),
        required("site_id", "string", "Site"),
        required("type", "string", "What most of its worth is of: a price, an intensity, or a peak of import", TYPES),
        required("state", "string", "What the advice is from then on", STATES),
        required("severity", "string", "low; medium, high: 5 and 20 times advice.min_worth", SEVERITIES),
        optional(
            "suppressed", "string", "Why nobody need be told: inside a declared event, or over budget", SUPPRESSIONS
        ),
        required("start_utc", "timestamp", "From when something is to be done otherwise than planned"),
        required("end_utc", "timestamp", "Until when"),
        required("valid_until_utc", "timestamp", "Until when it can be begun: the end of the first step's first hour"),
        required("asset_ids", "array<string>", "Assets that do otherwise"),
        required(
            "steps",
            "string",
            "JSON, a list: asset_id, asset_kind, from_utc, to_utc, planned_kw and power_kw (of a battery below zero: "
            "discharge)",
        ),
        required("worth", "double", "What it is worth in `currency`, with VAT, carbon at schedule.carbon_price_per_kg"),
        required("expected_saving", "double", "Of it in money"),
        optional("expected_saving_kgco2e", "double", "Carbon it spares by marginal intensity, kgCO2e; null: not known"),
        required("currency", "string", "ISO 4217"),
        required(
            "likelihood",
            "double",
            "0 to 1. Of a peak: that import passes the highest so far, by the forecast's quantiles; else: share of the "
            "hours to act in whose price or intensity is known, not a mean of past days",
        ),
        required("hour_utc", "timestamp", "The hour that it is for: dearest, dirtiest, or of the peak"),
        required(
            "hour_value", "double", "Its price with VAT per kWh, kgCO2e per kWh, or import on the upper quantile, kW"
        ),
        required("usual_value", "double", "The mean of all hours planned, or the highest import so far or allowed, kW"),
        optional("reason", "string", "Why it is over"),
        required("origin_utc", "timestamp", "Origin of the plan in gold.schedules that it is beside"),
        optional("tariff_id", "string", "Tariff of silver.tariffs it is reckoned by"),
    ),
    key=("advice_id", "told_at_utc", "event"),
    time="told_at_utc",
    appended_by_streams=True,
)

TABLES = (ADVICE,)
