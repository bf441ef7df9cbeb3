"""Every page, in the order of the navigation: how its frames are read, and what draws its plots."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from types import ModuleType
from typing import Any

from energy_lib.reporting.as_of import AsOf
from energy_lib.reporting.drawings import overview as draw_overview
from energy_lib.reporting.lake_view import LakeView
from energy_lib.reporting.reading.overview import read_overview


@dataclass(frozen=True, slots=True)
class PageKind:
    """`name` is that of its template; `read` gives the dataclass of its figures."""

    name: str
    read: Callable[[LakeView, AsOf], Any]
    draw: ModuleType


CATALOG: tuple[PageKind, ...] = (PageKind("overview", read_overview, draw_overview),)
