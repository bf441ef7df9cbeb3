"""Who may act on a person's data: an officer by key where there are keys, else by the system's user; all is audited."""

from __future__ import annotations

import getpass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from energy_lib.config import Config, PrivacyConfig, SecurityConfig
from energy_lib.errors import BadConfig
from energy_lib.lake.audit_log import rows_in_order, verify
from energy_lib.privacy.officers import require_officer, tell
from energy_lib.security.api_keys import ApiKeyFile, make_key
from energy_lib.security.permissions import Permission
from energy_lib.security.principal import EVERYTHING, Forbidden, Role, Unauthenticated

ERASE = Permission.ERASE_PERSON


def rows(config: Config) -> list[tuple[str, str, str]]:
    assert verify(config.lake).fault is None
    return [(row["actor"], row["action"], row["outcome"]) for row in rows_in_order(config.lake)]


def test_without_keys_a_system_user_of_the_config_may_and_no_other(tmp_path: Path) -> None:
    user, lake = getpass.getuser(), str(tmp_path / "lake")
    officer = Config(lake=lake, privacy=PrivacyConfig(officers=(user,)))
    other = Config(lake=lake, privacy=PrivacyConfig(officers=("somebody",)))
    actor = require_officer(officer, "erase", ERASE)
    tell(officer, "erase", ERASE, actor, detail={"meters": 2})
    with pytest.raises(BadConfig, match=f"{user} may not erase a person's data: it takes a privacy officer"):
        require_officer(other, "erase", ERASE)
    who = f"os:{user}"
    assert rows(officer) == [(who, "erase a person's data", "done"), (who, "erase a person's data", "refused")]


def test_with_keys_it_takes_one_of_an_officer_whatever_the_systems_user(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file, now = tmp_path / "keys.json", datetime.now(UTC)
    told = {}
    for role in (Role.PRIVACY_OFFICER, Role.ADMIN):
        key, told[role] = make_key(role, [role], EVERYTHING, now, now + timedelta(days=1))
        ApiKeyFile(str(file)).add(key)
    config = Config(
        lake=str(tmp_path / "lake"),
        security=SecurityConfig(api_keys_file=str(file)),
        privacy=PrivacyConfig(officers=(getpass.getuser(),)),
    )
    monkeypatch.delenv("ENERGY_API_KEY", raising=False)
    monkeypatch.delenv("ENERGY_TOKEN", raising=False)
    with pytest.raises(Unauthenticated):
        require_officer(config, "erase", ERASE)
    monkeypatch.setenv("ENERGY_API_KEY", told[Role.ADMIN])
    with pytest.raises(Forbidden, match="privacy_officer"):
        require_officer(config, "erase", ERASE)
    monkeypatch.setenv("ENERGY_API_KEY", told[Role.PRIVACY_OFFICER])
    assert require_officer(config, "erase", ERASE).startswith("key:privacy_officer")
    assert [outcome for *_, outcome in rows(config)] == ["refused", "refused"]
