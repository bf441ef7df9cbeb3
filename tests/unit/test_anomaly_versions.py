"""Versions of events over nights that come, come again, and are done again."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from energy_lib.insights.anomalies.versions import anomaly_id, going_on_since, revised, whole_events_since

START = datetime(2024, 5, 1, 6, tzinfo=UTC)
NIGHTS = [datetime(2024, 5, 2, tzinfo=UTC) + timedelta(days=i) for i in range(4)]
LINEAGE = {"rule_version": "1", "readings_version": 4, "weather_version": None}


def event(kwh: float, *, goes_on: bool = True, start: datetime = START) -> dict:
    return {
        "anomaly_id": anomaly_id("m", "dead", start),
        "meter_id": "m",
        "start_utc": start,
        "energy_kwh": kwh,
        "goes_on": goes_on,
    }


def night(table: list[dict], found: list[dict], as_of: datetime, since: datetime = START) -> list[dict]:
    revision = revised(table, found, {"m": since}, as_of, LINEAGE)
    gone = {(row["anomaly_id"], row["last_updated_utc"]) for row in [*revision.removed, *revision.written]}
    kept = [row for row in table if (row["anomaly_id"], row["last_updated_utc"]) not in gone]
    return sorted([*kept, *revision.written], key=lambda row: (row["anomaly_id"], row["last_updated_utc"]))


def states(table: list[dict]) -> list[tuple[str, datetime | None]]:
    return [(row["state"], row["superseded_at_utc"]) for row in table]


def test_an_event_opens_goes_on_closes_and_stays_closed() -> None:
    table = night([], [event(-1.0)], NIGHTS[0])
    assert going_on_since(table, NIGHTS[1]) == {"m": START}
    table = night(table, [event(-2.0)], NIGHTS[1])
    table = night(table, [event(-2.0, goes_on=False)], NIGHTS[2])
    assert states(table) == [("open", NIGHTS[1]), ("ongoing", NIGHTS[2]), ("closed", None)]
    assert {row["first_seen_utc"] for row in table} == {NIGHTS[0]}
    assert night(table, [event(-2.0, goes_on=False)], NIGHTS[3]) == table
    assert going_on_since(table, NIGHTS[3]) == {}


def test_what_is_not_found_again_is_withdrawn_once_and_may_come_back() -> None:
    table = night([], [event(-1.0, goes_on=False)], NIGHTS[0])
    table = night(table, [], NIGHTS[1])
    assert states(table) == [("closed", NIGHTS[1]), ("withdrawn", None)]
    assert table[-1]["withdrawn_reason"]
    assert night(table, [], NIGHTS[2]) == table
    back = night(table, [event(-1.0, goes_on=False)], NIGHTS[2])
    assert states(back)[-1] == ("closed", None)
    assert back[-1]["withdrawn_reason"] is None


def test_an_event_before_the_time_looked_at_stands() -> None:
    table = night([], [event(-1.0, goes_on=False)], NIGHTS[0])
    assert night(table, [], NIGHTS[1], since=START + timedelta(hours=1)) == table


def test_a_past_night_done_again_says_the_same_or_mends_its_own_version_alone() -> None:
    table = night(night([], [event(-1.0)], NIGHTS[0]), [event(-2.0)], NIGHTS[2])
    assert night(table, [event(-1.0)], NIGHTS[0]) == table
    mended = night(table, [event(-1.5)], NIGHTS[1])
    assert [row["energy_kwh"] for row in mended] == [-1.0, -1.5, -2.0]
    assert [row["superseded_at_utc"] for row in mended] == [NIGHTS[1], NIGHTS[2], None]
    without = night(mended, [event(-1.0)], NIGHTS[1])
    assert [row["energy_kwh"] for row in without] == [-1.0, -1.0, -2.0], "it went on: open, then ongoing"


def test_a_night_done_again_without_an_event_takes_its_version_back() -> None:
    table = night([], [event(-1.0)], NIGHTS[0])
    assert going_on_since(table, NIGHTS[0]) == {"m": START}
    assert night(table, [], NIGHTS[0]) == []
    assert night(table, [], NIGHTS[0], since=START + timedelta(hours=1)) == table


def test_a_correction_within_an_event_looks_at_all_of_it_and_of_what_it_overlaps() -> None:
    def stood(first: int, last: int, *, meter_id: str = "m", state: str = "closed") -> dict:
        start, end = START + timedelta(days=first), START + timedelta(days=last)
        of = {"meter_id": meter_id, "start_utc": start, "end_utc": end, "state": state}
        return {"anomaly_id": f"{meter_id}{first}{last}", "last_updated_utc": NIGHTS[0], **of}

    table = [stood(0, 5), stood(4, 9), stood(-9, 0), stood(3, 7, meter_id="other"), stood(-3, 8, state="withdrawn")]
    corrected = {"m": START + timedelta(days=8)}
    assert whole_events_since(corrected, table, NIGHTS[2]) == {"m": START}
    assert whole_events_since(corrected, table, NIGHTS[0]) == corrected, "by then none of them was known"
    # What ended before the correction is as it was.
    assert whole_events_since({"m": START + timedelta(days=9)}, table, NIGHTS[2]) == {"m": START + timedelta(days=9)}
