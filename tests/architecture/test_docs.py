"""The pages keep up with the tree: links lead somewhere, and files and modules that they name exist."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))]
IDS = [str(page.relative_to(ROOT)) for page in PAGES]
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
NAMED_PATH = re.compile(
    r"(?<![\w/.<])(?:energy_lib|jobs|benchmarks|conf|deploy|docs|docs_site|notebooks|tests|expectations|terraform)/[\w./-]+"
)
NAMED_MODULE = re.compile(r"\b(?:energy_lib|benchmarks)(?!\.md\b)(?:\.\w+)+")
LINK_TARGET = re.compile(r"(?<=\])\([^)\s]+\)")
# What a recipe has its reader make.
EXAMPLES = re.compile(r"<.*?>|\bmy_\w+|\bvienna\b")

PARTS = ["Context", "Decision", "Measured", "Consequences", "When to reconsider"]


def anchors(page: Path) -> set[str]:
    """The anchors that GitHub gives a page's headings."""
    headings = re.findall(r"^#+ (.*)$", page.read_text(), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).strip().replace(" ", "-") for heading in headings}


def module_exists(dotted: str) -> bool:
    """Whether the name is a module, or a module followed by a name that its file holds."""
    parts = dotted.split(".")
    for end in range(len(parts), 0, -1):
        path = ROOT.joinpath(*parts[:end])
        for file in (path.with_suffix(".py"), path / "__init__.py"):
            if file.is_file():
                return end == len(parts) or re.search(rf"\b{parts[end]}\b", file.read_text()) is not None
        if path.is_dir() and end == len(parts):
            return True
    return False


@pytest.mark.parametrize("page", PAGES, ids=IDS)
def test_links_lead_somewhere(page: Path) -> None:
    broken = []
    for link in LINK.findall(page.read_text()):
        if link.startswith(("http://", "https://")):
            continue
        name, _, anchor = link.partition("#")
        target = (page.parent / name) if name else page
        if not target.exists() or (anchor and anchor not in anchors(target)):
            broken.append(link)
    assert not broken


@pytest.mark.parametrize("page", PAGES, ids=IDS)
def test_files_and_modules_that_a_page_names_exist(page: Path) -> None:
    lines = [line for line in page.read_text().splitlines() if not EXAMPLES.search(line)]
    # Targets of links are relative to the page: the test above follows them.
    text = LINK_TARGET.sub("", "\n".join(lines))
    paths = {path.rstrip("./") for path in NAMED_PATH.findall(text)}
    missing = [path for path in paths if not (ROOT / path).exists() and not list(ROOT.glob(f"{path}*"))]
    missing += [name for name in NAMED_MODULE.findall(text) if not module_exists(name)]
    assert not missing


def test_every_page_is_linked_from_another() -> None:
    linked = {
        (page.parent / link.partition("#")[0]).resolve()
        for page in PAGES
        for link in LINK.findall(page.read_text())
        if not link.startswith("http") and link.partition("#")[0]
    }
    assert not [str(page.relative_to(ROOT)) for page in PAGES[1:] if page.resolve() not in linked]


def test_the_glossary_is_alphabetical() -> None:
    rows = re.findall(r"^\| ([^|]+) \|", (ROOT / "docs" / "glossary.md").read_text(), re.MULTILINE)[2:]
    words = [row.replace("`", "").casefold() for row in rows]
    assert len(words) > 80
    assert words == sorted(words)


def test_architecture_lists_every_room() -> None:
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    rooms = [room.strip() for layer in contracts[0]["layers"] for room in layer.split("|")]
    page = (ROOT / "docs" / "architecture.md").read_text()
    assert "vocabulary" in rooms
    assert not [room for room in rooms if not re.search(rf"^\| .*`energy_lib/{room}(/|\.py)`", page, re.MULTILINE)]


def test_decisions_are_short_and_have_their_parts() -> None:
    pages = sorted((ROOT / "docs" / "decisions").glob("[0-9]*.md"))
    index = (ROOT / "docs" / "decisions" / "README.md").read_text()
    assert [int(page.name[:4]) for page in pages] == list(range(1, len(pages) + 1))
    for page in pages:
        text = page.read_text()
        assert len(text.splitlines()) <= 40, page.name
        assert re.findall(r"^## (.*)$", text, re.MULTILINE) == PARTS, page.name
        assert page.name in index, page.name
