"""The API and its peers in one run: asked in turn, round after round, so that what else the machine does meets all."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import psutil

from benchmarks.serving.api_server import api_server, made_features
from benchmarks.serving.load import Ask, Cost, cost, free_port, memory, server
from benchmarks.serving.peers.catalog import PEERS, Peer
from energy_lib.config import Config

ROUNDS, CONNECTIONS = 8, 2
# Requests of 32 meters for each of one meter.
SHARE_OF_MANY = 0.1


@dataclass(frozen=True, slots=True)
class Asked:
    """A server that is up, and what it is asked: a request of one meter, and one of 32."""

    name: str
    process: psutil.Process
    one: Ask
    many: Ask


def compare(config: Config, exported: Path, requests: int, environment: dict[str, str], folder: Path) -> None:
    """Prints a line for each server and number of meters; one that cannot be had here is named with its reason."""
    peer_environment = environment | {"MODEL": str(exported)}
    with ExitStack() as up:
        asked = []
        for name, with_keys in (("the API", False), ("the API, key and audit", True)):
            api = up.enter_context(api_server(config, environment, folder / f"{with_keys}.log", with_keys=with_keys))
            asked.append(Asked(name, api.process, api.posted(1), api.posted(32)))
            asked.append(Asked(f"{name}, bytes", api.process, api.posted(1, binary=True), api.posted(32, binary=True)))
        for peer in PEERS:
            try:
                asked.append(up.enter_context(_peer(peer, peer_environment, folder)))
            except (RuntimeError, OSError) as reason:
                print(f"{peer.name}: cannot be had here: {reason}", flush=True)
        for meters, share in ((1, 1.0), (32, SHARE_OF_MANY)):
            _rounds(asked, meters, max(ROUNDS * CONNECTIONS, int(share * requests)))
        for each in asked:
            if not each.name.endswith("bytes"):
                print(f"{each.name:<30} {memory(each.process)}", flush=True)


@contextmanager
def _peer(peer: Peer, environment: dict[str, str], folder: Path) -> Iterator[Asked]:
    port = free_port()
    address, cache = f"http://127.0.0.1:{port}", Path.home() / ".cache" / "energy-lakehouse" / "serving_peers"
    command = [peer.python(cache), "-m", f"benchmarks.serving.peers.{peer.module}", str(port)]
    one, many = (peer.ask(address, made_features(meters)) for meters in (1, 32))
    with server(command, one, environment, folder / f"{peer.module}.log") as process:
        yield Asked(peer.name, process, one, many)


def _rounds(asked: list[Asked], meters: int, requests: int) -> None:
    costs: dict[str, list[Cost]] = {each.name: [] for each in asked}
    for number in range(ROUNDS + 1):
        for each in asked:
            ask = each.one if meters == 1 else each.many
            said = cost(each.process, [ask], requests // ROUNDS, connections=CONNECTIONS)
            # The first round warms them.
            if number:
                costs[each.name].append(said)
    plain = _cpu(costs.get(PEERS[0].name, []))
    for name, found in costs.items():
        failed = sum(each.failed for each in found)
        speed, least = float(np.median([each.per_second for each in found])), min(each.cpu_ms for each in found)
        print(
            f"{name:<30} {meters:>2} meters: CPU median {_cpu(found):7.3f} ms, least {least:7.3f}, "
            f"{_cpu(found) / plain:5.2f} x {PEERS[0].name}, {speed:7,.0f}/s, {failed} failed",
            flush=True,
        )


def _cpu(found: list[Cost]) -> float:
    return float(np.median([each.cpu_ms for each in found])) if found else float("nan")
