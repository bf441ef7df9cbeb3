"""The champion in a real TorchServe: the numbers of our own server, and a sentence for a wrong request."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import util
from pathlib import Path
from types import ModuleType

import httpx
import numpy as np
import pytest
from exported_networks import asked, export_network
from served_models import add_version

from energy_lib.models.config import load_config
from jobs import export_champion

MISSING = [name for name in ("torch", "ts", "model_archiver") if util.find_spec(name) is None]
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(bool(MISSING), reason=f"{', '.join(MISSING)} not installed: make install-torch"),
    pytest.mark.filterwarnings("ignore"),  # MLflow's and PyTorch's own
]
DEPLOY = Path(__file__).parents[2] / "deploy"


def client_module() -> ModuleType:
    spec = util.spec_from_file_location("client", DEPLOY / "tensorflow_serving" / "client.py")
    assert spec is not None
    assert spec.loader is not None
    module = util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def free_ports(count: int) -> list[int]:
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [each.getsockname()[1] for each in sockets]
    for each in sockets:
        each.close()
    return ports


@contextmanager
def torchserve(folder: Path) -> Iterator[str]:
    """TorchServe in `folder` by the shipped config, on free ports; the address it answers at."""
    ports = free_ports(3)
    text = (DEPLOY / "pytorch_serving" / "config.properties").read_text()
    for shipped, port in zip((8080, 8081, 8082), ports, strict=True):
        text = text.replace(f"127.0.0.1:{shipped}", f"127.0.0.1:{port}")
    (folder / "config.properties").write_text(text)
    (folder / "tmp").mkdir()
    command = [sys.executable, "-m", "ts.model_server", "--start", "--foreground", "--ncs"]
    environment = {**os.environ, "TMPDIR": str(folder / "tmp"), "TEMP": str(folder / "tmp")}
    with (folder / "server.log").open("w") as log:
        server = subprocess.Popen(
            [*command, "--ts-config", "config.properties"],
            cwd=folder, env=environment, stdout=log, stderr=log, start_new_session=True,
        )  # fmt: skip
    try:
        address = f"http://127.0.0.1:{ports[0]}"
        wait_for(f"http://127.0.0.1:{ports[1]}/models/energy_forecast", folder / "server.log")
        yield address
    finally:
        os.killpg(server.pid, signal.SIGKILL)
        server.wait()


def wait_for(url: str, log: Path) -> None:
    """Until a worker has loaded the model."""
    deadline = time.monotonic() + 240
    while True:
        try:
            if httpx.get(url, timeout=5).json()[0]["workers"][0]["status"] == "READY":
                return
        except (httpx.HTTPError, KeyError, IndexError):
            pass
        assert time.monotonic() < deadline, log.read_text()[-3000:]
        time.sleep(0.5)


@pytest.mark.parametrize(("framework", "network"), [("torch", "tide"), ("tensorflow", "dense")])
def test_a_real_server_gives_the_same_numbers(tmp_path: Path, framework: str, network: str) -> None:
    config = load_config(None, [f"lake={tmp_path / 'lake'}"])[0]
    folder = export_network(tmp_path / "trained", framework, network)
    version = add_version(config, folder, promoted=True)
    options = ["--set", f"lake={config.lake}", "--server", "torchserve", "--out", str(tmp_path / "build")]
    assert export_champion.main(options) == 0
    model, tensors = asked(folder)
    with torchserve(tmp_path) as address:
        url = f"{address}/predictions/energy_forecast"
        by_server = client_module().asked_at(url, str(folder))
        np.testing.assert_allclose(by_server.answer(tensors), model.answer(tensors), rtol=0, atol=1e-5)
        np.testing.assert_allclose(by_server.quantiles(tensors), model.quantiles(tensors), rtol=1e-5, atol=1e-5)
        assert httpx.get(f"{url}/{version.version}").status_code != 404
        wrong = httpx.post(url, json={"inputs": {"other": [1]}})
    assert wrong.status_code == 400
    assert "model.json" in wrong.text
