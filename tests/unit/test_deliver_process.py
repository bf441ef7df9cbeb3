"""A process that delivers is killed, and told to stop: nothing is lost, and what comes twice has one id."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import threading
from pathlib import Path

from alert_deliveries import FAST, settled
from alert_receivers import KEY, SECRET, Received, WebServer, alert, tell

ROOT = Path(__file__).parents[2]


def process(root: str, url: str, *more: str) -> subprocess.Popen[str]:
    hooks = json.dumps([{"name": "ops", "url": url, "secret_env": "HOOK_SECRET"}])
    settings = [f"lake={root}", f"alerts.webhooks={hooks}", *FAST]
    command = [
        sys.executable,
        "jobs/deliver_alerts.py",
        *(part for each in settings for part in ("--set", each)),
        *more,
    ]
    paths = os.pathsep.join([str(ROOT), *sys.path])
    environment = {**os.environ, "HOOK_SECRET": SECRET, "no_proxy": "localhost", "PYTHONPATH": paths}
    return subprocess.Popen(
        command, cwd=ROOT, env=environment, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )


def test_who_is_killed_between_sending_and_keeping_sends_again_with_the_same_id_and_loses_nothing(
    root: str, web: WebServer
) -> None:
    numbers = range(1, 31)
    tell(root, *(alert(number) for number in numbers if number <= 10))
    rng, running = random.Random(4), threading.Event()
    kills, holder = [4, 15], []

    def kill(request: Received) -> None:
        if kills and len(web.received) >= kills[0]:
            kills.pop(0)
            os.kill(holder[0].pid, signal.SIGKILL)
            running.wait(rng.uniform(0.0, 0.05))

    web.on_request = kill
    for number in range(11, 31):
        tell(root, alert(number))
    codes = []
    while not codes or codes[-1] != 0:
        holder[:] = [process(root, web.url, "--once")]
        holder[0].communicate(timeout=120)
        codes.append(holder[0].returncode)
    assert codes == [-signal.SIGKILL] * 2 + [0]
    assert {request.data["alert_id"] for request in web.received} == {f"a{number}" for number in numbers}
    assert len({request.id for request in web.received}) == 30
    # Those that a kill met were sent again.
    assert len(web.received) > 30
    assert all(request.signed_by(KEY) for request in web.received)
    rows = settled(root)
    assert sorted(row["message_id"] for row in rows) == sorted({request.id for request in web.received})
    assert {row["status"] for row in rows} == {"delivered"}


def test_it_tells_what_comes_until_it_is_stopped(root: str, web: WebServer) -> None:
    came = threading.Event()
    web.on_request = lambda request: came.set()
    tell(root, alert(1))
    running = process(root, web.url)
    assert came.wait(60)
    came.clear()
    tell(root, alert(2))
    assert came.wait(60)
    running.send_signal(signal.SIGTERM)
    said, logged = running.communicate(timeout=60)
    assert (running.returncode, said) == (0, "ops: 2 delivered, 0 given up.\n")
    assert [row["status"] for row in settled(root)] == ["delivered"] * 2
    for secret in (SECRET, SECRET.removeprefix("whsec_"), "t0ken"):
        assert secret not in logged
