"""The pages as a small web app, from the lake's tables as they stand: what the file shows, and any building."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from threading import Event, Thread
from typing import Annotated

from fastapi import FastAPI, Query, Request
from fastapi.middleware.trustedhost import TrustedHostMiddleware
from fastapi.responses import HTMLResponse, RedirectResponse
from markupsafe import Markup

from energy_lib.config import Config
from energy_lib.errors import BadConfig, EnergyError, InputMissing
from energy_lib.intervals import END_INSTANT, FIRST_INSTANT, parse_day
from energy_lib.lake.keeper import Keeper
from energy_lib.reporting.as_of import AsOf
from energy_lib.reporting.context import AppLinks, Context
from energy_lib.reporting.lake_pages import LakePages, path_of
from energy_lib.reporting.page_catalog import CATALOG, PageKind
from energy_lib.reporting.rendering import document
from energy_lib.reporting.words import LANGUAGES

PLACE_OF_METER = "SELECT coalesce(building_id, meter_id) AS building_id FROM silver.meters WHERE meter_id = $meter"
# FastAPI looks this name up when it reads an endpoint's annotations.
Day = Annotated[str | None, Query(alias="date")]
HEADERS = {"X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer", "X-Frame-Options": "DENY"}


class Pages:
    """The app's answers. `day` and `lang` are those of the address: a date (None: the newest night) and a language."""

    def __init__(self, config: Config) -> None:
        self._config = config
        self.keeper = Keeper(lambda: LakePages(config))

    def page(self, kind: PageKind, request: Request, day: str | None, lang: str | None) -> HTMLResponse:
        """A page of energy_lib.reporting.page_catalog."""
        pages = self.keeper.current
        context = self._context(pages, request, day, lang)
        return self._answer([(kind.name, pages.section(kind, context))], context, kind.name)

    def building(self, building_id: str, request: Request, day: str | None, lang: str | None) -> HTMLResponse:
        """A building and its meters."""
        pages = self.keeper.current
        context = self._context(pages, request, day, lang)
        return self._answer([("building", pages.building(building_id, context))], context, "buildings")

    def meter(self, meter_id: str, day: str | None, lang: str | None) -> RedirectResponse:
        """The page of the meter's building; raises InputMissing for a meter that the lake does not know."""
        pages = self.keeper.current
        found = pages.tables.figure("place", PLACE_OF_METER, AsOf(pages.newest_day), meter=meter_id)
        place = found.rows["building_id"]
        if place.empty:
            raise InputMissing(f"The lake knows no meter {meter_id}: look for it in the list of buildings.")
        return RedirectResponse(str(AppLinks(asked=_asked(day, lang)).building(str(place.iloc[0]))))

    def _context(self, pages: LakePages, request: Request, day: str | None, lang: str | None) -> Context:
        language = lang or self._config.report.language
        if language not in LANGUAGES:
            raise BadConfig(f"There is no language '{language}': ask for one of {', '.join(LANGUAGES)}.")
        asked_day = parse_day(day) if day else None
        if asked_day and not FIRST_INSTANT.date() < asked_day < END_INSTANT.date():
            raise BadConfig(f"There is no night of {asked_day}: ask for a date on which a night ran.")
        return pages.context(asked_day, language, AppLinks(request.url.path, _asked(day, lang)))

    def _answer(self, sections: list[tuple[str, Markup]], context: Context, current: str) -> HTMLResponse:
        title = f"{context.words.text('Energy report')} {context.as_of.day}"
        return HTMLResponse(document(sections, context, title, current), headers=HEADERS)


def _asked(day: str | None, lang: str | None) -> tuple[tuple[str, str], ...]:
    return tuple((key, value) for key, value in (("date", day), ("lang", lang)) if value)


def create_app(config: Config) -> FastAPI:
    """The app: `/` and a page a name of energy_lib.reporting.page_catalog, `/buildings/<id>`, `/meters/<id>`.

    Every page takes `date=YYYY-MM-DD` (default: the newest night) and `lang`. Raises BadConfig for a lake in a store.
    """
    pages = Pages(config)
    app = FastAPI(
        title="Energy report", docs_url=None, redoc_url=None, openapi_url=None, lifespan=_kept_fresh(pages.keeper)
    )
    # A page of the web that names this machine by a name of its own gets nothing.
    app.add_middleware(TrustedHostMiddleware, allowed_hosts=["127.0.0.1", "localhost"])
    for kind in CATALOG:
        app.get(path_of(kind), response_class=HTMLResponse, name=kind.name)(_endpoint(pages, kind))

    @app.get("/buildings/{building_id:path}", response_class=HTMLResponse)
    def building(building_id: str, request: Request, day: Day = None, lang: str | None = None) -> HTMLResponse:
        return pages.building(building_id, request, day, lang)

    @app.get("/meters/{meter_id:path}")
    def meter(meter_id: str, day: Day = None, lang: str | None = None) -> RedirectResponse:
        return pages.meter(meter_id, day, lang)

    app.exception_handler(EnergyError)(_mendable)
    return app


def _kept_fresh(keeper: Keeper[LakePages]) -> Callable[[FastAPI], AbstractAsyncContextManager[None]]:
    """While the app runs, a thread reads what is new before anyone asks for it."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        stopped = Event()
        Thread(target=keeper.keep, args=(stopped,), daemon=True, name="keep-pages-fresh").start()
        yield
        stopped.set()

    return lifespan


def _endpoint(pages: Pages, kind: PageKind) -> Callable[..., HTMLResponse]:
    def page(request: Request, day: Day = None, lang: str | None = None) -> HTMLResponse:
        return pages.page(kind, request, day, lang)

    return page


def _mendable(request: Request, error: EnergyError) -> HTMLResponse:
    """The sentence of an error, as a page."""
    status = 404 if isinstance(error, InputMissing) else 400
    body = Markup('<!doctype html><html lang="en"><title>Energy report</title><main><p>{}</p></main></html>')
    return HTMLResponse(body.format(str(error)), status_code=status, headers=HEADERS)
