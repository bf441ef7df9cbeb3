"""Every notebook runs from top to bottom on a small lake and ends in a picture."""

from __future__ import annotations

import base64
import io
import shutil
from datetime import UTC, date, datetime
from pathlib import Path

import nbformat
import pyarrow as pa
import pytest
from matplotlib.image import imread
from nbclient import NotebookClient
from pyspark.sql import SparkSession

from energy_lib.lake import Lake
from energy_lib.tables.answers.savings import SAVINGS
from energy_lib.tables.arrow import arrow_schema

NOTEBOOKS = sorted((Path(__file__).parents[2] / "notebooks").glob("*.ipynb"))
LEAST_PIXELS = (300, 800)


@pytest.fixture(scope="module")
def lake_with_savings(spark: SparkSession, reference: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The night's lake and a measured project in it: fifty days hold no year before a measure."""
    folder = tmp_path_factory.mktemp("notebooks") / "lake"
    shutil.copytree(reference, folder)
    project = {
        "project_id": "made_up", "meter_id": "*", "scope": "total", "fuel": "electricity", "state": "measured",
        "first_date": date(2024, 2, 1), "last_date": date(2024, 2, 19), "reasons": [], "event_ids": [],
        "counterfactual_kwh": 1000.0, "avoided_kwh": 120.0, "avoided_kwh_low": 40.0, "avoided_kwh_high": 200.0,
        "expected_kwh": 150.0, "proven": True, "days": 19, "days_with_events": 0, "days_unknown": 0,
        "known_at_utc": datetime(2024, 2, 20, tzinfo=UTC),
    }  # fmt: skip
    lake = Lake(spark, str(folder))
    lake.upsert(SAVINGS, pa.Table.from_pylist([project], schema=arrow_schema(SAVINGS)))
    return folder


@pytest.mark.parametrize("notebook", NOTEBOOKS, ids=lambda notebook: notebook.stem)
def test_a_notebook_runs_and_ends_in_a_picture(
    notebook: Path, lake_with_savings: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ENERGY_LAKE", str(lake_with_savings))
    ran = NotebookClient(
        nbformat.read(notebook, as_version=4), timeout=300, resources={"metadata": {"path": str(notebook.parent)}}
    ).execute()
    pictures = [output.data["image/png"] for output in ran.cells[-1].outputs if "image/png" in output.get("data", {})]
    assert len(pictures) == 1
    pixels = imread(io.BytesIO(base64.b64decode(pictures[0])))
    assert pixels.shape[0] >= LEAST_PIXELS[0]
    assert pixels.shape[1] >= LEAST_PIXELS[1]
    assert pixels[..., :3].std() > 0.05, "it is not blank"
