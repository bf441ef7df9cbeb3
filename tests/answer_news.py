"""What comes between two nights of the small utility: a day's readings, corrections of older ones, new references."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from energy_lib.cleaning import hourly_view
from energy_lib.config import CleaningConfig
from energy_lib.intervals import DAY, midnight_utc
from energy_lib.lake import Lake
from energy_lib.tables import Table, gold, references, silver
from energy_lib.tables.arrow import arrow_schema, conform_arrow

FIRST = date(2024, 2, 20)
NEXT = FIRST + DAY
# When the corrections and the new references became known: the first night's origin knows none of them.
NEWS = midnight_utc(FIRST) + timedelta(hours=12)
# meter, first hour and hours, by what they are multiplied: a spike was none, a day of a project, the peak of a month,
# an hour of a month ago.
CORRECTIONS = (
    ("sim-m0000", datetime(2024, 2, 15, 2, tzinfo=UTC), 1, 0.1),
    ("sim-m0003", datetime(2024, 2, 7, tzinfo=UTC), 24, 1.5),
    ("sim-m0002", datetime(2024, 1, 22, 16, tzinfo=UTC), 2, 0.5),
    ("sim-m0005", datetime(2024, 1, 20, 12, tzinfo=UTC), 1, 2.0),
)
REFERENCES: tuple[tuple[Table, dict[str, Any]], ...] = (
    (
        references.EVENTS,
        {
            "event_id": "late", "kind": "closure", "building_id": "sim-b0001", "description": "Told too late",
            "start_utc": datetime(2024, 2, 8, tzinfo=UTC), "end_utc": datetime(2024, 2, 10, tzinfo=UTC),
        },
    ),
    (
        references.PROJECTS,
        {
            "project_id": "late", "meter_id": "sim-m0005", "measure": "Insulation",
            "baseline_end": date(2024, 1, 31), "reporting_start": date(2024, 2, 4),
        },
    ),
    (
        references.TARIFFS,
        {
            "tariff_id": "sim_cheap", "fuel": "electricity", "flow": "import", "charge": "unit_rate", "rate": 0.01,
            "days": "all", "valid_from": NEXT, "currency": "GBP", "vat_share": 0.05, "publication": "p", "edition": "e",
        },
    ),
    (
        references.ASSETS,
        {
            "asset_id": "late_pump", "site_id": "site_north", "kind": "flexible_load", "from_hour": 8, "to_hour": 16,
            "valid_from": NEXT + DAY, "power_kw": 0.5, "energy_kwh": 1.5,
        },
    ),
)  # fmt: skip


def bring_news(lake: Lake) -> None:
    """Put it into silver as ingest and clean would, and the next night's forecasts into gold."""
    readings = pd.concat([_corrected(_rows(lake, silver.READINGS)), _a_day_later(_rows(lake, silver.READINGS))])
    _put(lake, silver.READINGS, readings)
    current = readings[readings["superseded_at_utc"].isna()]
    views = [hourly_view(own, CleaningConfig()) for _, own in current.groupby("meter_id")]
    hours = _rows(lake, silver.HOURLY)
    virtual = _a_day_later(hours[hours["meter_id"] == "sim-m0004_use"])
    _put(lake, silver.HOURLY, pd.concat([*views, virtual]))
    for table, row in REFERENCES:
        lake.upsert(table, pa.Table.from_pylist([row | {"landed_at_utc": NEWS}], schema=arrow_schema(table)))
    for table in (gold.FORECASTS, gold.GROUP_FORECASTS):
        _forecast_the_same(lake, table)


def _rows(lake: Lake, table: Table) -> pd.DataFrame:
    """With naive UTC, as the hourly kernel has it."""
    frame: pd.DataFrame = lake.small_tables.read(table).to_pandas()
    stamps = [column.name for column in table.columns if column.type == "timestamp"]
    return frame.assign(**{name: frame[name].dt.tz_localize(None) for name in stamps})


def _put(lake: Lake, table: Table, frame: pd.DataFrame) -> None:
    stamps = [column.name for column in table.columns if column.type == "timestamp"]
    aware = frame.assign(**{name: frame[name].dt.tz_localize("UTC") for name in stamps})
    lake.upsert(table, conform_arrow(pa.Table.from_pandas(aware, preserve_index=False), table))


def _corrected(readings: pd.DataFrame) -> pd.DataFrame:
    """All versions, with one more of each corrected hour."""
    known, start = pd.Timestamp(NEWS).tz_localize(None), readings["interval_start_utc"]
    versions = [readings]
    for meter_id, first, hours, factor in CORRECTIONS:
        after = start - pd.Timestamp(first).tz_localize(None)
        span = (after >= timedelta(0)) & (after < timedelta(hours=hours))
        old = span & (readings["meter_id"] == meter_id) & readings["superseded_at_utc"].isna()
        assert old.sum() == hours
        new = readings[old]
        told = {"quality": "edited", "available_at_utc": known, "landed_at_utc": known, "file_id": "corrections"}
        versions.append(new.assign(energy_kwh=new["energy_kwh"] * factor, **told))
        readings.loc[old, "superseded_at_utc"] = known
    return pd.concat(versions)


def _a_day_later(rows: pd.DataFrame) -> pd.DataFrame:
    """The rows of the last day, a day later."""
    last = rows[rows["interval_start_utc"] >= pd.Timestamp(FIRST - DAY)]
    stamps = [name for name in ("interval_start_utc", "available_at_utc", "landed_at_utc") if name in last]
    return last.assign(**{name: last[name] + DAY for name in stamps})


def _forecast_the_same(lake: Lake, table: Table) -> None:
    rows = lake.small_tables.read(table, where="run_kind = 'live'")
    for name in ("origin_utc", "interval_start_utc"):
        later = pc.add(rows[name], pa.scalar(DAY, pa.duration("us")))
        rows = rows.set_column(rows.column_names.index(name), rows.schema.field(name), later)
    lake.upsert(table, rows)
