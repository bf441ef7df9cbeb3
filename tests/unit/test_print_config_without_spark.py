"""--print-config of the jobs that need no Spark: it shows what is in force, and does nothing else."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path

import pytest

import jobs

JOBS = sorted(file.stem for file in Path(jobs.__file__).parent.glob("*.py") if "_without_spark(" in file.read_text())
# What a job is not started without, and `simulate`'s way that needs no Spark.
GIVEN = {
    "export_champion": ("--server", "torchserve"),
    "export_person": ("--meter", "m1", "--output", "person.zip"),
    "simulate": ("--live", "--as-files"),
}


def test_jobs_are_found() -> None:
    assert {"advise", "reidentify", "sql", *GIVEN} <= set(JOBS)


@pytest.mark.parametrize("job", JOBS)
def test_the_config_is_printed_and_nothing_written(
    job: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    places = [f"lake={tmp_path}/lake", f"landing={tmp_path}/landing", f"security.api_keys_file={tmp_path}/keys.json"]
    settings = [word for place in places for word in ("--set", place)]
    assert import_module(f"jobs.{job}").main([*settings, *GIVEN.get(job, ()), "--print-config"]) == 0
    shown = capsys.readouterr().out.splitlines()
    assert f"lake = '{tmp_path}/lake'  # --set" in shown
    assert any(line.startswith("spark.master = ") for line in shown)
    assert not list(tmp_path.iterdir())
