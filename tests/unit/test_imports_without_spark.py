"""Kernels and prediction load where no Spark is installed: the API and the stream will run them."""

from __future__ import annotations

import pytest

from tests.programs import python

BLOCKED = ("pyspark", "delta")
MODULES = (
    "energy_lib.cleaning",
    "energy_lib.cleaning.register_pairs",
    "energy_lib.features",
    "energy_lib.features.as_of",
    "energy_lib.insights.anomalies.online.advance",
    "energy_lib.insights.anomalies.online.recall",
    "energy_lib.forecasting.model_output_checks",
    "energy_lib.forecasting.fallback",
    "energy_lib.encoding",
    "energy_lib.models.exported_model",
    "energy_lib.reporting.web",
    "energy_lib.serving.app",
    "energy_lib.streaming.pipeline.advise",
    "energy_lib.streaming.pipeline.deliver",
)


@pytest.fixture(scope="module")
def failures() -> str:
    """One process tries them all: each module that does not load, with its error."""
    return python(
        "import importlib, sys\n"
        f"sys.modules.update(dict.fromkeys({BLOCKED!r}))\n"
        "for name in sys.argv[1:]:\n"
        "    try:\n"
        "        importlib.import_module(name)\n"
        "    except ImportError as error:\n"
        "        print(f'{name}: {error}')\n",
        *MODULES,
    )


@pytest.mark.parametrize("module", MODULES)
def test_it_loads_without_spark(module: str, failures: str) -> None:
    assert not [line for line in failures.splitlines() if line.startswith(f"{module}:")]
