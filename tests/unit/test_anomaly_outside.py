"""How an event lies to what had been forecast of its hours: counted by hand, from the forecast that was issued last."""

from __future__ import annotations

import pandas as pd

from energy_lib.insights.anomalies.outside import Outside, bands_of, outside

HOUR = pd.Timestamp("2024-05-01 12:00", tz="UTC")
EPOCH_HOUR = int(HOUR.timestamp()) // 3600


def test_hours_below_and_above_their_band_by_hand() -> None:
    bands = {1: (2.0, 4.0), 2: (2.0, 4.0), 3: (2.0, 4.0), 4: (2.0, 4.0)}
    # On the band's edge is inside; hour 9 was not forecast, hour 4 not read.
    found = outside([1, 2, 3, 9], [1.9, 4.0, 5.0, 50.0], bands)
    assert found == Outside(hours=3, below=1, above=1)
    assert found.share == 2 / 3
    assert found.told == "forecast: of 3 hours 33% were above p90 and 33% below p10"
    assert outside([9], [1.0], bands) is None
    assert outside([], [], bands) is None


def test_the_last_origin_counts_and_a_trained_model_before_a_baseline() -> None:
    def row(origin_hours_before: int, model: str, version: str, p10: float) -> dict[str, object]:
        return {
            "meter_id": "m",
            "interval_start_utc": HOUR,
            "origin_utc": HOUR - pd.Timedelta(hours=origin_hours_before),
            "model_name": model,
            "model_version": version,
            "p10": p10,
            "p90": 10.0,
        }

    rows = [
        row(31, "boosting", "10", 1.0),
        row(7, "boosting", "9", 2.0),
        row(7, "boosting", "10", 3.0),
        row(7, "seasonal_naive_168h", "seasonal_naive_168h", 4.0),
        row(7, "boosting", "2", 5.0),
    ]
    assert bands_of(pd.DataFrame(rows)) == {"m": {EPOCH_HOUR: (3.0, 10.0)}}
    assert bands_of(pd.DataFrame([rows[0], rows[3]])) == {"m": {EPOCH_HOUR: (4.0, 10.0)}}
    assert bands_of(pd.DataFrame(rows[:0], columns=list(rows[0]))) == {}
