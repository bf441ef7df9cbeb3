"""Draw a month's private statistics, once, and spend of the budget before anything is told."""

from __future__ import annotations

import secrets
from datetime import date, datetime
from fractions import Fraction

import pyarrow as pa

from energy_lib.config import AccessConfig
from energy_lib.insights.access.pipeline.inputs import HOMES, Inputs
from energy_lib.insights.access.private_statistics import HomeFacts, private_rows
from energy_lib.lake import Lake, Outcome
from energy_lib.quality import gate
from energy_lib.tables.answers.access import PRIVACY_BUDGET, PRIVATE_AREA_STATISTICS
from energy_lib.tables.arrow import arrow_schema
from energy_lib.vocabulary import Flow, Fuel

YEAR_MONTHS = 12
# Named beforehand: that a fuel is there would tell of the home that has it.
FUELS = (Fuel.ELECTRICITY.value, Fuel.GAS.value)
FINEST_EPSILON = 1000


def tell_privately(lake: Lake, settings: AccessConfig, inputs: Inputs, origin: datetime, outcome: Outcome) -> str:
    """Spend, draw and publish; gives a line for people. What was told once is not drawn again: that would tell more."""
    month = inputs.month
    where = f"month = DATE '{month}'"
    if lake.small_tables.read(PRIVATE_AREA_STATISTICS, ["area_id"], where).num_rows:
        return f"summarize_areas: {month:%Y-%m} was told privately before"
    epsilon = Fraction(settings.epsilon or 0).limit_denominator(FINEST_EPSILON)
    spent = lake.small_tables.rows(PRIVACY_BUDGET)
    near = sum(row["epsilon"] for row in spent if abs(_months(row["month"]) - _months(month)) < YEAR_MONTHS)
    if epsilon <= 0 or near + float(epsilon) > settings.epsilon_per_year:
        return (
            f"summarize_areas: {month:%Y-%m} is not told privately: of access.epsilon_per_year "
            f"{settings.epsilon_per_year:g} the months around it have spent {near:g}"
        )
    draw = 1 + max((row["draw"] for row in spent if row["month"] == month), default=0)
    paid = {"month": month, "draw": draw, "epsilon": float(epsilon), "spent_at_utc": origin}
    lake.upsert(PRIVACY_BUDGET, pa.Table.from_pylist([paid], schema=arrow_schema(PRIVACY_BUDGET)))
    rows = private_rows(inputs.tree, _homes(inputs), FUELS, epsilon, settings.clip_kwh, secrets.randbelow)
    stamped = [row | {"month": month, "reported_at_utc": origin} for row in rows]
    batch = pa.Table.from_pylist(stamped, schema=arrow_schema(PRIVATE_AREA_STATISTICS))
    outcome.gates.append(gate(batch, PRIVATE_AREA_STATISTICS))
    lake.upsert(PRIVATE_AREA_STATISTICS, batch)
    outcome.rows_out += batch.num_rows
    return f"summarize_areas: {month:%Y-%m} was told privately with epsilon {float(epsilon):g}"


def _homes(inputs: Inputs) -> list[HomeFacts]:
    energy: dict[str, dict[str, float]] = {}
    for meter_id, month in inputs.hours.meters.items():
        row, family = inputs.meters[meter_id], inputs.registers[meter_id].family
        if family[0] == HOMES and family[2] == Flow.IMPORT:
            of_home = energy.setdefault(row["building_id"] or meter_id, {})
            of_home[family[1]] = of_home.get(family[1], 0.0) + month.energy_kwh
    return [
        HomeFacts(
            home.area_id,
            None if home.disconnections is None else home.disconnections > 0,
            energy.get(home.home_id, {}),
        )
        for home in inputs.homes
    ]


def _months(month: date) -> int:
    return month.year * YEAR_MONTHS + month.month
