"""Advice by webhook and by e-mail, beside alerts, and what is told of their delivery to Prometheus."""

from __future__ import annotations

import json
import threading
import urllib.request
from pathlib import Path

import pytest
from alert_deliveries import Deliver, heard, mail_to, settled
from alert_receivers import KEY, SECRET, MailServer, WebServer, advice, alert, tell
from jsonschema import Draft202012Validator
from plain_rows import put

from energy_lib.config import AlertsConfig
from energy_lib.lake.small_tables import SmallTables
from energy_lib.models.config import load_config
from energy_lib.streaming.delivery.webhook import Webhook
from energy_lib.streaming.metrics import DeliveryMetrics, serve
from energy_lib.streaming.pipeline.delivery import Delivery
from energy_lib.tables import silver
from energy_lib.tables.answers.advice import ADVICE
from energy_lib.tables.ops import ALERT_DELIVERIES

SCHEMA = json.loads((Path(__file__).parents[2] / "docs/schemas/advice.schema.json").read_text(encoding="utf-8"))


def test_advice_is_told_by_webhook_once_and_its_end_to_who_was_told(
    root: str, web: WebServer, deliver: Deliver
) -> None:
    tell(root, alert(1))
    tell(root, advice(1), advice(2, severity="low"), advice(3, suppressed="budget"), table=ADVICE)
    hook = {"name": "ops", "url": web.url, "min_severity": "medium"}
    assert deliver(hook).lines == ["ops: 2 delivered, 0 given up."]
    tell(root, advice(1, event="expired", state="over", severity="low", reason="late"), table=ADVICE)
    assert deliver(hook).lines == ["ops: 1 delivered, 0 given up."]
    assert deliver(hook).lines == ["ops: 0 delivered, 0 given up."]
    bodies = [json.loads(each.body) for each in web.received]
    assert sorted(each["type"] for each in bodies) == ["advice.expired", "advice.raised", "alert.raised"]
    for request, body in zip(web.received, bodies, strict=True):
        assert request.signed_by(KEY)
        if body["type"].startswith("advice"):
            Draft202012Validator(SCHEMA).validate(body["data"])
            assert (body["data"]["advice_id"], body["data"]["steps"][0]["power_kw"]) == ("w1", -4.0)
    assert sorted(row["alert_id"] for row in settled(root)) == ["a1", "w1", "w1"]


def test_a_receiver_of_alerts_alone_hears_no_advice(root: str, web: WebServer, deliver: Deliver) -> None:
    tell(root, alert(1))
    tell(root, advice(1), table=ADVICE)
    deliver({"name": "ops", "url": web.url, "tells": ["alerts"]})
    assert heard(web) == ["a1 raised"]


def test_a_mail_says_what_to_do_until_when_and_what_it_is_worth(
    root: str, deliver: Deliver, certificates: Path
) -> None:
    place = {"meter_id": "m", "fuel": "electricity", "zone": "Europe/London", "site_id": "campus"}
    put(Path(root), silver.METERS, place | {"registered_by": "registry"})
    tell(root, advice(1), table=ADVICE)
    with MailServer().serving(certificates) as server:
        deliver(email=mail_to(server), settings=(f"alerts.truststore_pem={certificates / 'authority.pem'}",))
        (mail,) = server.mails
    assert mail["Subject"].strip() == "[medium] New: a price that was not planned on at campus, worth 31.50 GBP"
    text = mail.get_content()
    for line in (
        "Hour: 2024-06-01 13:00 Europe/London (2024-06-01 12:00 UTC)",
        "Value: 1.250 GBP a kWh; mean 0.200",
        "Worth: 31.50 GBP: saves 30.00 GBP and 15.0 kgCO2e, beside the plan",
        "Likelihood: 90%",
        "- battery (battery): discharge 4.0 kW instead of 0.0 kW, from 2024-06-01 13:00 Europe/London",
    ):
        assert line in text


def test_prometheus_is_told_what_was_delivered_and_how_long_the_oldest_waits(
    root: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOOK_SECRET", SECRET)
    with WebServer(answer=lambda before: (204, {}) if before == 0 else (503, {})).serving() as web:
        tell(root, advice(1), advice(2), table=ADVICE)
        tables = SmallTables(root)
        tables.create_empty(ALERT_DELIVERIES, {})
        run = Delivery.begin(tables, ADVICE, _alerts(), _webhook(web.url))
        server = serve(DeliveryMetrics([run]), 0, "alerts.metrics_port")
        stop = threading.Event()
        worker = threading.Thread(target=run.run, args=(stop,), kwargs={"once": False})
        worker.start()
        try:
            while not run.counts["retried"]:
                stop.wait(0.02)
            with urllib.request.urlopen(f"http://127.0.0.1:{server.server_port}/metrics", timeout=10) as answer:
                lines = answer.read().decode().splitlines()
        finally:
            stop.set()
            worker.join()
            server.shutdown()
            server.server_close()
    told = {line.rpartition(" ")[0]: float(line.rpartition(" ")[2]) for line in lines if line[:1] != "#"}
    of = '{receiver="ops",table="gold.advice"}'
    assert told[f"energy_delivery_delivered_total{of}"] == 1
    assert told[f"energy_delivery_retried_total{of}"] >= 1
    assert told[f"energy_delivery_dead_total{of}"] == 0
    assert told[f"energy_delivery_waiting{of}"] == 1
    assert 0 < told[f"energy_delivery_oldest_waiting_seconds{of}"] < 60


def _alerts() -> AlertsConfig:
    config, _ = load_config(None, ["lake=x", "alerts.poll_seconds=0.05"])
    return config.alerts


def _webhook(url: str) -> Webhook:
    hooks = json.dumps([{"name": "ops", "url": url, "secret_env": "HOOK_SECRET"}])
    config, _ = load_config(None, ["lake=x", f"alerts.webhooks={hooks}"])
    return Webhook.open(config.alerts.webhooks[0], config.alerts)
