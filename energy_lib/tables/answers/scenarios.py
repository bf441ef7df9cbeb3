"""Gold: what a change of policy, buildings or tariffs would do to energy, peak, cost and carbon."""

from __future__ import annotations

from dataclasses import replace

from energy_lib.tables.answers.access import CATEGORIES
from energy_lib.tables.sensitivity import Sensitivity
from energy_lib.tables.table import Table, optional, required

GROUP_KINDS = ("all", "area", "tenth_by_cost", "tenth_by_energy", "unserved")
QUANTITIES = ("energy_kwh", "peak_kw", "cost", "emissions_kg", "kwh_per_household_day", "mtf_tier")

SCENARIO_RESULTS = Table(
    layer="gold",
    name="scenario_results",
    comment="What if: what groups of homes and other buildings used, paid and emitted in months that were read, and "
    "how a scenario of conf/scenarios changes it. A calculation with stated assumptions, not a measurement.",
    columns=(
        required("scenario", "string", "Name of the scenario's YAML file"),
        required("as_of_date", "date", "The months that count ended before this day; what was known on it"),
        required("category", "string", "homes, or other", CATEGORIES),
        required(
            "group_kind", "string", "all, an area with the areas inside it, a tenth, or an unserved area", GROUP_KINDS
        ),
        replace(
            required(
                "group_id", "string", "* of all; area_id in silver.areas; 1 to 10, the lowest bill (energy) first"
            ),
            sensitivity=Sensitivity.NONE,
        ),
        required("quantity", "string", "What is told; its name ends in its unit, of cost see currency", QUANTITIES),
        required("fuel", "string", "Fuel; * of cost and emissions, which are of all fuels"),
        required("flow", "string", "Direction of what the registers count; * of cost and emissions"),
        optional("baseline", "double", "What it was, over all days that count; null: see reason"),
        optional(
            "change_low",
            "double",
            "Low end of the change: the range holds it nine times in ten, if the assumptions' do",
        ),
        optional("change", "double", "The change with the best guess of every assumption"),
        optional("change_high", "double", "High end of the change"),
        optional("currency", "string", "ISO 4217, of cost"),
        optional("units", "int", "Homes (or other buildings) in the sum; of an unserved area those it was taken from"),
        optional("known_share", "double", "They over all of the group; of the others it is not known"),
        optional("taking_part", "int", "Of them, those that take part in a measure"),
        optional("gain_share", "double", "Share of them whose bill falls by more than 1 %; null: too few to be told"),
        optional("lose_share", "double", "Share of them whose bill rises by more than 1 %; null: too few to be told"),
        optional("imputed_share", "double", "Share of their energy that cleaning estimated"),
        optional("hangs_on", "string", "The assumption that widens the range most; null: it has no range"),
        optional("reason", "string", "Why there is no value"),
        required("first_day", "date", "First local day that counts"),
        required("last_day", "date", "Last local day that counts"),
        required("days", "int", "Days that count: those of whole months that were read"),
        required("assumptions", "string", "The scenario as it was worked out, with ranges and sources, as JSON"),
        required("scenario_hash", "string", "Of the YAML file's content (SHA-256, 16 digits)"),
        required("lineage", "string", "Versions of the tables it was made from, as JSON"),
    ),
    key=("scenario", "as_of_date", "category", "group_kind", "group_id", "quantity", "fuel", "flow"),
)

TABLES = (SCENARIO_RESULTS,)
