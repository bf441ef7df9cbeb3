"""The readings of one meter for other programs: as a Green Button feed, or as CSV with the meter's own clock.

The registers of a usage point go together: beside the meter its flows, which landing names `<point>_<flow>`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import polars as pl

from energy_lib.intervals import utc_text
from energy_lib.landing.formats.espi_types import COMMODITY_OF, DIRECTION_OF
from energy_lib.security.principal import Scope
from energy_lib.serving.asked import Asked
from energy_lib.serving.espi_clock import espi_clock
from energy_lib.serving.espi_feed import EspiFeed, EspiRegister
from energy_lib.serving.formats import BATCH_ROWS
from energy_lib.serving.meters_seen import meters_seen
from energy_lib.serving.problems import Problem
from energy_lib.serving.queries import Query, rows_query
from energy_lib.serving.resources import BY_NAME
from energy_lib.serving.snapshot import Snapshot
from energy_lib.vocabulary import Flow, Fuel

COLUMNS = (
    "meter_id", "fuel", "flow", "interval_start_utc", "interval_start_local", "zone", "interval_minutes", "energy_kwh",
    "quality",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class UsagePoint:
    """A meter that was asked for, with the other registers of its point; `flows`: by meter id."""

    point: str
    fuel: Fuel
    zone: str
    flows: dict[str, Flow]


def usage_point(snapshot: Snapshot, scope: Scope, meter_id: str) -> UsagePoint:
    """Raises Problem (404) for a meter that is not in `scope`. Of its other registers those in the scope are taken."""
    others = (f"{meter_id}_{flow}" for flow in Flow if flow is not Flow.IMPORT)
    rows = meters_seen(snapshot, (meter_id, *others), scope)
    asked = rows.get(meter_id)
    if asked is None:
        raise Problem(404, "No meter of yours has this id: GET /v1/meters lists yours.")
    flow = Flow(asked["flow"] or Flow.IMPORT)
    flows = {meter_id: flow}
    if flow is Flow.IMPORT:
        beside = [row for row in rows.values() if row["flow"] and row["meter_id"] == f"{meter_id}_{row['flow']}"]
        flows |= {row["meter_id"]: Flow(row["flow"]) for row in beside if row["fuel"] == asked["fuel"]}
    point = meter_id if flow is Flow.IMPORT else meter_id.removesuffix(f"_{flow}")
    return UsagePoint(point, Fuel(asked["fuel"]), asked["zone"], flows)


def readings_query(point: UsagePoint, asked: Asked, scope: Scope) -> Query:
    """Its readings within what is asked, and within the scope."""
    return rows_query(BY_NAME["readings"], replace(asked, meters=tuple(point.flows)), scope)


def green_button(snapshot: Snapshot, point: UsagePoint, query: Query) -> Iterator[bytes]:
    """The feed, a piece at a time. A generator's register has no flow in ESPI, and is left out."""
    registers = _registers(snapshot, point, query)
    last = max((seconds for _, _, seconds in registers), default=None)
    year = snapshot.at.year if last is None else pl.from_epoch(pl.Series([last]))[0].year
    feed = EspiFeed(point.point, point.fuel, espi_clock(point.zone, year), point.zone, utc_text(snapshot.at, "seconds"))
    yield feed.begin().encode()
    for meter_id, register, _ in registers:
        yield feed.register(register).encode()
        for block in feed.blocks(register, _rows(snapshot, query, meter_id, register.interval_minutes)):
            yield block.encode()
    yield feed.end().encode()


def require_espi(point: UsagePoint, meter_id: str) -> None:
    """Raises Problem (406) where ESPI has no code for what the meter counts."""
    missing = point.fuel if point.fuel not in COMMODITY_OF else point.flows[meter_id]
    if missing not in (*COMMODITY_OF, *DIRECTION_OF):
        raise Problem(406, f"Green Button has no code for {missing}: ask for CSV by ?format=csv.")


def local_csv(snapshot: Snapshot, point: UsagePoint, query: Query) -> Iterator[bytes]:
    """Lines with a header; `interval_start_local` is RFC 3339 with the offset of that moment."""
    yield (",".join(COLUMNS) + "\n").encode()
    columns = [name for name in COLUMNS if name not in ("interval_start_local", "zone")]
    with snapshot.answer(
        Query(f"SELECT {', '.join(columns)} FROM ({query.sql})", query.parameters, query.tables)
    ) as found:
        for batch in found.to_arrow_reader(BATCH_ROWS):
            frame = pl.DataFrame(pl.from_arrow(batch))
            start = pl.col("interval_start_utc").dt.replace_time_zone("UTC")
            local = start.dt.convert_time_zone(point.zone).dt.strftime("%Y-%m-%dT%H:%M:%S%:z")
            said = frame.with_columns(
                local.alias("interval_start_local"), pl.lit(point.zone).alias("zone"),
                start.dt.strftime("%Y-%m-%dT%H:%M:%SZ").alias("interval_start_utc"),
                pl.col("flow").fill_null(Flow.IMPORT.value),
            )  # fmt: skip
            yield said.select(COLUMNS).write_csv(include_header=False).encode()


def _registers(snapshot: Snapshot, point: UsagePoint, query: Query) -> list[tuple[str, EspiRegister, int]]:
    """Meter, register and its last reading's start in seconds, of what was read and ESPI has a flow for."""
    sql = (
        "SELECT meter_id, interval_minutes, max(abs(energy_kwh)), max(epoch(interval_start_utc))::BIGINT "
        f"FROM ({query.sql}) GROUP BY ALL ORDER BY ALL"
    )
    with snapshot.answer(Query(sql, query.parameters, query.tables)) as found:
        rows: list[tuple[str, int, float, int]] = found.fetchall()
    return [
        (meter, EspiRegister(point.flows[meter], minutes, highest), last)
        for meter, minutes, highest, last in rows
        if point.flows[meter] in DIRECTION_OF
    ]


def _rows(snapshot: Snapshot, query: Query, meter_id: str, minutes: int) -> Iterator[tuple[int, float, str]]:
    sql = (
        f"SELECT epoch(interval_start_utc)::BIGINT AS start, energy_kwh, quality FROM ({query.sql}) "
        "WHERE meter_id = $register AND interval_minutes = $minutes ORDER BY interval_start_utc"
    )
    parameters = {**query.parameters, "register": meter_id, "minutes": minutes}
    with snapshot.answer(Query(sql, parameters, query.tables)) as found:
        for batch in found.to_arrow_reader(BATCH_ROWS):
            yield from zip(*(column.to_pylist() for column in batch.columns), strict=True)
