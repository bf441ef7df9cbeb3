"""Each question about a file, answered from its texts alone, and what cannot be told from them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import yaml

from energy_lib.errors import BadConfig, InputMissing
from energy_lib.landing.pipeline.proposal import proposal_lines
from energy_lib.landing.proposal.guess import Guesses
from energy_lib.landing.proposal.propose import Proposal, propose
from energy_lib.landing.proposal.stamp_formats import stamp_format
from energy_lib.landing.proposal.written_numbers import written_numbers
from energy_lib.landing.sources.source import Source

LANDED = datetime(2025, 6, 1, tzinfo=UTC)


def proposed(tmp_path: Path, text: str | bytes, name: str = "f.csv") -> Proposal:
    path = tmp_path / name
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return propose([path], LANDED)


def said(proposal: Proposal, *keys: str) -> list[Any]:
    return [proposal.guesses.value(key) for key in keys]


def sure(proposal: Proposal, key: str) -> bool:
    return proposal.guesses.of_keys[key].sure


@pytest.mark.parametrize(
    ("texts", "format_", "is_sure"),
    [
        (["2024-01-02T03:00:00+01:00"], None, True),
        (["2024-01-02 03:00"], None, True),
        (["2024-01-02 03:00:00 UTC"], "%Y-%m-%d %H:%M:%S %Z", True),
        (["13/02/2024 03:00"], "%d/%m/%Y %H:%M", True),
        (["02/13/2024 03:00 AM"], "%m/%d/%Y %I:%M %p", True),
        (["02.01.2024 03:00"], "%d.%m.%Y %H:%M", False),
        (["01-02-24 03:00:10"], "%d-%m-%y %H:%M:%S", False),
        (["02 Jan 2024 03:00"], "%d %b %Y %H:%M", True),
        (["2024/01/02 03:00:00.5"], "%Y/%m/%d %H:%M:%S.%f", True),
        (["202401020300"], "%Y%m%d%H%M", True),
        (["1704067200", "1704070800"], "epoch_s", True),
        (["1704067200000"], "epoch_ms", True),
    ],
)
def test_how_stamps_are_written(texts: list[str], format_: str | None, is_sure: bool) -> None:
    found = stamp_format(texts)
    assert found is not None
    assert (found.format, found.sure) == (format_, is_sure)


def test_days_change_more_often_than_months() -> None:
    days = stamp_format([f"0{day}/0{month}/2024 00:00" for month in (1, 2) for day in range(1, 10)])
    months = stamp_format([f"0{month}/0{day}/2024 00:00" for month in (1, 2) for day in range(1, 10)])
    assert days is not None
    assert months is not None
    assert (days.format, months.format) == ("%d/%m/%Y %H:%M", "%m/%d/%Y %H:%M")


@pytest.mark.parametrize(
    ("texts", "decimal", "thousands", "values"),
    [
        (["0.5", "12"], ".", None, [0.5, 12]),
        (["0,250", "1,5"], ",", None, [0.25, 1.5]),
        (["1,250.5", "3.0"], ".", ",", [1250.5, 3]),
        (["1.250,5", "3,0"], ",", ".", [1250.5, 3]),
        (["1.234.567", "2.000.000"], ",", ".", [1234567, 2000000]),
        (["-0,125"], ",", None, [-0.125]),
    ],
)
def test_how_numbers_are_written(texts: list[str], decimal: str, thousands: str | None, values: list[float]) -> None:
    numbers = written_numbers(pd.Series(texts))
    assert (numbers.decimal, numbers.thousands, numbers.values.tolist()) == (decimal, thousands, values)


def test_a_comma_before_three_digits_is_not_sure() -> None:
    assert not written_numbers(pd.Series(["1,250", "3,500"])).sure


def half_hours(first: str, count: int, zone: str) -> list[str]:
    """What a clock of the zone shows at the start of each half hour."""
    instants = pd.date_range(first, periods=count, freq="30min", tz="UTC").tz_convert(zone)
    return [f"{instant:%d.%m.%Y %H:%M}" for instant in instants]


@pytest.mark.parametrize(
    ("zone", "first", "doubled"),
    [
        ("Europe/Berlin", "2024-10-26", "order"),
        ("Europe/London", "2024-10-26", "order"),
        ("America/New_York", "2024-11-02", "order"),
        ("Europe/Berlin", "2024-03-30", "order"),
    ],
)
def test_the_zone_is_told_from_a_clock_change(tmp_path: Path, zone: str, first: str, doubled: str) -> None:
    rows = [f"m{n};{stamp};1.{n}" for n in (1, 2) for stamp in half_hours(first, 120, zone)]
    proposal = proposed(tmp_path, "id;wann;kwh\n" + "\n".join(rows) + "\n")
    assert said(proposal, "time.zone", "time.doubled_hour", "time.interval_minutes") == [zone, doubled, 30]


def test_a_clock_that_does_not_change_is_no_local_one(tmp_path: Path) -> None:
    rows = [f"m;{stamp};1" for stamp in half_hours("2024-03-30", 120, "UTC")]
    proposal = proposed(tmp_path, "Zähler;Zeit;Verbrauch\n" + "\n".join(rows) + "\n")
    assert said(proposal, "time.zone") == ["Etc/GMT-1"]
    assert not sure(proposal, "time.zone")
    assert "the hour that clocks skip in spring is there" in proposal.guesses.of_keys["time.zone"].evidence


def test_a_day_that_ends_at_midnight_names_ends(tmp_path: Path) -> None:
    stamps = pd.date_range("2024-06-01 00:15", periods=96, freq="15min")
    text = "meter,ts,kwh\n" + "".join(f"m,{stamp:%Y-%m-%d %H:%M},0.{n % 7}\n" for n, stamp in enumerate(stamps))
    assert said(proposed(tmp_path, text), "time.stamp", "time.interval_minutes") == ["end", 15]
    starts = "meter,ts,kwh\n" + "".join(
        f"m,{stamp - timedelta(minutes=15):%Y-%m-%d %H:%M},0.{n % 7}\n" for n, stamp in enumerate(stamps)
    )
    assert said(proposed(tmp_path, starts), "time.stamp") == ["start"]


def test_two_stamps_say_start_and_length(tmp_path: Path) -> None:
    text = "Consumption (kWh), Cost (p), Start, End\n"
    text += "0.5, 9, 2024-05-01T00:00:00Z, 2024-05-01T00:30:00Z\n0.4, 8, 2024-05-01T01:30:00Z, 2024-05-01T02:00:00Z\n"
    proposal = proposed(tmp_path, text)
    keys = ("time.column", "time.stamp", "time.interval_minutes", "value.column")
    assert said(proposal, *keys) == ["Start", "start", 30, "Consumption (kWh)"]
    assert sure(proposal, "time.stamp")


def test_registers_rise_and_stand_far_above_their_steps(tmp_path: Path) -> None:
    rows = [f"a,2024-01-01 {hour:02d}:00,{1000 + hour * hour / 10:.1f}" for hour in range(24)]
    assert said(proposed(tmp_path, "id,ts,reading\n" + "\n".join(rows) + "\n"), "value.register_reads") == [True]
    flat = [f"a,2024-01-01 {hour:02d}:00,{100 + hour % 5}" for hour in range(24)]
    assert said(proposed(tmp_path, "id,ts,kwh\n" + "\n".join(flat) + "\n"), "value.register_reads") == [None]


def test_a_wide_file_and_its_total(tmp_path: Path) -> None:
    rows = [f"2024-01-01 {hour:02d}:00;1,{hour % 7};2;3,{hour % 7}" for hour in range(24)]
    proposal = proposed(tmp_path, "Zeitstempel;Haus_1;Haus_2;Summe\n" + "\n".join(rows) + "\n")
    assert said(proposal, "format", "separator", "value.column", "value.decimal") == ["wide_csv", ";", "Haus_*", ","]


@pytest.mark.parametrize(
    "header", [[f"H{n}" for n in range(1, 26)], [f"{h}:{m}" for h in range(24) for m in ("00", "30")]]
)
def test_a_day_per_row(tmp_path: Path, header: list[str]) -> None:
    rows = [f"2024-05-{day:02d},m1," + ",".join(["0.5"] * len(header)) for day in range(1, 9)]
    proposal = proposed(tmp_path, f"Fecha,CUPS,{','.join(header)}\n" + "\n".join(rows) + "\n")
    assert said(proposal, "meter.column", "time.column", "time.interval_minutes") == ["CUPS", "Fecha", "infer"]
    assert proposal.source is not None
    assert proposal.guesses.value("value.day_columns") in ("H*", "*:*")


def test_periods_of_a_day_that_are_numbered(tmp_path: Path) -> None:
    rows = [f"1200000000001,{day}/10/2024,{period},0.{period % 7}" for day in (26, 28) for period in range(1, 49)]
    proposal = proposed(tmp_path, "mpan,date,period,kwh\n" + "\n".join(rows) + "\n")
    keys = ("meter.column", "time.period_column", "time.interval_minutes", "time.format", "time.zone", "time.stamp")
    assert said(proposal, *keys) == ["mpan", "period", 30, "%d/%m/%Y", "Europe/London", None]


def test_a_file_without_header_and_of_another_encoding(tmp_path: Path) -> None:
    rows = [f"Zähler 1;2024-01-01 {hour:02d}:00;0,{hour % 7}" for hour in range(24)]
    proposal = proposed(tmp_path, "\n".join(rows).encode("cp1252"))
    assert said(proposal, "encoding", "separator", "column_names") == [
        "cp1252",
        ";",
        ["column_1", "column_2", "column_3"],
    ]
    assert not sure(proposal, "column_names")


def test_json_lines_with_nested_fields(tmp_path: Path) -> None:
    rows = [
        f'{{"device": "m", "at": {{"time": "2024-01-01T{h:02d}:00:00Z"}}, "energy_wh": {h % 5}}}' for h in range(24)
    ]
    proposal = proposed(tmp_path, "\n".join(rows) + "\n", "f.jsonl")
    keys = ("format", "meter.column", "time.column", "value.column", "value.unit")
    assert said(proposal, *keys) == ["json_lines", "device", "at.time", "energy_wh", "Wh"]


def test_several_files_are_told_apart_by_their_names(tmp_path: Path) -> None:
    paths = [tmp_path / f"export-{home}.csv" for home in ("home-a", "home-b")]
    for path in paths:
        path.write_text("time,kwh\n" + "".join(f"2024-01-01 {hour:02d}:00,{hour % 5}.5\n" for hour in range(24)))
    proposal = propose(paths, LANDED)
    assert said(proposal, "meter.file_name") == [r"^export-(.+)\.csv$"]
    (tmp_path / "nem.csv").write_text("100,NEM12,1,A,B\n")
    with pytest.raises(BadConfig, match="csv and nem12: propose for the files of one source"):
        propose([paths[0], tmp_path / "nem.csv"], LANDED)


def test_texts_that_come_again_may_be_a_meter(tmp_path: Path) -> None:
    rows = [f"{name},2024-01-01 {hour:02d}:00,0.{hour % 7},ok" for name in ("roof", "shop") for hour in range(24)]
    proposal = proposed(tmp_path, "wo,ts,kwh,status\n" + "\n".join(rows) + "\n")
    assert said(proposal, "meter.column", "quality.column") == ["wo", "status"]
    assert not sure(proposal, "meter.column")


def test_what_cannot_be_proposed_is_said(tmp_path: Path) -> None:
    serial = proposed(tmp_path, "id,ts,kwh\nx,45292,0.1\nx,45292.0208333,0.2\nx,45292.0416667,0.3\n")
    assert serial.source is None
    assert "ts holds Excel's serial numbers of days (45292): save them as dates." in serial.guesses.open_questions
    (tmp_path / "f.csv.zip").write_bytes(b"PK\x03\x04rest")
    with pytest.raises(InputMissing, match="unzip it"):
        propose([tmp_path / "f.csv.zip"], LANDED)
    with pytest.raises(InputMissing, match="There is no file"):
        list(proposal_lines([str(tmp_path / "nowhere.csv")]))


def test_the_lines_are_a_yaml_that_loads_and_its_dry_run(tmp_path: Path) -> None:
    path = tmp_path / "town.csv"
    path.write_text("meter;Zeit;Verbrauch (kWh)\n" + "".join(f"m;2024-01-01 {h:02d}:00;0,{h % 7}\n" for h in range(24)))
    lines = list(proposal_lines([str(path)]))
    at = lines.index(f"How {path} would be read by it:")
    source = Source.model_validate({"name": "town", **yaml.safe_load("\n".join(lines[:at]))})
    assert source == (propose([path], LANDED).source or source).model_copy(update={"name": "town"})
    assert any("UNSURE: words such as 'verbrauch' are used there" in line for line in lines[:at])
    assert "24 of 24 rows parse; 0 would be quarantined." in lines[at:]
    assert lines[-1] == "Nothing was written."


def test_guesses_nest_like_a_yaml() -> None:
    guesses = Guesses()
    guesses.add("meter.column", "m", "")
    guesses.add("meter.kind", "x", "")
    guesses.add("fuel", "gas", "")
    assert guesses.sections() == {"meter": {"column": "m", "kind": "x"}, "fuel": "gas"}
    guesses.drop("meter")
    assert guesses.sections() == {"fuel": "gas"}
