"""How long intervals are: texts of a column, and the steps between a meter's stamps."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from energy_lib.landing.files.content import Content
from energy_lib.landing.parsing.durations import Duration, read_duration
from energy_lib.landing.parsing.interval_lengths import lengths_of_column
from energy_lib.landing.parsing.readings import parse_readings
from energy_lib.landing.parsing.stretches import stretch_minutes
from energy_lib.landing.sources.source import Source

MINUTE = 60_000_000
LANDED = datetime(2025, 6, 1, tzinfo=UTC)


def at(*stamps: str) -> np.ndarray[Any, np.dtype[np.int64]]:
    return np.array(stamps, dtype="datetime64[us]").astype(np.int64)


def at_minutes(*minutes: int) -> np.ndarray[Any, np.dtype[np.int64]]:
    return at("2024-01-01T00:00")[0] + np.array(minutes, dtype=np.int64) * MINUTE


@pytest.mark.parametrize(
    ("text", "minutes"),
    [
        *((text, 15) for text in ("15", "15.0", " 15 ", "15 min", "15min", "15 Minutes", "00:15:00", "0:15", "PT15M")),
        *((text, 15) for text in ("PT15MIN", "pt15m", "PT900S", "P0DT0H15M0S", "900 s", "0.25 h")),
        *((text, 60) for text in ("60", "PT1H", "PT60M", "01:00:00", "1:00", "1 h", "1 hour", "Hour", "hourly")),
        ("PT1H30M", 90),
        ("P1DT12H", 36 * 60),
    ],
)
def test_lengths_as_files_write_them(text: str, minutes: int) -> None:
    assert read_duration(text) == Duration(minutes)


@pytest.mark.parametrize(
    "text", ["", "P", "0", "-15", "PT10S", "0.5", "soon", "PT", "15 apples", "1e3", "99999999", "P9999Y"]
)
def test_what_is_no_length_in_whole_minutes(text: str) -> None:
    assert read_duration(text) is None


def test_days_and_months_of_a_column_are_those_of_the_calendar() -> None:
    """Paris: 23 hours on 31 March 2024, 25 on 27 October, and February has 29 days."""
    starts = at("2024-03-30T23:00", "2024-10-26T22:00", "2024-01-31T23:00", "2024-02-29T23:00")
    texts = pa.array(["P1D", "1 day", "P1M", "month"])
    minutes = lengths_of_column(texts, starts, "Europe/Paris", at_end=False)
    assert minutes.tolist() == [23 * 60, 25 * 60, 29 * 1440, 31 * 1440 - 60]
    ends = starts + minutes * MINUTE
    assert lengths_of_column(texts, ends, "Europe/Paris", at_end=True).tolist() == minutes.tolist()


def test_numbers_and_typed_durations_of_a_column() -> None:
    nowhere = np.zeros(2, dtype=np.int64)
    for column in (pa.array([15, 60]), pa.array([15.0, 60.0]), pa.array([900, 3600], pa.duration("s"))):
        assert lengths_of_column(column, nowhere, "UTC", at_end=False).tolist() == [15, 60]
    assert lengths_of_column(pa.array([10**15, None]), nowhere, "UTC", at_end=False).tolist() == [0, 0]


@pytest.mark.parametrize("at_end", [False, True])
def test_a_stretch_of_equal_steps_has_its_own_length(at_end: bool) -> None:
    """Hours, then quarter hours, then half hours. A stamp between two belongs to the one that its interval is in."""
    stamps = at_minutes(0, 60, 120, 180, 195, 210, 225, 240, 270, 300, 330)
    by_start = [60, 60, 60, 15, 15, 15, 15, 30, 30, 30, 30]
    by_end = [60, 60, 60, 60, 15, 15, 15, 15, 30, 30, 30]
    assert stretch_minutes(stamps, "UTC", at_end=at_end).tolist() == (by_end if at_end else by_start)


@pytest.mark.parametrize("at_end", [False, True])
def test_missing_rows_change_no_length(at_end: bool) -> None:
    stamps = at_minutes(0, 15, 30, 90, 105, 120, 150, 180, 195, 210, 1650, 1665)
    assert set(stretch_minutes(stamps, "UTC", at_end=at_end).tolist()) == {15}


def test_a_longer_step_between_shorter_ones_needs_many_rows() -> None:
    """Three half hours among quarter hours are missing rows; eight hours are hours."""
    quarters = list(range(0, 150, 15))
    few = [*quarters, 165, 195, 225, *range(240, 390, 15)]
    many = [*quarters, *range(195, 195 + 8 * 60, 60), *range(630, 780, 15)]
    assert set(stretch_minutes(at_minutes(*few), "UTC", at_end=False).tolist()) == {15}
    assert stretch_minutes(at_minutes(*many), "UTC", at_end=False).tolist().count(60) == 8


def test_stamps_some_seconds_late_keep_the_length() -> None:
    late = [7, 5, 9, 4, 6, 8]
    stamps = at_minutes(*range(480, 840, 60)) + np.array(late) * 1_000_000
    assert set(stretch_minutes(stamps, "UTC", at_end=False).tolist()) == {60}


@pytest.mark.parametrize(
    ("stamps", "at_end", "days"),
    [
        # Months from the first to the first, from the last to the last, and from the 15th to the 15th.
        (["2023-01-01", "2023-02-01", "2023-03-01", "2023-04-01"], False, [31, 28, 31, 30]),
        (["2023-01-31", "2023-02-28", "2023-03-31", "2023-04-30"], True, [31, 28, 31, 30]),
        (["2023-01-15", "2023-02-15", "2023-03-15"], False, [31, 28, 31]),
        (["2021-01-01", "2022-01-01", "2023-01-01", "2024-01-01"], False, [365, 365, 365, 366]),
        # Bills of irregular length: each has its own.
        (["2023-01-03", "2023-02-04", "2023-03-06", "2023-04-02"], True, [32, 32, 30, 27]),
        (["2023-01-01", "2023-02-01"], False, [31, 28]),
    ],
)
def test_readings_of_months_are_kept_whole(stamps: list[str], at_end: bool, days: list[int]) -> None:
    minutes = stretch_minutes(at(*stamps), "UTC", at_end=at_end)
    assert (minutes // 1440).tolist() == days


def test_days_of_23_and_25_hours() -> None:
    utc = ("2024-03-28T23:00", "2024-03-29T23:00", "2024-03-30T23:00", "2024-03-31T22:00")
    assert stretch_minutes(at(*utc), "Europe/Berlin", at_end=False).tolist() == [1440, 1440, 1380, 1440]


def test_one_stamp_or_equal_stamps_tell_nothing() -> None:
    assert stretch_minutes(at("2024-01-01"), "UTC", at_end=False).tolist() == [0]
    # Ten seconds apart: no whole minute.
    assert stretch_minutes(at_minutes(0)[0] + np.arange(5) * 10_000_000, "UTC", at_end=False).tolist() == [0] * 5


@settings(max_examples=150, deadline=None)
@given(
    st.sampled_from([5, 15, 30, 60]),
    st.lists(st.tuples(st.integers(3, 12), st.integers(1, 40)), min_size=1, max_size=6),
    st.booleans(),
)
def test_gaps_of_any_size_between_rows_change_no_length(
    step: int, stretches: list[tuple[int, int]], at_end: bool
) -> None:
    """At least three rows stand together, then some are missing."""
    stamps, now = [], 0
    for rows, missing in stretches:
        stamps += [now + step * n for n in range(rows)]
        now += step * (rows + missing)
    assert set(stretch_minutes(at_minutes(*stamps), "UTC", at_end=at_end).tolist()) == {step}


@settings(max_examples=100, deadline=None)
@given(
    st.sampled_from([(60, 15), (15, 60), (30, 60), (60, 30), (15, 5), (1440, 60)]),
    st.integers(3, 20),
    st.integers(3, 20),
    st.booleans(),
)
def test_a_change_of_length_loses_and_invents_no_energy(
    lengths: tuple[int, int], first: int, second: int, at_end: bool
) -> None:
    """1 kW throughout: each reading's energy is its power times its hours, and they add up to the time that passed."""
    spans = [lengths[0]] * first + [lengths[1]] * second
    edges = np.append(0, np.cumsum(spans))
    marks = edges[1:] if at_end else edges[:-1]
    minutes = stretch_minutes(at_minutes(*marks), "UTC", at_end=at_end)
    assert minutes.tolist() == spans


def test_a_file_in_any_order_and_in_any_chunks_has_the_same_lengths(monkeypatch: pytest.MonkeyPatch) -> None:
    hours = [f"a,2024-01-01 0{h}:00,4\n" for h in range(4)]
    quarters = [f"a,2024-01-01 0{4 + n // 4}:{n % 4 * 15:02d},1\n" for n in range(8)]
    other = [f"b,2024-01-01 0{h}:30,2\n" for h in range(6)]
    lines = [*hours, *quarters, *other]
    source = Source.model_validate(
        {
            "name": "town",
            "format": "csv",
            "meter": {"column": "m"},
            "time": {"column": "t", "interval_minutes": "infer"},
            "value": {"column": "v", "unit": "kW"},
            "fuel": "electricity",
        }
    )
    for shuffled in (lines, lines[::-1], lines[::2] + lines[1::2]):
        for size in (40, 100, 10_000):
            monkeypatch.setattr("energy_lib.landing.formats.delimited.BLOCK_BYTES", size)
            data = ("m,t,v\n" + "".join(shuffled)).encode()
            rows = [row for table in parse_readings(Content.of(data), source, LANDED) for row in table.to_pylist()]
            found = {(r["meter_id"], f"{r['interval_start_utc']:%H:%M}"): r["interval_minutes"] for r in rows}
            assert found == {
                **{("a", f"0{h}:00"): 60 for h in range(4)},
                **{("a", f"0{4 + n // 4}:{n % 4 * 15:02d}"): 15 for n in range(8)},
                **{("b", f"0{h}:30"): 60 for h in range(6)},
            }
            assert sum(r["energy_kwh"] for r in rows if r["meter_id"] == "a") == pytest.approx(4 * 4 + 8 / 4)
