"""The API, served on a free port of this machine while a test runs, and rows for the tables it shows."""

from __future__ import annotations

from contextlib import AbstractContextManager
from datetime import date, timedelta
from pathlib import Path

from report_lake import DAY, ORIGIN, put
from running_app import running

from energy_lib.config import Config
from energy_lib.security.principal import Principal
from energy_lib.serving.app import create_app
from energy_lib.serving.authentication import Authenticator

MAY = date(2024, 5, 1)
# Sites of two meters: the office's meters have none, and these have.
SITES = {"s-1": ("m-1", "m-2"), "s-2": ("m-3",)}


class KnownBy:
    """Whoever shows the name of a principal as API key is that principal."""

    def __init__(self, *principals: Principal) -> None:
        self._principals = {each.name: each for each in principals}

    def at_hand(self, authorization: str | None) -> bool:
        return True

    def authenticate(self, authorization: str | None, api_key: str | None) -> Principal:
        return self._principals[str(api_key)]


def put_more(root: Path) -> Path:
    """Rows for every table that the API shows, of two sites and three more meters."""
    meters = [(meter, site) for site, members in SITES.items() for meter in members]
    put(root, "silver.meters", *(
        {"meter_id": meter, "fuel": "electricity", "zone": "Europe/Berlin", "building_id": f"b-{meter}",
         "site_id": site, "registered_by": "registry"}
        for meter, site in meters
    ))  # fmt: skip
    for meter, _ in meters:
        put(root, "silver.readings", *(
            {"meter_id": meter, "fuel": "electricity", "interval_start_utc": ORIGIN + timedelta(hours=hour),
             "interval_minutes": 60, "energy_kwh": 1.0, "quality": "measured", "interval_month": date(2024, 6, 1),
             "available_at_utc": ORIGIN + timedelta(hours=hour + 1)}
            for hour in range(4)
        ))  # fmt: skip
        put(root, "gold.forecasts", *(
            {"meter_id": meter, "origin_utc": ORIGIN, "interval_start_utc": ORIGIN + timedelta(hours=hour),
             "model_name": "dense", "model_version": "1", "run_kind": "live", "fuel": "electricity",
             "horizon_hours": hour + 1, "imputed_share": 0.25,
             **{name: 1.0 + step / 10 for step, name in enumerate(("p05", "p10", "p25", "p50", "p75", "p90", "p95"))}}
            for hour in range(24)
        ))  # fmt: skip
        put(root, "gold.alerts", {"alert_id": f"alert-{meter}", "event": "raised", "told_at_utc": ORIGIN,
            "meter_id": meter, "type": "spike", "state": "open", "severity": "low", "start_utc": ORIGIN,
            "end_utc": ORIGIN, "day_local": DAY, "statistic": "spike", "evidence": []})  # fmt: skip
        put(root, "gold.anomalies", {"anomaly_id": f"anomaly-{meter}", "meter_id": meter, "type": "spike",
            "state": "open", "severity": "low", "start_utc": ORIGIN, "last_updated_utc": ORIGIN})  # fmt: skip
        put(root, "silver.projects", {"project_id": f"p-{meter}", "meter_id": meter})
        put(root, "gold.savings", *(
            {"project_id": f"p-{meter}", "meter_id": each, "scope": "total"} for each in (meter, "*")
        ))  # fmt: skip
        put(root, "silver.hourly_readings", {"meter_id": meter, "interval_start_utc": ORIGIN, "quality": "measured",
            "fuel": "electricity", "interval_month": date(2024, 6, 1)})  # fmt: skip
        put(root, "gold.scores", {"scope": "meter", "meter_id": meter, "fuel": "*"})
        put(root, "gold.recommendations", {"recommendation_id": f"r-{meter}", "as_of_date": DAY, "status": "offered",
            "scope_kind": "meter", "scope_id": meter, "meters": [meter], "evidence": "{}", "lineage": "{}",
            "as_of_month": date(2024, 6, 1)})  # fmt: skip
        put(root, "ops.posted_feedback", {"recommendation_id": f"r-{meter}", "state": "accepted"})
        put(root, "gold.recommendation_states", {"recommendation_id": f"r-{meter}", "state": "accepted"})
    put(root, "gold.savings", {"project_id": "*", "meter_id": "*", "scope": "total"})
    for site in SITES:
        put(root, "gold.schedules", {"site_id": site, "asset_id": "*", "origin_month": date(2024, 6, 1)})
    groups = [("portfolio", "*"), *(("site", site) for site in SITES), *(("building", f"b-{m}") for m, _ in meters)]
    groups += [("meter", meter) for meter, _ in meters]
    for table in ("gold.emissions", "gold.costs"):
        put(root, table, *({"group_kind": kind, "group_id": name, "month": MAY} for kind, name in groups))
    put(root, "gold.group_forecasts", *(
        {"group_kind": kind, "group_id": name, "origin_utc": ORIGIN, "interval_start_utc": ORIGIN, "run_kind": "live"}
        for kind, name in groups if kind != "meter"
    ))  # fmt: skip
    return root


def served(config: Config, authenticator: Authenticator | None = None) -> AbstractContextManager[str]:
    """The API's address."""
    return running(create_app(config, authenticator))
