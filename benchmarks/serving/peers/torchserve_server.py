"""TorchServe with a handler of one's own (Java, and a worker of Python)."""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path
from subprocess import run

HANDLER = Path(__file__).with_name("torchserve_handler.py")
CONFIG = """inference_address=http://127.0.0.1:{port}
management_address=http://127.0.0.1:{management}
metrics_address=http://127.0.0.1:{metrics}
grpc_inference_port={grpc}
grpc_management_port={grpc_management}
default_workers_per_model=1
disable_token_authorization=true
"""

if __name__ == "__main__":
    folder, port = Path(tempfile.mkdtemp()), int(sys.argv[1])
    (folder / "store").mkdir()
    os.environ["PATH"] = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    os.environ["LOG_LOCATION"] = os.environ["METRICS_LOCATION"] = str(folder)
    archiver = Path(sys.executable).with_name("torch-model-archiver")
    named = ["--model-name", "energy", "--version", "1", "--handler", str(HANDLER)]
    run([str(archiver), *named, "--export-path", str(folder / "store")], check=True)
    ports = dict(zip(("port", "management", "metrics", "grpc", "grpc_management"), range(port, port + 5), strict=True))
    (folder / "config.properties").write_text(CONFIG.format(**ports), encoding="utf-8")
    os.chdir(folder)
    program = str(Path(sys.executable).with_name("torchserve"))
    store = ["--model-store", str(folder / "store"), "--models", "energy=energy.mar"]
    os.execv(program, [program, "--start", "--foreground", *store, "--ts-config", str(folder / "config.properties")])  # noqa: S606
