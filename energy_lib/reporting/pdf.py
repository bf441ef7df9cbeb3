"""A PDF of a report, by a Chromium that is installed."""

from __future__ import annotations

import logging
import os
import shutil
import subprocess
import tempfile
from pathlib import Path

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
LONGEST_SECONDS = 120

log = logging.getLogger(__name__)


def browser() -> str | None:
    """The path of Chromium, or None."""
    return next((path for name in BROWSERS if (path := shutil.which(name))), None)


def write_pdf(html: Path, target: Path) -> str:
    """Print the file to `target`; returns a sentence that says what became of it, and raises nothing."""
    program = browser()
    if program is None:
        return "The PDF was left out, because no Chromium is installed: print the HTML, or install chromium."
    with tempfile.TemporaryDirectory() as profile:
        command = [
            *(program, "--headless", "--disable-gpu", "--no-first-run", "--no-pdf-header-footer"),
            *(f"--user-data-dir={profile}", f"--print-to-pdf={target}", html.as_uri()),
        ]
        if os.geteuid() == 0:
            # Chromium refuses its sandbox to root. The page is ours, and its policy lets it load nothing.
            command.insert(1, "--no-sandbox")
        try:
            ended = subprocess.run(command, capture_output=True, timeout=LONGEST_SECONDS, check=False)
        except (OSError, subprocess.TimeoutExpired) as error:
            return f"The PDF was left out, because {program} failed ({error}): print the HTML."
    if ended.returncode != 0 or not target.exists():
        log.warning("%s", ended.stderr.decode(errors="replace")[-2000:])
        return f"The PDF was left out, because {program} failed with {ended.returncode}: print the HTML."
    return f"The PDF is {target}."
