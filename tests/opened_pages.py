"""What tests in headless Chromium share: where it is, and what they hold against a page."""

from __future__ import annotations

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from energy_lib.reporting.pdf import browser

CHROMIUM = browser()
NO_CHROMIUM = "no Chromium is installed (apt-get install chromium)"


def grave(page: Page) -> list[str]:
    """What axe-core holds serious or critical, in its words."""
    found = Axe().run(page).response["violations"]
    return [
        f"{each['id']}: {each['help']} at {each['nodes'][0]['target']}"
        for each in found
        if each["impact"] in ("serious", "critical")
    ]


def too_wide(page: Page) -> int:
    """By how many pixels a reader has to scroll sideways."""
    return int(page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth"))
