"""The API with tokens and API keys: who is let, to which rows, and what the audit says of it afterwards."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest
from served_api import SITES, served
from token_issuers import serving as issuing

from energy_lib.config import Config
from energy_lib.errors import BadConfig
from energy_lib.lake.audit_log import rows_in_order, verify
from energy_lib.models.config import load_config
from energy_lib.security.api_keys import ApiKeyFile, make_key
from energy_lib.security.development_issuer import IssuerServer
from energy_lib.security.principal import EVERYTHING, Role, Scope
from energy_lib.serving.app import create_app

NOW = datetime.now(UTC)


@pytest.fixture
def issuer() -> Iterator[IssuerServer]:
    with issuing() as server:
        yield server


@pytest.fixture
def config(root: Path, tmp_path: Path, issuer: IssuerServer) -> Config:
    """A lake of its own: the audit is written into it."""
    lake = shutil.copytree(root, tmp_path / "lake")
    keys = ApiKeyFile(str(tmp_path / "keys.json"))
    keys.add(make_key("seed", [Role.VIEWER], EVERYTHING, NOW, NOW + timedelta(days=1))[0])
    return load_config(None, [f"lake={lake}", f"landing={tmp_path / 'landing'}", "serving.authentication=security",
        "serving.readings_source=posted_readings",
        f"security.api_keys_file={keys.path}", *issuer.settings()])[0]  # fmt: skip


def key(config: Config, role: Role, scope: Scope) -> dict[str, str]:
    made, told = make_key("bems", [role], scope, NOW, NOW + timedelta(days=1))
    ApiKeyFile(str(config.security.api_keys_file)).add(made)
    return {"X-API-Key": told}


def bearer(issuer: IssuerServer, *roles: Role, **claims: object) -> dict[str, str]:
    return {"Authorization": f"Bearer {issuer.issuer.token('ada', roles, claims)}"}


def meters(client: httpx.Client, headers: dict[str, str]) -> set[str]:
    return {row["meter_id"] for row in client.get("/v1/meters", headers=headers).json()["data"]}


def test_who_posts_readings_and_who_takes_them_out_stands_in_the_audit(config: Config) -> None:
    scope = Scope(frozenset({"s-1"}), None)
    operator, analyst = key(config, Role.OPERATOR, scope), key(config, Role.ANALYST, scope)
    hour = {"meter_id": "m-1", "interval_start_utc": "2024-06-02T04:00:00Z", "energy_kwh": 0.4}
    with served(config) as address, httpx.Client(base_url=address, timeout=30) as client:
        for who in (operator, analyst):
            client.post("/v1/readings", json={"readings": [hour]}, headers={**who, "Idempotency-Key": "k"})
            client.get("/v1/meters/m-1/readings", headers=who)
    told = [(row["action"], row["resource"], row["outcome"]) for row in rows_in_order(config.lake)]
    assert told == [
        ("POST", "/v1/readings", "done"),
        ("GET", "/v1/meters/m-1/readings", "refused"),
        ("POST", "/v1/readings", "refused"),
        ("GET", "/v1/meters/m-1/readings", "done"),
    ]


def test_who_is_let_and_the_audit_of_it(config: Config, issuer: IssuerServer) -> None:
    of_site = key(config, Role.OPERATOR, Scope(frozenset({"s-1"}), None))
    by_token = bearer(issuer, Role.VIEWER, meters=["m-3"], sites=["*"])
    with served(config) as address, httpx.Client(base_url=address, timeout=30) as client:
        nobody = client.get("/v1/meters")
        assert (nobody.status_code, nobody.headers["www-authenticate"]) == (401, "Bearer")
        assert client.get("/v1/meters", headers={"X-API-Key": "elk_000000000000_" + "x" * 43}).status_code == 401
        assert meters(client, of_site) == set(SITES["s-1"])
        assert meters(client, by_token) == {"m-3"}
        # A viewer sees what follows from readings, and no readings.
        assert client.get("/v1/readings", headers=by_token).status_code == 403
        assert meters(client, bearer(issuer, Role.ANALYST, sites=["s-2"])) == set(SITES["s-2"])
        assert client.get("/health/live").status_code == 200
    told = [(row["actor"], row["resource"], row["outcome"]) for row in rows_in_order(config.lake)]
    bems = next(actor for actor, *_ in told if actor.startswith("key:bems:"))
    assert told == [
        ("unknown", "/v1/meters", "refused"),
        ("unknown", "/v1/meters", "refused"),
        (bems, "/v1/meters", "done"),
        ("user:ada", "/v1/meters", "done"),
        ("user:ada", "/v1/readings", "refused"),
        ("user:ada", "/v1/meters", "done"),
    ]
    assert verify(config.lake).fault is None
    written = "".join(str(row) for row in rows_in_order(config.lake))
    assert of_site["X-API-Key"].rsplit("_", 1)[-1] not in written
    assert by_token["Authorization"].split(".")[-1] not in written


def test_a_revoked_key_is_let_no_more(config: Config) -> None:
    headers = key(config, Role.VIEWER, EVERYTHING)
    with served(config) as address, httpx.Client(base_url=address, timeout=30) as client:
        assert client.get("/v1/meters", headers=headers).status_code == 200
        ApiKeyFile(str(config.security.api_keys_file)).revoke(headers["X-API-Key"].split("_")[1], datetime.now(UTC))
        assert client.get("/v1/meters", headers=headers).status_code == 401


def test_a_service_that_would_recognise_nobody_does_not_start(root: Path) -> None:
    with pytest.raises(BadConfig, match="Nobody could ask"):
        create_app(load_config(None, [f"lake={root}", "serving.authentication=security"])[0])
