"""A whole report: every page's frames read from a lake, and the document of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

from energy_lib.reporting import drawings
from energy_lib.reporting.as_of import AsOf
from energy_lib.reporting.context import Context, FileLinks
from energy_lib.reporting.figure import Figure, figures_of
from energy_lib.reporting.page_catalog import CATALOG, PageKind
from energy_lib.reporting.pages.details import Details
from energy_lib.reporting.reading.details import read_details
from energy_lib.reporting.rendering import document, render
from energy_lib.reporting.report_tables import ReportTables
from energy_lib.reporting.words import Words

# The clock of most meters is that of the portfolio's figures.
ZONE = "SELECT zone FROM silver.meters GROUP BY zone ORDER BY count(*) DESC, zone LIMIT 1"
UTC = "UTC"
# Longer lists are cut on pages; their figure's file has all rows.
ROWS_OF_LISTS = 500


@dataclass(frozen=True)
class Report:
    """The frames of each page of energy_lib.reporting.page_catalog, by name."""

    as_of: AsOf
    zone: str
    pages: dict[str, Any]
    details: Details

    def figures(self) -> list[Figure]:
        return [figure for page in (*self.pages.values(), self.details) for figure in figures_of(page)]


def portfolio_zone(lake: ReportTables, as_of: AsOf) -> str:
    """The IANA zone that most meters have."""
    rows = lake.shared("zone", ZONE, as_of).rows
    return str(rows["zone"].iloc[0]) if len(rows) else UTC


def read_report(lake: ReportTables, as_of: AsOf, buildings: int) -> Report:
    """Read every page, and the details of so many buildings, those that cost most."""
    pages = {kind.name: kind.read(lake, as_of) for kind in CATALOG}
    details = read_details(lake, as_of, pages["buildings"].first(buildings))
    return Report(as_of, portfolio_zone(lake, as_of), pages, details)


def report_html(report: Report, words: Words) -> str:
    """One self-contained document of all pages."""
    anchors = {building: f"building-{n}" for n, building in enumerate(report.details.order, 1)}
    context = Context(report.as_of, report.zone, words, FileLinks(anchors))
    sections = [(kind.name, page_html(kind, report.pages[kind.name], context)) for kind in CATALOG]
    details = render_details(report.details, context, anchors)
    sections = [(name, html + details if name == "buildings" else html) for name, html in sections]
    title = f"{words.text('Energy report')} {report.as_of.day}"
    return document(sections, context, title)


def page_html(kind: PageKind, page: Any, context: Context) -> Markup:
    """A page's section, the same in the file and in the app."""
    return render(kind.name, page, context, kind.draw, most=ROWS_OF_LISTS)


def render_details(details: Details, context: Context, anchors: dict[str, str] | None = None) -> Markup:
    """The section of some buildings; in the file each has an anchor. In the app all meters are open."""
    return render("details", details, context, drawings.details, anchors=anchors or {}, opened=anchors is None)


def headline(report: Report, words: Words) -> str:
    """What the report found, in a sentence."""
    context = Context(report.as_of, report.zone, words, FileLinks())
    return drawings.overview.headline(report.pages["overview"], context)
