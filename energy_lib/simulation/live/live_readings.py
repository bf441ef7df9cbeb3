"""The readings of some days in the order in which they are sent: late, out of order, doubled, faulty."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

import numpy as np
import pandas as pd

from energy_lib.config import SimulateConfig
from energy_lib.errors import BadConfig
from energy_lib.intervals import Period
from energy_lib.simulation.files import LANDS_AFTER_DAY_END, UNREGISTERED, Folder, write_readings
from energy_lib.simulation.injected_faults import inject_faults
from energy_lib.simulation.live.scheduled_faults import inject_scheduled_faults
from energy_lib.simulation.lived import lived
from energy_lib.simulation.portfolio import Registry
from energy_lib.simulation.readings import true_readings

# A meter's messages take up to so long to arrive, and a share of them much longer.
USUAL_SECONDS = 50
LATE_SHARE, LATE_MINUTES = 0.02, (5, 180)
DAY = np.timedelta64(1, "D")


@dataclass(frozen=True, slots=True)
class LiveReadings:
    """`rows` in the order of sending, and the `truth` (columns as true_readings); `faults`: the kind of each faulty.

    `received` is when a reading is sent, by the utility's clock.
    """

    rows: pd.DataFrame
    truth: pd.DataFrame
    faults: pd.DataFrame
    utility: Registry

    @property
    def meter_ids(self) -> list[str]:
        """By a row's `meter`; the last is one that no registry has."""
        return [*self.utility.meters["meter_id"].astype(str), UNREGISTERED[0]]

    @property
    def fuels(self) -> list[str]:
        """The same of their fuels."""
        return [*self.utility.meters["fuel"].astype(str), UNREGISTERED[2]]

    def write_files(self, landing: Folder) -> int:
        """Write the same readings as landing files of the source `simulator`; their number."""
        write_readings(landing, self.rows, self.utility, None)
        return len(self.rows)


def live_readings(settings: SimulateConfig, period: Period) -> LiveReadings:
    """The readings of the period's UTC days, with faults if `settings.dirt`; the same settings give the same.

    Days after the simulated ones go on with the same meters, habits and faults of consumption, in weather of their own.
    Raises BadConfig for days before them.
    """
    if period.first < settings.first_date:
        raise BadConfig(f"{period.first} is before simulate.first_date {settings.first_date}: send later days.")
    days = max(settings.days, (period.last - settings.first_date).days + 1)
    life = lived(settings.model_copy(update={"days": days}))
    truth = true_readings(life.utility, life.changed.kwh, life.slots)
    sent = truth["start"].between(pd.Timestamp(period.first), pd.Timestamp(period.last) + DAY, inclusive="left")
    truth = truth[sent].reset_index(drop=True)
    rows, faults = truth, truth.iloc[:0][["meter", "start", "minutes", "kwh"]].assign(kind="")
    if settings.dirt:
        seed = settings.seed + period.first.toordinal()
        scheduled = partial(inject_scheduled_faults, utility=life.utility)
        rows, faults = inject_faults(_as_they_arrive(truth, seed), seed, len(period.days()), scheduled)
    rows = rows.sort_values(["received", "meter", "start", "rank"], kind="stable", ignore_index=True)
    return LiveReadings(rows, truth, faults, life.utility)


def _as_they_arrive(rows: pd.DataFrame, seed: int) -> pd.DataFrame:
    """The rows with the delays of their ways; what comes after a day's file has landed is in the next day's."""
    rng = np.random.default_rng([seed, 11])
    delay = rng.integers(1, USUAL_SECONDS, len(rows)).astype("timedelta64[s]")
    late = rng.random(len(rows)) < LATE_SHARE
    delay[late] += rng.integers(*LATE_MINUTES, int(late.sum())).astype("timedelta64[m]")
    received = rows["received"].to_numpy().astype("datetime64[s]") + delay
    lands_after = np.timedelta64(int(LANDS_AFTER_DAY_END.total_seconds()), "s")
    arrived = (received - lands_after).astype("datetime64[D]").astype("datetime64[s]")
    return rows.assign(received=received, file_day=np.maximum(arrived, rows["file_day"].to_numpy()))
