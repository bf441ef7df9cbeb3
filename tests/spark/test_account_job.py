"""The job account on a lake made by hand: a first night, nothing new, news, a correction, a kill, changed factors."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from account_rows import Row, at, charge, factor, hours, intensity, meter, prices, table_of

from energy_lib.config import Config
from energy_lib.entry import run_with_lease
from energy_lib.insights.accounts import news, pipeline
from energy_lib.insights.accounts.pipeline import WRITTEN
from energy_lib.intervals import Period
from energy_lib.lake import Lake, Outcome
from energy_lib.tables import gold, references, silver
from energy_lib.tables.answers.accounts import ACCOUNT_FORECASTS, COSTS, EMISSIONS, HOURLY_ACCOUNTS
from energy_lib.tables.table import Table
from jobs import account


def run(lake: Lake, day: str) -> Outcome:
    return run_with_lease(
        "account", lake.spark, Config(lake=lake.root), Period.day(date.fromisoformat(day)), account.run
    )


def put(lake: Lake, table: Table, rows: list[Row]) -> None:
    lake.upsert(table, table_of(table, rows))


def stated(lake: Lake, table: Table, group: str, month: str = "2024-03-01", standing: bool = True) -> list[Row]:
    where = f"group_id = '{group}' AND month = DATE '{month}'" + (" AND superseded_at_utc IS NULL" if standing else "")
    rows: list[Row] = lake.small_tables.read(table, where=where).to_pylist()
    return sorted(rows, key=lambda row: row["reported_at_utc"])


def versions(lake: Lake) -> dict[str, int]:
    return {table.full_name: lake.version(table) for table in WRITTEN}


def test_nights_of_two_meters(lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    """One story, as each night costs seconds; the chapters follow one another."""
    put(
        lake,
        silver.METERS,
        [
            meter("m1"),
            meter("m2"),
            meter("gas", fuel="gas", tariff_id=None),
            meter("v", registered_by="virtual_meters"),
        ],
    )
    put(lake, silver.HOURLY, [
        *hours("m1", "2024-03-01 00:00", [1.0, 2.0, None]), *hours("m2", "2024-03-01 00:00", [10.0] * 3),
        *hours("gas", "2024-03-01 00:00", [5.0], fuel="gas"), *hours("v", "2024-03-01 00:00", [99.0]),
    ])  # fmt: skip
    put(lake, silver.CARBON_INTENSITY, intensity("2024-03-01 00:00", 60, [100.0, 200.0]))
    put(lake, references.EMISSION_FACTORS, [factor(0.3), factor(0.18, fuel="gas", scope="scope_1")])
    put(lake, references.TARIFFS, [charge("unit_rate", 0.25), charge("standing_per_day", 0.5)])
    the_first_night(lake)
    nothing_new_changes_nothing(lake)
    a_correction_restates(lake, monkeypatch)
    what_was_reported_is_there(lake)
    a_changed_factor_touches_its_hours(lake)
    forecasts_are_priced(lake)
    a_tariff_that_lands_late_restates_late(lake)
    other_rules_compute_everything_and_spark_computes_the_same(lake, monkeypatch)


def the_first_night(lake: Lake) -> None:
    run(lake, "2024-03-02")
    (m1,) = stated(lake, EMISSIONS, "m1")
    assert (m1["emissions_g"], m1["hours_counted"], m1["hours"]) == (Decimal("500.000000"), 2, 743)
    assert m1["reason"] == "no_hour_yet: 740 hours; no_reading: 1 hours"
    assert m1["factors"] == "silver.carbon_intensity, of_the_hour"
    (m2,) = stated(lake, EMISSIONS, "m2")
    assert m2["emissions_g"] == Decimal("6000.000000")
    assert m2["stale_share"] == pytest.approx(1 / 3)
    (gas,) = stated(lake, EMISSIONS, "gas")
    assert (gas["scope"], gas["emissions_g"]) == ("scope_1", Decimal("900.000000"))
    portfolio = {row["fuel"]: row["emissions_g"] for row in stated(lake, EMISSIONS, "*")}
    assert portfolio == {"electricity": Decimal("6500.000000"), "gas": Decimal("900.000000")}
    (cost,) = stated(lake, COSTS, "m1")
    assert cost["total"] == Decimal("1.5"), "3 kWh at 0.25 and a day at 0.50, with VAT"
    costs = {(row["currency"], row["total"]) for row in stated(lake, COSTS, "*")}
    assert costs == {("GBP", Decimal("11.1")), ("XXX", None)}
    assert stated(lake, EMISSIONS, "v") == []
    assert {row[0] for row in lake.read(HOURLY_ACCOUNTS).select("meter_id").distinct().collect()} == {"m1", "m2", "gas"}


def nothing_new_changes_nothing(lake: Lake) -> None:
    before = versions(lake)
    run(lake, "2024-03-02")
    run(lake, "2024-03-03")
    assert versions(lake) == before


def a_correction_restates(lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    """The next month comes, and an hour of the last one is corrected; the first run is killed before its end."""
    late = {"available_at_utc": at("2024-04-02 01:00")}
    put(lake, silver.HOURLY, [*hours("m1", "2024-03-01 01:00", [4.0], **late), *hours("m2", "2024-04-01 00:00", [1.0])])
    with monkeypatch.context() as patch:
        patch.setattr(pipeline, "record_progress", _killed)
        with pytest.raises(KeyboardInterrupt):
            run(lake, "2024-04-02")
    killed = versions(lake)
    outcome = run(lake, "2024-04-02")
    assert versions(lake) == killed
    assert outcome.rows_in == 2, "the months of which an hour came or changed, and no other"
    first, second = stated(lake, EMISSIONS, "m1", standing=False)
    assert (first["emissions_g"], second["emissions_g"]) == (Decimal("500.000000"), Decimal("900.000000"))
    assert (second["statement"], second["superseded_at_utc"]) == (2, None)
    assert first["superseded_at_utc"] == second["reported_at_utc"] == at("2024-04-02 01:00")
    assert len(stated(lake, EMISSIONS, "m2", standing=False)) == 1
    assert [row["emissions_g"] for row in stated(lake, EMISSIONS, "m2", "2024-04-01")] == [Decimal("300.000000")]
    hour = lake.read(HOURLY_ACCOUNTS).where("meter_id = 'm1' AND interval_start_utc = '2024-03-01 01:00'").collect()
    assert [row["emissions_g"] for row in hour] == [Decimal("800.000000")]


def what_was_reported_is_there(lake: Lake) -> None:
    def as_of(instant: str) -> dict[str, Decimal]:
        where = f"group_id = '*' AND fuel = 'electricity' AND reported_at_utc <= '{instant}' AND month = '2024-03-01'"
        rows = lake.read(EMISSIONS).where(where).where(f"superseded_at_utc IS NULL OR superseded_at_utc > '{instant}'")
        return {str(row["month"]): row["emissions_g"] for row in rows.collect()}

    assert as_of("2024-03-15 00:00") == {"2024-03-01": Decimal("6500.000000")}
    assert as_of("2024-04-15 00:00") == {"2024-03-01": Decimal("6900.000000")}


def a_changed_factor_touches_its_hours(lake: Lake) -> None:
    """An hour rested on the year's factor; its intensity is landed.

    UTC's March reaches into London's April, which is computed and comes out the same. Gas is not computed.
    """
    put(lake, silver.CARBON_INTENSITY, intensity("2024-03-01 02:00", 60, [50.0]))
    assert run(lake, "2024-04-03").rows_in == 3
    assert len(stated(lake, EMISSIONS, "m2", "2024-04-01", standing=False)) == 1
    (m2,) = stated(lake, EMISSIONS, "m2")
    assert (m2["emissions_g"], m2["stale_share"]) == (Decimal("3500.000000"), 0.0)
    put(
        lake,
        references.TARIFFS,
        [charge("unit_rate", 0.5), charge("price_series", 0.0, price_series_id="market", valid_from=date(2030, 1, 1))],
    )
    run(lake, "2024-04-04")
    assert [row["energy_cost"] for row in stated(lake, COSTS, "m1")] == [Decimal("2.50000000")]
    assert len(stated(lake, EMISSIONS, "m1", standing=False)) == 2, "a tariff restates no emissions"
    put(lake, silver.PRICES, prices("2024-03-01 00:00", [-0.1]))
    before = versions(lake)
    assert run(lake, "2024-04-05").rows_in == 3, "no hour has this price yet"
    assert versions(lake) == before


def forecasts_are_priced(lake: Lake) -> None:
    origin = at("2024-04-06 00:00")
    plain: dict[str, Any] = {
        "meter_id": "m1", "origin_utc": origin, "model_name": "dense", "model_version": "1", "run_kind": "live",
        "fuel": "electricity", "flow": "import", "horizon_hours": 1, "imputed_share": 0.0,
        "p10": 1.0, "p50": 2.0, "p90": 4.0,
    }  # fmt: skip
    put(lake, gold.FORECASTS, [plain | {"interval_start_utc": origin}])
    run(lake, "2024-04-06")
    before = versions(lake)
    run(lake, "2024-04-06")
    assert versions(lake) == before
    (row,) = lake.small_tables.rows(ACCOUNT_FORECASTS)
    assert (row["emissions_p10_g"], row["emissions_p90_g"]) == (Decimal("300.000000"), Decimal("1200.000000"))
    assert (row["factor_publication"], row["stale_share"]) == ("Factors", 1.0)
    assert (row["cost_p10"], row["cost_p50"]) == (Decimal("0.5"), Decimal("1"))


def a_tariff_that_lands_late_restates_late(lake: Lake) -> None:
    """Also by a day that is done again: what had been reported by its origin stays so."""
    (before,) = stated(lake, COSTS, "m1")
    landed = at("2024-04-07 09:00")
    standing_charge = charge("standing_per_day", 1.5, landed_at_utc=landed)
    put(lake, references.TARIFFS, [standing_charge])
    run(lake, "2024-04-06")
    *_, old, new = stated(lake, COSTS, "m1", standing=False)
    assert (old["total"], new["total"] - old["total"]) == (before["total"], Decimal("1.2"))
    assert old["superseded_at_utc"] == new["reported_at_utc"] == landed
    rate = charge("unit_rate", 1.0, landed_at_utc=at("2024-04-07 10:00"))
    put(lake, references.TARIFFS, [rate])
    run(lake, "2024-04-06")
    assert [row["reported_at_utc"] for row in stated(lake, COSTS, "m1")] == [rate["landed_at_utc"]]


def other_rules_compute_everything_and_spark_computes_the_same(lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    """An hour that silver does not have any more leaves."""
    before, rows = versions(lake), lake.small_tables.rows(HOURLY_ACCOUNTS)
    ghost = rows[0] | {"interval_start_utc": at("2024-03-09 00:00")}
    put(lake, HOURLY_ACCOUNTS, [ghost])
    monkeypatch.setattr(pipeline, "FEW_MONTHS", 0)
    monkeypatch.setattr(news, "RULES", 2)
    assert run(lake, "2024-04-07").rows_in == 4

    def ordered(found: list[Row]) -> list[Row]:
        return sorted(found, key=lambda row: (row["meter_id"], row["interval_start_utc"]))

    assert ordered(lake.small_tables.rows(HOURLY_ACCOUNTS)) == ordered(rows)
    assert {name: v for name, v in versions(lake).items() if name != HOURLY_ACCOUNTS.full_name} == {
        name: v for name, v in before.items() if name != HOURLY_ACCOUNTS.full_name
    }


def _killed(*_: object) -> None:
    raise KeyboardInterrupt
