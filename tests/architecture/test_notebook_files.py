"""Notebooks are short, say their question first, and keep no output in git."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

NOTEBOOKS = sorted((Path(__file__).parents[2] / "notebooks").glob("*.ipynb"))


def test_the_notebooks_are_there() -> None:
    assert {
        *(
            "exploratory_analysis",
            "data_preprocessing",
            "model_training_evaluation",
            "savings_and_carbon",
            "policy_what_if",
        )
    } <= {notebook.stem for notebook in NOTEBOOKS}


@pytest.mark.parametrize("notebook", NOTEBOOKS, ids=lambda notebook: notebook.stem)
def test_a_notebook_is_stripped_and_short(notebook: Path) -> None:
    content = json.loads(notebook.read_text())
    code = [cell for cell in content["cells"] if cell["cell_type"] == "code"]
    assert len(content["cells"]) <= 12
    assert not [cell["id"] for cell in code if cell["outputs"] or cell["execution_count"] is not None]
    assert set(content["metadata"]) <= {"kernelspec", "language_info"}
    first, last = content["cells"][0], content["cells"][-1]
    assert first["cell_type"] == "markdown"
    assert "".join(first["source"]).splitlines()[0].endswith("?"), "its heading is its question"
    assert last["cell_type"] == "code"
    assert "pyspark" not in notebook.read_text(), "notebooks read without Spark"
