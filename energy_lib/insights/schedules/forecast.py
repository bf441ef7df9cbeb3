"""A site's net load and generation from rows of gold.group_forecasts and gold.forecasts of one origin."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

from energy_lib.insights.schedules.problem import DAY_HOURS, SHORT_FORECAST, SiteForecast, repeated_days
from energy_lib.insights.schedules.site import Hours
from energy_lib.models.baselines import BASELINES
from energy_lib.vocabulary import QUANTILES, Flow

GROUP_COLUMNS = (
    "group_id", "flow", "interval_start_utc", "model_name", "model_version", "imputed_share", *QUANTILES,
)  # fmt: skip
METER_COLUMNS = ("meter_id", "interval_start_utc", "model_name", "model_version", "p50")
# What comes in raises the net load by its upper quantiles; what goes out lowers it by its lower ones.
OPPOSITE = dict(zip(QUANTILES, reversed(QUANTILES), strict=True))
MODEL = ["model_name", "model_version"]


def site_forecasts(
    groups: pa.Table, generators: pa.Table, sites_of: Mapping[str, str], origin: datetime, hours: int
) -> dict[str, SiteForecast | str]:
    """The forecast of each site that has rows, or why it is of no use; GROUP_COLUMNS and METER_COLUMNS in.

    `sites_of`: the site of each meter of `generators`. A trained model's rows are taken before a baseline's.
    """
    generated: dict[str, dict[str, Hours]] = {}
    for meter_id, rows in generators.to_pandas(timestamp_as_object=False).groupby("meter_id", sort=True):
        curve = _hourly(_best_model(rows), ["p50"], origin)[:, 0]
        if len(curve) >= DAY_HOURS:
            generated.setdefault(sites_of[str(meter_id)], {})[str(meter_id)] = repeated_days(curve, hours)
    found: dict[str, SiteForecast | str] = {}
    for site_id, rows in groups.to_pandas(timestamp_as_object=False).groupby("group_id", sort=True):
        found[str(site_id)] = _site_forecast(str(site_id), rows, generated.get(str(site_id), {}), origin, hours)
    return found


def _site_forecast(
    site_id: str, rows: pd.DataFrame, generated: Mapping[str, Hours], origin: datetime, hours: int
) -> SiteForecast | str:
    rows = _best_model(rows)
    flows = {
        str(flow): _hourly(part, [*QUANTILES, "imputed_share"], origin)
        for flow, part in rows.assign(flow=rows["flow"].fillna(str(Flow.IMPORT))).groupby("flow")
        if flow != Flow.GENERATION
    }
    known = min((len(values) for values in flows.values()), default=0)
    if known < DAY_HOURS:
        return f"{SHORT_FORECAST}: site {site_id} is forecast for {known} h"
    level = {name: i for i, name in enumerate(QUANTILES)}
    net = {
        name: sum(
            (
                -values[:known, level[OPPOSITE[name]]] if flow == Flow.EXPORT else values[:known, level[name]]
                for flow, values in flows.items()
            ),
            np.zeros(known),
        )
        for name in QUANTILES
    }
    imputed = np.max([values[:known, -1] for values in flows.values()], axis=0)
    return SiteForecast(
        net_kw={name: repeated_days(values, hours) for name, values in net.items()},
        repeated=np.arange(hours) >= known,
        imputed_share=repeated_days(imputed, hours),
        generated_kw=generated,
        model_name=str(rows["model_name"].iloc[0]),
        model_version=str(rows["model_version"].iloc[0]),
    )


def _best_model(rows: pd.DataFrame) -> pd.DataFrame:
    """The rows of one model: a trained one if there is one, of several the highest version."""

    def place(model: tuple[Any, ...]) -> tuple[Any, ...]:
        name, version = model
        return name not in BASELINES, int(version) if str(version).isdigit() else 0, str(name), str(version)

    models = sorted(rows[MODEL].drop_duplicates().itertuples(index=False, name=None), key=place)
    return rows[(rows[MODEL] == models[-1]).all(axis=1)]


def _hourly(rows: pd.DataFrame, columns: list[str], origin: datetime) -> Hours:
    """The columns from the origin on, up to the first hour that is missing: an array [hours, columns]."""
    hour = ((rows["interval_start_utc"] - pd.Timestamp(origin)) // pd.Timedelta(hours=1)).to_numpy()
    order = np.argsort(hour)
    whole = hour[order] == np.arange(len(hour))
    values = rows[columns].to_numpy(np.float64)[order]
    usable = whole & np.isfinite(values).all(axis=1)
    return values[: len(usable) if usable.all() else int(np.argmin(usable))]
