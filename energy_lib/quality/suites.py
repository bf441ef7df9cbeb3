"""Great Expectations suites with domain knowledge: `expectations/<layer>.<table>.json`, run on a staged batch."""

from __future__ import annotations

import json
import logging
import os
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from energy_lib.lake import Rows
from energy_lib.quality.expectation_result import CRITICAL, EXAMPLES, ExpectationResult
from energy_lib.quality.memory_checks import pandas_rows
from energy_lib.shipped import ROOT
from energy_lib.tables import Table

if TYPE_CHECKING:
    from great_expectations.datasource.fluent.interfaces import Batch

SUITES_DIR = ROOT / "expectations"
# The first pass counts no rows: it says yes or no to all expectations of a suite in one aggregation.
QUICK = {"result_format": "BOOLEAN_ONLY"}
THOROUGH = {"result_format": "BASIC", "partial_unexpected_count": EXAMPLES, "include_unexpected_rows": True}
HIDDEN = ("batch_id",)


def suite_path(table: Table) -> Path:
    return SUITES_DIR / f"{table.full_name}.json"


def read_suite(table: Table) -> dict[str, Any] | None:
    """The suite as GX wrote it, or None where the table has no domain expectations of its own."""
    path = suite_path(table)
    if not path.is_file():
        return None
    suite: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return suite


def suite_columns(suite: dict[str, Any]) -> list[str]:
    """The columns that the expectations and their conditions use, in the order in which they are first named."""
    names: list[str] = []
    for expectation in suite["expectations"]:
        kwargs = expectation["kwargs"]
        names += [kwargs[key] for key in ("column", "column_A", "column_B") if key in kwargs]
        names += kwargs.get("column_list", [])
        condition = kwargs.get("row_condition")
        names += _condition_columns(condition) if condition else []
    return list(dict.fromkeys(names))


def run_suite(rows: Rows, table: Table, suite: dict[str, Any]) -> list[ExpectationResult]:
    """The result of each expectation. All run in one aggregation; those that fail run again for counts and examples."""
    expectations = suite["expectations"]
    names = rows.column_names if isinstance(rows, pa.Table) else rows.columns
    present = [name for name in dict.fromkeys((*table.key, *suite_columns(suite))) if name in names]
    # GX would persist the batch and never unpersist it. The batch is on disk already, and only these columns are read.
    with third_party():
        batch = _batch(rows.select(present))
        quick = _validate(batch, suite, expectations, QUICK)
        failed = [e for e, result in zip(expectations, quick, strict=True) if not result.success]
        thorough = iter(_validate(batch, suite, failed, THOROUGH) if failed else ())
    return [
        _result_of(e, table, result if result.success else next(thorough))
        for e, result in zip(expectations, quick, strict=True)
    ]


@contextmanager
def third_party() -> Iterator[None]:
    """For every use of Great Expectations: without its analytics, log lines and warnings."""
    os.environ["GX_ANALYTICS_ENABLED"] = "false"
    logging.getLogger("great_expectations").setLevel(logging.ERROR)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def _condition_columns(condition: dict[str, Any]) -> list[str]:
    if "conditions" in condition:
        return [name for part in condition["conditions"] for name in _condition_columns(part)]
    return [str(condition["column"]["name"])]


def _batch(rows: Rows) -> Batch:
    import great_expectations as gx
    from great_expectations.data_context.types.base import ProgressBarsConfig

    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = ProgressBarsConfig(globally=False)
    if isinstance(rows, pa.Table):
        definition = context.data_sources.add_pandas("staged").add_dataframe_asset("batch")
        return definition.add_batch_definition_whole_dataframe("whole").get_batch({"dataframe": pandas_rows(rows)})
    source = context.data_sources.add_spark("staged", persist=False)
    spark_definition = source.add_dataframe_asset("batch").add_batch_definition_whole_dataframe("whole")
    return spark_definition.get_batch({"dataframe": rows})


def _validate(
    batch: Batch, suite: dict[str, Any], expectations: list[dict[str, Any]], result_format: dict[str, Any]
) -> list[Any]:
    """GX's results in the order of `expectations`."""
    from great_expectations.core.expectation_suite import ExpectationSuite

    gx_suite = ExpectationSuite(
        name=suite["name"], expectations=[{**e, "meta": {"position": i}} for i, e in enumerate(expectations)]
    )
    results = batch.validate(gx_suite, result_format=result_format).results
    return sorted(results, key=lambda result: int(result.expectation_config.meta["position"]))


def _result_of(expectation: dict[str, Any], table: Table, result: Any) -> ExpectationResult:
    kwargs = {key: value for key, value in expectation["kwargs"].items() if key not in HIDDEN}
    severity = expectation.get("severity", CRITICAL)
    if result.success:
        # With `mostly`, the rows that it tolerates are not counted: that would cost a job for each expectation.
        count = None if kwargs.get("mostly", 1) < 1 or "column" not in kwargs else 0
        return ExpectationResult(expectation["type"], kwargs, True, severity, count)
    error = result.exception_info.get("exception_message") if result.exception_info else None
    if error:
        return ExpectationResult(expectation["type"], kwargs, False, severity, None, [f"it could not be run: {error}"])
    details = result.result or {}
    examples = _example_rows(details, table, kwargs) or [details.get("observed_value")]
    return ExpectationResult(expectation["type"], kwargs, False, severity, details.get("unexpected_count"), examples)


def _example_rows(details: dict[str, Any], table: Table, kwargs: dict[str, Any]) -> list[Any]:
    """A few of the rows that failed: their key, and the columns that the expectation uses."""
    names = (*table.key, *(kwargs[key] for key in ("column", "column_A", "column_B") if key in kwargs))
    rows = details.get("unexpected_rows")
    if rows is None:
        return []
    if hasattr(rows, "to_dict"):
        rows = rows.to_dict("records")
    as_dicts = [row.asDict() if hasattr(row, "asDict") else dict(row) for row in rows]
    return [{name: row[name] for name in dict.fromkeys(names) if name in row} for row in as_dicts[:EXAMPLES]]
