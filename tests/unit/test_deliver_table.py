"""What of gold.alerts is news to a receiver: after compaction, merges, a cleaned log, and a table made anew."""

from __future__ import annotations

import shutil
from pathlib import Path

import pyarrow as pa
import pytest
from alert_deliveries import Deliver, heard
from alert_receivers import WebServer, alert, tell
from deltalake import DeltaTable

from energy_lib.lake.small_tables import SmallTables
from energy_lib.tables.answers.alerts import ALERTS
from energy_lib.tables.arrow import arrow_schema


def test_a_new_receiver_begins_some_hours_before_the_newest_alert(root: str, web: WebServer, deliver: Deliver) -> None:
    tell(root, alert(1))
    tell(root, alert(200))
    tell(root)
    tell(root, alert(300))
    deliver({"name": "ops", "url": web.url}, settings=("alerts.first_hours=2",))
    assert heard(web) == ["a200 raised", "a300 raised"]
    deliver({"name": "none", "url": web.url}, settings=("alerts.first_hours=0",))
    tell(root, alert(301))
    deliver({"name": "none", "url": web.url}, settings=("alerts.first_hours=0",))
    assert heard(web)[2:] == ["a301 raised"]


def test_files_that_are_compacted_are_no_news_and_a_log_that_was_cleaned_is_told(
    root: str, web: WebServer, deliver: Deliver, caplog: pytest.LogCaptureFixture
) -> None:
    hook = {"name": "ops", "url": web.url}
    tell(root, alert(1))
    deliver(hook)
    tell(root, alert(2))
    DeltaTable(SmallTables(root).path(ALERTS)).optimize.compact()
    tell(root, alert(3))
    deliver(hook)
    assert heard(web) == ["a1 raised", "a2 raised", "a3 raised"]
    for number in (4, 5):
        version = tell(root, alert(number))
        if number == 4:
            # As maintain leaves it after retain_days: a checkpoint, and no entries before.
            DeltaTable(SmallTables(root).path(ALERTS)).create_checkpoint()
    for entry in Path(root, "gold/alerts/_delta_log").glob("*.json"):
        if int(entry.stem) < version:
            entry.unlink()
    deliver(hook)
    assert heard(web)[3:] == ["a5 raised"]
    assert "ops was not told what versions" in caplog.text


def test_what_a_nights_merge_takes_along_or_removes_is_no_news(root: str, web: WebServer, deliver: Deliver) -> None:
    """The night rewrites the files of the rows that it says otherwise; old ones in them were never this receiver's."""
    tell(root, alert(1), alert(2), alert(3))
    new = {"name": "new", "url": web.url}
    deliver(new, settings=("alerts.first_hours=0",))
    verdicts = [alert(1, reason="said again"), alert(1, event="confirmed_by_night", query="detect")]
    source = pa.Table.from_pylist([*verdicts, alert(2)], schema=arrow_schema(ALERTS))
    same = " AND ".join(f"t.{name} = s.{name}" for name in ALERTS.key)
    merge = DeltaTable(SmallTables(root).path(ALERTS)).merge(source, same, source_alias="s", target_alias="t")
    merge.when_matched_delete("s.alert_id = 'a2'").when_matched_update_all().when_not_matched_insert_all().execute()
    assert len(SmallTables(root).rows(ALERTS)) == 3
    deliver(new)
    assert heard(web) == ["a1 confirmed_by_night"]


def test_a_table_that_is_made_anew_is_read_from_its_begin(root: str, web: WebServer, deliver: Deliver) -> None:
    hook = {"name": "ops", "url": web.url}
    for number in (1, 2, 3):
        tell(root, alert(number))
    deliver(hook)
    shutil.rmtree(Path(root, "gold/alerts"))
    tell(root, alert(4))
    deliver(hook)
    assert heard(web)[3:] == ["a4 raised"]
