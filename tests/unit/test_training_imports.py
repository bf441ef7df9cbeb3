"""The driver and the nightly job must not pay for frameworks that only workers use."""

from __future__ import annotations

import subprocess
import sys


def test_importing_the_jobs_loads_no_framework() -> None:
    code = (
        "import sys, jobs.train, jobs.write_shards, energy_lib.models.artifact; "
        "print([name for name in ('tensorflow', 'keras', 'torch', 'petastorm', 'mlflow') if name in sys.modules])"
    )
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert said.stdout.strip() == "[]"
