"""One task's files: rows, then the row 0 that says how the file went."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pyarrow as pa
import pytest
from pyspark.sql.pandas.types import to_arrow_schema

from energy_lib.landing.files.file_outcomes import Parsed, counted_against
from energy_lib.landing.files.offered_files import Offer
from energy_lib.landing.pipeline import parse_tasks as tasks
from energy_lib.landing.pipeline.parse_tasks import Task, in_bins, staged_schema
from energy_lib.landing.sources.source import Kind, Source
from energy_lib.landing.sources.yaml_sections import Meter

NIGHT = datetime(2024, 3, 1, 20, 30, tzinfo=UTC)
TOWN = Source.model_validate(
    {
        "name": "town",
        "format": "csv",
        "meter": {"constant": "m1"},
        "time": {"column": "stamp", "interval_minutes": 60},
        "value": {"column": "kwh", "unit": "kWh"},
        "fuel": "gas",
    }
)
SCHEMA = to_arrow_schema(staged_schema(Kind.READINGS))


def offer(path: Path, size: int = 0, claimed_id: str | None = None) -> Offer:
    return Offer(NIGHT, f"town/{path.name}", f"file:{path}", size, "town", claimed_id)


def rows(given: Offer, known: dict[str, Offer] | None = None) -> list[tuple[int, str | None]]:
    batches = Task(Kind.READINGS, {"town": TOWN}, known or {}).file(given, SCHEMA)
    table = pa.Table.from_batches(list(batches), schema=SCHEMA)
    return list(zip(table["row_number"].to_pylist(), table["rule_id"].to_pylist(), strict=True))


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "a file.csv"
    path.write_text("stamp,kwh\n2024-01-01,1\n2024-01-02,x\n")
    return path


def test_a_whole_file_ends_in_a_row_without_a_rule(file: Path) -> None:
    assert rows(offer(file)) == [(1, None), (2, "unparseable_value"), (0, None)]


def test_row_0_says_how_many_rows_were_parsed_and_a_file_of_which_fewer_arrive_is_rejected(file: Path) -> None:
    last = list(Task(Kind.READINGS, {"town": TOWN}, {}).file(offer(file), SCHEMA))[-1]
    assert (last["row_number"].to_pylist(), last["raw_row"].to_pylist()) == ([0], ["2"])
    whole = Parsed("id", 2, 1, None, None)
    assert counted_against(2, whole) is whole
    lost = counted_against(3, whole)
    assert (lost.rule_id, lost.reason) == ("file_miscounted", "2 of 3 parsed rows arrived: please report it")
    duplicate = Parsed("id", 0, 0, "duplicate", "")
    assert counted_against(0, duplicate) is duplicate


def id_of(given: Offer, source: Source = TOWN) -> str:
    batch = next(Task(Kind.READINGS, {"town": source}, {}).file(given, SCHEMA))
    return str(batch["file_id"][0].as_py())


def test_a_known_content_is_not_parsed_again_unless_this_copy_landed_before(file: Path) -> None:
    given = offer(file)
    landed = {days: Offer(NIGHT + timedelta(days=days), "town/b.csv", "", 0, "town") for days in (0, 1)}
    assert rows(given, {id_of(given): landed[0]}) == [(0, "duplicate")]
    assert rows(given, {id_of(given): landed[1]})[-1] == (0, None)


def test_the_same_content_under_two_names_is_two_files_where_the_name_says_the_meter(file: Path) -> None:
    other = file.with_name("another.csv")
    other.write_bytes(file.read_bytes())
    named = TOWN.model_copy(update={"meter": Meter(file_name="(.+)[.]csv")})
    assert id_of(offer(file)) == id_of(offer(other))
    assert id_of(offer(file), named) != id_of(offer(other), named)


def test_a_file_that_changed_or_left_after_its_claim_is_refused(file: Path) -> None:
    assert rows(offer(file, claimed_id="of what it was")) == [(0, "file_unreadable")]
    file.unlink()
    assert rows(offer(file)) == [(0, "file_unreadable")]


def test_a_reader_that_fails_refuses_its_file_only(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError("never seen before")

    monkeypatch.setattr(tasks, "parse_readings", fail)
    assert rows(offer(file)) == [(0, "file_unreadable")]


def test_bins_hold_every_file_once_and_neighbours_in_time_together() -> None:
    offers = [Offer(NIGHT + timedelta(days=i % 150), f"town/{i:03d}.csv", "", 100_000 + i, "town") for i in range(300)]
    bins = in_bins(offers, slots=2)
    assert [one for group in bins for one in group] == sorted(offers)
    assert max(len(group) for group in bins) <= 64
    assert len(bins) >= 2
    assert len(in_bins(offers[:3], slots=8)) == 1
    assert len(in_bins([Offer(NIGHT, f"{i}", "", 1 << 30, "town") for i in range(3)], slots=2)) == 3
