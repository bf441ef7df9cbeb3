"""The API's cost beside its peers, on one machine in one run.

    python -m benchmarks.serving [--requests 8000] [--meters 100000] [--reload-requests 100000]
    python -m benchmarks.serving --soak-minutes 30

Prints CPU per request of forecasts from posted features (1 and 32 meters) of the API and six peers, of a stored
forecast by key, memory, and what failed while champions were exchanged. With `--soak-minutes` only the last, for so
long. CPU is the server's, all its processes; the client runs beside it. The peers' environments are made once, by uv,
in ~/.cache/energy-lakehouse.
"""

from __future__ import annotations

import argparse
import os
import tempfile
import time
from pathlib import Path

from benchmarks.measure import machine
from benchmarks.serving.api_server import api_server
from benchmarks.serving.compare import compare
from benchmarks.serving.lake import make_lake
from benchmarks.serving.load import cost, memory
from benchmarks.serving.reload import reload_under_load
from energy_lib.config import Config
from energy_lib.models.config import load_config
from tests.served_models import add_version, export

KEYS_PER_SECOND, KEY_REQUESTS = 200, 2000


def main() -> None:
    arguments = argparse.ArgumentParser(prog="python -m benchmarks.serving")
    arguments.add_argument("--requests", type=int, default=8000)
    arguments.add_argument("--meters", type=int, default=100_000)
    arguments.add_argument("--reload-requests", type=int, default=100_000)
    arguments.add_argument("--soak-minutes", type=float)
    options = arguments.parse_args()
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    print(f"{machine()}; load {os.getloadavg()[0]:.1f} before; niceness {os.nice(0)}", flush=True)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        make_lake(folder / "lake", options.meters)
        config, _ = load_config(None, [f"lake={folder / 'lake'}"])
        exported = export(folder / "one", "one")
        add_version(config, exported, promoted=True)
        if options.soak_minutes is None:
            compare(config, exported, options.requests, environment, folder)
            _by_key(config, options.meters, environment, folder)
            _two_workers(config, options.requests, environment, folder)
        with api_server(config, environment, folder / "reload.log") as api:
            reload_under_load(api, config, folder, options.reload_requests, options.soak_minutes)
    print(f"load {os.getloadavg()[0]:.1f} after", flush=True)


def _by_key(config: Config, meters: int, environment: dict[str, str], folder: Path) -> None:
    with api_server(config, environment, folder / "by_key.log") as api:
        asks, begun = api.by_key(meters), time.perf_counter()
        cost(api.process, asks, 200, connections=1)
        print(f"forecasts of {meters:,} meters sorted in {time.perf_counter() - begun:.1f} s", flush=True)
        said = cost(api.process, asks, KEY_REQUESTS, connections=4, per_second=KEYS_PER_SECOND)
        print(f"by key, {meters:,} meters, {KEYS_PER_SECOND}/s: {said}\n  {memory(api.process)}", flush=True)


def _two_workers(config: Config, requests: int, environment: dict[str, str], folder: Path) -> None:
    with api_server(config, environment, folder / "workers.log", workers=2) as api:
        cost(api.process, [api.posted(1)], requests // 4, connections=8)
        print(f"two workers, 1 meter: {cost(api.process, [api.posted(1)], requests, connections=8)}", flush=True)


if __name__ == "__main__":
    main()
