"""The development issuer as a job: its printed settings work, production refuses it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from energy_lib.models.config import load_config
from energy_lib.security.authenticator import Authenticator
from energy_lib.security.principal import Principal, Role, Scope
from jobs import development_issuer

ROOT = Path(__file__).parents[2]


def test_production_refuses_it(capsys: pytest.CaptureFixture[str]) -> None:
    assert development_issuer.main([]) == 2
    assert "security.environment: development alone" in capsys.readouterr().err


def test_its_settings_let_its_tokens_in_and_a_rotated_key_too() -> None:
    command = [sys.executable, "jobs/development_issuer.py", "--port", "0", "--set", "security.environment=development"]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        lines = [process.stdout.readline() for _ in range(6)]
        settings = [line.split()[1] for line in lines if line.startswith("  --set")]
        config, _ = load_config(None, settings)
        assert config.security.tokens is not None
        url = config.security.tokens.issuer
        assert httpx.post(f"{url}rotate").status_code == 200
        token = httpx.get(f"{url}token?name=ada&role=operator&site=school&meter=m1").text
        found = Authenticator.open(config.security).authenticate(f"Bearer {token}", None)
        assert httpx.get(f"{url}token?role=root").status_code == 400
        assert httpx.get(f"{url}jwks.json", headers={"Host": "evil.example"}).status_code == 403
        assert httpx.get(f"{url}x").status_code == httpx.post(f"{url}x").status_code == 404
        process.terminate()
    scope = Scope(frozenset({"school"}), frozenset({"m1"}))
    assert found == Principal("user:ada", frozenset({Role.OPERATOR}), scope)
