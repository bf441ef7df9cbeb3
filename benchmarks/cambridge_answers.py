"""Every answer for a part of Cambridge Estates: 30 real meters, two years, two nights.

    python -m benchmarks.cambridge_answers --data ../shared/data/cambridge

Lands the meters with the factors and the tariff that ship (conf/references), and with what these data do not have and
is invented here: a placebo project (nothing was done, so that its saving should be 0), cars and a battery to plan, and
the university's closure at Christmas. Runs every step of the night but the training for 2022-12-20 and 2022-12-21.
Prints the seconds of each step, what it said of the second night, and the rows of every table of answers.
"""

from __future__ import annotations

import argparse
import os
import tempfile
import time
from datetime import UTC, date, datetime
from pathlib import Path

from benchmarks.landing import land_files
from benchmarks.measure import machine
from energy_lib.intervals import Period
from energy_lib.lake import Lake, open_session
from energy_lib.models.config import load_config
from energy_lib.tables.answers import accounts, anomalies, recommendations, savings, schedules
from jobs.nightly import STEPS, Kind

NIGHTS = Period(date(2022, 12, 20), date(2022, 12, 21))
LANDED = datetime(2021, 1, 1, tzinfo=UTC).timestamp()
REFERENCES = Path(__file__).resolve().parents[1] / "conf" / "references"
INVENTED = {
    "simulator_projects/projects.csv": """\
project_id,meter_id,measure,baseline_end,reporting_start,expected_saving_kwh_per_year,capital_cost,currency
placebo,b2_e,Nothing was done,2022-01-01,2022-01-02,200000,50000,GBP
placebo,b35_e,Nothing was done,2022-01-01,2022-01-02,80000,50000,GBP
placebo,b111_g,Nothing was done,2022-01-01,2022-01-02,8000,50000,GBP
""",
    "simulator_assets/assets.csv": """\
asset_id,site_id,kind,meter_id,from_hour,to_hour,valid_from,power_kw,lowest_power_kw,energy_kwh,minimum_run_hours,\
discharge_kw,round_trip_efficiency,lowest_charge_share,highest_charge_share,wear_cost_per_kwh,currency
cambridge_cars,cambridge,flexible_load,,18,7,2021-01-01,60,0,240,,,,,,,
cambridge_battery,cambridge,battery,,,,2021-01-01,100,,200,,100,0.9,0.1,0.9,0.02,GBP
""",
    "simulator_events/events.csv": """\
event_id,kind,meter_id,building_id,site_id,area_id,start_utc,end_utc,description
christmas-2021,closure,,,cambridge,,2021-12-24T00:00:00Z,2022-01-04T00:00:00Z,Closed over Christmas
""",
}
ANSWERS = (
    anomalies.ANOMALIES, accounts.HOURLY_ACCOUNTS, accounts.EMISSIONS, accounts.COSTS, accounts.ACCOUNT_FORECASTS,
    savings.SAVINGS, savings.BASELINES, recommendations.RECOMMENDATIONS, schedules.SCHEDULES,
)  # fmt: skip


def land_references(landing: Path) -> None:
    """What answers need and the data do not have: the references that ship, and what is invented."""
    for folder in sorted(REFERENCES.iterdir()):
        land_files(folder, landing / folder.name)
    for name, text in INVENTED.items():
        (landing / name).parent.mkdir(parents=True)
        (landing / name).write_text(text, encoding="utf-8")
    # What they say is known from their files' times on.
    sources = [*(each.name for each in REFERENCES.iterdir()), *(name.split("/")[0] for name in INVENTED)]
    for source in sources:
        for file in (landing / source).iterdir():
            os.utime(file, (LANDED, LANDED))


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--data", required=True, type=Path, help="folder that holds small/")
    arguments.add_argument("--lake", help="where to put the lake (default: a temporary folder)")
    options = arguments.parse_args()
    print(machine())
    with tempfile.TemporaryDirectory() as scratch:
        land_files(options.data / "small", Path(scratch) / "landing" / "cambridge")
        land_references(Path(scratch) / "landing")
        where = [f"lake={options.lake or f'{scratch}/lake'}", f"landing={scratch}/landing"]
        config, _ = load_config("conf/local.yaml", where)
        spark = open_session(config.spark)
        lines: list[str] = []
        for day in NIGHTS.days():
            lines = []
            for step in STEPS:
                if step.kind is not Kind.TRAINING:
                    started = time.perf_counter()
                    lines += step.run(spark, config, Period.day(day)).lines
                    print(f"{day} {step.job:<16} {time.perf_counter() - started:6.1f} s", flush=True)
        print("\n".join(lines))
        lake = Lake(spark, config.lake)
        for table in ANSWERS:
            print(f"{table.full_name:<28} {lake.read(table).count():>9,} rows")


if __name__ == "__main__":
    main()
