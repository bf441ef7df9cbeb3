"""Data Docs in headless Chromium without a network: styled, no errors, nothing asked for, nothing serious for axe."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from gate_results import make_site
from opened_pages import CHROMIUM, NO_CHROMIUM, grave, too_wide
from playwright.sync_api import Page, Request, sync_playwright

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason=NO_CHROMIUM)


@pytest.fixture(scope="module")
def first_page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_site(tmp_path_factory.mktemp("docs"))


@pytest.fixture(params=[1280, 360])
def page(request: pytest.FixtureRequest) -> Iterator[Page]:
    """A page of a machine without a network; what it asks for beyond files, or says of errors, fails the test."""
    wrong: list[str] = []

    def asked(request: Request) -> None:
        if not request.url.startswith(("file://", "data:")):
            wrong.append(request.url)

    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        context = browser.new_context(viewport={"width": request.param, "height": 800}, bypass_csp=True)
        context.set_offline(True)
        opened = context.new_page()
        opened.on("request", asked)
        opened.on("requestfailed", lambda failed: wrong.append(failed.url))
        opened.on("console", lambda message: wrong.append(message.text))
        yield opened
        browser.close()
    assert wrong == []


def test_from_the_list_to_a_gate_and_back(page: Page, first_page: Path) -> None:
    page.goto(first_page.as_uri())
    assert page.locator("tbody tr").count() == 2
    assert grave(page) == []
    assert too_wide(page) == 0
    page.click("tbody tr:first-child a")
    assert page.locator("h1").inner_text() == "silver.prices"
    assert "24.5" in page.locator("tbody tr").first.inner_text()
    # Styled: what was refused is red, and bold.
    refused = page.locator("tbody .state.refused").first
    assert refused.evaluate("each => getComputedStyle(each).color") == "rgb(160, 24, 24)"
    assert grave(page) == []
    assert too_wide(page) == 0
    page.click("text=Data Docs")
    assert page.url == first_page.as_uri()
