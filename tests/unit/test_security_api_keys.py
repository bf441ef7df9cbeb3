"""API keys: made and revoked by the job, kept as hashes, read again when the file changes."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from multiprocessing import get_context
from pathlib import Path

import pytest
from pydantic import ValidationError

from energy_lib.errors import BadConfig
from energy_lib.lake.audit_log import rows_in_order
from energy_lib.security.api_keys import ApiKeyFile, make_key
from energy_lib.security.authenticator import Authenticator
from energy_lib.security.principal import EVERYTHING, Principal, Role, Scope, Unauthenticated
from energy_lib.security.settings import SecurityConfig
from jobs import api_keys

NOW = datetime(2024, 6, 1, tzinfo=UTC)
Job = Callable[..., int]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "secrets" / "keys.json"


@pytest.fixture
def job(tmp_path: Path, file: Path) -> Job:
    places = [f"lake={tmp_path / 'lake'}", f"security.api_keys_file={file}"]
    return lambda *words: api_keys.main([*words, *(part for place in places for part in ("--set", place))])


def test_a_key_is_made_shown_once_used_and_revoked(
    tmp_path: Path, file: Path, job: Job, capsys: pytest.CaptureFixture[str]
) -> None:
    assert job("create", "--name", "bems", "--role", "operator", "--site", "school", "--days", "30") == 0
    told = capsys.readouterr().out.splitlines()[0]
    doors = Authenticator.open(SecurityConfig(api_keys_file=str(file)))
    found = doors.authenticate(None, told)
    key_id = told.split("_")[1]
    assert found == Principal(f"key:bems:{key_id}", frozenset({Role.OPERATOR}), Scope(frozenset({"school"}), None))
    assert told.split("_", 2)[2] not in file.read_text()
    assert file.stat().st_mode & 0o777 == 0o600
    assert job("list") == 0
    line = capsys.readouterr().out
    assert f"{key_id} bems: valid" in line
    assert told.split("_", 2)[2] not in line
    assert job("revoke", "--id", key_id) == 0
    with pytest.raises(Unauthenticated, match="unknown, revoked or has expired"):
        doors.authenticate(None, told)
    assert job("list") == 0
    assert "revoked" in capsys.readouterr().out
    rows = list(rows_in_order(str(tmp_path / "lake")))
    assert [(row["action"], row["resource"]) for row in rows] == [("create key", key_id), ("revoke key", key_id)]
    assert all(row["actor"].startswith("os:") for row in rows)
    assert all(told.split("_", 2)[2] not in path.read_bytes().decode("latin-1") for path in tmp_path.rglob("*.*"))


def test_a_key_is_judged_by_its_secret_its_days_and_its_whole_text(file: Path) -> None:
    key, told = make_key("bems", [Role.VIEWER], EVERYTHING, NOW, NOW + timedelta(days=1))
    keys = ApiKeyFile(str(file))
    keys.add(key)
    assert keys.principal(told, NOW).name == f"key:bems:{key.key_id}"
    last = "A" if told[-2] != "A" else "B"
    other, _ = make_key("bems", [Role.VIEWER], EVERYTHING, NOW, NOW + timedelta(days=1))
    wrong = [
        told[:-2] + last + told[-1],
        told.replace(key.key_id, other.key_id),
        told + "x",
        told[:-1],
        "",
        "elk__",
        "é",
    ]
    for presented in wrong:
        with pytest.raises(Unauthenticated, match="unknown"):
            keys.principal(presented, NOW)
    assert keys.principal(told, NOW + timedelta(hours=23))
    with pytest.raises(Unauthenticated):
        keys.principal(told, NOW + timedelta(days=1))


def _add(path: str, name: str) -> None:
    for number in range(10):
        key, _ = make_key(f"{name}{number}", [Role.VIEWER], EVERYTHING, NOW, NOW + timedelta(days=1))
        ApiKeyFile(path).add(key)


def test_processes_that_add_at_once_lose_none(file: Path) -> None:
    processes = [get_context("spawn").Process(target=_add, args=(str(file), name)) for name in ("a", "b")]
    for process in processes:
        process.start()
    for process in processes:
        process.join()
    assert sorted(key.name for key in ApiKeyFile(str(file)).keys().values()) == sorted(
        f"{name}{number}" for name in "ab" for number in range(10)
    )


def test_a_file_that_is_broken_or_open_to_others_ends_the_access(file: Path) -> None:
    key, told = make_key("bems", [Role.VIEWER], EVERYTHING, NOW, NOW + timedelta(days=1))
    keys = ApiKeyFile(str(file))
    keys.add(key)
    content = file.read_text()
    file.write_text("{")
    with pytest.raises(BadConfig, match="no file of keys"):
        keys.principal(told, NOW)
    file.write_text(content)
    assert keys.principal(told, NOW)
    file.chmod(0o622)
    with pytest.raises(BadConfig, match="Others may write"):
        ApiKeyFile.open(str(file))
    file.unlink()
    with pytest.raises(BadConfig, match="cannot be read"):
        keys.principal(told, NOW)


def test_the_roles_of_a_file_are_roles(file: Path) -> None:
    key, _ = make_key("bems", [Role.VIEWER], EVERYTHING, NOW, NOW + timedelta(days=1))
    ApiKeyFile(str(file)).add(key)
    content = json.loads(file.read_text())
    content[0]["roles"] = ["root"]
    file.write_text(json.dumps(content))
    with pytest.raises(BadConfig, match="no file of keys"):
        ApiKeyFile.open(str(file))


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["create", "--name", "bems", "--site", "school"], "needs --name and --role"),
        (["create", "--name", "bems", "--role", "viewer"], "--everything"),
        (["create", "--name", "../x", "--role", "viewer", "--everything"], "name is wrong"),
        (["create", "--name", "bems", "--role", "viewer", "--everything", "--days", "9999"], "give 1 to 730"),
        (["revoke"], "needs --id"),
        (["revoke", "--id", "0123456789ab"], "There is no key"),
        (["list"], "cannot be read"),
    ],
)
def test_what_cannot_be_done_is_a_sentence(
    job: Job, capsys: pytest.CaptureFixture[str], words: list[str], sentence: str
) -> None:
    assert job(*words) == 2
    assert sentence in capsys.readouterr().err


def test_one_thing_is_shown_and_anonymous_users_are_for_development(file: Path) -> None:
    key, told = make_key("bems", [Role.VIEWER], EVERYTHING, NOW, NOW + timedelta(days=1))
    ApiKeyFile(str(file)).add(key)
    doors = Authenticator(SecurityConfig(api_keys_file=str(file)), clock=lambda: NOW)
    assert doors.authenticate(None, told).roles == frozenset({Role.VIEWER})
    for authorization, api_key, words in (
        ("Bearer x.y.z", told, "send one of them"),
        ("Bearer x.y.z", None, "Tokens are not accepted"),
        (None, None, "Nobody is named"),
        (f"Basic {told}", None, "not understood"),
        ("", told, "send one of them"),
        ("", None, "not understood"),
        (None, "", "unknown"),
    ):
        with pytest.raises(Unauthenticated, match=words):
            doors.authenticate(authorization, api_key)
    with pytest.raises(BadConfig, match="Nobody could ask"):
        Authenticator.open(SecurityConfig())
    with pytest.raises(ValidationError, match="development alone"):
        SecurityConfig(anonymous_roles=(Role.VIEWER,))
    anonymous = Authenticator.open(SecurityConfig(environment="development", anonymous_roles=(Role.VIEWER,)))
    assert anonymous.authenticate(None, None) == Principal("anonymous", frozenset({Role.VIEWER}), EVERYTHING)
