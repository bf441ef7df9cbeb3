"""Gold: what areas use, who is short of energy there, and of no household; ops: what that was made of."""

from __future__ import annotations

from energy_lib.tables.table import Table, optional, required
from energy_lib.vocabulary import Flow, Fuel

CATEGORIES = ("homes", "other")
INDICATORS = (
    "colder_fed", "self_rationing", "self_disconnected", "low_expenditure", "high_share", "short_of_energy",
)  # fmt: skip
# What is summed and withheld by itself; docs/access.md says which columns follow from which.
MEASURES = (
    "energy_kwh", "normalised_kwh", "floor_energy_kwh", "own_peak_kw", "emissions_kg", "cost", "saving_kwh_per_year",
    "evening_hours", "outage_minutes", "interruptions",
)  # fmt: skip
MONTH = required("month", "date", "First day of the local month; partition")
EDITION = (
    required("edition", "int", "1: said for the first time; 2: said anew, once, when the month is settled"),
    required("is_final", "boolean", "Whether no other edition follows"),
    required("reported_at_utc", "timestamp", "Origin of the night that said it"),
)
LATEST = "What stands is the highest edition. Null where the area is too small to be told without telling of a home"

AREA_SUMMARIES = Table(
    layer="gold",
    name="area_summaries",
    comment=f"What the meters of an area, and of all areas inside it, used in a month. {LATEST}: see withheld.",
    columns=(
        required("area_id", "string", "Area in silver.areas"),
        optional("parent_area_id", "string", "Area it lay in then; null: in none"),
        required("category", "string", "homes, or other", CATEGORIES),
        required("fuel", "string", "Fuel", tuple(Fuel)),
        required("flow", "string", "Direction of what the registers count", tuple(Flow)),
        *EDITION,
        optional("meters", "int", "Registers in energy_kwh: those of which nine tenths of the hours are known"),
        optional("energy_kwh", "double", "Energy, kWh"),
        optional("energy_per_meter_kwh", "double", "energy_kwh over meters, kWh; of homes and one fuel: per household"),
        optional("energy_per_m2_kwh", "double", "Energy per floor area, of the meters whose area is known, kWh/m2"),
        optional("degree_days_k", "double", "Heating degree days of the month, mean of the meters, K·d"),
        optional("normal_degree_days_k", "double", "The same of a normal year: the mean of the years that are known"),
        optional("normalised_kwh", "double", "Energy that a normal year's degree days would have taken, kWh"),
        optional("peak_kw", "double", "Highest hour of the sum, kW"),
        optional("coincidence", "double", "peak_kw over the sum of the meters' own highest hours, 0 to 1"),
        optional("gini", "double", "Gini coefficient of energy by meter: 0 all alike, 1 one uses all"),
        *(
            optional(
                f"decile_{i}_share", "double", f"Share of energy of the {i}. tenth of the meters, the lowest first"
            )
            for i in range(1, 11)
        ),
        optional("emissions_kg", "double", "Emissions as in gold.emissions, kgCO2e"),
        optional("cost", "double", "Cost with VAT as in gold.costs, in `currency`"),
        optional("currency", "string", "ISO 4217"),
        optional("saving_kwh_per_year", "double", "Potential saving of gold.recommendations, counted once, kWh a year"),
        optional("evening_hours", "double", "Hours of use between 18 and 22 o'clock, mean of days and meters, 0 to 4"),
        optional("imputed_share", "double", "Share of energy_kwh that cleaning estimated, 0 to 1, to the percent"),
        optional("saidi_minutes", "double", "IEEE 1366: minutes without supply per meter, from outage events alone"),
        optional("saifi", "double", "IEEE 1366: interruptions of more than 5 minutes per meter"),
        optional("caidi_minutes", "double", "IEEE 1366: saidi_minutes over saifi; null where none failed"),
        required("withheld", "array<string>", "Measures that may not be told of this area; docs/access.md"),
        MONTH,
    ),
    key=("area_id", "category", "fuel", "flow", "month", "edition"),
    partition_by=("month",),
)

ACCESS_INDICATORS = Table(
    layer="gold",
    name="access_indicators",
    comment=f"Share of an area's homes that meters show to be short of energy in a month. {LATEST}.",
    columns=(
        required("area_id", "string", "Area in silver.areas"),
        optional("parent_area_id", "string", "Area it lay in then; null: in none"),
        required("indicator", "string", "What the homes have in common: docs/access.md describes each", INDICATORS),
        *EDITION,
        optional("homes", "int", "Homes that could be judged"),
        optional("share", "double", "Share of them that have it, 0 to 1"),
        required("is_withheld", "boolean", "Whether it may not be told of this area"),
        MONTH,
    ),
    key=("area_id", "indicator", "month", "edition"),
    partition_by=("month",),
)

AREA_RELEASES = Table(
    layer="ops",
    name="area_releases",
    comment="What each edition of the areas was made of, by meter and home, for the second edition. Not for release.",
    columns=(
        required("family", "string", "category fuel flow of gold.area_summaries, or the indicator"),
        required("measure", "string", "What was summed; of indicators: flag"),
        required("unit_id", "string", "Meter; of indicators the building, or the meter where there is none"),
        required("edition", "int", "Edition"),
        required("area_id", "string", "Area of the unit itself, for both editions"),
        required("value", "double", "What it added to the sum"),
        MONTH,
    ),
    key=("family", "measure", "unit_id", "edition", "month"),
    partition_by=("month",),
)

PRIVATE_AREA_STATISTICS = Table(
    layer="gold",
    name="private_area_statistics",
    comment="Sums over homes with noise for differential privacy, told of every area, once. Only with access.epsilon.",
    columns=(
        required("area_id", "string", "Area in silver.areas"),
        required("statistic", "string", "Homes that ran out of credit, prepaid homes that did not, or energy in kWh"),
        required("fuel", "string", "Fuel of the energy; * of counts"),
        required("value", "double", "Sum with its noise; it may be below 0, and is not to be cut there before adding"),
        required("noise_standard_deviation", "double", "Standard deviation of the noise, in the unit of value"),
        required("epsilon", "double", "Epsilon of all statistics of the month together, by home"),
        required("reported_at_utc", "timestamp", "Origin of the night that said it"),
        MONTH,
    ),
    key=("area_id", "statistic", "fuel", "month"),
    partition_by=("month",),
)

PRIVACY_BUDGET = Table(
    layer="ops",
    name="privacy_budget",
    comment="Epsilon that was spent on private statistics, a row a draw, written before the draw is told.",
    columns=(
        MONTH,
        required("draw", "int", "1, or more if a run was killed after it spent and before it told"),
        required("epsilon", "double", "Epsilon that the draw spent of the budget of each home"),
        required("spent_at_utc", "timestamp", "Origin of the night that spent it"),
    ),
    key=("month", "draw"),
)

TABLES = (AREA_SUMMARIES, ACCESS_INDICATORS, AREA_RELEASES, PRIVATE_AREA_STATISTICS, PRIVACY_BUDGET)
