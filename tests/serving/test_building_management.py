"""The example of a building management system, in the loop with a served lake."""

from __future__ import annotations

import runpy
import shutil
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from landed_rows import SOURCES
from report_lake import DAY, ORIGIN, put
from served_api import KnownBy, served

from energy_lib.client import EnergyApi
from energy_lib.config import Config, ServingConfig
from energy_lib.lake.small_tables import SmallTables
from energy_lib.landing.files.content import Content
from energy_lib.landing.parsing.readings import parse_readings
from energy_lib.security.principal import Principal, Role, Scope
from energy_lib.tables.answers.alerts import ALERTS
from energy_lib.tables.ops import POSTED_FEEDBACK

EXAMPLE = Path(__file__).parents[2] / "notebooks" / "building_management.py"
BEMS = Principal("bems", frozenset({Role.OPERATOR}), Scope(frozenset({"s-1"}), None))


def test_the_building_follows_its_plan_posts_what_it_measured_and_answers_an_alert_once(
    root: Path, tmp_path: Path
) -> None:
    lake = Path(shutil.copytree(root, tmp_path / "lake"))
    shutil.rmtree(lake / "ops" / "posted_feedback")
    for hour, power in enumerate((5.0, -3.0)):
        put(lake, "gold.schedules", {"site_id": "s-1", "asset_id": "battery", "asset_kind": "battery",
            "origin_utc": ORIGIN, "interval_start_utc": ORIGIN + timedelta(hours=hour), "power_kw": power,
            "origin_month": date(2024, 6, 1)})  # fmt: skip
    example, landing = runpy.run_path(str(EXAMPLE)), tmp_path / "landing"
    config = Config(lake=str(lake), landing=str(landing), serving=ServingConfig(readings_source="posted_readings"))
    with served(config, KnownBy(BEMS)) as address, EnergyApi(address, api_key="bems") as api:
        plan = example["plan_of"](api, "s-1")
        assert plan == {"battery": {"2024-06-02T00:00:00Z": 5.0, "2024-06-02T01:00:00Z": -3.0}}
        measured = {ORIGIN + timedelta(hours=hour): 0.0 for hour in (4, 5)}
        for replayed in (False, True):
            posted = example["post_measured"](api, "m-2", measured)
            assert (posted.accepted, posted.rejected, posted.replayed) == (2, {}, replayed)
        (file,) = (landing / "posted_readings").iterdir()
        read = parse_readings(Content.at(str(file), "posted_readings/f"), SOURCES["posted_readings"], datetime.now(UTC))
        hours = [row for table in read for row in table.to_pylist()]
        assert {row["interval_start_utc"]: row["energy_kwh"] for row in hours} == measured
        # As detect_stream says it of hours in which nothing was used; another site's alert is not for this building.
        before = SmallTables(str(lake)).version(ALERTS)
        for meter in ("m-3", "m-2"):
            put(lake, "gold.alerts", {"alert_id": f"new-{meter}", "event": "raised", "meter_id": meter, "type": "dead",
                "told_at_utc": ORIGIN, "state": "open", "severity": "high", "start_utc": min(measured),
                "end_utc": max(measured), "day_local": DAY, "statistic": "dead", "evidence": []})  # fmt: skip
        alerts = example["alerts_of_site"](api, "s-1", after=str(before))
        alert = next(alerts)
        assert alert.row["alert_id"] == "new-m-2"
        for _ in range(2):
            assert example["answer"](api, alert, lambda row: "The fan was switched off.") == ["r-m-2"]
        alerts.close()
    (kept,) = SmallTables(str(lake)).rows(POSTED_FEEDBACK)
    assert (kept["recommendation_id"], kept["state"], kept["note"]) == ("r-m-2", "done", "The fan was switched off.")
