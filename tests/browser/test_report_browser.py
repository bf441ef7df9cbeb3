"""The report in headless Chromium: no errors, filters that work, paper that is whole, nothing serious for axe-core."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from opened_pages import CHROMIUM, NO_CHROMIUM, grave, too_wide
from playwright.sync_api import Browser, Page, sync_playwright
from report_areas import put_areas
from report_lake import DAY, make_lake
from served_pages import served

from energy_lib.reporting.as_of import AsOf
from energy_lib.reporting.assembly import read_report, report_html
from energy_lib.reporting.context import PAGES
from energy_lib.reporting.pdf import write_pdf
from energy_lib.reporting.report_tables import ReportTables
from energy_lib.reporting.words import LANGUAGES, words_of

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason=NO_CHROMIUM)
SIZES = {"desktop": (1280, 900), "phone": (360, 740)}
APP_PATHS = ["/", *(f"/{name}" for name in PAGES[1:]), "/buildings/b-office"]


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return put_areas(make_lake(tmp_path_factory.mktemp("lake")))


@pytest.fixture(scope="module")
def files(root: Path) -> dict[str, Path]:
    report = read_report(ReportTables(str(root)), AsOf(DAY), 20)
    paths = {language: root / f"report.{language}.html" for language in LANGUAGES}
    for language, path in paths.items():
        path.write_text(report_html(report, words_of(language)), encoding="utf-8")
    return paths


@pytest.fixture(scope="module")
def file(files: dict[str, Path]) -> Path:
    return files["en"]


@pytest.fixture(scope="module")
def address(root: Path) -> Iterator[str]:
    with served(root) as address:
        yield address


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as driver:
        opened = driver.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield opened
        opened.close()


@pytest.fixture
def opened(browser: Browser) -> Iterator[Callable[[str, tuple[int, int]], Page]]:
    """Opens an address at a size; what the console says of errors fails the test. Scripts of a test may be added."""
    errors: list[str] = []
    contexts = []

    def opens(address: str, size: tuple[int, int]) -> Page:
        context = browser.new_context(viewport={"width": size[0], "height": size[1]}, bypass_csp=True)
        contexts.append(context)
        page = context.new_page()
        page.on(
            "console", lambda message: errors.append(message.text) if message.type in ("error", "warning") else None
        )
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.on("request", lambda request: errors.append(request.url) if asks_outside(request.url) else None)
        page.goto(address)
        return page

    yield opens
    for context in contexts:
        context.close()
    assert errors == []


def asks_outside(url: str) -> bool:
    return not url.startswith(("file://", "http://127.0.0.1", "data:"))


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("name", PAGES)
def test_a_page_of_the_file(opened: Callable[..., Page], file: Path, name: str, size: str) -> None:
    page = opened(f"{file.as_uri()}#{name}", SIZES[size])
    assert page.locator("main > section.page:visible").count() == 1
    assert page.locator(f"#{name}").is_visible()
    assert page.locator("header nav a[aria-current]").get_attribute("href") == f"#{name}"
    assert too_wide(page) == 0
    assert grave(page) == []


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("path", APP_PATHS)
def test_a_page_of_the_app(opened: Callable[..., Page], address: str, path: str, size: str) -> None:
    page = opened(f"{address}{path}", SIZES[size])
    assert page.locator("main h1, main h2").first.is_visible()
    assert too_wide(page) == 0
    assert grave(page) == []


def test_filters_leave_what_was_asked_for(opened: Callable[..., Page], file: Path) -> None:
    page = opened(f"{file.as_uri()}#actions", SIZES["desktop"])
    shown = page.locator("#action-list > li:visible")
    assert shown.count() == 2
    page.select_option("select[name=action]", "mend_meter")
    assert shown.count() == 1
    assert "Mend the meter" in shown.first.inner_text()
    assert page.locator("form.filter output").inner_text() == "1 of 2 actions"
    page.fill("input[name=text]", "no such building")
    assert shown.count() == 0
    page.click("form.filter button[type=reset]")
    page.wait_for_function("document.querySelectorAll('#action-list > li:not([hidden])').length === 2")
    page.fill("input[name=text]", "B-OFFICE")
    assert shown.count() == 1


def test_links_of_the_file_lead_to_a_building(opened: Callable[..., Page], file: Path) -> None:
    page = opened(f"{file.as_uri()}#overview", SIZES["desktop"])
    page.locator("#overview .first a", has_text="b-office").first.click()
    assert page.locator("#buildings").is_visible()
    assert page.locator("#building-1 h2").is_visible()


# Of an A4 sheet, in pixels, without its margins; German words are longer.
@pytest.mark.parametrize("language", LANGUAGES)
def test_on_paper_all_pages_are_whole(opened: Callable[..., Page], files: dict[str, Path], language: str) -> None:
    page = opened(f"{files[language].as_uri()}#carbon", (688, 972))
    page.emulate_media(media="print")
    for name in PAGES:
        assert page.locator(f"#{name} h1").is_visible(), name
    assert not page.locator("header nav").is_visible()
    assert too_wide(page) == 0


def test_without_scripts_every_page_is_there(browser: Browser, file: Path) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(file.as_uri())
    assert all(page.locator(f"#{name} h1").is_visible() for name in PAGES)
    context.close()


def test_what_is_folded_opens_for_paper_and_folds_again(opened: Callable[..., Page], file: Path) -> None:
    page = opened(f"{file.as_uri()}#buildings", SIZES["desktop"])
    folded = page.locator("details:not([open])")
    before = folded.count()
    assert before > 0
    page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
    assert folded.count() == 0
    page.evaluate("window.dispatchEvent(new Event('afterprint'))")
    assert folded.count() == before


def test_the_pdf_begins_each_page_on_a_sheet(file: Path, tmp_path: Path) -> None:
    assert write_pdf(file, tmp_path / "report.pdf") == f"The PDF is {tmp_path / 'report.pdf'}."
    sheets = re.findall(rb"/Type /Page\b(?!s)", (tmp_path / "report.pdf").read_bytes())
    assert len(sheets) >= len(PAGES)


def test_the_check_sees_what_it_is_for(opened: Callable[..., Page], file: Path) -> None:
    page = opened(f"{file.as_uri()}#method", SIZES["desktop"])
    page.evaluate("document.querySelector('#method').innerHTML += '<button></button><p style=\"color:#ccc\">pale</p>'")
    assert {each.split(":")[0] for each in grave(page)} == {"button-name", "color-contrast"}


def test_without_chromium_the_pdf_is_left_out(monkeypatch: pytest.MonkeyPatch, file: Path, tmp_path: Path) -> None:
    monkeypatch.setattr(shutil, "which", lambda name: None)
    assert write_pdf(file, tmp_path / "none.pdf").startswith("The PDF was left out, because no Chromium is installed")
    assert not (tmp_path / "none.pdf").exists()
