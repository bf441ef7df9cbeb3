"""Areas of known numbers for the report: a region of two wards, of which the small one is withheld with its sister."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import Any

from report_lake import HOSTILE, ORIGIN, put

from energy_lib.tables.answers.access import INDICATORS, MEASURES

APRIL, MAY = date(2024, 4, 1), date(2024, 5, 1)
TENTHS = {f"decile_{i}_share": share for i, share in enumerate((2, 4, 6, 7, 9, 10, 12, 14, 16, 20), start=1)}
POWER = {"category": "homes", "fuel": "electricity", "flow": "import"}


def put_areas(root: Path) -> Path:
    """April is told twice, May once; in May the sister ward is told. The third edition comes after the night."""
    put(root, "silver.areas", *(
        {"area_id": area, "parent_area_id": parent, "name": name, "households": households}
        for area, parent, name, households in (
            ("region", None, "The Region", 900), ("ward-a", "region", HOSTILE, 500), ("ward-b", "region", None, None),
        )
    ))  # fmt: skip
    put(root, "gold.area_summaries",
        summary("region", APRIL, 1, 30_000.0), summary("region", APRIL, 2, 31_000.0) | {"peak_kw": None},
        summary("region", APRIL, 3, 99_000.0) | {"reported_at_utc": ORIGIN + timedelta(days=1)},
        withheld("ward-a", APRIL), withheld("ward-b", APRIL),
        summary("region", MAY, 1, 24_000.0), summary("ward-a", MAY, 1, 20_000.0) | {
            "cost": None, "currency": None, "withheld": ["cost"], "peak_kw": None,
        },
        withheld("ward-b", MAY), withheld("ward-b", MAY) | {"fuel": "gas"}, withheld("region", MAY) | {"fuel": "gas"},
    )  # fmt: skip
    rows = [
        indicator(area, month, name, share if name == "short_of_energy" else None)
        for area, month, share in (
            ("region", APRIL, 0.25), ("ward-a", APRIL, None), ("ward-b", APRIL, None),
            ("region", MAY, 0.2), ("ward-a", MAY, 0.0), ("ward-b", MAY, None),
        )
        for name in INDICATORS
    ]  # fmt: skip
    # Heating is judged in April alone.
    cold = [row | {"homes": 190, "share": 0.1, "is_withheld": False} for row in rows if row["area_id"] == "region"]
    cold = [row for row in cold if row["month"] == APRIL and row["indicator"] == "colder_fed"]
    put(root, "gold.access_indicators", *(row for row in rows if _key(row) not in map(_key, cold)), *cold)
    return root


def _key(row: dict[str, Any]) -> tuple[Any, ...]:
    return row["area_id"], row["month"], row["indicator"]


def _parent(area: str) -> str | None:
    return None if area == "region" else "region"


def summary(area: str, month: date, edition: int, kwh: float) -> dict[str, Any]:
    """200 homes."""
    return POWER | {name: share / 100 for name, share in TENTHS.items()} | {
        "area_id": area, "parent_area_id": _parent(area), "month": month, "edition": edition, "is_final": edition > 1,
        "reported_at_utc": ORIGIN, "meters": 200, "energy_kwh": kwh, "energy_per_meter_kwh": kwh / 200, "gini": 0.3,
        "energy_per_m2_kwh": 2.5, "normalised_kwh": kwh, "peak_kw": 90.0, "coincidence": 0.4, "cost": kwh / 4,
        "currency": "GBP", "emissions_kg": kwh / 5, "evening_hours": 2.5, "imputed_share": 0.01,
        "saidi_minutes": 12.0, "saifi": 0.1, "caidi_minutes": 120.0, "withheld": ["saving_kwh_per_year"],
    }  # fmt: skip


def withheld(area: str, month: date) -> dict[str, Any]:
    return POWER | {
        "area_id": area, "parent_area_id": _parent(area), "month": month, "edition": 1, "is_final": False,
        "reported_at_utc": ORIGIN, "withheld": list(MEASURES),
    }  # fmt: skip


def indicator(area: str, month: date, name: str, share: float | None) -> dict[str, Any]:
    return {
        "area_id": area, "parent_area_id": _parent(area), "month": month, "indicator": name, "edition": 1,
        "is_final": False, "reported_at_utc": ORIGIN, "homes": None if share is None else 180, "share": share,
        "is_withheld": share is None,
    }  # fmt: skip
