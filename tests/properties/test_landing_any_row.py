"""Arbitrary texts in every field of a reading: each row is sound or has its rule, and no file is lost by them."""

from __future__ import annotations

import json
import math
from datetime import UTC, datetime
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from energy_lib.landing.files.content import Content
from energy_lib.landing.parsing.readings import parse_readings
from energy_lib.landing.sources.source import Source

LANDED = datetime(2024, 6, 1, tzinfo=UTC)
FIRST, END = datetime(1899, 12, 31, tzinfo=UTC), datetime(2201, 1, 2, tzinfo=UTC)
stamps = st.one_of(
    st.text(max_size=12),
    st.sampled_from(
        [
            *("2024-10-27 01:30", "2024-03-31 01:30", "2024-01-01T24:00", "now", "0001-01-01", "9999-12-31T23:59:59Z"),
            *("2024-07-01 12:00+02", "2024-07-01 12:00 BST", "1e400", "-62135596800", "9" * 30, "1704067200", "inf"),
            *("31.12.2200 24:00 GMT", "01.01.1900 00:00 BST", "27.10.2024 01:30 BST", "27.10.2024 01:30 -9900"),
        ]
    ),
    st.datetimes(min_value=datetime(1, 1, 1), max_value=datetime(9999, 12, 31)).map(lambda t: t.isoformat(" ")),  # noqa: DTZ001
    st.integers(),
    st.booleans(),
    st.none(),
)
lengths = st.one_of(st.text(max_size=8), st.sampled_from(["15", "PT1H", "P1M", "P1D", "1e99", "0", "P9999Y", "-15"]))
values = st.one_of(st.text(max_size=8), st.floats(), st.integers(), st.booleans(), st.sampled_from(["MISSING", "1,5"]))
rows = st.lists(
    st.fixed_dictionaries(
        {"m": st.text(max_size=2), "t": stamps, "v": values, "l": lengths, "o": lengths, "p": lengths}
    ),
    min_size=1,
    max_size=8,
)
times = st.fixed_dictionaries(
    {
        "zone": st.sampled_from(["UTC", "Europe/London", "Asia/Kathmandu", "America/Havana"]),
        "format": st.sampled_from([None, "epoch_s", "epoch_ms", "%d.%m.%Y %H:%M %Z", "%d.%m.%Y %H:%M"]),
        "doubled_hour": st.sampled_from(["refuse", "order", "split"]),
    },
    optional={"offset_column": st.just("o")},
)
kinds = st.sampled_from(
    [
        *({"interval_minutes": length, "stamp": stamp} for length in (30, "infer") for stamp in ("start", "end")),
        *({"interval_column": "l", "stamp": stamp} for stamp in ("start", "hour_ending")),
        {"interval_minutes": 30, "period_column": "p"},
        {"interval_minutes": "infer", "stamp": "hour_ending"},
    ]
)


@settings(max_examples=400, deadline=None)
@given(rows, times, kinds, st.sampled_from(["kWh", "kW"]))
def test_every_row_is_sound_or_has_its_rule(
    given_rows: list[dict[str, Any]], time: dict[str, Any], kind: dict[str, Any], unit: str
) -> None:
    source = Source.model_validate(
        {
            "name": "town",
            "format": "json_lines",
            "meter": {"column": "m"},
            "time": {"column": "t", **time, **kind},
            "value": {"column": "v", "unit": unit},
            "fuel": "electricity",
            "meters": {"zone": "Europe/Paris"},
        }
    )
    data = "".join(json.dumps(row) + "\n" for row in given_rows)
    parsed = [row for t in parse_readings(Content.of(data.encode()), source, LANDED) for row in t.to_pylist()]
    assert len(parsed) >= len(given_rows)
    for row in parsed:
        if row["rule_id"] is None:
            assert FIRST <= row["interval_start_utc"] < END
            assert math.isfinite(row["energy_kwh"])
            assert 0 < row["interval_minutes"] <= 400 * 1440
            assert row["meter_id"]
        else:
            assert row["energy_kwh"] is None
            assert row["reason"]
