"""The pages as a small web app, from the lake's tables as they stand: what the file shows, and any building."""

from __future__ import annotations

from collections.abc import Callable
from threading import Lock

from fastapi import FastAPI, Query, Request
from fastapi.middleware.trustedhost import TrustedHostMiddleware
from fastapi.responses import HTMLResponse, RedirectResponse
from markupsafe import Markup, escape

from energy_lib.config import Config
from energy_lib.errors import BadConfig, EnergyError, InputMissing
from energy_lib.intervals import END_INSTANT, FIRST_INSTANT, parse_day
from energy_lib.reporting.as_of import AsOf
from energy_lib.reporting.assembly import page_html, portfolio_zone, render_details
from energy_lib.reporting.context import AppLinks, Context
from energy_lib.reporting.lake_view import LakeView
from energy_lib.reporting.page_catalog import CATALOG, PageKind
from energy_lib.reporting.reading.details import read_details
from energy_lib.reporting.rendering import document
from energy_lib.reporting.words import LANGUAGES, words_of

PLACE_OF_METER = "SELECT coalesce(building_id, meter_id) AS building_id FROM silver.meters WHERE meter_id = $meter"
HEADERS = {"X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer", "X-Frame-Options": "DENY"}


class NewestView:
    """The lake's view, opened anew once a table has a new version; pages of one request see one view."""

    def __init__(self, root: str) -> None:
        self._root = root
        self._lock = Lock()
        self._view = LakeView(root)

    def current(self) -> LakeView:
        with self._lock:
            if not self._view.is_current():
                self._view = LakeView(self._root)
            return self._view


def create_app(config: Config) -> FastAPI:
    """The app: `/` and a page a name of energy_lib.reporting.page_catalog, `/buildings/<id>`, `/meters/<id>`.

    Every page takes `date=YYYY-MM-DD` (default: the newest night) and `lang`. Raises BadConfig for a lake in a store.
    """
    app = FastAPI(title="Energy report", docs_url=None, redoc_url=None, openapi_url=None)
    # A page of the web that names this machine by a name of its own gets nothing.
    app.add_middleware(TrustedHostMiddleware, allowed_hosts=["127.0.0.1", "localhost"])
    newest = NewestView(config.lake)

    def context_of(lake: LakeView, request: Request, day: str | None, lang: str | None) -> Context:
        language = lang or config.report.language
        if language not in LANGUAGES:
            raise BadConfig(f"There is no language '{language}': ask for one of {', '.join(LANGUAGES)}.")
        asked_day = parse_day(day) if day else lake.newest_day()
        if not FIRST_INSTANT.date() < asked_day < END_INSTANT.date():
            raise BadConfig(f"There is no night of {asked_day}: ask for a date on which a night ran.")
        as_of = AsOf(asked_day, config.features.origin_hour_utc)
        asked = {key: value for key, value in (("date", day), ("lang", lang)) if value}
        return Context(as_of, portfolio_zone(lake, as_of), words_of(language), AppLinks(request.url.path, asked))

    def answer(sections: list[tuple[str, Markup]], context: Context, current: str) -> HTMLResponse:
        title = f"{context.words.text('Energy report')} {context.as_of.day}"
        return HTMLResponse(document(sections, context, title, current), headers=HEADERS)

    def page_of(kind: PageKind) -> Callable[..., HTMLResponse]:
        def page(
            request: Request, day: str | None = Query(None, alias="date"), lang: str | None = None
        ) -> HTMLResponse:
            lake = newest.current()
            context = context_of(lake, request, day, lang)
            html = page_html(kind, kind.read(lake, context.as_of), context)
            return answer([(kind.name, html)], context, kind.name)

        return page

    for kind in CATALOG:
        path = "/" if kind.name == "overview" else f"/{kind.name}"
        app.get(path, response_class=HTMLResponse, name=kind.name)(page_of(kind))

    @app.get("/buildings/{building_id:path}", response_class=HTMLResponse)
    def building(
        request: Request, building_id: str, day: str | None = Query(None, alias="date"), lang: str | None = None
    ) -> HTMLResponse:
        lake = newest.current()
        context = context_of(lake, request, day, lang)
        details = read_details(lake, context.as_of, [building_id])
        return answer([("building", render_details(details, context))], context, "buildings")

    @app.get("/meters/{meter_id:path}")
    def meter(request: Request, meter_id: str, day: str | None = Query(None, alias="date")) -> RedirectResponse:
        lake = newest.current()
        place = lake.figure("place", PLACE_OF_METER, AsOf(lake.newest_day()), meter=meter_id).rows["building_id"]
        if place.empty:
            raise InputMissing(f"The lake knows no meter {meter_id}: look for it in the list of buildings.")
        asked = {"date": day} if day else {}
        return RedirectResponse(str(AppLinks(asked=asked).building(str(place.iloc[0]))))

    @app.exception_handler(EnergyError)
    def mendable(request: Request, error: EnergyError) -> HTMLResponse:
        status = 404 if isinstance(error, InputMissing) else 400
        body = Markup('<!doctype html><html lang="en"><title>Energy report</title><main><p>{}</p></main></html>')
        return HTMLResponse(body.format(escape(str(error))), status_code=status, headers=HEADERS)

    return app
