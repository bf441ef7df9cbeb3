"""Ten thousand files of one day of one meter each, in three formats, through ingest.

    python -m benchmarks.many_files [--files 10000]

A third each is NEM12 (half hours), Green Button (hours) and CSV (half hours, Octopus' layout), with invented values.
Prints seconds, rows per second and peak memory of driver and workers together: of a quarter of the files, into a lake
of their own, and of all, so that growth shows.
"""

from __future__ import annotations

import argparse
import tempfile
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from benchmarks.measure import machine, measured
from energy_lib.intervals import Period
from energy_lib.lake import open_session
from energy_lib.models.config import load_config
from jobs import ingest

DAY = datetime(2024, 1, 15, tzinfo=UTC)
HALF_HOURS, HOURS = 48, 24
PERIOD = Period.day(date(2024, 1, 16))
ESPI = 'xmlns="http://www.w3.org/2005/Atom" xmlns:espi="http://naesb.org/espi"'


def nem12(number: int) -> tuple[str, str, int]:
    """File's path below landing, its text, its rows."""
    values = ",".join(f"{0.1 + (number + i) % 7 / 10:.3f}" for i in range(HALF_HOURS))
    day = f"{DAY:%Y%m%d}"
    records = (
        f"100,NEM12,{day}2359,MDP,RET",
        f"200,{6100000000 + number},E1,E1,E1,,S{number},KWH,30,",
        f"300,{day},{values},A,,,{day}235900",
        "900",
    )
    return f"nem12/{number}.csv", "\n".join(records) + "\n", HALF_HOURS


def green_button(number: int) -> tuple[str, str, int]:
    """File's path below landing, its text, its rows."""
    point, start = f"/espi/Sub/1/UsagePoint/N{number}", 1_705_305_600
    readings = "".join(
        "<espi:IntervalReading><espi:timePeriod><espi:duration>3600</espi:duration>"
        f"<espi:start>{start + 3600 * i}</espi:start></espi:timePeriod>"
        f"<espi:value>{500 + (number + i) % 9 * 100}</espi:value></espi:IntervalReading>"
        for i in range(HOURS)
    )
    kind = "<espi:ServiceCategory><espi:kind>0</espi:kind></espi:ServiceCategory>"
    reading_type = (
        "<espi:accumulationBehaviour>4</espi:accumulationBehaviour><espi:commodity>1</espi:commodity>"
        "<espi:flowDirection>1</espi:flowDirection><espi:intervalLength>3600</espi:intervalLength>"
        "<espi:kind>12</espi:kind><espi:powerOfTenMultiplier>0</espi:powerOfTenMultiplier><espi:uom>72</espi:uom>"
    )
    entries = (
        ([f'"self" href="{point}"'], f"<espi:UsagePoint>{kind}</espi:UsagePoint>"),
        ([f'"self" href="{point}/MeterReading/1"', '"related" href="/espi/ReadingType/F"'], "<espi:MeterReading/>"),
        (['"self" href="/espi/ReadingType/F"'], f"<espi:ReadingType>{reading_type}</espi:ReadingType>"),
        (
            [
                f'"self" href="{point}/MeterReading/1/IntervalBlock/1"',
                f'"up" href="{point}/MeterReading/1/IntervalBlock"',
            ],
            f"<espi:IntervalBlock>{readings}</espi:IntervalBlock>",
        ),
    )
    body = "".join(
        f"<entry>{''.join(f'<link rel={link}/>' for link in links)}<content>{content}</content></entry>\n"
        for links, content in entries
    )
    return f"green_button/{number}.xml", f'<?xml version="1.0"?>\n<feed {ESPI}>\n{body}</feed>\n', HOURS


def octopus(number: int) -> tuple[str, str, int]:
    """File's path below landing, its text, its rows."""
    lines = ["Consumption (kwh), Start, End"]
    for i in range(HALF_HOURS):
        start = DAY + timedelta(minutes=30 * i)
        kwh = 0.1 + (number + i) % 7 / 10
        lines.append(
            f"{kwh:.3f}, {start:%Y-%m-%dT%H:%M:%S}+00:00, {start + timedelta(minutes=30):%Y-%m-%dT%H:%M:%S}+00:00"
        )
    return f"octopus/mpan-{number}.csv", "\n".join(lines) + "\n", HALF_HOURS


def land(landing: Path, files: int) -> int:
    """Write the files; returns their rows."""
    rows = 0
    for number in range(files):
        path, text, count = (nem12, green_button, octopus)[number % 3](number)
        file = landing / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
        rows += count
    return rows


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--files", type=int, default=10_000)
    options = arguments.parse_args()
    print(machine())
    for files in (options.files // 4, options.files):
        with tempfile.TemporaryDirectory() as scratch:
            rows = land(Path(scratch) / "landing", files)
            settings = [f"lake={scratch}/lake", f"landing={scratch}/landing"]
            config, _ = load_config("conf/local.yaml", settings)
            spark = open_session(config.spark)
            with measured(f"ingest of {files:,} files", rows):
                outcome = ingest.run(spark, config, PERIOD)
            if outcome.rows_out != rows:
                raise SystemExit(f"{outcome.rows_out:,} of {rows:,} rows came in: " + " ".join(outcome.lines))


if __name__ == "__main__":
    main()
