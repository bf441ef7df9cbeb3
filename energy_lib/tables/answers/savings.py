"""Gold: what measures saved, and the baselines that it is measured against."""

from __future__ import annotations

from energy_lib.tables.table import Column, Table, optional, required

# measured: there is a saving. disqualified: the baseline gives no usable model. waiting: no day of the reporting period
# is known yet. non_routine: every known day has an event that no model of weather explains.
STATES = ("measured", "disqualified", "waiting", "non_routine")
ALL = "*"


def _with_interval(what: str, unit: str) -> tuple[Column, ...]:
    name, of = f"avoided_{what}", "kgCO2e" if what == "kgco2e" else unit
    return (
        optional(name, "double", f"Avoided by the measure, {of}; below zero: more was used. Null: see reasons"),
        optional(f"{name}_low", "double", f"Lower end of its 90 % interval, {of}"),
        optional(f"{name}_high", "double", f"Upper end of its 90 % interval, {of}"),
    )


SAVINGS = Table(
    layer="gold",
    name="savings",
    comment="Measured savings of projects: what the baseline would have used in the weather of the reporting period, "
    "less what was used. A row a day for each meter of a project and for the project (meter_id *); a row in total for "
    "these and for all projects (project_id *). The total as known on an earlier night has that night's last_date. A "
    "project without a usable baseline has no days.",
    columns=(
        required("project_id", "string", "Project in silver.projects; *: all projects"),
        required("meter_id", "string", "Meter; *: the project's meters together"),
        required("scope", "string", "day or total", ("day", "total")),
        required("first_date", "date", "First local day of the row; of a total the reporting start"),
        required("last_date", "date", "Last local day of the row"),
        optional("fuel", "string", "Fuel of the meter; null where several are summed"),
        required("state", "string", "measured, disqualified, waiting or non_routine", STATES),
        required("reasons", "array<string>", "Why a value is null, or what to know before it is used; in words"),
        required(
            "event_ids", "array<string>", "Events in silver.events that touch the days; their days are not summed"
        ),
        optional("observed_kwh", "double", "Energy used on the days that are summed, kWh"),
        optional("counterfactual_kwh", "double", "Energy the baseline would have used on these days, kWh"),
        *_with_interval("kwh", "kWh"),
        optional("proven", "boolean", "Of a total: whether the interval of avoided_kwh lies above zero"),
        optional(
            "expected_kwh",
            "double",
            "What the project promised, times days over 365: the same on each day of the year, kWh; null of a day",
        ),
        *_with_interval("cost", "in `currency` with VAT"),
        optional("currency", "string", "ISO 4217 of avoided_cost"),
        *_with_interval("kgco2e", "kgCO2e"),
        required(
            "days",
            "int",
            "Days that are summed; of several meters those of the meter with most, and so of the next two",
        ),
        required("days_with_events", "int", "Days left out because of an event"),
        required("days_unknown", "int", "Days left out because energy or weather is not known"),
        optional(
            "imputed_share", "double", "Share of the summed hours that was estimated or left out as suspect, 0 to 1"
        ),
        optional(
            "cvrmse",
            "double",
            "CV(RMSE) of the baseline, a share of its mean day (ASHRAE Guideline 14); null where meters are summed",
        ),
        optional("nmbe", "double", "NMBE of the baseline, a share of its mean day (ASHRAE Guideline 14)"),
        optional("meets_guideline", "boolean", "CV(RMSE) at most 0.30 and NMBE at most 0.005 either way"),
        optional("baseline_first", "date", "First local day of the baseline"),
        optional("baseline_end", "date", "First local day that is no longer baseline"),
        optional("model", "string", "What made the counterfactual, with its version"),
        optional("interval_by", "string", "What the interval was learnt from"),
        required("known_at_utc", "timestamp", "What was known at this time made the row"),
        optional("hourly_version", "long", "Delta version of silver.hourly_readings that was read"),
    ),
    key=("project_id", "meter_id", "scope", "first_date", "last_date"),
    time="last_date",
    provenance=("known_at_utc", "hourly_version"),
)

BASELINES = Table(
    layer="gold",
    name="savings_baselines",
    comment="The baseline model of each meter of a project, fitted once; again only where a day of it changed.",
    columns=(
        required("project_id", "string", "Project"),
        required("meter_id", "string", "Meter"),
        required("baseline_first", "date", "First local day of the baseline"),
        required("baseline_end", "date", "First local day that is no longer baseline"),
        required("content", "string", "Hash of the days it was fitted to"),
        optional("model_json", "string", "Coefficients, hourly shape and fit (energy_lib.insights.savings.baseline)"),
        required("refused", "array<string>", "Why there is no usable model: OpenDSM's disqualifications"),
        required("warnings", "array<string>", "OpenDSM's warnings"),
        required("event_ids", "array<string>", "Events whose days are not in the baseline"),
        optional("days", "int", "Days that were fitted to"),
        optional("cvrmse", "double", "CV(RMSE), a share of the mean day"),
        optional("nmbe", "double", "NMBE, a share of the mean day"),
        optional("block_cv", "double", "How far means of 30 days stray from the model, a share of the mean day"),
        optional("opendsm_version", "string", "Version of OpenDSM"),
        required("known_at_utc", "timestamp", "What was known at this time was fitted to"),
    ),
    key=("project_id", "meter_id"),
    provenance=("known_at_utc",),
)

TABLES = (SAVINGS, BASELINES)
