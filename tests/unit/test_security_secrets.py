"""Secrets by reference, and what of a config is shown."""

from __future__ import annotations

from pathlib import Path

import pytest

from energy_lib.config import Config, StreamConfig, read_config
from energy_lib.config.loading import describe
from energy_lib.errors import BadConfig
from energy_lib.security.secrets import secret, shown
from energy_lib.streaming.connection import client_options, reader_options


def test_a_secret_comes_from_a_file_or_the_environment_without_the_blanks_around_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "secret"
    file.write_bytes(b" pepper salt \r\n")
    monkeypatch.setenv("WORD", "salt\n")
    assert secret("it", None, str(file)) == "pepper salt"
    assert secret("it", "WORD", None) == "salt"
    assert secret("it", "WORD", str(file)) == "pepper salt"


@pytest.mark.parametrize("content", [b"", b"\n ", b"\xff\xfe pepper", None])
def test_what_is_no_secret_is_a_sentence_that_does_not_show_it(tmp_path: Path, content: bytes | None) -> None:
    file = tmp_path / "secret"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(BadConfig, match="The secret of it") as refused:
        secret("it", None, str(file))
    assert "pepper" not in str(refused.value)


def test_a_file_without_an_end_is_read_no_further(tmp_path: Path) -> None:
    with pytest.raises(BadConfig) as refused:
        secret("it", "NOWHERE", None)
    assert "set the environment variable NOWHERE" in str(refused.value)
    assert len(secret("it", None, "/dev/zero")) == 64 << 10


def test_brokers_are_given_the_password_of_either_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("ENERGY_KAFKA_PASSWORD", raising=False)
    stream = StreamConfig(security="SASL_SSL", username="meters")
    with pytest.raises(BadConfig, match=r"set ENERGY_KAFKA_PASSWORD, or stream\.password_file"):
        client_options(stream)
    monkeypatch.setenv("ENERGY_KAFKA_PASSWORD", 'pep"per')
    assert client_options(stream)["sasl.password"] == 'pep"per'
    assert r'password="pep\"per";' in reader_options(stream)["kafka.sasl.jaas.config"]
    (tmp_path / "word").write_text("salt\n")
    filed = stream.model_copy(update={"password_file": str(tmp_path / "word")})
    assert client_options(filed)["sasl.password"] == "salt"


@pytest.mark.parametrize(
    ("name", "value", "seen"),
    [
        ("spark.hadoop.fs.s3a.secret.key", "hunter2", "***"),
        ("spark.hadoop.fs.s3a.access.key", "AKIA", "***"),
        ("spark.kafka.sasl.jaas.config", "x", "***"),
        ("stream.password_file", "/run/secrets/kafka", "/run/secrets/kafka"),
        ("alerts.email.password_env", "MAIL", "MAIL"),
        ("security.tokens.leeway_seconds", 30.0, 30.0),
        ("tuning.storage", "postgresql://me:hunter2@db/optuna", "postgresql://me:***@db/optuna"),
        ("mlflow.tracking_uri", "https://me:hunter2@mlflow/", "https://me:***@mlflow/"),
        ("lake", "s3://bucket/a@b", "s3://bucket/a@b"),
        ("stream.password_file", None, None),
    ],
)
def test_what_of_a_setting_is_shown(name: str, value: object, seen: object) -> None:
    assert shown(name, value) == seen


def test_print_config_shows_no_secret() -> None:
    sets = ["spark.conf.spark.hadoop.fs.s3a.secret.key=hunter2", "tuning.storage=postgresql://me:hunter2@db/optuna"]
    config, origins = read_config(None, sets, Config)
    lines = describe(config, origins)
    assert "hunter2" not in lines
    assert "spark.conf.spark.hadoop.fs.s3a.secret.key = '***'" in lines
    assert "security.tokens = None" in lines
    assert "security.environment = 'production'" in lines
