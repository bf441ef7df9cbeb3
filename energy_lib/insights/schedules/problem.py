"""All that is known of one site at an origin, put together: the problem that is planned, and what its rows tell."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray

from energy_lib.config import ScheduleConfig
from energy_lib.insights.schedules.assets import Past, SiteAssets, site_assets
from energy_lib.insights.schedules.site import Hours, Site
from energy_lib.insights.schedules.terms import Terms
from energy_lib.insights.schedules.windows import LocalHours

Row = Mapping[str, Any]
DAY_HOURS = 24
NO_FORECAST, SHORT_FORECAST = "no_forecast", "forecast_too_short"


@dataclass(frozen=True, slots=True)
class SiteForecast:
    """Forecast of a site's net load from the origin on, kW: import less export, an array a quantile's name.

    `repeated`: hours beyond the forecast, which repeat the day before. `meters`: hourly median generation by meter.
    """

    net_kw: Mapping[str, Hours]
    repeated: NDArray[np.bool_]
    imputed_share: Hours
    generated_kw: Mapping[str, Hours]
    model_name: str
    model_version: str

    def after(self, hours: int) -> SiteForecast:
        """The forecast without its first hours."""
        return replace(
            self,
            net_kw={name: values[hours:] for name, values in self.net_kw.items()},
            repeated=self.repeated[hours:],
            imputed_share=self.imputed_share[hours:],
            generated_kw={meter: values[hours:] for meter, values in self.generated_kw.items()},
        )


@dataclass(frozen=True, slots=True)
class Problem:
    """A site to plan. `site` is None where it cannot be, and `reason` says why."""

    site_id: str
    origin: datetime
    assets: SiteAssets
    site: Site | None
    reason: str | None
    forecast: SiteForecast | None
    terms: Terms | None
    tariff_id: str | None

    @property
    def hours(self) -> int:
        return len(self.assets.limit_kw)


def repeated_days(values: Hours, hours: int) -> Hours:
    """A forecast of a day or more, made as long as a plan: each hour beyond it repeats that of a day before."""
    known = len(values)
    places = np.arange(hours)
    beyond = np.maximum(places - known, -1) // DAY_HOURS + 1
    return values[places - beyond * DAY_HOURS]


def problem_of(
    site_id: str,
    origin: datetime,
    rows: Sequence[Row],
    local: LocalHours,
    hours: int,
    past: Past,
    forecast: SiteForecast | str,
    terms: Terms | str,
    tariff_id: str | None,
    settings: ScheduleConfig,
) -> Problem:
    """The site's problem of so many hours; `forecast` and `terms` are texts that say why there are none."""
    reasons = [each for each in (forecast, terms, getattr(terms, "reason", None)) if isinstance(each, str)]
    generated = {} if isinstance(forecast, str) else forecast.generated_kw
    assets = site_assets(rows, local, hours, past, generated)
    known, priced = None if isinstance(forecast, str) else forecast, None if isinstance(terms, str) else terms
    site = None
    if known is not None and priced is not None and not reasons:
        site = _site(assets, known, priced, settings)
    return Problem(site_id, origin, assets, site, reasons[0] if reasons else None, known, priced, tariff_id)


def _site(assets: SiteAssets, forecast: SiteForecast, terms: Terms, settings: ScheduleConfig) -> Site:
    net, upper = (_without(forecast.net_kw[name], assets.within_kw) for name in ("p50", settings.limit_quantile))
    return Site(
        net_kw=net,
        upper_kw=np.maximum(upper, net),
        import_price=terms.import_price,
        export_price=terms.export_price,
        limit_kw=assets.limit_kw,
        limit_price=settings.limit_price_per_kwh,
        intensity_kg_per_kwh=terms.intensity_kg_per_kwh,
        carbon_price=settings.carbon_price_per_kg,
        batteries=assets.batteries,
        runs=assets.runs,
        generation=assets.generation,
        demand=terms.demand,
    )


def _without(forecast_kw: Hours, within_kw: Hours) -> Hours:
    """The forecast without the loads that are planned. It cannot hold more of them than it has import."""
    return np.maximum(forecast_kw - within_kw, np.minimum(forecast_kw, 0.0))
