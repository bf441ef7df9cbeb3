"""The API's cost beside a minimal peer, on one machine in one run.

    python -m benchmarks.serving [--requests 2000] [--meters 100000]

Prints CPU per request of forecasts from posted features (1 and 32 meters) and of a stored forecast by key, memory of a
worker, and what failed while the champion was exchanged. CPU is the server's; the client runs beside it.
"""

from __future__ import annotations

import argparse
import os
import tempfile
import threading
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import orjson
import psutil
import pyarrow as pa
from deltalake import write_deltalake

from benchmarks.measure import machine
from benchmarks.serving.load import Ask, Cost, cost, free_port, server
from energy_lib.config import Config
from energy_lib.models.config import load_config
from energy_lib.tables import Table, gold, silver
from energy_lib.tables.arrow import arrow_schema, conform_arrow
from energy_lib.vocabulary import QUANTILES
from tests.served_models import add_version, export, made_encoding

ORIGIN = datetime(2024, 6, 2, tzinfo=UTC)
HOURS, METERS_A_FILE, KEYS_ASKED = 24, 10_000, 5000
URL = "/v2/models/energy_forecast"


def make_lake(root: Path, meters: int) -> None:
    """Meters, and a live forecast of each."""
    ids = [f"meter-{number:07d}" for number in range(meters)]
    rows = pa.table({"meter_id": ids, "fuel": ["electricity"] * meters, "zone": ["Europe/London"] * meters,
                     "registered_by": ["registry"] * meters})  # fmt: skip
    _write(root, silver.METERS, rows)
    random = np.random.default_rng(1)
    for first in range(0, meters, METERS_A_FILE):
        part = np.repeat(ids[first : first + METERS_A_FILE], HOURS)
        hours = np.tile(np.arange(HOURS), len(part) // HOURS)
        values = np.sort(random.gamma(2.0, 1.0, (len(part), len(QUANTILES))), axis=1)
        starts = np.datetime64(ORIGIN.replace(tzinfo=None), "us") + np.arange(HOURS) * np.timedelta64(1, "h")
        count = len(part)
        columns = {
            "meter_id": part, "origin_utc": pa.array([ORIGIN] * count, pa.timestamp("us", tz="UTC")),
            "interval_start_utc": pa.array(np.tile(starts, count // HOURS), pa.timestamp("us", tz="UTC")),
            "model_name": ["dense"] * count, "model_version": ["1"] * count, "run_kind": ["live"] * count,
            "fuel": ["electricity"] * count, "horizon_hours": pa.array(hours + 1, pa.int32()),
            "imputed_share": pa.array(np.zeros(count), pa.float32()),
            **{name: values[:, place] for place, name in enumerate(QUANTILES)},
        }  # fmt: skip
        _write(root, gold.FORECASTS, pa.table(columns))


def _write(root: Path, table: Table, rows: pa.Table) -> None:
    path = str(root / table.layer / table.name)
    write_deltalake(path, conform_arrow(rows, table).cast(arrow_schema(table)), mode="append")


def posted(address: str, meters: int, *, binary: bool) -> Ask:
    shape = [meters, HOURS, len(made_encoding().columns)]
    values = np.random.default_rng(2).gamma(2.0, 1.0, shape).astype(np.float32).round(3)
    tensor = {"name": "features", "datatype": "FP32", "shape": shape}
    if not binary:
        body = orjson.dumps({"inputs": [tensor | {"data": [round(float(each), 3) for each in values.ravel()]}]})
        return Ask("POST", f"{address}{URL}/infer", body)
    raw = values.tobytes()
    head = orjson.dumps({"inputs": [tensor | {"parameters": {"binary_data_size": len(raw)}}]})
    return Ask("POST", f"{address}{URL}/infer", head + raw, (("Inference-Header-Content-Length", str(len(head))),))


def ours(config: Config, folder: Path, requests: int, meters: int, environment: dict[str, str]) -> None:
    port = free_port()
    address = f"http://127.0.0.1:{port}"
    command = ["energy_lib.serving", "--set", f"lake={config.lake}", "--set", f"serving.port={port}"]
    command += ["--set", "serving.requests_per_second=1000000", "--set", "serving.burst=1000000"]
    with server(command, f"{address}/v2/health/ready", environment) as process:
        by_key = [
            Ask("GET", f"{address}/v1/meters/meter-{n:07d}/forecast") for n in range(0, meters, max(1, meters // 5000))
        ]
        cost(process, by_key, 200, connections=1, per_second=None)
        for number in (1, 32):
            for binary in (False, True):
                asks = [posted(address, number, binary=binary)]
                cost(process, asks, requests // 10, connections=1, per_second=None)
                said = cost(process, asks, requests if number == 1 else requests // 4, connections=2, per_second=None)
                show(f"ours, {number} meters, {'bytes' if binary else 'JSON'}", said)
        show(f"ours, by key, {meters:,} meters", cost(process, by_key, requests, connections=4, per_second=200))
        print(f"{'ours, memory of a worker':<36} {memory(process)}")
        adding = threading.Thread(target=lambda: add_version(config, export(folder / "two", "two"), promoted=True))
        adding.start()
        show(
            "ours, champion exchanged",
            cost(process, [posted(address, 1, binary=True)], 5 * requests, connections=2, per_second=None),
        )
        adding.join()


def peer(exported: Path, requests: int, environment: dict[str, str]) -> None:
    port = free_port()
    command = ["uvicorn", "benchmarks.serving.minimal_peer:app", "--port", str(port), "--log-level", "warning"]
    ready = f"http://127.0.0.1:{port}/openapi.json"
    with server(command, ready, environment | {"MODEL": str(exported)}) as process:
        for number in (1, 32):
            tensor = orjson.loads(posted("", number, binary=False).body)["inputs"][0]
            ask = Ask("POST", f"http://127.0.0.1:{port}/infer", orjson.dumps({k: tensor[k] for k in ("shape", "data")}))
            cost(process, [ask], requests // 10, connections=1, per_second=None)
            said = cost(process, [ask], requests if number == 1 else requests // 4, connections=2, per_second=None)
            show(f"minimal peer, {number} meters, JSON", said)
        print(f"{'minimal peer, memory of a worker':<36} {memory(process)}")


def memory(process: psutil.Process) -> str:
    """Resident, and its own alone."""
    info = process.memory_full_info()
    return f"{info.rss / 1e6:,.0f} MB resident, {info.uss / 1e6:,.0f} MB its own"


def show(name: str, said: Cost) -> None:
    print(f"{name:<36} {said}", flush=True)


def main() -> None:
    arguments = argparse.ArgumentParser(prog="python -m benchmarks.serving")
    arguments.add_argument("--requests", type=int, default=2000)
    arguments.add_argument("--meters", type=int, default=100_000)
    options = arguments.parse_args()
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    print(machine())
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        make_lake(root / "lake", options.meters)
        config, _ = load_config(None, [f"lake={root / 'lake'}"])
        exported = export(root / "one", "one")
        add_version(config, exported, promoted=True)
        peer(exported, options.requests, environment)
        ours(config, root, options.requests, options.meters, environment)


if __name__ == "__main__":
    main()
