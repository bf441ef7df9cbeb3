"""What programs posted is in the states after a night, once; what speaks of nothing stays where it was posted."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from report_lake import DAY, ORIGIN, put

from energy_lib.insights.recommendations.pipeline.posted_feedback import take_in_posted
from energy_lib.lake import Lake
from energy_lib.serving.posted_feedback import PostedFeedback, keep
from energy_lib.tables.answers.recommendations import RECOMMENDATION_STATES

ID = "base_load-0123456789"


def test_posted_feedback_is_taken_in_once(lake: Lake) -> None:
    root = Path(lake.root)
    evidence = '{"m-1": {"energy_kwh_per_year": 900.0}}'
    put(root, "gold.recommendations", {"recommendation_id": ID, "as_of_date": DAY, "status": "offered",
        "scope_kind": "meter", "scope_id": "m-1", "meters": ["m-1"], "evidence": evidence, "lineage": "{}",
        "as_of_month": date(2024, 6, 1), "energy_kwh_per_year": 900.0, "title": "Switch it off"})  # fmt: skip
    said = ((PostedFeedback("accepted"), ID, 1), (PostedFeedback("done", done_on=DAY), ID, 2),
            (PostedFeedback("rejected"), "nobody", 3))  # fmt: skip
    for feedback, recommendation, hour in said:
        keep(lake.root, feedback, recommendation, "key:bms", ORIGIN + timedelta(hours=hour), f"k{hour}")
    assert len(take_in_posted(lake)) > 0
    assert take_in_posted(lake) == []
    rows = sorted(lake.small_tables.rows(RECOMMENDATION_STATES), key=lambda row: row["changed_at_utc"])
    assert [(row["state"], row["promised_kwh_per_year"]) for row in rows] == [("accepted", None), ("done", 900.0)]
    assert rows[1]["changed_at_utc"] == datetime(2024, 6, 2, 2, tzinfo=UTC)
