"""jobs/clean.py over small nights: fates, versions, reruns, registers."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pytest
from bronze_rows import instant, land, meters, night
from pyspark.sql import Row, SparkSession
from pyspark.sql import functions as F

from energy_lib.cleaning.pipeline import clean as pipeline
from energy_lib.cleaning.spark.conservation import unaccounted
from energy_lib.config import Config
from energy_lib.entry import run_with_lease
from energy_lib.errors import NotConserved
from energy_lib.intervals import Period
from energy_lib.lake import Lake, Outcome
from energy_lib.landing.files.file_outcomes import Ending
from energy_lib.landing.files.offered_files import Offer
from energy_lib.landing.pipeline.publish import publish_readings
from energy_lib.tables import bronze, ops, silver
from jobs import clean

TABLES = (silver.READINGS, silver.QUARANTINE, silver.HOURLY)
Fates = dict[tuple[str, int], str]
QUERIES = (Path(__file__).parents[2] / "docs" / "queries.md").read_text()
[AS_OF] = re.findall(r"as they were known at an instant[^\n]*\n```sql\n(.*?)```", QUERIES, re.S)

ROWS_OF_EVERY_RULE = [
    {"meter_id": "limited", "at": "2024-01-01 00:00", "energy_kwh": 1.0},
    {"meter_id": "limited", "at": "2024-01-01 01:00:40", "energy_kwh": 2.0},  # 40 s off: snapped
    {"meter_id": "limited", "at": "2024-01-01 02:05", "energy_kwh": 2.0},
    {"meter_id": "limited", "at": "2024-01-05 00:00", "energy_kwh": 2.0},
    {"meter_id": "limited", "at": "2024-01-01 03:00", "energy_kwh": -2.0},
    {"meter_id": "limited", "at": "2024-01-01 04:00", "energy_kwh": 12.5},  # limit 10 kW x 1.2
    {"meter_id": "stranger", "at": "2024-01-01 05:00", "energy_kwh": 1.0},
    {"meter_id": "limited", "rule_id": "bad_value", "reason": "'x' is no number", "raw_row": "m,x"},
    {"meter_id": "limited", "at": "2024-01-01 06:00"},
    {"meter_id": "limited", "at": "2024-01-01 07:00", "energy_kwh": 3.0},
    {"meter_id": "limited", "at": "2024-01-01 07:00", "energy_kwh": 3.0},
    {"meter_id": "limited", "at": "2024-01-01 08:00", "energy_kwh": 3.0},
    {"meter_id": "limited", "at": "2024-01-01 08:00", "energy_kwh": 4.0},
]
HOURS = [{"meter_id": "m", "at": f"2024-01-01 {h:02}:00", "energy_kwh": float(h)} for h in range(4)]
CORRECTION = [
    {"meter_id": "m", "at": "2024-01-01 01:00", "energy_kwh": 9.0},
    {"meter_id": "m", "at": "2024-01-01 02:00", "energy_kwh": 2.0},  # says nothing new
]
UNKNOWN = [{"meter_id": "n", "at": "2024-01-01 01:00", "energy_kwh": 1.0}]
REGISTERS = [
    {"meter_id": "r", "at": f"2024-01-{at}", "register_kwh": value}
    for at, value in {"01 00:00": 99_990.0, "01 02:00": 99_998.0, "01 06:00": 4.0, "01 07:00": 3.0}.items()
]
REGISTERS_BETWEEN = [
    {"meter_id": "r", "at": "2024-01-01 04:00", "register_kwh": 99_999.5},
    {"meter_id": "r", "at": "2023-12-31 23:00", "register_kwh": 99_989.0},
    {"meter_id": "r", "at": "2024-01-01 02:00", "register_kwh": 99_998.0},  # says nothing new
    {"meter_id": "r", "at": "2024-01-01 07:00", "register_kwh": 3.5},  # corrects a read that had fallen, and has still
]
COPIED = [
    {"meter_id": "c", "at": "2024-01-01 01:00", "energy_kwh": 1.0},
    {"meter_id": "c", "at": "2024-01-01 01:00", "energy_kwh": -1.0},
]
# After the first night, before the second.
THEN = "2024-01-02 12:00:00"


@dataclass(frozen=True)
class Nights:
    """A lake after two nights; the fates of rows and an as-of read after each."""

    lake: Lake
    first: Fates
    second: Fates
    known_then: tuple[bytes, bytes]

    def readings(self, meter: str, *, current: bool = False) -> list[Row]:
        rows = self.lake.read(silver.READINGS).where(F.col("meter_id") == meter)
        rows = rows.where("superseded_at_utc IS NULL") if current else rows
        return rows.orderBy("interval_start_utc", "available_at_utc").collect()


def run(lake: Lake) -> Outcome:
    return run_with_lease("clean", lake.spark, Config(lake=lake.root), Period.day(date(2024, 3, 1)), clean.run)


def fates(lake: Lake) -> Fates:
    good = lake.read(silver.READINGS).select("file_id", "row_number", F.lit("silver").alias("rule_id"))
    bad = lake.read(silver.QUARANTINE).select("file_id", "row_number", "rule_id")
    found = [((row[0], row[1]), row[2]) for row in good.distinct().unionByName(bad).collect()]
    assert len(dict(found)) == len(found), "a row is in two places"
    return dict(found)


def of_file(file_id: str, found: Fates) -> list[str]:
    """Fates of a file's rows in their order."""
    return [found[key] for key in sorted(found) if key[0] == file_id]


def as_of_then(lake: Lake) -> bytes:
    """The as-of read of docs/queries.md, sorted, as CSV."""
    statement = re.sub(r"TIMESTAMP '[^']*'", f"TIMESTAMP '{THEN}'", AS_OF)
    rows = lake.spark.sql(statement.replace("silver.readings", f"delta.`{lake.path(silver.READINGS)}`")).toPandas()
    # Meters n and c are no corrections: one came to be registered, of the other an earlier landing came to be known.
    rows = rows[~rows["meter_id"].isin(["n", "c"])]
    return rows.sort_values(list(silver.READINGS.key)).to_csv(index=False).encode()


@pytest.fixture(scope="module")
def nights(spark: SparkSession, tmp_path_factory: pytest.TempPathFactory) -> Nights:
    """Two nights over meters that do not touch each other: each run costs seconds, so all stories share them.

    The first night is run by a cleaning that forgets a rejected row before it is run by ours.
    """
    lake = Lake(spark, str(tmp_path_factory.mktemp("clean") / "lake"))
    meters(lake, "limited", capacity_kw=10.0)
    meters(lake, "m", "r", "c")
    files = {"rules": ROWS_OF_EVERY_RULE, "hours": HOURS, "unknown": UNKNOWN, "registers": REGISTERS, "copied": COPIED}
    for name, rows in files.items():
        land(lake, night(spark, name, "2024-01-02 00:00", rows))
    quarantined = pipeline.quarantined
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pipeline, "quarantined", lambda validated: quarantined(validated).where("rule_id != 'negative'"))
        with pytest.raises(
            NotConserved, match=r"2 of 24 raw rows .* row 2 of file copied in 0; row 5 of file rules in 0"
        ):
            run(lake)
    run(lake)
    first, known = fates(lake), as_of_then(lake)
    for name, rows in {"correction": CORRECTION, "registers_between": REGISTERS_BETWEEN}.items():
        land(lake, night(spark, name, "2024-01-03 00:00", rows))
    earlier = Offer(instant("2023-12-30 00:00"), "test/copied.csv", "", 1, "test")
    later = Offer(instant("2024-01-02 00:00"), "test/again.csv", "", 1, "test")
    taken = night(spark, "copied", "2023-12-30 00:00", COPIED).withColumn(
        "available_at_utc", F.col("interval_start_utc")
    )
    publish_readings(lake, taken, [Ending(earlier, "copied", "ingested", 2)], {"copied": later})
    meters(lake, "n")
    run(lake)
    return Nights(lake, first, fates(lake), (known, as_of_then(lake)))


def test_each_row_rule_sends_its_row_to_quarantine(nights: Nights) -> None:
    expected = ["silver", "silver", "off_grid", "future_stamp", "negative", "above_physical_limit", "unknown_meter"]
    expected += ["bad_value", "unparseable", "duplicate_exact", "silver", "duplicate_conflicting", "silver"]
    assert of_file("rules", nights.first) == expected
    assert of_file("rules", nights.second) == expected
    snapped = next(r for r in nights.readings("limited") if r.row_number == 2)
    assert snapped.interval_start_utc == instant("2024-01-01 01:00").replace(tzinfo=None)
    assert snapped.flags == ["snapped"]


def test_a_reading_above_the_limit_is_told_what_sets_it(nights: Nights) -> None:
    above = nights.lake.read(silver.QUARANTINE).where(F.col("rule_id") == "above_physical_limit").first()
    assert above is not None
    assert "above the limit of 12.0 kWh" in above.reason
    assert "capacity_kw" in above.reason
    assert "cleaning.physical_limit_kw" in above.reason


def test_a_correction_closes_the_version_it_replaces(nights: Nights) -> None:
    versions = [
        (f"{r.interval_start_utc:%d %H:%M}", r.energy_kwh, f"{r.available_at_utc:%d %H:%M}",
         r.superseded_at_utc and f"{r.superseded_at_utc:%d %H:%M}")
        for r in nights.readings("m")
    ]  # fmt: skip
    assert versions == [
        ("01 00:00", 0.0, "02 00:00", None),
        ("01 01:00", 1.0, "02 00:00", "03 00:00"),
        ("01 01:00", 9.0, "03 00:00", None),
        ("01 02:00", 2.0, "02 00:00", None),
        ("01 03:00", 3.0, "02 00:00", None),
    ]
    assert of_file("correction", nights.second) == ["silver", "duplicate_exact"]
    hours = nights.lake.read(silver.HOURLY).where("meter_id = 'm'").orderBy("interval_start_utc").collect()
    assert [h.energy_kwh for h in hours] == [0.0, 9.0, 2.0, 3.0]


def test_rows_of_an_unknown_meter_come_back_when_the_meter_is_known(nights: Nights) -> None:
    assert of_file("unknown", nights.first) == ["unknown_meter"]
    assert of_file("unknown", nights.second) == ["silver"]


def test_registers_are_differenced_and_rederived_when_a_read_comes_between(nights: Nights) -> None:
    assert of_file("registers", nights.first) == ["register_first_read", "silver", "silver", "register_rollback"]
    current = nights.readings("r", current=True)
    assert [(r.row_number, f"{r.interval_start_utc:%H:%M}", r.interval_minutes) for r in current] == [
        (1, "23:00", 60),
        (2, "00:00", 120),
        (1, "02:00", 120),
        (3, "04:00", 120),
    ]
    assert [r.energy_kwh for r in current] == pytest.approx([1.0, 8.0, 1.5, 4.5])
    assert [r.flags for r in current] == [[], [], [], ["register_rollover"]]
    [long] = [r for r in nights.readings("r") if r.superseded_at_utc is not None]
    assert (long.row_number, long.interval_minutes, long.energy_kwh) == (3, 240, 6.0)
    came = instant("2024-01-03 00:00").replace(tzinfo=None)
    assert long.superseded_at_utc == came
    assert [r.available_at_utc == came for r in current] == [True, False, True, True], "what was not moved is as it was"
    assert of_file("registers", nights.second) == ["silver", "silver", "silver", "register_rollback"]
    between = ["silver", "register_first_read", "duplicate_exact", "register_rollback"]
    assert of_file("registers_between", nights.second) == between


@pytest.mark.parametrize(("landed", "late"), [("2024-03-01 00:00", 0), ("2024-03-01 00:01", 24)])
def test_readings_known_only_after_the_origin_are_told_of(spark: SparkSession, landed: str, late: int) -> None:
    hours = [{"meter_id": "m", "at": f"2024-02-29 {h:02}:00", "energy_kwh": 1.0} for h in range(24)]
    # Those of the origin's own day could not be known at it, and do not count.
    hours += [{"meter_id": "m", "at": f"2024-03-01 {h:02}:00", "energy_kwh": 1.0} for h in range(8)]
    hours += [{"meter_id": "m", "rule_id": "bad_value", "reason": "'x' is no number", "raw_row": "m,x"}]
    origin = instant("2024-03-01 00:00")
    assert pipeline.count_late_readings(night(spark, "f", landed, hours), origin) == (33, 24, late)
    told = pipeline.late_readings_lines(origin, 24, late)
    assert [line.split(" became")[0] for line in told] == [
        "24 of 24 new readings from before 2024-03-01 00:00 UTC"
    ] * bool(late)


def test_a_file_that_an_earlier_copy_took_over_is_judged_again(nights: Nights) -> None:
    assert of_file("copied", nights.first) == ["silver", "negative"]
    # The copy had landed before the hours it speaks of.
    assert of_file("copied", nights.second) == ["future_stamp", "future_stamp"]
    assert nights.readings("c") == []
    assert nights.lake.read(silver.HOURLY).where("meter_id = 'c'").isEmpty(), "its hours went with it"


def test_an_as_of_read_before_a_correction_is_the_same_to_the_byte(nights: Nights) -> None:
    before, after = nights.known_then
    assert before == after
    assert before.count(b"\n") == 1 + 4 + 4 + 2, "meters limited, m and r"


def test_every_run_proves_conservation_and_a_rerun_moves_nothing(nights: Nights) -> None:
    tables = [nights.lake.read(t) for t in (bronze.READINGS, silver.READINGS, silver.QUARANTINE)]
    assert unaccounted(*tables).isEmpty()
    runs = sorted(nights.lake.small_tables.rows(ops.RUNS), key=lambda r: r["started_at_utc"])[:3]
    assert [r["status"] for r in runs] == ["failed", "succeeded", "succeeded"]
    assert "this is a bug" in runs[0]["error"]
    proofs = [gate for r in runs[1:] for gate in json.loads(r["gate_results"]) if "proof" in gate]
    assert [proof["success"] for proof in proofs] == [True, True]
    # The second night judges its 6 + 2 rows, the hour they correct or repeat, the registers and n's row that was freed.
    assert [proof["rows"] for proof in proofs] == [24, 8 + 2 + 4 + 1]
    before = [nights.lake.version(t) for t in TABLES]
    assert run(nights.lake).rows_in == 0
    assert [nights.lake.version(t) for t in TABLES] == before
