"""What the report's pages say: hostile names are text, nothing is zero that is not known, every text is translated."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pandas as pd
import pytest
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po
from hypothesis import given
from hypothesis import strategies as st
from report_areas import put_areas
from report_lake import DAY, HOSTILE, make_lake, put

from energy_lib.insights.recommendations.catalog import ACTIONS as RECOMMENDATIONS
from energy_lib.reporting import words
from energy_lib.reporting.action_words import ACTIONS
from energy_lib.reporting.as_of import AsOf
from energy_lib.reporting.assembly import Report, headline, read_report, report_html
from energy_lib.reporting.cells import Column, cell, reason_of
from energy_lib.reporting.context import PAGES, Context, FileLinks
from energy_lib.reporting.page_catalog import CATALOG
from energy_lib.reporting.plots.canvas import nice_ticks
from energy_lib.reporting.plots.intervals import Row, intervals
from energy_lib.reporting.plots.lines import Line, lines
from energy_lib.reporting.report_tables import ReportTables
from energy_lib.reporting.words import words_of
from jobs import report as job

ROOT = Path(__file__).parents[2]
LATER = datetime(2024, 6, 5, 12, tzinfo=UTC)
FOLDER = ROOT / "energy_lib" / "reporting"


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return put_areas(make_lake(tmp_path_factory.mktemp("lake")))


@pytest.fixture(scope="module")
def report(root: Path) -> Report:
    return read_report(ReportTables(str(root)), AsOf(DAY), 20)


@pytest.fixture
def context() -> Context:
    return Context(AsOf(DAY), "Europe/London", words_of("en"), FileLinks())


@pytest.mark.parametrize("language", words.LANGUAGES)
def test_hostile_names_are_text(report: Report, language: str) -> None:
    html = report_html(report, words_of(language))
    assert "&lt;script&gt;alert" in html
    for hostile in ("<script>alert", "<img src=x", "<b>loud", "<u>It ran", "<i>-1 kWh"):
        assert hostile not in html
    # The page's own script is the only one.
    assert html.count("<script") == 1


def test_the_file_loads_nothing_and_holds_every_page(report: Report) -> None:
    html = report_html(report, words_of("en"))
    assert [name for name in PAGES if f'<section id="{name}"' not in html] == []
    assert not re.search(r'(?:src|href)="(?:https?:)?//', html)
    assert "default-src 'none'" in html
    # Links to buildings lead to places of the file.
    anchors = set(re.findall(r' id="([^"]+)"', html))
    assert set(re.findall(r'href="#([^"]+)"', html)) <= anchors


def test_an_unpriced_meter_says_why(report: Report) -> None:
    html = report_html(report, words_of("en"))
    card = html[html.index('class="cards"') : html.index("The next 24 hours")]
    assert "not known: no tariff is known" in card
    assert "not known: no grid region is known" in card


def test_the_headline_has_the_numbers(report: Report) -> None:
    said = headline(report, words_of("en"))
    # 2.0, 1.0 and 0.5 kWh an hour, a tenth at noon more; 0.25 GBP and 0.2 kg a kWh but for the half.
    assert said == (
        "On 1 Jun 2024, 3 meters used 84.3 kWh (18 GBP, 14.4 kgCO2e); open events: 1, recommended actions: 2; "
        "the first saves 1,200 GBP a year: Switch off at weekends (b-office)."
    )


def test_a_lake_without_answers_still_has_its_pages(tmp_path: Path) -> None:
    report = read_report(ReportTables(str(tmp_path)), AsOf(DAY), 20)
    html = report_html(report, words_of("en"))
    assert html.count("Nothing is known yet for this figure.") > 10
    assert "not known kWh (cost not known, not known kgCO2e)" in headline(report, words_of("en"))


def test_months_that_were_reported_later_say_so(tmp_path: Path) -> None:
    put(tmp_path, "gold.emissions", {"group_kind": "portfolio", "group_id": "*", "reported_at_utc": LATER})
    html = report_html(read_report(ReportTables(str(tmp_path)), AsOf(DAY), 20), words_of("en"))
    # On the overview, and of the plot and the table of carbon.
    assert html.count("No month had been reported by this night; the first was at 5 Jun 2024, 12:00.") == 3
    then = report_html(read_report(ReportTables(str(tmp_path)), AsOf(LATER.date()), 20), words_of("en"))
    assert "No month had been reported" not in then


def test_figures_have_names_of_their_own_and_are_written(
    report: Report, root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    figures = report.figures()
    assert len({figure.name for figure in figures}) == len(figures)
    assert job.main(["--set", f"lake={root}", "--no-pdf"]) == 0
    said = capsys.readouterr().out.splitlines()
    folder = root / "reports" / str(DAY)
    assert said[1] == f"The report is {folder / 'report.html'}."
    for figure in figures:
        assert len(pd.read_parquet(folder / "figures" / f"{figure.name}.parquet")) == len(figure.rows)
        assert (folder / "figures" / f"{figure.name}.csv").read_text(encoding="utf-8").count("\n") >= 1
    # Again: the folder is replaced, and nothing is left beside it.
    assert job.main(["--set", f"lake={root}", "--no-pdf", "--date", str(DAY)]) == 0
    assert [path.name for path in (root / "reports").iterdir()] == [str(DAY)]


def test_every_page_of_the_navigation_is_there() -> None:
    assert tuple(kind.name for kind in CATALOG) == PAGES
    assert [name for name in PAGES if not (FOLDER / "templates" / f"{name}.html").is_file()] == []


def test_every_action_has_its_words() -> None:
    assert set(ACTIONS) == {*RECOMMENDATIONS, "any"}
    assert not [
        name for name, said in ACTIONS.items() if not (said.for_operator and said.for_manager and said.for_public)
    ]


def texts() -> Iterator[str | tuple[str, ...]]:
    keywords = {"_": None, "N_": None, "text": None, "gettext": None, "ngettext": (1, 2)}
    methods = [("templates/**.html", "jinja2"), ("**.py", "python")]
    options = {"templates/**.html": {"newstyle_gettext": "true", "silent": "false"}}
    for found in extract_from_dir(FOLDER, methods, options, keywords):
        yield found[2]


@pytest.mark.parametrize("language", [key for key in words.LANGUAGES if key != "en"])
def test_every_text_is_translated_and_keeps_its_places(language: str) -> None:
    with (words.FOLDER / f"{language}.po").open("rb") as file:
        catalog = read_po(file, locale=language)
    translated = {message.id: message.string for message in catalog if message.id}
    said = set(texts())
    assert said - set(translated) == set()
    assert set(translated) - said == set()
    for own, other in translated.items():
        pairs = zip((own,), (other,), strict=True) if isinstance(own, str) else zip(own, other, strict=True)
        for before, after in pairs:
            assert after, own
            assert sorted(re.findall(r"%\(\w+\)s|%%", before)) == sorted(re.findall(r"%\(\w+\)s|%%", after)), own


def test_numbers_have_the_reader_s_signs() -> None:
    english, german = words_of("en"), words_of("de")
    assert (english.number(12345.6), german.number(12345.6)) == ("12,346", "12.346")
    assert (english.number(1.234), german.number(1.234)) == ("1.23", "1,23")
    assert (english.day(DAY), german.day(DAY)) == ("2 Jun 2024", "2. Juni 2024")
    # 23:30 UTC is half an hour past midnight in London's summer.
    assert english.instant(pd.Timestamp("2024-06-01 23:30"), "Europe/London") == "2 Jun 2024, 00:30"


def test_a_reason_is_that_of_its_column() -> None:
    reason = "cost: no price is known; energy: the action saves none"
    assert reason_of(reason, "cost_per_year") == "no price is known"
    assert reason_of(reason, "energy_kwh_per_year") == "the action saves none"
    assert reason_of("too little is known", "cost_per_year") == "too little is known"


def test_a_cell_that_is_not_known_is_not_zero(context: Context) -> None:
    column = Column("cost", "Cost", "money", "why")
    assert cell({"cost": 0.0, "currency": "GBP"}, column, context) == "0 GBP"
    assert cell({"cost": float("nan"), "why": "no_tariff"}, column, context) == (
        '<span class="unknown">not known: no tariff is known</span>'
    )
    assert "&lt;script" in cell({"cost": None, "why": HOSTILE}, column, context)


@given(st.floats(-1e9, 1e9), st.floats(0, 1e9))
def test_ticks_are_few_and_hold_the_values(low: float, width: float) -> None:
    high = low + width
    ticks = nice_ticks(low, high)
    slack = 1e-6 * max(abs(low), abs(high), 1.0)
    assert ticks[0] <= low + slack
    assert ticks[-1] >= high - slack
    assert 2 <= len(ticks) <= 8
    assert ticks == sorted(set(ticks))


def test_a_line_breaks_where_nothing_is_known() -> None:
    nan = float("nan")
    drawn = lines("l", [Line("a", [0, 1, 2, 3], [1.0, nan, 1.0, 1.0])], unit="kWh", x_ticks=[], x_title="")
    (path,) = re.findall(r'class="line"[^>]* d="([^"]*)"', str(drawn))
    assert path.count("M") == 2
    assert lines("l", [Line("a", [0.0], [nan])], unit="kWh", x_ticks=[], x_title="") is None


def test_an_interval_that_is_not_known_is_not_drawn() -> None:
    nan = float("nan")
    drawn = str(intervals("l", [Row(HOSTILE, 1.0, nan, nan, nan)], unit="kWh", value="v", mark="m"))
    before_legend = drawn[: drawn.index("<ul")]
    assert "<circle" in before_legend
    assert 'class="line"' not in before_legend
    assert "<script" not in drawn
