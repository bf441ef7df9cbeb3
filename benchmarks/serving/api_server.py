"""The API as it is measured: its process, and what it is asked."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import numpy as np
import orjson
import psutil

from benchmarks.serving.lake import HOURS
from benchmarks.serving.load import Ask, free_port, server
from benchmarks.serving.peers.catalog import v2_body
from energy_lib.config import Config
from energy_lib.encoding.tensors import Floats
from energy_lib.security.api_keys import ApiKeyFile, make_key, now_utc
from energy_lib.security.principal import EVERYTHING, Role
from tests.served_models import made_encoding

INFER = "/v2/models/energy_forecast/infer"
SETTINGS = ("serving.requests_per_second=1000000", "serving.burst=1000000", "serving.look_seconds=1")
KEYS_ASKED = 5000


def made_features(meters: int) -> Floats:
    """[n, H, F], three decimals each, all known."""
    shape = (meters, HOURS, len(made_encoding().columns))
    return np.random.default_rng(2).gamma(2.0, 1.0, shape).astype(np.float32).round(3)


@dataclass(frozen=True, slots=True)
class Api:
    """The API under measurement; `key`: an API key, where it asks for one."""

    process: psutil.Process
    address: str
    key: str | None = None

    def posted(self, meters: int, *, binary: bool = False) -> Ask:
        """Features of so many meters, as JSON or as bytes."""
        features = made_features(meters)
        if not binary:
            return Ask("POST", f"{self.address}{INFER}", v2_body(features), self._key())
        raw = features.tobytes()
        tensor = {"name": "features", "datatype": "FP32", "shape": features.shape}
        head = orjson.dumps({"inputs": [tensor | {"parameters": {"binary_data_size": len(raw)}}]})
        length = ("Inference-Header-Content-Length", str(len(head)))
        return Ask("POST", f"{self.address}{INFER}", head + raw, (length, *self._key()))

    def by_key(self, meters: int) -> list[Ask]:
        """The stored forecasts of up to KEYS_ASKED of the lake's meters."""
        numbers = range(0, meters, max(1, meters // KEYS_ASKED))
        return [Ask("GET", f"{self.address}/v1/meters/meter-{n:07d}/forecast", headers=self._key()) for n in numbers]

    def _key(self) -> tuple[tuple[str, str], ...]:
        return () if self.key is None else (("X-API-Key", self.key),)


@contextmanager
def api_server(
    config: Config, environment: dict[str, str], log: Path, *, with_keys: bool = False, workers: int = 1
) -> Iterator[Api]:
    """Of `config.lake`, once its champion answers; `with_keys`: it asks for API keys, and keeps the audit."""
    port, key = free_port(), None
    settings = [f"lake={config.lake}", f"serving.port={port}", f"serving.workers={workers}", *SETTINGS]
    if with_keys:
        file, now = ApiKeyFile(str(log.with_suffix(".keys"))), now_utc()
        made, key = make_key("benchmark", [Role.OPERATOR], EVERYTHING, now, now + timedelta(days=1))
        file.add(made)
        settings += ["serving.authentication=security", f"security.api_keys_file={file.path}"]
    command = [sys.executable, "-m", "energy_lib.serving"]
    for setting in settings:
        command += ["--set", setting]
    address = f"http://127.0.0.1:{port}"
    with server(command, Ask("GET", f"{address}/v2/health/ready"), environment, log) as process:
        yield Api(process, address, key)
