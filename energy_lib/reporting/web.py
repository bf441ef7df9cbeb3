"""The pages as a small web app, from the lake's tables as they stand: what the file shows, and any building."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from threading import Lock
from typing import Annotated

from fastapi import FastAPI, Query, Request
from fastapi.middleware.trustedhost import TrustedHostMiddleware
from fastapi.responses import HTMLResponse, RedirectResponse
from markupsafe import Markup

from energy_lib.config import Config
from energy_lib.errors import BadConfig, EnergyError, InputMissing
from energy_lib.intervals import END_INSTANT, FIRST_INSTANT, parse_day
from energy_lib.reporting.as_of import AsOf
from energy_lib.reporting.assembly import page_html, portfolio_zone, render_details
from energy_lib.reporting.context import AppLinks, Context
from energy_lib.reporting.page_catalog import CATALOG, PageKind
from energy_lib.reporting.reading.details import read_details
from energy_lib.reporting.rendering import document
from energy_lib.reporting.report_tables import ReportTables
from energy_lib.reporting.words import LANGUAGES, words_of

PLACE_OF_METER = "SELECT coalesce(building_id, meter_id) AS building_id FROM silver.meters WHERE meter_id = $meter"
# FastAPI looks this name up when it reads an endpoint's annotations.
Day = Annotated[str | None, Query(alias="date")]
PAGES_KEPT = 64
HEADERS = {"X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer", "X-Frame-Options": "DENY"}


class NewestView:
    """The lake's view, opened anew once a table has a new version; pages of one request see one view."""

    def __init__(self, root: str) -> None:
        self._root = root
        self._lock = Lock()
        self._view = ReportTables(root)

    def current(self) -> ReportTables:
        with self._lock:
            if not self._view.is_current():
                self._view = ReportTables(self._root)
            return self._view


class Pages:
    """The app's answers. `day` and `lang` are those of the address: a date (None: the newest night) and a language."""

    def __init__(self, config: Config) -> None:
        self._config = config
        self._newest = NewestView(config.lake)
        # A page of tables at one version does not change.
        self._page = lru_cache(maxsize=PAGES_KEPT)(_page)
        self._building = lru_cache(maxsize=PAGES_KEPT)(_building)

    def page(self, kind: PageKind, request: Request, day: str | None, lang: str | None) -> HTMLResponse:
        """A page of energy_lib.reporting.page_catalog."""
        lake = self._newest.current()
        context = self._context(lake, request, day, lang)
        return self._answer([(kind.name, self._page(lake, kind, context))], context, kind.name)

    def building(self, building_id: str, request: Request, day: str | None, lang: str | None) -> HTMLResponse:
        """A building and its meters."""
        lake = self._newest.current()
        context = self._context(lake, request, day, lang)
        return self._answer([("building", self._building(lake, building_id, context))], context, "buildings")

    def meter(self, meter_id: str, day: str | None, lang: str | None) -> RedirectResponse:
        """The page of the meter's building; raises InputMissing for a meter that the lake does not know."""
        lake = self._newest.current()
        place = lake.figure("place", PLACE_OF_METER, AsOf(lake.newest_day()), meter=meter_id).rows["building_id"]
        if place.empty:
            raise InputMissing(f"The lake knows no meter {meter_id}: look for it in the list of buildings.")
        return RedirectResponse(str(AppLinks(asked=_asked(day, lang)).building(str(place.iloc[0]))))

    def _context(self, lake: ReportTables, request: Request, day: str | None, lang: str | None) -> Context:
        language = lang or self._config.report.language
        if language not in LANGUAGES:
            raise BadConfig(f"There is no language '{language}': ask for one of {', '.join(LANGUAGES)}.")
        asked_day = parse_day(day) if day else lake.newest_day()
        if not FIRST_INSTANT.date() < asked_day < END_INSTANT.date():
            raise BadConfig(f"There is no night of {asked_day}: ask for a date on which a night ran.")
        as_of = AsOf(asked_day, self._config.features.origin_hour_utc)
        links = AppLinks(request.url.path, _asked(day, lang))
        return Context(as_of, portfolio_zone(lake, as_of), words_of(language), links)

    def _answer(self, sections: list[tuple[str, Markup]], context: Context, current: str) -> HTMLResponse:
        title = f"{context.words.text('Energy report')} {context.as_of.day}"
        return HTMLResponse(document(sections, context, title, current), headers=HEADERS)


def _page(lake: ReportTables, kind: PageKind, context: Context) -> Markup:
    return page_html(kind, kind.read(lake, context.as_of), context)


def _building(lake: ReportTables, building_id: str, context: Context) -> Markup:
    return render_details(read_details(lake, context.as_of, [building_id]), context)


def _asked(day: str | None, lang: str | None) -> tuple[tuple[str, str], ...]:
    return tuple((key, value) for key, value in (("date", day), ("lang", lang)) if value)


def create_app(config: Config) -> FastAPI:
    """The app: `/` and a page a name of energy_lib.reporting.page_catalog, `/buildings/<id>`, `/meters/<id>`.

    Every page takes `date=YYYY-MM-DD` (default: the newest night) and `lang`. Raises BadConfig for a lake in a store.
    """
    app = FastAPI(title="Energy report", docs_url=None, redoc_url=None, openapi_url=None)
    # A page of the web that names this machine by a name of its own gets nothing.
    app.add_middleware(TrustedHostMiddleware, allowed_hosts=["127.0.0.1", "localhost"])
    pages = Pages(config)
    for kind in CATALOG:
        path = "/" if kind.name == "overview" else f"/{kind.name}"
        app.get(path, response_class=HTMLResponse, name=kind.name)(_endpoint(pages, kind))

    @app.get("/buildings/{building_id:path}", response_class=HTMLResponse)
    def building(building_id: str, request: Request, day: Day = None, lang: str | None = None) -> HTMLResponse:
        return pages.building(building_id, request, day, lang)

    @app.get("/meters/{meter_id:path}")
    def meter(meter_id: str, day: Day = None, lang: str | None = None) -> RedirectResponse:
        return pages.meter(meter_id, day, lang)

    app.exception_handler(EnergyError)(_mendable)
    return app


def _endpoint(pages: Pages, kind: PageKind) -> Callable[..., HTMLResponse]:
    def page(request: Request, day: Day = None, lang: str | None = None) -> HTMLResponse:
        return pages.page(kind, request, day, lang)

    return page


def _mendable(request: Request, error: EnergyError) -> HTMLResponse:
    """The sentence of an error, as a page."""
    status = 404 if isinstance(error, InputMissing) else 400
    body = Markup('<!doctype html><html lang="en"><title>Energy report</title><main><p>{}</p></main></html>')
    return HTMLResponse(body.format(str(error)), status_code=status, headers=HEADERS)
