"""Data Docs: a static site of what the gates found, from their results in ops.runs.

The words of each check are those of Great Expectations. The pages are our own: those of Great Expectations ask the
internet for their styles and scripts.
"""

from __future__ import annotations

import json
import tempfile
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from energy_lib.lake import Lake
from energy_lib.quality.expectation_result import CRITICAL
from energy_lib.quality.sentences import sentence
from energy_lib.tables import ops

FOLDER = "data_docs"
# A page a gate, below the list.
PAGES = "gates"
# The site shows the runs of about a night; ops.runs keeps all of them.
NEWEST_RUNS = 16


@dataclass(frozen=True, slots=True)
class GateRun:
    """One gate of one run: which run, when it ended, what the gate returned, and the table's how-manieth in the run."""

    run_id: str
    ended_at: datetime
    result: Mapping[str, Any]
    number: int = 1

    @property
    def batch(self) -> str:
        """A name for the batch, which no other has."""
        name = f"{self.result['suite']}-{self.run_id}"
        return name if self.number == 1 else f"{name}-{self.number}"


def write_data_docs(lake: Lake) -> str:
    """Build the site of the newest runs in `<lake>/data_docs`; returns the path of its first page."""
    target = f"{lake.root}/{FOLDER}"
    with tempfile.TemporaryDirectory() as folder:
        build_site(gate_runs(lake.small_tables.rows(ops.RUNS)), Path(folder) / FOLDER)
        _copy(lake, Path(folder) / FOLDER, target)
    return f"{target}/index.html"


def gate_runs(runs: Iterable[Mapping[str, Any]]) -> list[GateRun]:
    """The gates of the newest rows of ops.runs that had any, oldest first."""
    gated = [run for run in runs if run["gate_results"]]
    newest = sorted(gated, key=lambda run: (run["finished_at_utc"], run["run_id"]))[-NEWEST_RUNS:]
    gates = []
    for run in newest:
        numbers: Counter[str] = Counter()
        for result in json.loads(run["gate_results"]):
            if "suite" in result:
                numbers[result["suite"]] += 1
                gates.append(GateRun(run["run_id"], run["finished_at_utc"], result, numbers[result["suite"]]))
    return gates


def build_site(runs: Iterable[GateRun], folder: Path) -> Path:
    """Build the site of `runs` in `folder`: a list, the newest first, and a page of each gate; returns the list's path.

    A page loads nothing, from the internet or from beside it.
    """
    gates = [(run, list(map(_check, run.result["expectations"]))) for run in runs]
    (folder / PAGES).mkdir(parents=True)
    for run, checks in gates:
        page = _templates().get_template("gate.html").render(run=run, checks=checks)
        (folder / PAGES / f"{run.batch}.html").write_text(page, encoding="utf-8")
    index = folder / "index.html"
    index.write_text(_templates().get_template("index.html").render(gates=gates[::-1], pages=PAGES), encoding="utf-8")
    return index


@cache
def _templates() -> Environment:
    folder = FileSystemLoader(Path(__file__).parent / "templates", encoding="utf-8")
    return Environment(loader=folder, autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)


def _check(check: Mapping[str, Any]) -> dict[str, Any]:
    """A check as its page shows it."""
    met, severity = bool(check["success"]), check["severity"]
    return {
        "state": "met" if met else "refused" if severity == CRITICAL else "warning",
        "says": sentence(check["expectation"], json.dumps(check["kwargs"], sort_keys=True)),
        "expectation": check["expectation"],
        "severity": severity,
        "unexpected_count": check["unexpected_count"],
        "examples": list(map(_shown, check["examples"])),
    }


def _shown(example: Any) -> str:
    if isinstance(example, dict):
        return " ".join(f"{name}={value}" for name, value in example.items())
    return str(example)


def _copy(lake: Lake, folder: Path, target: str) -> None:
    """Replace `target` (any file system Hadoop knows) by a local folder."""
    jvm, context = lake.spark.sparkContext._jvm, lake.spark.sparkContext._jsc
    assert jvm is not None
    assert context is not None
    path = jvm.org.apache.hadoop.fs.Path(target)
    system = path.getFileSystem(context.hadoopConfiguration())
    system.setWriteChecksum(False)
    system.delete(path, True)
    system.copyFromLocalFile(False, True, jvm.org.apache.hadoop.fs.Path(f"file://{folder}"), path)
