"""A whole report: every page's frames read from a lake, and the document of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

from energy_lib.reporting import drawings
from energy_lib.reporting.as_of import AsOf
from energy_lib.reporting.context import Context, FileLinks
from energy_lib.reporting.figure import Figure, figures_of
from energy_lib.reporting.lake_view import LakeView
from energy_lib.reporting.page_catalog import CATALOG
from energy_lib.reporting.rendering import document, render
from energy_lib.reporting.words import Words

# The clock of most meters is that of the portfolio's figures.
ZONE = "SELECT zone FROM silver.meters GROUP BY zone ORDER BY count(*) DESC, zone LIMIT 1"
UTC = "UTC"


@dataclass(frozen=True)
class Report:
    """The frames of each page of energy_lib.reporting.page_catalog, by name."""

    as_of: AsOf
    zone: str
    pages: dict[str, Any]

    def figures(self) -> list[Figure]:
        return [figure for page in self.pages.values() for figure in figures_of(page)]


def portfolio_zone(lake: LakeView, as_of: AsOf) -> str:
    """The IANA zone that most meters have."""
    rows = lake.figure("zone", ZONE, as_of).rows
    return str(rows["zone"].iloc[0]) if len(rows) else UTC


def read_report(lake: LakeView, as_of: AsOf) -> Report:
    """Read every page."""
    pages = {kind.name: kind.read(lake, as_of) for kind in CATALOG}
    return Report(as_of, portfolio_zone(lake, as_of), pages)


def report_html(report: Report, words: Words) -> str:
    """One self-contained document of all pages."""
    context = Context(report.as_of, report.zone, words, FileLinks())
    sections: list[tuple[str, Markup]] = [
        (kind.name, render(kind.name, report.pages[kind.name], context, kind.draw)) for kind in CATALOG
    ]
    title = f"{words.text('Energy report')} {report.as_of.day}"
    return document(sections, context, title)


def headline(report: Report, words: Words) -> str:
    """What the report found, in a sentence."""
    context = Context(report.as_of, report.zone, words, FileLinks())
    return drawings.overview.headline(report.pages["overview"], context)
