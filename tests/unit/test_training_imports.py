"""The driver and the nightly job must not pay for frameworks that only workers use."""

from __future__ import annotations

from tests.programs import python


def test_importing_the_jobs_loads_no_framework() -> None:
    code = (
        "import sys, jobs.train, jobs.write_shards, energy_lib.models.exported_model; "
        "print([name for name in ('tensorflow', 'keras', 'torch', 'petastorm', 'mlflow') if name in sys.modules])"
    )
    assert python(code).strip() == "[]"
