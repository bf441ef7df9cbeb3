"""What a training cost: seconds, energy and carbon of the machine it was started on, estimated by CodeCarbon."""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

COST_FILE = "cost.json"
NOTHING = {"seconds": 0.0, "energy_kwh": 0.0, "co2e_kg": 0.0}
UNMEASURED = float("nan")


@contextmanager
def costed(folder: Path, country: str) -> Iterator[None]:
    """Add the block's cost to that of earlier tries in `folder`/cost.json; a try that a SIGKILL ended is not counted.

    `country`: ISO 3166 code of three letters; its grid's average intensity (the world's, if it is unknown) turns energy
    into CO2e. Energy (kWh) and carbon (kg CO2e) are NaN where CodeCarbon could not measure; training goes on.
    """
    from codecarbon import OfflineEmissionsTracker

    logging.getLogger("codecarbon").setLevel(logging.CRITICAL)
    tracker = OfflineEmissionsTracker(country_iso_code=country, output_methods=[], log_level="critical")
    tracker.start()
    begun = time.monotonic()
    try:
        yield
    finally:
        tracker.stop()
        emissions = getattr(tracker, "final_emissions_data", None)
        spent = {
            "seconds": time.monotonic() - begun,
            "energy_kwh": UNMEASURED if emissions is None else emissions.energy_consumed,
            "co2e_kg": UNMEASURED if emissions is None else emissions.emissions,
        }
        before = cost_of(folder)
        folder.mkdir(parents=True, exist_ok=True)
        (folder / COST_FILE).write_text(
            json.dumps({name: before[name] + spent[name] for name in NOTHING}), encoding="utf-8"
        )


def cost_of(folder: Path) -> dict[str, float]:
    """seconds, energy_kwh and co2e_kg so far."""
    file = folder / COST_FILE
    return dict(json.loads(file.read_text(encoding="utf-8"))) if file.is_file() else dict(NOTHING)
