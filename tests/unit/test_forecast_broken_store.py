"""A model store that cannot be used costs no forecasts: the fallbacks make them, and the night says why."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from energy_lib.forecasting.model_forecasts import NO_MODEL
from energy_lib.forecasting.pipeline.issue_forecasts import Window
from energy_lib.intervals import Period
from energy_lib.models.config import load_config
from energy_lib.registry.store_check import ModelStoreBroken
from energy_lib.registry.versions import training_due
from jobs import forecast

NIGHT = Period.day(date(2024, 3, 1))


@pytest.mark.parametrize("content", [b"", b"x" * 5000])
def test_a_broken_store_is_told_and_the_fallbacks_forecast(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: bytes
) -> None:
    (tmp_path / "mlflow" / "artifacts" / "run").mkdir(parents=True)
    (tmp_path / "mlflow" / "mlflow.db").write_bytes(content)
    issued: list[Window] = []

    def issue(lake: Any, config: Any, windows: Sequence[Window], kind: str) -> tuple[int, dict[str, Any]]:
        issued.extend(windows)
        return 24, {"success": True}

    monkeypatch.setattr(forecast, "issue", issue)
    config, _ = load_config(None, [f"lake={tmp_path}"])
    outcome = forecast.run(None, config, NIGHT)  # type: ignore[arg-type]  # what is issued needs no session here
    assert [window.models[0] for window in issued] == [NO_MODEL]
    assert outcome.rows_out == 24
    told = [line for line in outcome.lines if "mlflow.db" in line]
    assert len(told) == 1
    assert "docs/operations.md" in told[0]
    with pytest.raises(ModelStoreBroken):
        training_due(config, NIGHT)
