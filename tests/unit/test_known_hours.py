"""Hours as they were known at a time, held against the view that the readings of that time would have made."""

from __future__ import annotations

from datetime import UTC
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pytest
from corrected_meters import FIRST, as_of, reading_versions

from energy_lib.cleaning import hourly_view
from energy_lib.cleaning.pipeline.known_hours import known_hours
from energy_lib.config import CleaningConfig
from energy_lib.lake.small_tables import SmallTables
from energy_lib.tables import Table, silver
from energy_lib.tables.arrow import conform_arrow

VALUES = ["meter_id", "interval_start_utc", "energy_kwh", "measured_kwh", "imputed_share"]
END = pd.Timestamp("2023-04-05", tz=UTC)


@pytest.fixture(scope="module")
def versions() -> pd.DataFrame:
    return reading_versions()


@pytest.fixture(scope="module")
def tables(versions: pd.DataFrame, tmp_path_factory: pytest.TempPathFactory) -> SmallTables:
    made = SmallTables(str(tmp_path_factory.mktemp("lake")))
    put(made, silver.READINGS, versions)
    put(made, silver.HOURLY, view_of(versions))
    return made


def put(tables: SmallTables, table: Table, rows: pd.DataFrame) -> None:
    stamps = [column.name for column in table.columns if column.type == "timestamp" and column.name in rows]
    aware = rows.assign(**{name: pd.to_datetime(rows[name]).dt.tz_localize(UTC) for name in stamps})
    tables.append(table, conform_arrow(pa.Table.from_pandas(aware, preserve_index=False), table))


def view_of(versions: pd.DataFrame) -> pd.DataFrame:
    current = versions[versions["superseded_at_utc"].isna()]
    return pd.concat(hourly_view(rows, CleaningConfig()) for _, rows in current.groupby("meter_id"))


def known(tables: SmallTables, instant: pd.Timestamp, meters: list[str] | None = None) -> pd.DataFrame:
    rows = known_hours(tables, meters, FIRST.tz_localize(UTC), END, instant, CleaningConfig(), VALUES).to_pandas()
    return rows.sort_values(VALUES[:2], ignore_index=True)


# m1's correction of 11 March comes on the 18th; m2's 20 March, which was estimated from the 22nd on, on the 25th.
@pytest.mark.parametrize(
    "instant",
    ["2023-03-11 06:00", "2023-03-18 05:59", "2023-03-18 06:00", "2023-03-21 06:00", "2023-03-22 06:00", "2023-03-26"],
)
def test_it_is_the_view_of_the_readings_known_then(tables: SmallTables, versions: pd.DataFrame, instant: str) -> None:
    at = pd.Timestamp(instant)
    then = view_of(as_of(versions, at))[VALUES].sort_values(VALUES[:2], ignore_index=True)
    then["interval_start_utc"] = then["interval_start_utc"].dt.tz_localize(UTC)
    pd.testing.assert_frame_equal(known(tables, at.tz_localize(UTC)), then, check_dtype=False)


def test_only_the_meters_asked_for(tables: SmallTables) -> None:
    at = pd.Timestamp("2023-03-17", tz=UTC)
    everyone = known(tables, at)
    pd.testing.assert_frame_equal(
        known(tables, at, ["m1"]), everyone[everyone["meter_id"] == "m1"].reset_index(drop=True)
    )
    assert known(tables, at, []).empty


def test_a_meter_without_readings_is_unknown_where_it_came_later(versions: pd.DataFrame, tmp_path: Path) -> None:
    """A virtual meter: its present hours are all that there is of it."""
    tables = SmallTables(str(tmp_path))
    hours = view_of(versions)
    put(tables, silver.HOURLY, hours)
    at = pd.Timestamp("2023-03-18 05:59", tz=UTC)
    found = known(tables, at, ["m1"])
    corrected = pd.date_range("2023-03-11 00:00", periods=5, freq="h", tz=UTC)
    assert not set(corrected) & set(found["interval_start_utc"])
    assert len(found) == (hours["available_at_utc"][hours["meter_id"] == "m1"] <= at.tz_localize(None)).sum()
