"""What the client gives: pages of rows, and the forecast of a meter."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from energy_lib.vocabulary import QUANTILES

# A row of a table as the API says it: /openapi.json describes its columns. Times are RFC 3339 in UTC.
Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Page:
    """Rows, as of when they hold, and the Delta versions that they were read from. `next`: cursor; None: the last."""

    rows: Sequence[Row]
    as_of: datetime
    tables: Mapping[str, int]
    next: str | None


@dataclass(frozen=True, slots=True)
class MeterForecast:
    """Quantiles in kWh: `quantiles["p50"][i]` is of the hour that begins at `interval_start_utc[i]`.

    `fallback[i]`: what answered in the model's place, and why; None: the model did.
    """

    meter_id: str
    origin_utc: datetime
    model_name: str
    model_version: str
    interval_start_utc: Sequence[datetime]
    quantiles: Mapping[str, Sequence[float]]
    imputed_share: Sequence[float]
    fallback: Sequence[str | None]


def page_of(said: Mapping[str, Any]) -> Page:
    """A page from its JSON."""
    return Page(said["data"], instant_of(said["as_of"]), said["tables"], said["next"])


def forecast_of(said: Mapping[str, Any], origin_utc: str) -> MeterForecast:
    """A forecast from its JSON, columns as lists."""
    return MeterForecast(
        meter_id=said["meter_id"],
        origin_utc=instant_of(origin_utc),
        model_name=said["model_name"],
        model_version=said["model_version"],
        interval_start_utc=[instant_of(text) for text in said["interval_start_utc"]],
        quantiles={name: said[name] for name in QUANTILES},
        imputed_share=said["imputed_share"],
        fallback=said["fallback"],
    )


def instant_of(text: str) -> datetime:
    """An aware instant from RFC 3339."""
    return datetime.fromisoformat(text)
