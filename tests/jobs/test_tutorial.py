"""The tutorial's commands work as they are written, one after the other, and give the answers that it promises."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import polars as pl
import pytest
from small_utility import REPOSITORY, environment

BLOCKS = re.findall(r"```bash\n(.*?)```", (REPOSITORY / "docs" / "tutorial.md").read_text(), re.DOTALL)
INSTALLATION = "make install\nsource .venv/bin/activate\n"


@pytest.mark.slow
def test_the_tutorial_leads_from_a_csv_to_answers(tmp_path: Path) -> None:
    """Run in a folder that has the repository's jobs and configs, with the environment that is active already."""
    for name in ("jobs", "conf"):
        (tmp_path / name).symlink_to(REPOSITORY / name)
    assert BLOCKS[0].startswith(INSTALLATION)
    script = "set -e\n" + "\n".join([BLOCKS[0].removeprefix(INSTALLATION), *BLOCKS[1:]])
    done = subprocess.run(
        ["bash", "-c", script], cwd=tmp_path, env=environment(), capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr[-6000:]
    lake = tmp_path / "data" / "mine" / "lake"
    forecasts = pl.read_delta(str(lake / "gold" / "forecasts")).filter(pl.col("run_kind") == "live")
    assert set(forecasts["meter_id"]) == {"shop", "workshop", "office"}
    assert "lightgbm" in set(forecasts["model_name"]), "the model that beat last week"
    assert (lake / "reports" / "2024-03-01" / "report.html").is_file()
    anomalies = pl.read_delta(str(lake / "gold" / "anomalies"))
    assert set(anomalies["meter_id"]) == {"office"}, "the fault that the tutorial's CSV has, and no other"
    assert pl.read_delta(str(lake / "gold" / "costs"))["total"].null_count() == 0
    assert pl.read_delta(str(lake / "gold" / "emissions"))["emissions_g"].null_count() == 0
