"""Data Docs: the static site of Great Expectations, built from the results of gates in ops.runs."""

from __future__ import annotations

import json
import tempfile
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from energy_lib.lake import Lake
from energy_lib.quality.suites import third_party
from energy_lib.tables import ops

FOLDER = "data_docs"
# A page costs a quarter of a second, so the site shows the runs of about a night; ops.runs keeps all of them.
NEWEST_RUNS = 8


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
    """Build the site of `runs` in `folder`; returns the path of its first page."""
    with third_party():
        import great_expectations as gx
        from great_expectations.data_context.types.base import ProgressBarsConfig

        context = gx.get_context(mode="ephemeral")
        context.variables.progress_bars = ProgressBarsConfig(globally=False)
        for site in list(context.get_site_names()):
            context.delete_data_docs_site(site)
        context.add_data_docs_site(
            "lake",
            {
                "class_name": "SiteBuilder",
                "store_backend": {"class_name": "TupleFilesystemStoreBackend", "base_directory": str(folder)},
                "site_index_builder": {"class_name": "DefaultSiteIndexBuilder"},
            },
        )
        suites: dict[str, list[Any]] = {}
        for run in runs:
            key, results = _validation(run)
            context.validation_results_store.add(key=key, value=results)
            suites[run.result["suite"]] = [result.expectation_config for result in results.results]
        for name, expectations in suites.items():
            context.suites.add(gx.ExpectationSuite(name=name, expectations=[e.to_domain_obj() for e in expectations]))
        context.build_data_docs(site_names=["lake"])
    return folder / "index.html"


def _validation(run: GateRun) -> tuple[Any, Any]:
    """GX's key and value of one gate's result."""
    from great_expectations.core import ExpectationSuiteValidationResult, RunIdentifier
    from great_expectations.data_context.types.resource_identifiers import (
        ExpectationSuiteIdentifier,
        ValidationResultIdentifier,
    )

    name, rows = str(run.result["suite"]), int(run.result["rows"])
    results = [_result(check, rows) for check in run.result["expectations"]]
    succeeded = sum(bool(result.success) for result in results)
    identifier = RunIdentifier(run_name=run.run_id, run_time=run.ended_at)
    value = ExpectationSuiteValidationResult(
        success=bool(run.result["success"]),
        results=results,
        suite_name=name,
        statistics={
            "evaluated_expectations": len(results),
            "successful_expectations": succeeded,
            "unsuccessful_expectations": len(results) - succeeded,
            "success_percent": 100 * succeeded / len(results) if results else None,
        },
        meta={
            "run_id": identifier.to_json_dict(),
            "active_batch_definition": {"datasource_name": "lake", "data_asset_name": name},
            "validation_time": run.ended_at.isoformat(),
        },
    )
    key = ValidationResultIdentifier(
        expectation_suite_identifier=ExpectationSuiteIdentifier(name=name),
        run_id=identifier,
        batch_identifier=run.batch,
    )
    return key, value


def _result(check: Mapping[str, Any], rows: int) -> Any:
    from great_expectations.core import ExpectationValidationResult
    from great_expectations.expectations.expectation_configuration import ExpectationConfiguration

    result: dict[str, Any] = {"element_count": rows, "partial_unexpected_list": list(map(_shown, check["examples"]))}
    if check["unexpected_count"] is not None:
        result["unexpected_count"] = check["unexpected_count"]
        result["unexpected_percent"] = 100 * check["unexpected_count"] / rows if rows else 0.0
    elif check["success"]:
        # GX's pages show an observed value. For a check of the whole table that is the expected one.
        result["observed_value"] = check["kwargs"].get("column_list") or check["kwargs"].get("type_")
    else:
        result["observed_value"] = result["partial_unexpected_list"]
    return ExpectationValidationResult(
        success=check["success"],
        expectation_config=ExpectationConfiguration(
            type=check["expectation"], kwargs=dict(check["kwargs"]), severity=check["severity"]
        ),
        result=result,
        exception_info={"raised_exception": False, "exception_message": None, "exception_traceback": None},
    )


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
