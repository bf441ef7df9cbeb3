"""An analyst's questions of a lake by jobs/sql.py, each in a process of its own, by DuckDB and by Spark.

    python -m benchmarks.sql_questions --lake data/demo/lake

Prints the seconds of each, from the command to its end; the answers must be the same.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import time

from benchmarks.measure import machine

QUESTIONS = (
    "SELECT fuel, count(*) AS meters FROM silver.meters GROUP BY fuel ORDER BY fuel",
    "SELECT date_trunc('month', interval_start_utc) AS month, round(sum(energy_kwh), 3) AS kwh "
    "FROM silver.hourly_readings GROUP BY 1 ORDER BY 1",
    "SELECT meter_id, round(sum(p50_kwh), 3) AS kwh FROM gold.forecasts GROUP BY meter_id ORDER BY kwh DESC, meter_id "
    "LIMIT 10",
    "SELECT rule_id, count(*) AS n FROM silver.quarantine GROUP BY rule_id ORDER BY n DESC, rule_id",
)


def ask(lake: str, question: str, engine: str) -> tuple[float, str]:
    """Seconds and the answer."""
    command = [sys.executable, "jobs/sql.py", "--set", f"lake={lake}", "--engine", engine, question]
    started = time.perf_counter()
    done = subprocess.run(command, capture_output=True, encoding="utf-8", check=True)
    return time.perf_counter() - started, done.stdout


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--lake", required=True)
    options = arguments.parse_args()
    print(machine())
    for question in QUESTIONS:
        (quick, answer), (slow, same) = (ask(options.lake, question, engine) for engine in ("auto", "spark"))
        if answer != same:
            raise SystemExit(f"two answers to {question}:\n{answer}\n{same}")
        print(f"auto {quick:6.1f} s   spark {slow:6.1f} s   {slow / quick:5.1f} ×   {question[:70]}", flush=True)


if __name__ == "__main__":
    main()
