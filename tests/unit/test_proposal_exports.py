"""Proposals for layouts of exports: ranges of stamps, stamps in the header, and ids above it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from energy_lib.landing.proposal.header_ids import id_above_header
from energy_lib.landing.proposal.propose import Proposal, propose
from energy_lib.landing.proposal.stamp_formats import looks_like_stamp
from energy_lib.landing.proposal.stamp_ranges import common_pattern, two_stamps

LANDED = datetime(2025, 6, 1, tzinfo=UTC)


def proposed(tmp_path: Path, text: str) -> Proposal:
    path = tmp_path / "f.csv"
    path.write_text(text)
    return propose([path], LANDED)


def said(proposal: Proposal, *keys: str) -> list[Any]:
    return [proposal.guesses.value(key) for key in keys]


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("01.01.2024 00:00 - 01.01.2024 01:00", ("01.01.2024 00:00", " - ", "01.01.2024 01:00")),
        (
            "26/10/2025 02:45:00 (CEST) - 26/10/2025 02:00:00 (CET)",
            ("26/10/2025 02:45:00 CEST", " - ", "26/10/2025 02:00:00 CET"),
        ),
        ("2024-01-01T00:00Z/2024-01-01T01:00Z", ("2024-01-01T00:00Z", "/", "2024-01-01T01:00Z")),
        ("01/02/2024 00:00", None),
        ("2024/01/02 00:00", None),
        ("Total Load - Day Ahead", None),
    ],
)
def test_two_stamps_in_one_cell(text: str, parts: tuple[str, str, str] | None) -> None:
    assert two_stamps(text) == parts
    assert looks_like_stamp(text) == (text[0].isdigit())


def test_a_column_of_ranges_says_stamp_and_length(tmp_path: Path) -> None:
    hours = [datetime(2024, 5, 13, tzinfo=UTC) + timedelta(hours=hour) for hour in range(48)]
    shown = [f"{hour:%d.%m.%Y %H:%M} - {hour + timedelta(hours=1):%d.%m.%Y %H:%M}" for hour in hours]
    rows = "".join(f"DE,{span},{40_000 + n}\n" for n, span in enumerate(shown))
    proposal = proposed(tmp_path, f"Area,MTU (CET/CEST),Load (MW)\n{rows}")
    keys = ("time.column", "time.format", "time.range_separator", "time.stamp", "time.interval_minutes", "time.zone")
    assert said(proposal, *keys) == ["MTU (CET/CEST)", "%d.%m.%Y %H:%M", " - ", None, None, "Europe/Brussels"]
    assert proposal.source is not None


def test_stamps_in_the_header_and_their_pattern(tmp_path: Path) -> None:
    header = ",".join(f"2024-05-01 {hour:02d}:00" for hour in range(24))
    rows = "".join(f"m{n},kWh,{','.join(['0.5'] * 24)}\n" for n in (1, 2))
    proposal = proposed(tmp_path, f"meter,unit,{header}\n{rows}")
    keys = ("meter.column", "value.stamp_columns", "time.column", "time.interval_minutes", "value.unit")
    assert said(proposal, *keys) == ["meter", "????-??-?? ??:??", None, 60, "kWh"]
    assert proposal.source is not None
    assert common_pattern(["2024-05-01", "2024-05-01 00:15"]) == "????-??-??*"


@pytest.mark.parametrize(
    ("preamble", "found"),
    [
        ("Name,A B\nAccount Number,5550000017\n", ("^Account Number\\W+(\\w+)", "5550000017")),
        ("Identifiant PRM;Type\n19100000000011;Courbe\n", ("^(\\d{14})\\W", "19100000000011")),
        ("Created at 2024-07-02,,\nFor 2024,,\n", None),
        ("", None),
    ],
)
def test_ids_above_the_header(preamble: str, found: tuple[str, str] | None) -> None:
    assert id_above_header(preamble) == found


def test_a_clock_with_offsets_ends_its_day_at_its_own_midnight(tmp_path: Path) -> None:
    ends = [datetime(2024, 7, 1, tzinfo=UTC) + timedelta(minutes=30 * n) for n in range(1, 49)]
    rows = "".join(f"{end:%Y-%m-%dT%H:%M}:00+02:00;{300 + n % 7}\n" for n, end in enumerate(ends))
    proposal = proposed(tmp_path, f"Identifiant PRM;Unite\n19100000000011;W\nHorodate;Valeur\n{rows}")
    keys = ("meter.above_header", "skip_rows", "time.stamp", "time.interval_minutes", "value.unit")
    assert said(proposal, *keys) == ["^(\\d{14})\\W", 2, "end", 30, "W"]
    assert proposal.guesses.of_keys["time.stamp"].sure


def test_a_clock_that_stays_on_winter_time_is_the_places_standard_time(tmp_path: Path) -> None:
    hours = [datetime(2024, 3, 8, tzinfo=UTC) + timedelta(hours=hour) for hour in range(72)]
    rows = "".join(f"{hour:%Y-%m-%d},{hour.hour + 1},{14_000 + n}\n" for n, hour in enumerate(hours))
    proposal = proposed(tmp_path, f"Date,Hour,Ontario Demand\n{rows}")
    # The clocks of Toronto skip 02:00 on 2024-03-10.
    assert said(proposal, "time.zone", "time.stamp", "meters.zone") == ["Etc/GMT+5", "end", "America/Toronto"]
    assert not proposal.guesses.of_keys["time.zone"].sure


def test_a_register_whose_stamp_is_a_start_is_read_at_its_end(tmp_path: Path) -> None:
    rows = "".join(f"a,{1_714_557_600 + 3600 * n},{1000 + n * n / 10:.1f}\n" for n in range(24))
    proposal = proposed(tmp_path, f"statistic_id,start_ts,sum\n{rows}")
    assert said(proposal, "value.register_reads", "time.interval_minutes") == ["at_interval_end", 60]
    assert not proposal.guesses.of_keys["value.register_reads"].sure
    proposal = proposed(tmp_path, f"statistic_id,ts,sum\n{rows}")
    assert said(proposal, "value.register_reads", "time.interval_minutes") == [True, None]


def test_commas_between_thousands_where_fields_are_parted_by_commas(tmp_path: Path) -> None:
    rows = [f'PJM,2024-01-01 {hour:02d}:00,"{80 + hour},{300 + hour}"' for hour in range(24)]
    proposal = proposed(tmp_path, "Authority,UTC time,Demand (MW)\n" + "\n".join(rows) + "\n")
    assert said(proposal, "value.thousands", "value.decimal", "meter.column") == [",", None, "Authority"]
    assert not proposal.guesses.of_keys["value.thousands"].sure
