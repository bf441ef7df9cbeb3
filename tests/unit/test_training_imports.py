"""The driver and the nightly job must not pay for frameworks that only workers use."""

from __future__ import annotations

from tests.programs import python


def test_importing_the_jobs_loads_no_framework() -> None:
    code = (
        "import sys, jobs.train, jobs.write_shards, energy_lib.models.exported_model; "
        "print([name for name in ('tensorflow', 'keras', 'torch', 'petastorm', 'mlflow') if name in sys.modules])"
    )
    assert python(code).strip() == "[]"


def test_a_jobs_start_waits_for_no_frames() -> None:
    """A question to the lake takes about a second: pandas and Spark take as long to load."""
    code = "import sys, energy_lib.entry; print([n for n in ('pandas', 'numpy', 'pyspark') if n in sys.modules])"
    assert python(code).strip() == "[]"
