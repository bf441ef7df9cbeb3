"""An analyst's questions of a lake by jobs/sql.py, each in a process of its own, by DuckDB and by Spark.

    python -m benchmarks.sql_questions --lake data/demo/lake

Prints the seconds of each, from the command to its end; the answers must be the same.
"""

from __future__ import annotations

import argparse
import re
import subprocess
import sys
import time
from pathlib import Path

from benchmarks.measure import machine

PAGE = Path(__file__).parents[1] / "docs" / "queries.md"
# How the questions of docs/queries.md begin that are asked, and two of an analyst's own.
BEGINNINGS = (
    "How good is the model",
    "What is wrong now",
    "What did each building emit",
    "What did all meters cost",
    "Which months were restated",
    "What will each hour of the newest forecast emit",
    "What was corrected",
    "What are the base load",
    "What did the projects save",
    "What do plans save",
)
OWN = {
    "Meters by fuel": "SELECT fuel, count(*) AS meters FROM silver.meters GROUP BY fuel ORDER BY fuel",
    "kWh by month": "SELECT date_trunc('month', interval_start_utc) AS month, round(sum(energy_kwh), 3) AS kwh "
    "FROM silver.hourly_readings GROUP BY 1 ORDER BY 1",
}


def questions() -> dict[str, str]:
    """Question → statement."""
    page = dict(re.findall(r"\n([^\n]*)\n```sql\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.S))
    return OWN | {question: statement for question, statement in page.items() if question.startswith(BEGINNINGS)}


def ask(lake: str, statement: str, engine: str) -> tuple[float, str]:
    """Seconds and the answer."""
    command = [sys.executable, "jobs/sql.py", "--set", f"lake={lake}", "--engine", engine, statement]
    started = time.perf_counter()
    done = subprocess.run(command, capture_output=True, encoding="utf-8", check=True)
    return time.perf_counter() - started, done.stdout


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--lake", required=True)
    options = arguments.parse_args()
    print(machine())
    for question, statement in questions().items():
        (quick, answer), (slow, same) = (ask(options.lake, statement, engine) for engine in ("auto", "spark"))
        # Equal rows of an order are in nobody's order.
        if sorted(answer.splitlines()) != sorted(same.splitlines()):
            raise SystemExit(f"two answers to {question}:\n{answer}\n{same}")
        print(f"auto {quick:6.1f} s   spark {slow:6.1f} s   {slow / quick:5.1f} ×   {question[:60]}", flush=True)


if __name__ == "__main__":
    main()
