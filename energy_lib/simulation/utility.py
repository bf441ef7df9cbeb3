"""A small simulated utility: landing files with the usual faults, and the true readings to check cleaning against."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from energy_lib.config import SimulateConfig
from energy_lib.errors import BadConfig
from energy_lib.intervals import midnight_utc
from energy_lib.simulation import climate as weather
from energy_lib.simulation import market
from energy_lib.simulation.areas import areas
from energy_lib.simulation.contracts import assets, emission_factors, tariffs, with_capacities
from energy_lib.simulation.demand import SLOT_HOURS, Energy
from energy_lib.simulation.files import UNREGISTERED, Folder, write_broken_files, write_monthly, write_readings
from energy_lib.simulation.history import write_history
from energy_lib.simulation.injected_faults import UNKNOWN_METER, inject_faults
from energy_lib.simulation.lasting_faults import (
    inject_meter_faults,
    may_read,
)
from energy_lib.simulation.lived import Changed, lived
from energy_lib.simulation.portfolio import Registry
from energy_lib.simulation.readings import true_readings

FOLDERS = (
    "simulator",
    "simulator_weather",
    "simulator_weather_forecast",
    "simulator_carbon",
    "simulator_prices",
    "simulator_meters",
    "simulator_virtual_meters",
    "simulator_buildings",
    "simulator_emission_factors",
    "simulator_tariffs",
    "simulator_projects",
    "simulator_assets",
    "simulator_events",
    "simulator_areas",
)
TRUTH = "simulated_truth"
RAGGED_EVERY = 40
# Prices and intensity of days after it.
DAYS_AHEAD = pd.Timedelta(days=2)


@dataclass(frozen=True, slots=True)
class Simulated:
    """Counts of what was written; `faults` counts the faulty readings and files by kind."""

    files: int
    rows: int
    faults: dict[str, int]


def simulate(settings: SimulateConfig, landing: str) -> Simulated:
    """Write `<landing>/simulator*/…` and `<landing>/../simulated_truth/` (docs/simulator.md has the layout).

    The same settings give the same bytes and modification times. Raises BadConfig if `landing` is not a local folder.

        simulate(SimulateConfig(meters=5, days=30), "data/landing")
    """
    if "://" in landing:
        raise BadConfig(f"landing is {landing}: the simulator writes to a local folder; simulate there and copy it.")
    first = pd.Timestamp(settings.first_date)
    life = lived(settings)
    utility, slots, changed = life.utility, life.slots, life.changed
    truth = true_readings(utility, changed.kwh, slots)
    folder = Folder(Path(landing))
    rows, ledger = (
        inject_faults(
            truth, settings.seed, settings.days, partial(inject_meter_faults, faults=life.lasting, slots=slots)
        )
        if settings.dirt
        else (truth, _no_faults(truth))
    )
    write_readings(folder, rows, utility, RAGGED_EVERY if settings.dirt else None)
    broken_files = write_broken_files(folder, truth, utility) if settings.dirt else {}
    write_history(folder, utility, life.earlier.kwh, life.before)
    _write_reference(folder, utility, may_read(life.lasting, changed.kwh), life.climate, first, settings)
    _write_answer_references(folder, utility, changed, first)
    folder.remove_stale_files(FOLDERS)
    folder_of_truth = Path(landing).parent / TRUTH
    _write_truth(folder_of_truth, truth, ledger, utility)
    _write_own_use(folder_of_truth, life.energy, slots)
    changed.anomalies.to_csv(folder_of_truth / "anomalies.csv", index=False)
    changed.savings.to_csv(folder_of_truth / "savings.csv", index=False)
    life.homes.to_csv(folder_of_truth / "homes.csv", index=False)
    life.interrupted.disconnections.to_csv(folder_of_truth / "disconnections.csv", index=False)
    faulty_readings = {str(kind): int(n) for kind, n in ledger["kind"].value_counts().sort_index().items()}
    return Simulated(len(folder.written), len(rows), {**faulty_readings, **broken_files})


def _write_answer_references(folder: Folder, utility: Registry, changed: Changed, first: pd.Timestamp) -> None:
    """Tariffs and such land on the first day, projects when the first of them reports, an event when it begins."""
    known = midnight_utc(first.date())
    tables = {
        "tariffs": tariffs(first),
        "emission_factors": emission_factors(first),
        "assets": assets(utility, changed.kwh, first),
        "areas": areas(utility),
    }
    for name, table in tables.items():
        _write_csv(folder, f"simulator_{name}/{name}.csv", table, known)
    if len(changed.projects):
        reports = midnight_utc(changed.projects["reporting_start"].min())
        _write_csv(folder, "simulator_projects/projects.csv", changed.projects, reports)
    for event_id, event in changed.events.groupby("event_id"):
        begins = midnight_utc(pd.Timestamp(event["start_utc"].min()).date())
        _write_csv(folder, f"simulator_events/events-{event_id}.csv", event, begins)


def _write_csv(folder: Folder, name: str, table: pd.DataFrame, landed: datetime) -> None:
    folder.write(
        name, table.to_csv(index=False, lineterminator="\n", date_format="%Y-%m-%dT%H:%M:%SZ").encode(), landed
    )


def _write_reference(
    folder: Folder,
    utility: Registry,
    energy: NDArray[Any],
    climate: dict[str, weather.Climate],
    first: pd.Timestamp,
    settings: SimulateConfig,
) -> None:
    last = first + pd.Timedelta(days=settings.days)
    # One issue more than there are days, because the night after the last day forecasts too.
    issues = pd.date_range(first, last, freq="D")
    observed = pd.concat([place.frame() for place in climate.values()], ignore_index=True)
    observed = observed[observed["interval_start"] < last].sort_values(["interval_start", "location_id"])
    observed["received_at"] = observed["interval_start"] + pd.Timedelta(hours=1)
    forecasts = pd.concat([weather.forecasts(place, issues, settings.seed) for place in climate.values()])
    forecasts = forecasts.sort_values(["issued_at", "location_id", "interval_start"], ignore_index=True)
    write_monthly(folder, "simulator_weather", "weather", observed, "interval_start")
    write_monthly(folder, "simulator_weather_forecast", "forecast", forecasts, "issued_at")
    grid_climate = next(iter(climate.values()))
    residual = market.residual_demand(grid_climate, settings.seed)
    for source, stem, frame in (
        ("simulator_carbon", "carbon", market.carbon(grid_climate, residual)),
        ("simulator_prices", "prices", market.prices(grid_climate, residual)),
    ):
        # Published at noon for the next day, as day-ahead markets do: a night knows the prices of the day it plans.
        published = frame["interval_start"].dt.floor("D") - pd.Timedelta(hours=12)
        ahead = frame.assign(published_at=published)[frame["interval_start"].between(first, last + DAYS_AHEAD, "left")]
        write_monthly(folder, source, stem, ahead, "published_at")
    peak_kw = energy.max(axis=1) / SLOT_HOURS
    meters = with_capacities(utility.meters, peak_kw)
    first_midnight = midnight_utc(first.date())
    tables = {
        "meters": meters,
        "buildings": utility.buildings.drop(columns="area_id"),
        "virtual_meters": utility.virtual_meters(),
    }
    for source, frame in tables.items():
        if len(frame):
            _write_csv(folder, f"simulator_{source}/{source}.csv", frame, first_midnight)


def _no_faults(truth: pd.DataFrame) -> pd.DataFrame:
    return truth.iloc[:0][["meter", "start", "minutes", "kwh"]].assign(kind="")


def _write_truth(folder: Path, truth: pd.DataFrame, ledger: pd.DataFrame, utility: Registry) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    meter_ids = np.append(utility.meters["meter_id"].to_numpy(dtype=object), UNREGISTERED[0])
    assert UNKNOWN_METER == -1

    def readings_of(rows: pd.DataFrame) -> pd.DataFrame:
        return pd.DataFrame(
            {
                "meter_id": meter_ids[rows["meter"].to_numpy()],
                "interval_start_utc": rows["start"].to_numpy(),
                "interval_minutes": rows["minutes"].to_numpy(),
                "energy_kwh": rows["kwh"].to_numpy(),
            }
        )

    readings_of(truth).to_parquet(folder / "truth.parquet", index=False)
    faults = readings_of(ledger).assign(kind=ledger["kind"].to_numpy())
    faults.sort_values(["kind", "meter_id", "interval_start_utc"]).to_csv(folder / "dirt.csv", index=False)


def _write_own_use(folder: Path, energy: Energy, slots: pd.DatetimeIndex) -> None:
    """What each solar home used in each hour: the truth of its virtual meter."""
    hours = slots[::2]
    parts = [
        pd.DataFrame(
            {
                "meter_id": f"{point}_use",
                "interval_start_utc": hours,
                "energy_kwh": kwh.reshape(-1, 2).sum(axis=1),
            }
        )
        for point, kwh in energy.own_use.items()
    ]
    columns = ["meter_id", "interval_start_utc", "energy_kwh"]
    own_use = pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=columns)
    own_use.to_parquet(folder / "own_use.parquet", index=False)
