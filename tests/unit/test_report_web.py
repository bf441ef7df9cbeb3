"""The app shows what the file shows, any building, and a sentence where it cannot."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from threading import Event
from urllib.error import HTTPError
from urllib.parse import quote
from urllib.request import Request, urlopen

import pyarrow as pa
import pytest
from deltalake import write_deltalake
from report_areas import put_areas
from report_lake import DAY, HOSTILE, ORIGIN, make_lake, put
from served_pages import served

from energy_lib.config import Config
from energy_lib.lake.keeper import Keeper
from energy_lib.reporting.as_of import AsOf
from energy_lib.reporting.assembly import read_report, report_html
from energy_lib.reporting.context import PAGES, AppLinks, Context
from energy_lib.reporting.lake_pages import LakePages, path_of
from energy_lib.reporting.page_catalog import CATALOG
from energy_lib.reporting.report_tables import ReportTables
from energy_lib.reporting.words import LANGUAGES, words_of


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return put_areas(make_lake(tmp_path_factory.mktemp("lake")))


@pytest.fixture(scope="module")
def address(root: Path) -> Iterator[str]:
    with served(root) as address:
        yield address


def get(url: str, **headers: str) -> tuple[int, str]:
    try:
        with urlopen(Request(url, headers=headers), timeout=30) as answer:
            return int(answer.status), answer.read().decode()
    except HTTPError as error:
        return error.code, error.read().decode()


def said(html: str, anchor: str) -> str:
    """The words of a page's section, without links (they lead elsewhere in the app) and their names of files."""
    section = html[html.index(f'<section id="{anchor}"') :]
    section = section[: section.index("</section>")]
    section = re.sub(r'<a href="figures/[^>]*>[^<]*</a>', "", section)
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", section)).strip()


@pytest.mark.parametrize("page", [name for name in PAGES if name != "buildings"])
def test_the_app_shows_what_the_file_shows(address: str, root: Path, page: str) -> None:
    status, html = get(f"{address}/{'' if page == 'overview' else page}")
    assert status == 200
    file = report_html(read_report(ReportTables(str(root)), AsOf(DAY), 20), words_of("en"))
    assert said(html, page) == said(file, page)
    assert len(said(html, page)) > 200


def test_any_building_has_its_page(address: str) -> None:
    status, html = get(f"{address}/buildings/b-home")
    assert status == 200
    assert "&lt;script&gt;alert" in html
    assert "<script>alert" not in html
    # The meter's page is that of its building.
    assert get(f"{address}/meters/{quote(HOSTILE, safe='')}") == (200, html)


def test_a_name_in_the_address_is_text(address: str) -> None:
    status, html = get(f"{address}/buildings/{quote('<script>alert(2)</script>', safe='')}")
    assert status == 200
    assert "<script>alert(2)" not in html
    assert "The lake knows no meter of this place." in html


def test_languages_and_dates_are_kept_in_links(address: str) -> None:
    _, html = get(f"{address}/carbon?date={DAY}&lang=de")
    assert '<html lang="de">' in html
    assert f'href="/actions?date={DAY}&amp;lang=de"' in html


@pytest.mark.parametrize(
    ("path", "status", "sentence"),
    [
        ("/?date=yesterday", 400, "is not a date"),
        ("/?date=0001-01-01", 400, "There is no night of"),
        ("/?lang=tlh", 400, "There is no language"),
        ("/meters/nobody", 404, "The lake knows no meter nobody"),
    ],
)
def test_what_cannot_be_shown_is_a_sentence(address: str, path: str, status: int, sentence: str) -> None:
    code, body = get(f"{address}{path}")
    assert code == status
    assert sentence in body


def test_only_this_machine_by_its_own_name(address: str) -> None:
    status, body = get(address, Host="evil.example")
    assert status == 400
    assert "Overview" not in body


def test_a_new_version_shows_once_it_is_read(tmp_path: Path) -> None:
    lake = make_lake(tmp_path)
    with served(lake) as address:
        assert "stuck at one value" not in get(address)[1]
        put_event(lake)
        deadline = time.monotonic() + 60
        while "stuck at one value" not in get(address)[1]:
            assert time.monotonic() < deadline, "the new version never showed"
            time.sleep(0.2)


def put_event(lake: Path) -> None:
    put(lake, "gold.anomalies", {
        "anomaly_id": "b", "meter_id": "m-gas", "fuel": "gas", "type": "stuck", "state": "open", "severity": "low",
        "start_utc": ORIGIN, "end_utc": ORIGIN, "last_updated_utc": ORIGIN,
    })  # fmt: skip


def test_readers_get_the_old_version_until_the_new_one_is_ready(tmp_path: Path) -> None:
    lake = make_lake(tmp_path)
    old_while_reading = []

    class Watched(LakePages):
        def prepare(self, stopped: Event) -> None:
            super().prepare(stopped)
            old_while_reading.append(keeper is not None and keeper.current is not self)

    keeper: Keeper | None = None
    keeper = Keeper(lambda: Watched(Config(lake=str(lake))))
    first = keeper.current
    first.prepare(Event())
    keeper.refresh(Event())
    assert keeper.current is first, "nothing is new"
    put_event(lake)
    keeper.refresh(Event())
    assert keeper.current is not first
    assert old_while_reading == [False, True]


class StopsAtItsFirstPage(LakePages):
    """The app stops while it reads the first page, and its lake goes away."""

    def __init__(self, config: Config, stopped: Event) -> None:
        super().__init__(config)
        self.pages_read, self._stopped = 0, stopped

    def context(self, day: date | None, language: str, links: AppLinks) -> Context:
        self.pages_read += 1
        self._stopped.set()
        raise OSError("the lake is gone")


def test_once_stopped_no_page_is_read_and_nothing_said(root: Path, caplog: pytest.LogCaptureFixture) -> None:
    stopped = Event()
    keeper = Keeper(lambda: StopsAtItsFirstPage(Config(lake=str(root)), stopped))
    keeper.keep(stopped)
    assert keeper.current.pages_read == 1
    assert not caplog.records


def test_once_stopped_half_a_new_state_is_not_shown(tmp_path: Path) -> None:
    lake, stopped, made = make_lake(tmp_path), Event(), list[StopsAtItsFirstPage]()

    def make() -> StopsAtItsFirstPage:
        made.append(StopsAtItsFirstPage(Config(lake=str(lake)), stopped))
        return made[-1]

    keeper = Keeper(make)
    keeper.current.tables.figure("events", "SELECT * FROM gold.anomalies", AsOf(DAY))
    put_event(lake)
    keeper.refresh(stopped)
    assert [each.pages_read for each in made] == [0, 1]
    assert keeper.current is made[0]


def test_what_was_prepared_is_not_read_again(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pages = LakePages(Config(lake=str(root)))
    pages.prepare(Event())
    asked: list[str] = []
    monkeypatch.setattr(pages.tables, "figure", lambda name, *rest, **more: asked.append(name))
    for kind in CATALOG:
        for language in LANGUAGES:
            assert pages.section(kind, pages.context(None, language, AppLinks(path_of(kind))))
    assert asked == []


def test_a_page_that_cannot_be_read_costs_no_other(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    lake = make_lake(tmp_path)
    # A table whose columns are not those that are asked for.
    write_deltalake(str(lake / "gold" / "schedules"), pa.table({"origin_utc": pa.array(["never"])}))
    with served(lake) as address:
        assert get(f"{address}/carbon")[0] == 200
        deadline = time.monotonic() + 60
        while "actions could not be read ahead" not in caplog.text:
            assert time.monotonic() < deadline
            time.sleep(0.1)


def test_without_a_night_nothing_is_read_ahead_and_nothing_said(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    LakePages(Config(lake=str(tmp_path / "none"))).prepare(Event())
    assert [each for each in caplog.records if each.threadName == "MainThread"] == []
