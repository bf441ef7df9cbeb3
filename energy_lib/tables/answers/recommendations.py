"""Gold: what to do, and what people said of it."""

from __future__ import annotations

from energy_lib.tables.table import Table, optional, required

STATES = ("new", "accepted", "done", "rejected", "snoozed")

RECOMMENDATIONS = Table(
    layer="gold",
    name="recommendations",
    comment="What could be done to use less, pay less and emit less, as known on a day, the first to do first; and "
    "what could not be judged, with the reason. One action a cause, whatever number of meters it shows on.",
    columns=(
        required("as_of_date", "date", "Day of the night that made it, from what was known at its origin"),
        required("recommendation_id", "string", "The same for the same action at the same place on every night"),
        required("status", "string", "offered, or suppressed: see reason", ("offered", "suppressed")),
        required("action", "string", "Which rule; any: the meter's data allow none"),
        required("title", "string", "What to do"),
        optional("what", "string", "What was found, in words; of several meters at the one where it is worth most"),
        required(
            "scope_kind", "string", "Where the cause sits: meter, building or site", ("meter", "building", "site")
        ),
        required("scope_id", "string", "meter_id, building_id or site_id"),
        optional("building_id", "string", "Building, where it is one"),
        optional("site_id", "string", "Site, where it is one"),
        required("fuel", "string", "Fuel, or * for an action on all fuels of the place"),
        required("meters", "array<string>", "Meters it shows on"),
        optional("priority_rank", "int", "1 is to be done first; null if suppressed, done, rejected or snoozed"),
        optional(
            "priority",
            "double",
            "cost_per_year in kWh (at the mean price of all offers; else energy_kwh_per_year) x confidence x ease (1, "
            "0.6 or 0.35 by effort; less the longer the payback) x urgency (more where the season or an end is near)",
        ),
        optional("rating", "double", "0 to 10: 10 is a fifth or more of the yearly bill of its meters, 5 a twentieth"),
        optional(
            "share_of_bill", "double", "Saving over the yearly bill of its meters; of energy where no price is known"
        ),
        optional("energy_kwh_per_year", "double", "Energy saved a year if it is done alone, kWh; null: none"),
        optional("energy_kwh_low", "double", "Low end of its interval (interval_is), kWh a year"),
        optional("energy_kwh_high", "double", "High end of its interval, kWh a year"),
        optional(
            "cost_per_year",
            "double",
            "Money saved a year with VAT, in `currency`, at the rates in force on as_of_date; of an hourly price "
            "series at its mean by hour of day over the 28 days before",
        ),
        optional("cost_low", "double", "Low end of its interval, a year"),
        optional("cost_high", "double", "High end of its interval, a year"),
        optional(
            "cost_then_per_year",
            "double",
            "The same energy at the rates that were in force in each hour, with VAT; null: see reason",
        ),
        optional("currency", "string", "ISO 4217"),
        optional("carbon_kg_per_year", "double", "Emissions saved a year by average intensity or factor, kgCO2e"),
        optional("carbon_kg_low", "double", "Low end of its interval, kgCO2e a year"),
        optional("carbon_kg_high", "double", "High end of its interval, kgCO2e a year"),
        optional(
            "marginal_carbon_kg_per_year",
            "double",
            "The same by marginal intensity, kgCO2e; in no total; null: see reason",
        ),
        optional(
            "counted_energy_kwh_per_year",
            "double",
            "What it adds to a total: of a kWh that two actions could save, that of a known cause counts it, then the "
            "surer and larger one",
        ),
        optional("counted_cost_per_year", "double", "The same of cost, in `currency`"),
        optional("counted_carbon_kg_per_year", "double", "The same of carbon, kgCO2e"),
        optional("confidence", "double", "0 to 1: how well the evidence holds"),
        optional(
            "effort", "string", "low: a setting; medium: a visit or a contract; high: works", ("low", "medium", "high")
        ),
        optional("capital_cost", "double", "What it costs once, in `currency`; null: unknown"),
        optional("payback_years", "double", "capital_cost over cost_per_year"),
        optional("ongoing_since", "date", "Of what is going on now (a holiday): its first day; null: nothing is"),
        optional("ongoing_days_to_end", "int", "Days from as_of_date to its end"),
        optional("ongoing_energy_kwh", "double", "What it has used needlessly so far, kWh"),
        optional("ongoing_energy_to_end_kwh", "double", "What it will use more to its end at this rate, kWh"),
        optional("ongoing_cost", "double", "Cost so far, at today's rates"),
        optional("ongoing_cost_to_end", "double", "Cost from now to its end at this rate"),
        optional("interval_is", "string", "What low and high stand for"),
        optional("assumption", "string", "What must be true for it to save that"),
        optional("reason", "string", "Why it is suppressed, or why an amount is null"),
        required("evidence", "string", "JSON by meter: the numbers it rests on"),
        required("imputed_share", "double", "Share of the meters' last year that was estimated, 0 to 1"),
        optional("first_day", "date", "First local day that was looked at"),
        optional("last_day", "date", "Last local day that was known"),
        optional("state", "string", "What people last said of it by the end of as_of_date; null if suppressed", STATES),
        optional("state_by", "string", "Who said so"),
        optional("state_at_utc", "timestamp", "When"),
        required("rule_version", "int", "Version of the rule"),
        required("lineage", "string", "JSON: Delta versions of the tables it was made from"),
        required("as_of_month", "date", "First day of as_of_date's month; partition"),
    ),
    key=("as_of_date", "recommendation_id", "status"),
    partition_by=("as_of_month",),
)

RECOMMENDATION_STATES = Table(
    layer="gold",
    name="recommendation_states",
    comment="What people said of recommendations; the newest row of an id stands. No job but feedback writes it.",
    columns=(
        required("recommendation_id", "string", "Recommendation"),
        required("changed_at_utc", "timestamp", "When it was said"),
        required("state", "string", "new, accepted, done, rejected or snoozed", STATES),
        required("changed_by", "string", "Who said so"),
        optional("snoozed_until", "date", "First day on which a snoozed one is new again"),
        optional("note", "string", "Why, in their words"),
        optional("promised_kwh_per_year", "double", "Of a done one: the energy it was to save, kWh a year"),
        optional("promised_cost_per_year", "double", "Of a done one: the money it was to save a year"),
        optional("currency", "string", "ISO 4217"),
        optional("project_id", "string", "Of a done one: its project in silver.projects, whose saving is measured"),
    ),
    key=("recommendation_id", "changed_at_utc"),
)

TABLES = (RECOMMENDATIONS, RECOMMENDATION_STATES)
