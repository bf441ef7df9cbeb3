"""A baseline of a project that uses the same on every day, so that no test waits for OpenDSM."""

from __future__ import annotations

from datetime import datetime

import pyarrow as pa

from energy_lib.config import CleaningConfig
from energy_lib.insights.savings.baseline import Baseline, Submodel
from energy_lib.insights.savings.fitness import Fitness
from energy_lib.insights.savings.pipeline.baselines import content_of
from energy_lib.insights.savings.pipeline.inputs import Declared, local_days_of
from energy_lib.lake import Lake
from energy_lib.tables.answers.savings import BASELINES
from energy_lib.tables.arrow import arrow_schema


def publish_flat_baseline(lake: Lake, found: Declared, kwh_a_day: float, known_at: datetime) -> None:
    """Put it into gold.savings_baselines, as fitted to the days that are known at the time."""
    first, end = found.baseline
    days = local_days_of(lake, found, first, end, known_at, CleaningConfig()).days
    flat = Submodel("tidd", {"intercept": kwh_a_day}, {"T_min": 0, "T_max": 90, "T_min_seg": 0, "T_max_seg": 90})
    even = {f"{season}-{day}": [1 / 24] * 24 for season in ("wi", "sh", "su") for day in ("wd", "we")}
    fit = Fitness(365, kwh_a_day, 0.1, 0.0, 0.05)
    project_id, meter_id = found.key
    row = {
        "project_id": project_id, "meter_id": meter_id, "baseline_first": first, "baseline_end": end,
        "content": content_of(days), "refused": [], "warnings": [], "event_ids": [], "known_at_utc": known_at,
        "model_json": Baseline({"fw-su_sh_wi": flat}, even, fit, opendsm={"version": "1.2.6"}).to_json(),
    }  # fmt: skip
    lake.upsert(BASELINES, pa.Table.from_pylist([row], schema=arrow_schema(BASELINES)))
