"""How large the report of a large portfolio is, how long it takes, and how fast the app answers.

    python -m benchmarks.report_size --meters 10000 --days 61

Invents a lake (benchmarks/report_lake.py), writes its report in a process of its own, and serves it: seconds until all
pages are read ahead, then each page's milliseconds (median and longest of ten requests), those of buildings that
nobody asked for before, and those of pages while a new version is read.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from urllib.request import urlopen

import psutil
import uvicorn
from deltalake import DeltaTable, write_deltalake

from benchmarks.measure import GIB, machine, measured
from benchmarks.report_lake import make_lake
from energy_lib.config import Config
from energy_lib.reporting.lake_pages import path_of
from energy_lib.reporting.page_catalog import CATALOG
from energy_lib.reporting.web import create_app

PATHS = [path_of(kind) for kind in CATALOG]
ASKED = 10


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--meters", type=int, default=10_000)
    arguments.add_argument("--days", type=int, default=61)
    arguments.add_argument("--lake", type=Path, help="where to put the lake, or where one was put before")
    options = arguments.parse_args()
    print(f"{machine()}; load {os.getloadavg()[0]:.1f}")
    with tempfile.TemporaryDirectory() as scratch:
        root = options.lake or Path(scratch) / "lake"
        if not root.exists():
            with measured("inventing the lake"):
                make_lake(root, options.meters, options.days)
        write_report(root)
        serve(root, options.meters)


def write_report(root: Path) -> None:
    command = [sys.executable, "jobs/report.py", "--config", "conf/local.yaml", "--set", f"lake={root}", "--no-pdf"]
    with measured("report.py --no-pdf"):
        subprocess.run(command, check=True)
    [newest] = (root / "reports").iterdir()
    print(f"report.html: {(newest / 'report.html').stat().st_size / 1e6:.1f} MB; load {os.getloadavg()[0]:.1f}")


def serve(root: Path, meters: int) -> None:
    """Ask the app as a reader would, first of what is ready, then while something new is read."""
    app = create_app(Config(lake=str(root)))
    settings = uvicorn.Config(app, host="127.0.0.1", port=0, log_level="warning")
    server = uvicorn.Server(settings)
    started = time.perf_counter()
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    address = f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    for path in PATHS:
        seconds(address + path)
    print(f"all pages read ahead after the start: {time.perf_counter() - started:.1f} s")
    for path in PATHS:
        say(f"{path}", [seconds(address + path) for _ in range(ASKED)])
    say("/ in German", [seconds(f"{address}/?lang=de") for _ in range(ASKED)])
    buildings = [f"{address}/buildings/b{meters // 3 * n // ASKED}" for n in range(ASKED)]
    say("buildings, each for the first time", [seconds(each) for each in buildings])
    table = str(root / "silver" / "areas")
    write_deltalake(table, DeltaTable(table).to_pyarrow_table(), mode="overwrite")
    changed = time.perf_counter()
    found = []
    while b"silver.areas v1" not in urlopen(f"{address}/areas").read():
        found += [seconds(address + path) for path in PATHS]
    print(f"a new version of a table shows after {time.perf_counter() - changed:.1f} s")
    say("pages meanwhile", found)
    memory = psutil.Process().memory_info().rss / GIB
    print(f"memory of the app: {memory:.2f} GiB; load {os.getloadavg()[0]:.1f}")
    server.should_exit = True
    thread.join()


def seconds(url: str) -> tuple[float, float]:
    """Of a request, and of all CPU that this process used meanwhile."""
    started, used = time.perf_counter(), time.process_time()
    with urlopen(url, timeout=300) as answer:
        answer.read()
    return time.perf_counter() - started, time.process_time() - used


def say(what: str, found: Sequence[tuple[float, float]]) -> None:
    times, used = ([1000 * each for each in kind] for kind in zip(*found, strict=True))
    print(
        f"{what:<36} median {statistics.median(times):5.0f} ms (CPU {statistics.median(used):4.0f} ms), longest "
        f"{max(times):5.0f} ms, {len(times)} requests"
    )


if __name__ == "__main__":
    main()
