"""Secrets that are planted in config, environment and files stand in no byte that jobs write: lake, logs, answers."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from alert_receivers import PASSWORD, SECRET, USER, MailServer, WebServer, alert, tell
from kafka_brokers import make_certificates

from energy_lib.security.api_keys import KEY

ROOT = Path(__file__).parents[2]
WRONG = "canary-wrong-9f2c71"
CANARIES = {
    "ENERGY_KAFKA_PASSWORD": "canary-kafka-41c09e",
    "spark.conf.spark.hadoop.fs.s3a.secret.key": "canary-store-77ab31",
    "spark.conf.spark.hadoop.fs.s3a.access.key": "canary-access-0d5e12",
    "tuning.storage": "canary-study-c3a1f8",
    "mlflow.tracking_uri": "canary-models-5be940",
}
SETTINGS = (
    *(f"{name}={CANARIES[name]}" for name in CANARIES if name.startswith("spark.conf")),
    f"tuning.storage=postgresql://me:{CANARIES['tuning.storage']}@127.0.0.1:9/studies",
    f"mlflow.tracking_uri=http://me:{CANARIES['mlflow.tracking_uri']}@127.0.0.1:9/",
    "stream.security=SASL_SSL",
    "stream.username=meters",
)


def run(*words: str, **environment: str) -> tuple[int, str]:
    """Exit code, and all that the job printed and logged."""
    known = {"ENERGY_KAFKA_PASSWORD": CANARIES["ENERGY_KAFKA_PASSWORD"], "MLFLOW_HTTP_REQUEST_MAX_RETRIES": "0"}
    done = subprocess.run(
        [sys.executable, *words],
        cwd=ROOT,
        env={**os.environ, **known, **environment, "no_proxy": "localhost"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    return done.returncode, done.stdout


def written(folder: Path) -> Iterator[tuple[Path, bytes]]:
    """Every file's bytes, and of packed ones what is in them."""
    for path in sorted(each for each in folder.rglob("*") if each.is_file()):
        yield path, path.read_bytes()
        if path.suffix == ".parquet" and not path.name.startswith("."):
            yield path, repr(pq.ParquetFile(path).read().to_pydict()).encode()


def assert_nowhere(secrets: list[str], folder: Path, *texts: str) -> None:
    found = [(secret, path) for path, data in written(folder) for secret in secrets if secret.encode() in data]
    found += [(secret, text) for text in texts for secret in secrets if secret in text]
    assert found == []


def test_the_search_sees_what_is_there(tmp_path: Path) -> None:
    tell(str(tmp_path), alert(1, meter_id=WRONG))
    with pytest.raises(AssertionError):
        assert_nowhere([WRONG], tmp_path)
    with pytest.raises(AssertionError):
        assert_nowhere([WRONG], tmp_path / "nothing", f"password {WRONG}")


def test_delivery_tells_no_secret_when_it_works_and_when_it_fails(tmp_path: Path) -> None:
    lake, certificates, password = tmp_path / "lake", tmp_path / "certificates", tmp_path / "password"
    certificates.mkdir()
    make_certificates(certificates)
    tell(str(lake), alert(1), alert(2))
    hooks: list[dict[str, str]] = []
    texts = []
    with WebServer().serving() as web, MailServer().serving(certificates) as mail:
        hooks = [{"name": "ops", "url": web.url, "secret_env": "HOOK"}]
        email = {
            "host": "localhost", "port": mail.port, "username": USER, "password_file": str(password),
            "sender": "lake@example.org", "recipients": ["ops@example.org"],
        }  # fmt: skip
        settings = [
            f"lake={lake}", f"alerts.webhooks={json.dumps(hooks)}", f"alerts.email={json.dumps(email)}",
            "alerts.attempts=1", f"alerts.truststore_pem={certificates / 'authority.pem'}",
        ]  # fmt: skip
        words = ["jobs/deliver_alerts.py", "--once", *(part for each in settings for part in ("--set", each))]
        for word, hook in ((WRONG, SECRET), (PASSWORD, SECRET), (PASSWORD, f"{SECRET}!")):
            password.write_text(f"{word}\n")
            code, text = run(*words, "--dead", HOOK=hook)
            assert (code == 0) == (hook == SECRET), text
            texts.append(text)
        assert len(web.received) == 2
        assert "given up" in texts[0]
        assert "1 given up" not in texts[1]
    code, shown = run(*words, "--print-config", HOOK=SECRET)
    assert code == 0
    assert "secret_env" in shown
    base = SECRET.removeprefix("whsec_")
    assert_nowhere([WRONG, PASSWORD, base], lake, *texts, shown)


def test_an_api_key_is_told_once_and_kept_nowhere(tmp_path: Path) -> None:
    lake, settings = tmp_path / "lake", []
    for setting in (f"lake={tmp_path / 'lake'}", f"security.api_keys_file={tmp_path / 'keys' / 'keys.json'}"):
        settings += ["--set", setting]
    _, told = run("jobs/api_keys.py", "create", "--name", "bems", "--role", "admin", "--everything", *settings)
    key = KEY.search(told)
    assert key is not None
    others = [run(f"jobs/{job}.py", *settings) for job in ("api_keys", "audit")]
    assert [code for code, _ in others] == [0, 0]
    assert_nowhere([key[2]], lake, *(text for _, text in others))
    assert_nowhere([key[2]], tmp_path / "keys")


def test_jobs_by_spark_tell_no_secret_of_their_config(tmp_path: Path) -> None:
    """One that succeeds, one whose model store is away with its password in the URL, and what is in force."""
    lake, landing = tmp_path / "lake", tmp_path / "landing"
    (landing / "simulator").mkdir(parents=True)
    places = (f"lake={lake}", f"landing={landing}", "spark.master=local[1]", *SETTINGS)
    settings = [part for each in places for part in ("--set", each)]
    first = run("jobs/ingest.py", *settings, "--date", "2024-05-01")
    second = run("jobs/forecast.py", *settings, "--date", "2024-05-01")
    third = run("jobs/ingest.py", *settings, "--print-config")
    assert (first[0], second[0], third[0]) == (0, 75, 0), first[1] + second[1]
    assert "is away" in second[1]
    assert "spark.hadoop.fs.s3a.secret.key = '***'" in third[1]
    assert_nowhere(list(CANARIES.values()), lake, first[1], second[1], third[1])
