"""Gold: what is wrong, since when, what it costs, and how each of these was known over time."""

from __future__ import annotations

from energy_lib.tables.gold import FLOW
from energy_lib.tables.table import Table, optional, required
from energy_lib.vocabulary import Fuel

TYPES = (
    "stuck", "dead", "spike", "dropout", "clock_shift", "unit_change", "multiplier_change",
    "out_of_hours", "base_load_step", "base_load_creep", "weekend_running", "holiday_running",
    "heating_in_warm_weather", "leak", "missing_data", "swapped_meters", "start_up_drift", "heating_and_cooling",
)  # fmt: skip
STATES = ("open", "ongoing", "closed", "withdrawn")
SEVERITIES = ("low", "medium", "high")

ANOMALIES = Table(
    layer="gold",
    name="anomalies",
    comment="Events at meters that their own past does not explain, a row a version: current is superseded_at_utc IS "
    "NULL; as of T is last_updated_utc <= T AND (superseded_at_utc IS NULL OR superseded_at_utc > T).",
    columns=(
        required("anomaly_id", "string", "Event: a hash of meter, type and start, the same in every night"),
        required("meter_id", "string", "Meter"),
        required("fuel", "string", "Fuel the meter measures", tuple(Fuel)),
        FLOW,
        optional("building_id", "string", "Building of the meter"),
        required("type", "string", "What is wrong: docs/anomalies.md describes each type", TYPES),
        required(
            "state",
            "string",
            "open: seen for the first time; ongoing: seen before and not over; closed: over; withdrawn: what is known "
            "now does not show it any more, see withdrawn_reason",
            STATES,
        ),
        required(
            "severity",
            "string",
            "low, medium or high: by the share of energy concerned, or for how long; low where a declared event holds "
            "all of it",
            SEVERITIES,
        ),
        required("score", "double", "The statistic that told of it over its limit on that day; above 1"),
        required("start_utc", "timestamp", "When it began"),
        required("end_utc", "timestamp", "End of its last hour or day so far; final when it is closed"),
        optional(
            "observed_kwh",
            "double",
            "Energy read in the hours that count from start to end, kWh; null if nothing was. out_of_hours: the ten "
            "quietest hours of each day; weekend_running, holiday_running: the days off; start_up_drift: workdays "
            "before noon; base loads and leak: the mean of the ten quietest hours for all 24; else all hours",
        ),
        optional("expected_kwh", "double", "Energy expected in the same hours from the days before it, kWh"),
        optional("expected_low_kwh", "double", "Lower end of the expectation's interval at 90 %, kWh"),
        optional("expected_high_kwh", "double", "Upper end of the expectation's interval at 90 %, kWh"),
        optional("energy_kwh", "double", "Observed minus expected, kWh: what it used too much; below zero: too little"),
        required("imputed_share", "double", "Share of its hours that rest on estimated readings, 0 to 1"),
        optional("cost", "double", "energy_kwh at the mean price of its hours with VAT, in `currency`"),
        optional("currency", "string", "ISO 4217"),
        optional("cost_reason", "string", "Why the cost is null"),
        optional("emissions_kgco2e", "double", "energy_kwh at the mean factor of its hours, kgCO2e"),
        optional("emissions_reason", "string", "Why the emissions are null"),
        required(
            "evidence",
            "array<string>",
            "Declared events that hold all of it, then the rules that it broke, each with its figure and its limit, "
            "then how its hours lay to their forecasts",
        ),
        optional(
            "share_outside_forecast",
            "double",
            "Share of its hours that were read below p10 or above p90 of the last forecast issued before them, 0 to 1; "
            "a fifth is usual; null: no hour was forecast and read",
        ),
        optional(
            "growth_per_day",
            "double",
            "Gained a day: of base_load_creep the share of its reference, of start_up_drift hours",
        ),
        optional(
            "passes_threshold_on",
            "date",
            "Day on which, at the present slope, a creeping base load is half as high again as it was, or workdays "
            "begin two hours earlier",
        ),
        optional("passes_earliest", "date", "Earliest such day at 90 %"),
        optional("passes_latest", "date", "Latest such day at 90 %; null with passes_threshold_on: not in ten years"),
        optional(
            "explained_by",
            "string",
            "anomaly_id of the event of the meter that began before it, or with it, and holds most of its time: the "
            "same cause shows in both; null: it stands for itself",
        ),
        optional(
            "counted_kwh",
            "double",
            "energy_kwh in hours that no earlier event of the meter counts: these add up. Null in versions before "
            "rule 3, and where energy_kwh is null",
        ),
        optional("counted_cost", "double", "As much of cost as counted_kwh is of energy_kwh, in `currency`"),
        optional("counted_emissions_kgco2e", "double", "As much of emissions_kgco2e, kgCO2e"),
        required("first_seen_utc", "timestamp", "As of when it was first seen"),
        required("last_updated_utc", "timestamp", "As of when this version says so"),
        optional("superseded_at_utc", "timestamp", "As of when the next version replaced it"),
        optional("withdrawn_reason", "string", "Why it was withdrawn"),
        required("rule_version", "string", "Version of the detectors"),
        required("readings_version", "long", "Delta version of silver.hourly_readings that it was found in"),
        optional("weather_version", "long", "Delta version of silver.weather; null: there was none"),
    ),
    key=("anomaly_id", "last_updated_utc"),
    time="last_updated_utc",
)

TABLES = (ANOMALIES,)
