"""The options of jobs/train.py beside --set."""

from __future__ import annotations

import pytest

from jobs import train


def test_the_short_options_set_their_keys(capsys: pytest.CaptureFixture[str]) -> None:
    given = ["--framework", "torch", "--model", "lstm", "--workers", "3", "--epochs", "4"]
    assert train.main(["--print-config", "--set", "training.epochs=9", *given]) == 0
    said = capsys.readouterr().out.splitlines()
    for key, value in (("framework", "'torch'"), ("model", "'lstm'"), ("workers", "3"), ("epochs", "4")):
        assert f"training.{key} = {value}  # --set" in said


def test_an_option_that_no_training_takes_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert train.main(["--print-config", "--epochs", "0"]) == 2
    assert "training.epochs" in capsys.readouterr().err
