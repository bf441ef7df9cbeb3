"""The cases of stamps, clocks, lengths and cut files, each with the right answers worked out by hand."""

from __future__ import annotations

from typing import Any

import pytest
from landed_cases import CASES, case_rows

from energy_lib.errors import BadConfig
from energy_lib.landing.files.file_faults import FileFault
from energy_lib.landing.sources.loading import load_source


def good(rows: list[dict[str, Any]]) -> list[tuple[str, int, float]]:
    """(start in UTC, minutes, kWh) of the rows that broke no rule."""
    return [
        (f"{row['interval_start_utc']:%Y-%m-%d %H:%M}", row["interval_minutes"], round(row["energy_kwh"], 9))
        for row in rows
        if row["rule_id"] is None
    ]


def rules(rows: list[dict[str, Any]]) -> list[str | None]:
    return [row["rule_id"] for row in rows]


HOURS = [(f"2023-05-01 {hour:02d}:00", 60, 4.0) for hour in range(3)]
QUARTERS = [(f"2023-05-01 {4 + n // 4:02d}:{n % 4 * 15:02d}", 15, 1.0) for n in range(12)]
READINGS: dict[str, list[tuple[str, int, float]]] = {
    "pg_offset": [("2024-07-01 10:00", 60, 1.5), ("2024-07-01 11:00", 60, 2.5), ("2024-07-01 12:00", 60, 3.5)],
    "utc_named": [("2024-07-01 10:00", 60, 10.5), ("2024-07-01 11:00", 60, 11.5), ("2024-07-01 12:00", 60, 12.5)],
    "zoned_stamp": [
        ("2024-10-26 23:30", 30, 0.1),
        ("2024-10-27 00:00", 30, 0.2),
        ("2024-10-27 00:30", 30, 0.3),
        ("2024-10-27 01:00", 30, 0.4),
        ("2024-10-27 01:30", 30, 0.5),
        ("2024-10-27 02:00", 30, 0.6),
    ],
    "fingrid_infer": HOURS + QUARTERS,
    "fingrid_column": HOURS + QUARTERS,
    # Paris: January and February begin an hour before midnight UTC; March has a day of 23 hours.
    "monthly_csv": [
        ("2023-12-31 23:00", 31 * 1440, 310.0),
        ("2024-01-31 23:00", 29 * 1440, 290.0),
        ("2024-02-29 23:00", 31 * 1440 - 60, 280.0),
    ],
    "newest_first_offset": [
        ("2024-10-27 01:30", 30, 0.5),
        ("2024-10-27 01:00", 30, 0.4),
        ("2024-10-27 00:30", 30, 0.3),
        ("2024-10-27 00:00", 30, 0.2),
        ("2024-10-26 23:30", 30, 0.1),
    ],
    "utf16": [("2024-05-20 00:00", 60, 1.0)],
}


@pytest.mark.parametrize("case", READINGS)
def test_a_case_reads_as_it_should(case: str) -> None:
    assert good(case_rows(case, "f.csv")) == READINGS[case]


def test_all_members_of_a_gzip_file_are_read() -> None:
    rows = case_rows("gz_members", "f.csv.gz")
    assert good(rows) == [("2024-05-20 00:00", 60, 1.0), ("2024-05-20 01:00", 60, 2.0)]


def test_a_missing_value_between_lengths_costs_its_hour_only() -> None:
    for case in ("fingrid_infer", "fingrid_column"):
        refused = [row for row in case_rows(case, "f.csv") if row["rule_id"] is not None]
        assert [(f"{r['interval_start_utc']:%H:%M}", r["interval_minutes"], r["rule_id"]) for r in refused] == [
            ("03:00", 60, "missing_value")
        ]


@pytest.mark.parametrize(
    ("file", "kwh", "whole_lines"),
    [
        ("cut.csv", [1.0, 2.0], ['"A","2024-05-01T01:0']),
        ("middle.csv", [1.0, 3.0], ['"A","2024-05-01T00:3']),
        ("only.csv", [], ['"A","2024-05-01T00:0', '"A","2024-05-01T00:3']),
    ],
)
def test_a_line_that_was_cut_within_quotes_costs_itself(file: str, kwh: list[float], whole_lines: list[str]) -> None:
    rows = case_rows("quote_cut", file)
    assert [energy for _, _, energy in good(rows)] == kwh
    assert [(r["raw_row"], r["rule_id"]) for r in rows if r["rule_id"]] == [
        (line, "ragged_row") for line in whole_lines
    ]
    assert sorted(row["row_number"] for row in rows) == list(range(1, len(rows) + 1))


def test_hours_that_end_at_their_number() -> None:
    found = good(case_rows("ieso", "f.csv"))
    assert found[0] == ("2024-01-01 05:00", 60, 13_001_000.0)
    assert found[-1] == ("2024-01-02 04:00", 60, 13_024_000.0)
    assert len(found) == 24


def test_periods_of_the_day_on_which_the_clock_goes_back() -> None:
    """London, 27 October 2024: two meters, 50 half hours each, the first at 23:00 UTC of the day before."""
    found = good(case_rows("opus_period", "f.csv"))
    expected = [f"2024-10-{26 + (46 + n) // 48} {(46 + n) // 2 % 24:02d}:{n % 2 * 30:02d}" for n in range(50)]
    assert expected[-1] == "2024-10-27 23:30"
    assert [start for start, _, _ in found] == expected * 2


def test_the_autumn_day_of_quarter_hours_by_start_and_by_end_stamps() -> None:
    """25 hours of Vienna from 22:00 UTC, in their order: the doubled hour stands in the file's order."""
    for case in ("linz_start", "linz_end"):
        found = good(case_rows(case, "f.csv"))
        expected = [f"2024-10-{26 + (22 * 4 + n) // 96} {(22 + n // 4) % 24:02d}:{n % 4 * 15:02d}" for n in range(100)]
        assert [start for start, _, _ in found] == expected
        assert [energy for _, _, energy in found[:3]] == [0.1, 0.101, 0.102]


def test_prices_of_hours_and_of_quarter_hours() -> None:
    rows = case_rows("prices_15", "f.csv")
    assert [
        (f"{r['interval_start_utc']:%H:%M}", r["interval_minutes"], round(r["price_per_kwh"], 6)) for r in rows
    ] == [
        ("20:00", 60, 0.0851),
        ("21:00", 60, -0.0123),
        ("22:00", 15, -0.5),
        ("22:15", 15, 0.01),
        ("22:30", 15, 0.01),
        ("22:45", 15, 0.0),
    ]


@pytest.mark.parametrize(
    ("case", "expected"),
    [
        ("excel_serial", ["unparseable_timestamp"] * 3),
        ("decimal_commas", ["ragged_row"] * 4),
        ("unit_in_cell", ["unparseable_value"] * 2),
        # Two files in one: the second header, the empty line with separators and the two lines at the end are no rows.
        (
            "concatenated",
            [None] * 3
            + ["unparseable_timestamp"]
            + [None] * 3
            + ["missing_meter", "unparseable_timestamp", "ragged_row"],
        ),
    ],
)
def test_what_cannot_be_read_is_told_row_by_row(case: str, expected: list[str | None]) -> None:
    assert rules(case_rows(case, "f.csv")) == expected


def test_a_separator_at_the_end_of_lines_loses_none() -> None:
    rows = case_rows("trailing_sep", "f.csv")
    assert len(rows) == 3
    assert set(rules(rows)) <= {None, "ragged_row"}


def test_a_zip_archive_is_told_to_be_unzipped() -> None:
    with pytest.raises(FileFault, match=r"a ZIP archive.*unzip it") as caught:
        case_rows("zip", "f.csv.zip")
    assert caught.value.rule_id == "file_binary"


@pytest.mark.parametrize(
    ("case", "sentence"),
    [
        ("country_no", 'country: YAML reads NO, no and off as false: write "NO" in quotes'),
        ("nem_wa", "time is ignored by the format nem12: remove it"),
    ],
)
def test_a_yaml_that_would_be_misread_is_refused(case: str, sentence: str) -> None:
    with pytest.raises(BadConfig) as caught:
        load_source(CASES / case / f"{case}.yaml")
    assert sentence in str(caught.value)
