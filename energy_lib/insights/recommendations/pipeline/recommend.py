"""The use case of jobs/recommend.py: look at every meter's last year, rank what could be done, audit, publish."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime
from typing import Any

import pyarrow as pa

from energy_lib.config import CleaningConfig, Config
from energy_lib.errors import InputMissing
from energy_lib.insights.recommendations.assembly import Inputs, meter_years
from energy_lib.insights.recommendations.catalog import ACTIONS
from energy_lib.insights.recommendations.meter_answers import Answer, meter_answers
from energy_lib.insights.recommendations.meter_year import MeterYear
from energy_lib.insights.recommendations.peers import level, peers_of, place_of
from energy_lib.insights.recommendations.pipeline.inputs import READ, read_inputs, read_readings
from energy_lib.insights.recommendations.pipeline.posted_feedback import take_in_posted
from energy_lib.insights.recommendations.ranking import OFFERED, ranked_rows
from energy_lib.insights.recommendations.states import states_at
from energy_lib.intervals import DAY, Period, midnight_utc
from energy_lib.lake import Lake, Outcome
from energy_lib.quality import gate
from energy_lib.tables import silver
from energy_lib.tables.answers.recommendations import RECOMMENDATION_STATES, RECOMMENDATIONS
from energy_lib.tables.arrow import arrow_schema

JOB = "recommend"
SHOWN = 5
# So many at once take some 400 MB.
METERS_AT_ONCE = 2000
# What may differ though nothing that was found does.
NOT_CONTENT = ("lineage",)
Row = dict[str, Any]


def recommend(lake: Lake, config: Config, period: Period) -> Outcome:
    """Make the recommendations of each origin day of the period, as they could be made then.

    A day's rows replace those it had; the same ones again write nothing. Raises InputMissing without hourly readings,
    and GateRefused if the rows break their suite.
    """
    if not lake.exists(silver.HOURLY):
        raise InputMissing(f"There is no table {silver.HOURLY.full_name} in {lake.root}: run clean first.")
    gates = take_in_posted(lake)
    outcome = Outcome(versions_read={table.full_name: lake.version(table) for table in READ}, gates=gates)
    for origin in period.origins(config.features.origin_hour_utc):
        _one_day(lake, config, origin, outcome)
    outcome.versions_written = {RECOMMENDATIONS.full_name: lake.version(RECOMMENDATIONS)}
    return outcome


def _one_day(lake: Lake, config: Config, origin: datetime, outcome: Outcome) -> None:
    day = origin.date()
    inputs = read_inputs(lake, origin)
    answers = _answers(lake, inputs, config.cleaning)
    said = lake.small_tables.rows(RECOMMENDATION_STATES)
    rows = ranked_rows(answers, states_at(said, midnight_utc(day) + DAY, day))
    lineage = json.dumps(outcome.versions_read, sort_keys=True)
    month = date(day.year, day.month, 1)
    rows = [row | {"as_of_date": day, "as_of_month": month, "lineage": lineage} for row in rows]
    there = lake.small_tables.read(RECOMMENDATIONS, where=f"as_of_month = DATE '{month}' AND as_of_date = DATE '{day}'")
    _publish(lake, rows, there, outcome)
    outcome.rows_in += len(inputs.meters)
    outcome.lines += _lines(day, rows)


def _answers(lake: Lake, inputs: Inputs, cleaning: CleaningConfig) -> list[Answer]:
    """All answers on all meters. Many are looked at in parts, twice: like buildings are known after the first time."""
    ids = sorted(row["meter_id"] for row in inputs.meters)
    parts = [ids[i : i + METERS_AT_ONCE] for i in range(0, len(ids), METERS_AT_ONCE)]

    def looked_at() -> Iterator[list[MeterYear]]:
        for part in parts:
            of_part = read_readings(lake, inputs.origin, cleaning, part if len(parts) > 1 else None)
            yield list(meter_years(inputs, of_part))

    first = list(looked_at()) if len(parts) == 1 else None
    levels = [level(year, inputs.common_weather) for years in first or looked_at() for year in years]
    peers = peers_of(each for each in levels if each is not None)
    return [
        answer
        for years in first or looked_at()
        for year in years
        for answer in meter_answers(replace(year, peers=peers.get(place_of(year))), ACTIONS.values())
    ]


def _publish(lake: Lake, rows: list[Row], there: pa.Table, outcome: Outcome) -> None:
    schema = arrow_schema(RECOMMENDATIONS)
    before = {tuple(row[name] for name in RECOMMENDATIONS.key): row for row in there.to_pylist()}
    batch = pa.Table.from_pylist([_as_before(row, before) for row in rows], schema=schema)
    outcome.gates.append(gate(batch, RECOMMENDATIONS))
    keys = {tuple(row[name] for name in RECOMMENDATIONS.key) for row in rows}
    gone = pa.Table.from_pylist([row for key, row in before.items() if key not in keys], schema=schema)
    lake.upsert(RECOMMENDATIONS, batch, gone=gone)
    outcome.rows_out += batch.num_rows


def _as_before(row: Row, before: dict[tuple[Any, ...], Row]) -> Row:
    """The row that is there, if it says the same: another version of a table it was made from is no news."""
    there = before.get(tuple(row[name] for name in RECOMMENDATIONS.key))
    names = [name for name in RECOMMENDATIONS.column_names if name not in NOT_CONTENT]
    return there if there is not None and all(there[name] == row.get(name) for name in names) else row


def _lines(day: date, rows: list[Row]) -> list[str]:
    offered = [row for row in rows if row["status"] == OFFERED]
    lines = [f"{day}: {len(offered)} recommendations, {len(rows) - len(offered)} suppressed with their reason"]
    for row in offered[:SHOWN]:
        money = "" if row["cost_per_year"] is None else f", {row['cost_per_year']:,.0f} {row['currency']} a year"
        energy = "" if row["energy_kwh_per_year"] is None else f", {row['energy_kwh_per_year']:,.0f} kWh a year"
        lines.append(
            f"  {row['priority_rank']}. {row['title']} at {row['scope_kind']} {row['scope_id']}{energy}{money}"
        )
    return lines
