"""Virtual meters from their declaration to their hours: nights, corrections, kills, rules, and an oracle in SQL."""

from __future__ import annotations

from datetime import date
from typing import Any

import pandas as pd
import pyarrow as pa
import pytest
from bronze_rows import instant, land, meters, night
from pyspark.sql import functions as F

from energy_lib.cleaning.pipeline import virtual_meters as virtual_pipeline
from energy_lib.cleaning.spark.registers_only import registers_only, virtual_ids
from energy_lib.config import Config
from energy_lib.entry import run_with_lease
from energy_lib.features import features_table
from energy_lib.intervals import Period
from energy_lib.lake import Lake, Outcome
from energy_lib.landing.pipeline.publish import publish_reference
from energy_lib.tables import bronze, silver
from energy_lib.tables.arrow import arrow_schema
from jobs import build_features, clean

NIGHT = Period.day(date(2024, 3, 1))
USE = {"in": (1.0, 2.0, 0.5), "out": (0.0, 0.5, 0.25), "pv": (0.0, 3.0, 1.0)}
ORACLE = """
SELECT v.virtual_meter_id AS meter_id, h.interval_start_utc, round(sum(v.sign * h.energy_kwh), 6) AS energy_kwh,
       max(h.available_at_utc) AS available_at_utc, max(h.imputed_share) AS imputed_share
FROM {terms} v JOIN {hours} h USING (meter_id) JOIN {meters} m ON m.meter_id = v.virtual_meter_id
WHERE h.energy_kwh IS NOT NULL AND m.registered_by = 'virtual_meters'
GROUP BY ALL
HAVING count(*) = (SELECT count(*) FROM {terms} t WHERE t.virtual_meter_id = v.virtual_meter_id)
"""


def run(lake: Lake) -> Outcome:
    return run_with_lease("clean", lake.spark, Config(lake=lake.root), NIGHT, clean.run)


def declare(lake: Lake, file_id: str, landed: str, *terms: str) -> None:
    """`home=+in`, `home=-out` … as the rows of one file."""
    file = {"source": "homes", "path": f"homes/{file_id}.csv", "size_bytes": 1, "status": "ingested"}
    lake.small_tables.append(bronze.FILES, [file | {"file_id": file_id, "landed_at_utc": instant(landed)}])
    rows = [
        {
            "virtual_meter_id": term.split("=")[0], "meter_id": term.split("=")[1][1:],
            "sign": float(f"{term.split('=')[1][0]}1"), "row_number": number, "landed_at_utc": instant(landed),
            "file_id": file_id,
        }
        for number, term in enumerate(terms, start=1)
    ]  # fmt: skip
    publish_reference(
        lake, silver.VIRTUAL_METERS, pa.Table.from_pylist(rows, schema=arrow_schema(silver.VIRTUAL_METERS))
    )


def rows_of(day: str, use: dict[str, tuple[float, ...]]) -> list[dict[str, Any]]:
    return [
        {"meter_id": meter, "at": f"{day} {hour:02}:00", "energy_kwh": kwh}
        for meter, values in use.items()
        for hour, kwh in enumerate(values)
    ]


def hours(lake: Lake, meter_id: str) -> dict[str, float]:
    rows = lake.read(silver.HOURLY).where((F.col("meter_id") == meter_id) & F.col("energy_kwh").isNotNull()).collect()
    return {f"{row.interval_start_utc:%d %H}": round(row.energy_kwh, 6) for row in rows}


def refused(lake: Lake) -> dict[str, str]:
    rows = lake.read(silver.QUARANTINE).where("source = 'homes' AND path LIKE 'homes/d_.csv'").collect()
    return {row.raw_row: row.rule_id for row in rows}


def against_the_oracle(lake: Lake) -> None:
    tables = {"terms": silver.VIRTUAL_METERS, "hours": silver.HOURLY, "meters": silver.METERS}
    named = {name: f"delta.`{lake.path(table)}`" for name, table in tables.items()}
    expected = lake.spark.sql(ORACLE.format(**named)).toPandas()
    virtual = sorted(set(expected["meter_id"]))
    found = lake.read(silver.HOURLY).where(F.col("meter_id").isin(virtual)).toPandas()[list(expected.columns)]
    order = ["meter_id", "interval_start_utc"]
    pd.testing.assert_frame_equal(
        found.round({"energy_kwh": 6}).sort_values(order, ignore_index=True),
        expected.sort_values(order, ignore_index=True),
    )


def test_nights_of_a_home(lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    """One story, as each night costs seconds; the chapters follow one another."""
    meters(lake, *USE)
    land(lake, night(lake.spark, "first", "2024-01-02 00:00", rows_of("2024-01-01", USE)))
    declare(
        lake, "d1", "2024-01-02 00:00", "home=+in", "home=-out", "home=+pv", "street=+home", "soon=+in", "soon=+new"
    )
    the_first_night(lake)
    a_correction_a_kill_and_a_rerun(lake, monkeypatch)
    features_as_of_an_origin_before_the_correction(lake)
    a_register_that_comes_frees_its_sum_and_only_hours_that_changed_are_computed(lake, monkeypatch)
    a_newer_file_declares_anew_and_a_register_takes_an_id(lake)
    assert virtual_ids(lake) == {"home", "soon"}
    hourly = registers_only(lake, lake.read(silver.HOURLY))
    assert {row[0] for row in hourly.select("meter_id").distinct().collect()} == {"in", "out", "pv", "new"}
    assert hourly.columns == list(silver.HOURLY.column_names)


def the_first_night(lake: Lake) -> None:
    run(lake)
    assert hours(lake, "home") == {"01 00": 1.0, "01 01": 4.5, "01 02": 1.25}
    assert refused(lake) == {
        "street,home,1": "virtual_of_virtual",
        "soon,in,1": "unknown_register",
        "soon,new,1": "unknown_register",
    }
    registered = {row["meter_id"]: row["registered_by"] for row in lake.read(silver.METERS).collect()}
    assert registered == {"in": "registry", "out": "registry", "pv": "registry", "home": "virtual_meters"}
    against_the_oracle(lake)


def a_correction_a_kill_and_a_rerun(lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    """The next day comes, the day before is corrected, and a reading of the virtual meter's own is none."""
    news = [
        *rows_of("2024-01-02", USE)[:-1],
        {"meter_id": "out", "at": "2024-01-01 01:00", "energy_kwh": 2.5},
        {"meter_id": "home", "at": "2024-01-01 02:00", "energy_kwh": 77.0},
    ]
    land(lake, night(lake.spark, "second", "2024-01-03 00:00", news))
    with monkeypatch.context() as patch:
        patch.setattr(virtual_pipeline, "record_progress", _killed)
        with pytest.raises(KeyboardInterrupt):
            run(lake)
    outcome = run(lake)
    assert hours(lake, "home") == {"01 00": 1.0, "01 01": 2.5, "01 02": 1.25, "02 00": 1.0, "02 01": 4.5}
    corrected = lake.read(silver.HOURLY).where("meter_id = 'home'").orderBy("interval_start_utc").collect()[1]
    assert corrected.available_at_utc == instant("2024-01-03 00:00").replace(tzinfo=None)
    assert "virtual meters: 1 count, 2 break a rule" in outcome.lines
    strange = lake.read(silver.QUARANTINE).where("meter_id = 'home' AND file_id = 'second'").collect()
    assert [row.rule_id for row in strange] == ["unknown_meter"]
    against_the_oracle(lake)
    versions = {table: lake.version(table) for table in (silver.HOURLY, silver.METERS, silver.QUARANTINE)}
    run(lake)
    assert {table: lake.version(table) for table in versions} == versions


def features_as_of_an_origin_before_the_correction(lake: Lake) -> None:
    build_features.run(lake.spark, Config(lake=lake.root), Period(date(2024, 1, 2), date(2024, 1, 3)))
    rows = lake.read(features_table()).where("meter_id = 'home' AND hour = 1 AND energy_lag_24h IS NOT NULL")
    known = {f"{row.origin_utc:%d}": row.energy_lag_24h for row in rows.collect()}
    assert known == {"02": 4.5, "03": 4.5}
    before = lake.read(features_table()).where("meter_id = 'home' AND hour = 1 AND origin_utc = '2024-01-03'").first()
    assert before["energy_lag_48h"] == 2.5


def a_register_that_comes_frees_its_sum_and_only_hours_that_changed_are_computed(
    lake: Lake, monkeypatch: pytest.MonkeyPatch
) -> None:
    meters(lake, "new")
    news = rows_of("2024-01-02", {"new": (10.0, 20.0)})
    news.append({"meter_id": "pv", "at": "2024-01-02 02:00", "energy_kwh": 1.0})
    land(lake, night(lake.spark, "third", "2024-01-04 00:00", news))
    computed: list[int] = []
    virtual_rows = virtual_pipeline.frames.virtual_rows
    with monkeypatch.context() as patch:
        patch.setattr(virtual_pipeline.frames, "virtual_rows", lambda *of: _counted(virtual_rows(*of), computed))
        run(lake)
    assert hours(lake, "soon") == {"02 00": 11.0, "02 01": 22.0}
    assert hours(lake, "home")["02 02"] == 1.25
    assert computed == [3], "two of the new sum, and one of the home"
    assert refused(lake) == {"street,home,1": "virtual_of_virtual"}


def a_newer_file_declares_anew_and_a_register_takes_an_id(lake: Lake) -> None:
    """Of the home an older file that lands after the newer one says nothing."""
    declare(lake, "d2", "2024-01-05 00:00", "home=+in", "home=+pv")
    declare(lake, "d0", "2024-01-01 00:00", "home=-pv", "late=+pv")
    run(lake)
    assert hours(lake, "home") == {"01 00": 1.0, "01 01": 5.0, "01 02": 1.5, "02 00": 1.0, "02 01": 5.0, "02 02": 1.5}
    assert hours(lake, "late") == hours(lake, "pv")
    against_the_oracle(lake)
    meters(lake, "late")
    run(lake)
    assert hours(lake, "late") == {}, "it has no readings yet"
    assert refused(lake) == {"street,home,1": "virtual_of_virtual", "late,pv,1": "meter_id_taken"}
    assert lake.read(silver.METERS).where("meter_id = 'late'").first()["registered_by"] == "registry"


def _killed(*_: object) -> None:
    raise KeyboardInterrupt


def _counted(rows: Any, computed: list[int]) -> Any:
    computed.append(rows.count())
    return rows
