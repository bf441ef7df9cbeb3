"""What was truly used while readings were sent live, and what was done to them, beside the landing folder."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from energy_lib.simulation.live.live_readings import LiveReadings
from energy_lib.simulation.live.messages import poison_places
from energy_lib.simulation.utility import TRUTH


def write_live_truth(landing: Path, live: LiveReadings, poison_seed: int | None) -> None:
    """Write `live_truth.parquet`, `live_faults.csv` and `live_poison.csv` to `<landing>/../simulated_truth/`."""
    folder = landing.parent / TRUTH
    folder.mkdir(parents=True, exist_ok=True)
    _readings(live, live.truth).to_parquet(folder / "live_truth.parquet", index=False)
    faults = _readings(live, live.faults).assign(kind=live.faults["kind"].to_numpy())
    faults.sort_values(["kind", "meter_id", "interval_start_utc"]).to_csv(folder / "live_faults.csv", index=False)
    places, kinds = poison_places(len(live.rows), poison_seed) if poison_seed is not None else (np.array([], int), [])
    after = live.rows.iloc[places]
    poison = _readings(live, after)[["meter_id"]].assign(sent_at_utc=after["received"].to_numpy(), kind=kinds)
    poison.to_csv(folder / "live_poison.csv", index=False)


def _readings(live: LiveReadings, rows: pd.DataFrame) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "meter_id": np.array(live.meter_ids, dtype=object)[rows["meter"].to_numpy(dtype=int)],
            "interval_start_utc": rows["start"].to_numpy(),
            "interval_minutes": rows["minutes"].to_numpy(),
            "energy_kwh": rows["kwh"].to_numpy(),
        }
    )
