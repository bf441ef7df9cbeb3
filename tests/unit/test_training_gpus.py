"""Which GPU a worker gets."""

from __future__ import annotations

from pathlib import Path

import pytest

from energy_lib.training.workers.gpus import assigned, visible


@pytest.mark.parametrize(
    ("seen", "given"),
    [
        ([["a", "b"], ["a", "b"]], ["a", "b"]),  # two workers on a machine with two
        ([["a"], ["a"]], ["", ""]),  # they would share one
        ([["a"], ["b"]], ["a", "b"]),  # one machine each, or Spark has handed them out
        ([["a", "b"], ["a", "b"], ["c"]], ["a", "b", "c"]),
        ([["a"], []], ["", ""]),  # all sum together, so none goes ahead
        ([["a", "b"]], ["a"]),
        ([[]], [""]),
    ],
)
def test_each_worker_has_a_gpu_of_its_own_or_none_has_any(seen: list[list[str]], given: list[str]) -> None:
    assert assigned(seen) == given


@pytest.mark.parametrize(
    ("handed", "left", "expected"),
    [
        ((), None, ["GPU-aa", "GPU-bb"]),
        ((), "", []),
        ((), "-1", []),
        ((), "1", ["GPU-bb"]),
        ((), "GPU-bb, 0", ["GPU-bb", "GPU-aa"]),
        ((), "GPU-b,MIG-cc,7", ["GPU-b", "MIG-cc"]),
        (("1",), "0,1", ["GPU-bb"]),
    ],
)
def test_the_gpus_that_spark_or_the_environment_leaves_are_seen(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, handed: tuple[str, ...], left: str | None, expected: list[str]
) -> None:
    driver = tmp_path / "nvidia-smi"
    driver.write_text("#!/bin/sh\nprintf '0, GPU-aa\\n1, GPU-bb\\n'\n")
    driver.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
    if left is not None:
        monkeypatch.setenv("CUDA_VISIBLE_DEVICES", left)
    assert visible(handed) == expected


def test_a_machine_without_a_driver_has_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert visible(("0",)) == []
