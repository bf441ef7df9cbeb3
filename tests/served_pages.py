"""The report's app, served on a free port of this machine while a test runs."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import uvicorn

from energy_lib.config import Config
from energy_lib.reporting.web import create_app


@contextmanager
def served(lake: Path) -> Iterator[str]:
    """The app's address."""
    settings = uvicorn.Config(create_app(Config(lake=str(lake))), host="127.0.0.1", port=0, log_level="error")
    server = uvicorn.Server(settings)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    deadline = time.monotonic() + 30
    while not server.started:
        assert time.monotonic() < deadline, "the app did not start"
        time.sleep(0.02)
    port = server.servers[0].sockets[0].getsockname()[1]
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        thread.join(timeout=10)
