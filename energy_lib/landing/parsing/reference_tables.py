"""The kinds of reference data: their tables, what their rows are judged by side by side, and what empty cells mean."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc

from energy_lib.landing.parsing import answer_rules
from energy_lib.landing.parsing.area_rules import judge_areas
from energy_lib.landing.parsing.declarations import Judge
from energy_lib.landing.parsing.virtual_terms import judge_terms
from energy_lib.landing.sources.source import Kind
from energy_lib.tables import references, silver
from energy_lib.tables.arrow import arrow_type
from energy_lib.vocabulary import Flow

TABLE_OF = {
    Kind.WEATHER: silver.WEATHER,
    Kind.CARBON_INTENSITY: silver.CARBON_INTENSITY,
    Kind.PRICES: silver.PRICES,
    Kind.METERS: silver.METERS,
    Kind.BUILDINGS: silver.BUILDINGS,
    Kind.VIRTUAL_METERS: silver.VIRTUAL_METERS,
    Kind.EMISSION_FACTORS: references.EMISSION_FACTORS,
    Kind.TARIFFS: references.TARIFFS,
    Kind.PROJECTS: references.PROJECTS,
    Kind.ASSETS: references.ASSETS,
    Kind.EVENTS: references.EVENTS,
    Kind.AREAS: references.AREAS,
}
# Kinds whose rows are judged side by side, a whole file at once.
JUDGES: dict[Kind, Judge] = {
    Kind.VIRTUAL_METERS: judge_terms,
    Kind.EMISSION_FACTORS: answer_rules.judge_factors,
    Kind.TARIFFS: answer_rules.judge_tariffs,
    Kind.PROJECTS: answer_rules.judge_projects,
    Kind.ASSETS: answer_rules.judge_assets,
    Kind.EVENTS: answer_rules.judge_events,
    Kind.AREAS: judge_areas,
}
WHOLE_DAY: dict[str, str | int] = {"from_hour": 0, "to_hour": 24}
# What an empty cell means, or a column that the YAML does not name.
EMPTY_MEANS: dict[Kind, dict[str, str | int]] = {
    Kind.TARIFFS: {"flow": Flow.IMPORT.value, "days": "all", **WHOLE_DAY},
    Kind.ASSETS: WHOLE_DAY,
}


def fill_empty(kind: Kind, values: dict[str, pa.Array], rows: int) -> None:
    """Put what empty cells mean into `values`, arrays of `rows` by column."""
    for name, meaning in EMPTY_MEANS.get(kind, {}).items():
        filling = pa.scalar(meaning, arrow_type(TABLE_OF[kind].column(name)))
        values[name] = pc.fill_null(values[name], filling) if name in values else pa.repeat(filling, rows)
