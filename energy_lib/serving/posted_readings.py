"""What a program posts of its meters' readings, judged row by row: a row that cannot be taken costs itself alone."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, Literal

import msgspec

from energy_lib.intervals import END_INSTANT, FIRST_INSTANT, utc_text
from energy_lib.serving.posted_body import decoded
from energy_lib.serving.problems import Problem
from energy_lib.tables.silver import VIRTUAL
from energy_lib.vocabulary import Flow

METERS_AT_MOST = 1000
LONGEST_MINUTES = 44_640
NOT_YOURS = "no meter of yours has this id: GET /v1/meters lists yours"
IS_VIRTUAL = "this meter is a sum of others, and is not read itself"
NO_TIME = "interval_start_utc is a time that no meter was read at"


class PostedReading(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """Energy of one interval of a registered meter, kWh; the instant says its zone."""

    meter_id: Annotated[str, msgspec.Meta(min_length=1, max_length=200)]
    interval_start_utc: Annotated[datetime, msgspec.Meta(tz=True)]
    energy_kwh: float
    interval_minutes: Annotated[int, msgspec.Meta(ge=1, le=LONGEST_MINUTES)] = 60
    quality: Literal["measured", "estimated", "edited"] = "measured"


class ReadingsRequest(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """Readings of up to 1,000 meters."""

    readings: Annotated[list[PostedReading], msgspec.Meta(min_length=1)]


class _Rows(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """The same, each reading as it came."""

    readings: Annotated[list[msgspec.Raw], msgspec.Meta(min_length=1)]


class Rejection(msgspec.Struct, frozen=True):
    """`row`: place in the request, from 0."""

    row: int
    reason: str


class ReadingsAnswer(msgspec.Struct, frozen=True):
    """What became of a request."""

    accepted: int
    rejected: int
    rejections: list[Rejection]


@dataclass(frozen=True, slots=True)
class Judged:
    """Lines of the landing file by the row that each was, and the reasons of the other rows."""

    lines: Mapping[int, Mapping[str, Any]]
    rejections: Sequence[Rejection]


Row = PostedReading | str


def rows_of(body: bytes) -> list[Row]:
    """The readings in their order, or why one is none; raises Problem for a body that is no request."""
    rows = [_row(bytes(raw)) for raw in decoded(body, _Rows).readings]
    if len(meters_of(rows)) > METERS_AT_MOST:
        raise Problem(400, f"These are readings of more than {METERS_AT_MOST:,} meters: post them in several requests.")
    return rows


def meters_of(rows: Iterable[Row]) -> list[str]:
    """The meters that are named, each once."""
    return sorted({row.meter_id for row in rows if isinstance(row, PostedReading)})


def judged(rows: Sequence[Row], meters: Mapping[str, Mapping[str, Any]]) -> Judged:
    """Which rows are taken; `meters`: rows of silver.meters that the asker sees, by their ids.

    Fuel and flow are the registered meter's. Whether a value can be is for cleaning to say.
    """
    lines: dict[int, Mapping[str, Any]] = {}
    rejections = []
    for number, row in enumerate(rows):
        reason = row if isinstance(row, str) else _fault(row, meters)
        if reason is not None:
            rejections.append(Rejection(number, reason))
            continue
        assert isinstance(row, PostedReading)
        lines[number] = line_of(row, meters[row.meter_id])
    return Judged(lines, rejections)


def line_of(reading: PostedReading, meter: Mapping[str, Any]) -> dict[str, Any]:
    """The object that conf/sources/posted_readings.yaml reads."""
    return {
        "meter_id": reading.meter_id,
        "fuel": str(meter["fuel"]),
        "flow": str(meter["flow"] or Flow.IMPORT),
        "interval_start_utc": utc_text(reading.interval_start_utc),
        "interval_minutes": reading.interval_minutes,
        "energy_kwh": reading.energy_kwh,
        "quality": reading.quality,
    }


def _row(raw: bytes) -> Row:
    try:
        return msgspec.json.decode(raw, type=PostedReading)
    except msgspec.ValidationError as error:
        return f"it is not as /openapi.json describes a reading: {error}"
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        return f"it is no JSON: {error}"


def _fault(row: PostedReading, meters: Mapping[str, Mapping[str, Any]]) -> str | None:
    meter = meters.get(row.meter_id)
    if meter is None:
        return NOT_YOURS
    if meter["registered_by"] == VIRTUAL:
        return IS_VIRTUAL
    return None if FIRST_INSTANT <= row.interval_start_utc < END_INSTANT else NO_TIME
