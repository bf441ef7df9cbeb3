"""Every page, in the order of the navigation: how its frames are read, and what draws its plots."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from types import ModuleType
from typing import Any

from energy_lib.reporting.as_of import AsOf
from energy_lib.reporting.drawings import actions as draw_actions
from energy_lib.reporting.drawings import areas as draw_areas
from energy_lib.reporting.drawings import carbon as draw_carbon
from energy_lib.reporting.drawings import data_quality as draw_data_quality
from energy_lib.reporting.drawings import forecasts as draw_forecasts
from energy_lib.reporting.drawings import overview as draw_overview
from energy_lib.reporting.drawings import savings as draw_savings
from energy_lib.reporting.reading.actions import read_actions
from energy_lib.reporting.reading.areas import read_areas
from energy_lib.reporting.reading.buildings import read_buildings
from energy_lib.reporting.reading.carbon import read_carbon
from energy_lib.reporting.reading.data_quality import read_data_quality
from energy_lib.reporting.reading.forecasts import read_forecasts
from energy_lib.reporting.reading.method import read_method
from energy_lib.reporting.reading.overview import read_overview
from energy_lib.reporting.reading.savings import read_savings
from energy_lib.reporting.report_tables import ReportTables


@dataclass(frozen=True, slots=True)
class PageKind:
    """`name` is that of its template; `read` gives the dataclass of its figures."""

    name: str
    read: Callable[[ReportTables, AsOf], Any]
    draw: ModuleType | None = None


CATALOG: tuple[PageKind, ...] = (
    PageKind("overview", read_overview, draw_overview),
    PageKind("buildings", read_buildings),
    PageKind("actions", read_actions, draw_actions),
    PageKind("savings", read_savings, draw_savings),
    PageKind("carbon", read_carbon, draw_carbon),
    PageKind("areas", read_areas, draw_areas),
    PageKind("forecasts", read_forecasts, draw_forecasts),
    PageKind("data", read_data_quality, draw_data_quality),
    PageKind("method", read_method),
)
