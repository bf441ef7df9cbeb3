"""The pages of a lake at one state of its tables; energy_lib.lake.keeper reads the next before anyone asks for it."""

from __future__ import annotations

import logging
from datetime import date
from functools import cached_property, lru_cache
from itertools import product
from threading import Event, RLock
from typing import Any

from markupsafe import Markup

from energy_lib.config import Config
from energy_lib.errors import InputMissing
from energy_lib.reporting.as_of import AsOf
from energy_lib.reporting.assembly import page_html, portfolio_zone, render_details
from energy_lib.reporting.context import AppLinks, Context
from energy_lib.reporting.page_catalog import CATALOG, PageKind
from energy_lib.reporting.reading.details import read_details
from energy_lib.reporting.report_tables import ReportTables
from energy_lib.reporting.words import LANGUAGES, words_of

# Of so many nights and languages the pages are kept, and so many buildings.
NIGHTS_KEPT, SECTIONS_KEPT = 4, 64

log = logging.getLogger(__name__)


class LakePages:
    """What pages show of a lake, each table at the version that it had when a page first asked for it."""

    def __init__(self, config: Config) -> None:
        self._config = config
        self._lock = RLock()
        self.tables = ReportTables(config.lake)
        self._frames = lru_cache(NIGHTS_KEPT * len(CATALOG))(self._read)
        self.section = lru_cache(SECTIONS_KEPT)(self._section)
        self.building = lru_cache(SECTIONS_KEPT)(self._building)

    @cached_property
    def newest_day(self) -> date:
        """The newest night; raises InputMissing where there is none."""
        return self.tables.newest_day()

    def context(self, day: date | None, language: str, links: AppLinks) -> Context:
        """`day`: None for the newest night."""
        as_of = AsOf(day or self.newest_day, self._config.features.origin_hour_utc)
        return Context(as_of, portfolio_zone(self.tables, as_of), words_of(language), links)

    def is_current(self) -> bool:
        """Whether no table has a version after the one that was read."""
        return self.tables.is_current()

    def prepare(self, stopped: Event) -> None:
        """Read every page of the newest night, and draw it in each language; after `stopped`, no further page.

        A page that cannot be read is left out: who asks for it sees why. Without a night there is nothing to read.
        """
        own = self._config.report.language
        for language, kind in product((own, *(each for each in LANGUAGES if each != own)), CATALOG):
            if stopped.is_set():
                return
            asked = () if language == own else (("lang", language),)
            try:
                self.section(kind, self.context(None, language, AppLinks(path_of(kind), asked)))
            except InputMissing:
                return
            except Exception as error:
                if not stopped.is_set():
                    log.warning("The page %s could not be read ahead: %s", kind.name, error)

    def _section(self, kind: PageKind, context: Context) -> Markup:
        # Who asks for the same page waits for it, instead of reading it too.
        with self._lock:
            frames = self._frames(kind, context.as_of)
        return page_html(kind, frames, context)

    def _read(self, kind: PageKind, as_of: AsOf) -> Any:
        return kind.read(self.tables, as_of)

    def _building(self, building_id: str, context: Context) -> Markup:
        return render_details(read_details(self.tables, context.as_of, [building_id]), context)


def path_of(kind: PageKind) -> str:
    """A page's address in the app."""
    return "/" if kind.name == "overview" else f"/{kind.name}"
