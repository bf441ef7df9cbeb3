"""The published client against the served lake: what it gives is what the tables hold, and errors are one sentence."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import httpx
import pytest
from report_lake import DAY, ORIGIN, put
from served_api import KnownBy, served

from energy_lib.client import ApiProblem, EnergyApi, Series
from energy_lib.client.posted import readings_body
from energy_lib.config import Config, ServingConfig
from energy_lib.lake.small_tables import SmallTables
from energy_lib.security.principal import EVERYTHING, Principal, Role, Scope
from energy_lib.tables.answers.alerts import ALERTS
from energy_lib.tables.ops import POSTED_FEEDBACK
from energy_lib.vocabulary import QUANTILES, Fuel

BEMS = Principal("bems", frozenset({Role.ANALYST, Role.OPERATOR}), Scope(frozenset({"s-1"}), None))
ALL = Principal("all", frozenset({Role.ANALYST}), EVERYTHING)


@pytest.fixture
def address(lake: Path) -> Iterator[str]:
    serving = ServingConfig(readings_source="posted_readings")
    config = Config(lake=str(lake), landing=str(lake.parent / "landing"), serving=serving)
    with served(config, KnownBy(BEMS, ALL)) as address:
        yield address


def test_pages_follow_one_another_to_the_last_row(address: str) -> None:
    with EnergyApi(address, api_key="bems") as api:
        first = api.page("readings", limit=3)
        assert (len(first.rows), first.next is not None) == (3, True)
        assert first.as_of.tzinfo is not None
        assert "silver.readings" in first.tables
        rows = list(api.rows("readings", limit=3))
        # Two meters of the site, four hours each.
        assert len({(row["meter_id"], row["interval_start_utc"]) for row in rows}) == len(rows) == 8
        since = ORIGIN + timedelta(hours=1)
        asked = api.rows("readings", meter=["m-1"], since=since, until=since + timedelta(hours=2))
        assert [row["interval_start_utc"] for row in asked] == ["2024-06-02T01:00:00Z", "2024-06-02T02:00:00Z"]


def test_as_of_is_what_was_known_then(address: str) -> None:
    with EnergyApi(address, api_key="all") as api:
        # The reading of an hour is known from its end on: two of the four by 02:30.
        then = ORIGIN + timedelta(hours=2, minutes=30)
        page = api.page("readings", meter="m-3", as_of=then)
        assert (len(page.rows), page.as_of) == (2, then)


def test_forecasts_stored_and_posted(address: str) -> None:
    with EnergyApi(address, api_key="bems") as api:
        stored = api.forecast("m-1")
        assert (stored.origin_utc, stored.interval_start_utc[23]) == (ORIGIN, ORIGIN + timedelta(hours=23))
        assert stored.quantiles["p50"] == pytest.approx([1.3] * 24)
        energy = [1.0 + hour % 24 / 10 for hour in range(28 * 24)]
        first = ORIGIN - timedelta(days=28)
        posted = api.forecast_posted(
            ORIGIN, "new", Fuel.ELECTRICITY, "Europe/London", [Series(first, energy)], country="GB"
        )
    series = {"first_utc": first.isoformat(), "energy_kwh": energy}
    meter = {"meter_id": "new", "fuel": "electricity", "zone": "Europe/London", "country": "GB", "readings": [series]}
    asked = {"origin_utc": ORIGIN.isoformat(), "meters": [meter]}
    (said,) = httpx.post(f"{address}/v1/forecasts", json=asked, headers={"X-API-Key": "bems"}).json()["data"]
    assert (posted.origin_utc, posted.interval_start_utc[0]) == (ORIGIN, ORIGIN)
    assert posted.quantiles == {name: said[name] for name in QUANTILES}
    assert posted.fallback == said["fallback"]


def test_feedback_is_kept_once_for_its_key(address: str, lake: Path) -> None:
    with EnergyApi(address, api_key="bems") as api:
        asked = {"note": "The timer is set.", "done_on": date(2024, 5, 30), "idempotency_key": "7f3a"}
        kept = api.give_feedback("r-m-1", "done", **asked)
        assert (kept["changed_by"], kept["done_on"]) == ("bems", "2024-05-30")
        assert api.give_feedback("r-m-1", "done", **asked) == kept
        assert len(SmallTables(str(lake)).rows(POSTED_FEEDBACK)) == 1
        with pytest.raises(ApiProblem, match="was used for another request") as told:
            api.give_feedback("r-m-1", "rejected", idempotency_key="7f3a")
        assert told.value.status == 422


def test_readings_are_posted_once_for_their_key_and_taken_out(address: str) -> None:
    # Across the night of a clock change in Berlin: hours that elapsed, not hours of the wall clock.
    first = datetime(2024, 10, 27, 1, tzinfo=ZoneInfo("Europe/Berlin"))
    series = [Series(first, [1.0, None, 3.0]), Series(first, [0.5], interval_minutes=30, quality="estimated")]
    with EnergyApi(address, api_key="bems") as api:
        posted = api.post_readings("m-1", series, idempotency_key="k")
        assert (posted.accepted, posted.rejected, posted.replayed) == (3, {}, False)
        assert api.post_readings("m-1", series, idempotency_key="k").replayed
        with pytest.raises(ApiProblem, match="None of the 3 readings is taken"):
            api.post_readings("m-3", series)
        assert api.green_button("m-1", since=ORIGIN + timedelta(hours=1)).count(b"<espi:IntervalReading>") == 3
        with pytest.raises(ApiProblem, match="No meter of yours"):
            api.green_button("m-3")
    assert [each["interval_start_utc"] for each in readings_body("m-1", series)["readings"]] == [
        "2024-10-26T23:00:00Z", "2024-10-27T01:00:00Z", "2024-10-26T23:00:00Z"
    ]  # fmt: skip


def test_alerts_go_on_behind_the_last_one_heard(address: str, lake: Path) -> None:
    before = SmallTables(str(lake)).version(ALERTS)
    told = ("m-1", "m-3", "m-2")
    for hour, meter in enumerate(told):
        put(lake, "gold.alerts", {"alert_id": f"new-{meter}", "event": "raised", "meter_id": meter, "type": "spike",
            "told_at_utc": ORIGIN + timedelta(hours=hour), "state": "open", "severity": "low", "start_utc": ORIGIN,
            "end_utc": ORIGIN, "day_local": DAY, "statistic": "spike", "evidence": []})  # fmt: skip
    with EnergyApi(address, api_key="bems") as api:
        alerts = api.alerts(after=str(before))
        first, second = next(alerts), next(alerts)
        assert [each.row["alert_id"] for each in (first, second)] == ["new-m-1", "new-m-2"]
        assert (first.id, first.event) == (str(before + 1), "raised")
        alerts.close()


def test_an_error_is_the_apis_sentence(address: str) -> None:
    with EnergyApi(address, api_key="bems") as api:
        with pytest.raises(ApiProblem, match="takes no parameter colour") as told:
            api.page("meters", colour="red")
        assert (told.value.status, told.value.request_id is not None) == (400, True)
        with pytest.raises(ApiProblem, match="No meter of yours"):
            api.forecast("m-3")
        with pytest.raises(ApiProblem, match="Last-Event-ID is no id"):
            next(api.alerts(after="-1"))
        with pytest.raises(ValueError, match="has no zone"):
            api.page("readings", since=datetime(2024, 6, 2))  # noqa: DTZ001


def test_an_api_that_is_not_there_is_a_sentence() -> None:
    with EnergyApi("http://127.0.0.1:9") as api, pytest.raises(ApiProblem, match="is the API running there") as told:
        api.page("meters")
    assert told.value.status == 0
