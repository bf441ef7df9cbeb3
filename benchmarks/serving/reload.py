"""Champions exchanged under load: how many requests failed."""

from __future__ import annotations

from pathlib import Path
from threading import Event, Thread, Timer

from benchmarks.serving.api_server import Api
from benchmarks.serving.load import Cost, cost, memory
from energy_lib.config import Config
from tests.served_models import add_version, export

RELOAD_SECONDS, CONNECTIONS = 5.0, 4
# More than a soak can send.
ENDLESS = 1 << 40


def reload_under_load(api: Api, config: Config, folder: Path, requests: int, minutes: float | None = None) -> None:
    """Promote a new champion every RELOAD_SECONDS while `requests` are sent, or for so many minutes.

    Prints what failed, how many champions there were, and the memory before and after.
    """
    ended, promoted = Event(), [0]

    def promote() -> None:
        while not ended.wait(RELOAD_SECONDS):
            name = f"reloaded-{promoted[0]}-{minutes}"
            add_version(config, export(folder / name, name, 0.001 * promoted[0]), promoted=True)
            promoted[0] += 1

    cost(api.process, [api.posted(1, binary=True)], 200, connections=CONNECTIONS)
    before, promoting = memory(api.process), Thread(target=promote)
    promoting.start()
    try:
        said = _sent(api, requests, minutes)
    finally:
        ended.set()
        promoting.join()
    print(
        f"champion exchanged {promoted[0]} times: {said}\n  before {before}\n  after {memory(api.process)}", flush=True
    )


def _sent(api: Api, requests: int, minutes: float | None) -> Cost:
    asks, stopped = [api.posted(1), api.posted(1, binary=True)], Event()
    if minutes is None:
        return cost(api.process, asks, requests, connections=CONNECTIONS)
    timer = Timer(60 * minutes, stopped.set)
    timer.start()
    return cost(api.process, asks, ENDLESS, connections=CONNECTIONS, stopped=stopped)
