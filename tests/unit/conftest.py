"""The lake and the receivers of tests of alert delivery, and a provider of tokens."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from alert_deliveries import FAST, Deliver
from alert_receivers import PASSWORD, SECRET, WebServer
from kafka_brokers import make_certificates
from token_issuers import serving

from energy_lib.lake.outcome import Outcome
from energy_lib.models.config import load_config
from energy_lib.security.development_issuer import IssuerServer
from energy_lib.streaming.pipeline.deliver import deliver_alerts


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("certificates")
    make_certificates(folder)
    return folder


@pytest.fixture
def root(tmp_path: Path) -> str:
    return str(tmp_path / "lake")


@pytest.fixture
def web() -> Iterator[WebServer]:
    with WebServer().serving() as server:
        yield server


@pytest.fixture
def deliver(root: str, monkeypatch: pytest.MonkeyPatch) -> Deliver:
    """Deliver all there is, to webhooks (name, url and more) and an e-mail."""
    monkeypatch.setenv("HOOK_SECRET", SECRET)
    monkeypatch.setenv("MAIL_PASSWORD", PASSWORD)
    monkeypatch.setenv("no_proxy", "localhost")

    def run(
        *webhooks: dict[str, Any],
        email: dict[str, Any] | None = None,
        dead: bool = False,
        settings: tuple[str, ...] = (),
    ) -> Outcome:
        hooks = [{"secret_env": "HOOK_SECRET", **webhook} for webhook in webhooks]
        keys = [f"lake={root}", f"alerts.webhooks={json.dumps(hooks)}", *FAST, *settings]
        config, _ = load_config(None, keys if email is None else [*keys, f"alerts.email={json.dumps(email)}"])
        return deliver_alerts(config, once=True, dead=dead)

    return run


@pytest.fixture(scope="module")
def token_server() -> Iterator[IssuerServer]:
    with serving() as running:
        yield running
