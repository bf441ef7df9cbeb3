"""The docs' site: its generated pages say what the code says, and it builds strictly, for readers offline."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path
from typing import Literal

import pytest
from pydantic import Field

from docs_site.config_page import config_page
from docs_site.data_map_page import data_map_page
from docs_site.hooks import site_target
from docs_site.jobs_page import job_files, jobs_page
from docs_site.tables_page import tables_page
from energy_lib.config import Section
from energy_lib.tables.table import Table, optional, required

REPOSITORY = Path(__file__).parents[2]
LOADING = {"script": "src", "img": "src", "iframe": "src", "source": "src", "video": "src"}


class Limits(Section):
    """What may be spent."""

    most: int | None = Field(3, ge=1, lt=9, description="Most | of all")
    names: tuple[float, ...] = (1.5, 2.0)


class Told(Section):
    kind: Literal["a", "b"] = "b"
    limits: Limits = Limits()
    others: tuple[Limits, ...] = ()
    last: Limits | None = None
    name: str


def test_config_keys_have_their_type_bounds_default_and_meaning() -> None:
    page = config_page(Told)
    assert "| `kind` | `a`, `b` | `b` |  |" in page
    assert "## limits\n\nWhat may be spent.\n" in page
    assert "| `limits.most` | whole number or `null`, ≥ 1, < 9 | `3` | Most \\| of all |" in page
    assert "| `limits.names` | list of number | `[1.5, 2.0]` |  |" in page


def test_keys_of_sections_in_a_list_or_that_may_be_missing_are_told_too() -> None:
    class All(Section):
        told: Told

    page = config_page(All)
    assert "| `told.others` | list of keys as below | `[]` |  |" in page
    assert "| `told.others[].most` | whole number or `null`, ≥ 1, < 9 | `3` | Most \\| of all |" in page
    assert "| `told.last` | keys as below or `null` | `null` |  |" in page
    assert "| `told.last.names` | list of number | `[1.5, 2.0]` |  |" in page
    assert "| `told.name` | text |  |  |" in page


def test_tables_have_their_key_and_columns() -> None:
    columns = (required("meter_id", "string", "Meter"), optional("state", "string", "What it is", ("new", "old")))
    own = Table("gold", "things", "All things", columns, key=("meter_id",), cluster_by=("meter_id",))
    page = tables_page("gold", [own, Table("silver", "others", "Others", columns, key=("meter_id",))])
    assert "| [gold.things](#goldthings) | All things |" in page
    assert "## gold.things\n\nAll things.\n\nKey: `meter_id`. Clustered by: `meter_id`." in page
    assert "| `state` | string | null | What it is. One of `new`, `old` |" in page
    assert "others" not in page


def test_the_data_map_tells_personal_columns_and_tables_of_many() -> None:
    home = Table(
        "silver",
        "homes",
        "Homes",
        (
            required("meter_id", "string", "Meter"),
            optional("p50", "double", "Median"),
            optional("note", "string", "Note"),
        ),
        key=("meter_id",),
    )
    many = Table(
        "gold", "towns", "Towns", (required("month", "date", "Month"), optional("cost", "double", "Cost")), key=()
    )
    page = data_map_page([many, home])
    assert "| [silver.homes](tables_silver.md#silverhomes) | `meter_id` |  | `p50` |  | `note` |" in page
    assert "| [gold.towns](tables_gold.md#goldtowns) |  | Towns |" in page


def test_a_job_is_described_by_its_own_help() -> None:
    (sql,) = [file for file in job_files() if file.stem == "sql"]
    before = list(sys.argv)
    page = jobs_page([sql])
    assert "A query over the lake's tables" in page
    assert "--engine {auto,duckdb,spark}" in page
    assert sys.argv == before


@pytest.mark.parametrize(
    ("target", "source", "on_site"),
    [
        ("../README.md", "operations.md", "readme.md"),
        ("../../CONTRIBUTING.md", "decisions/0001-a.md", "../contributing.md"),
        ("docs/sources.md", "readme.md", "sources.md"),
        ("CONTRIBUTING.md", "readme.md", "contributing.md"),
        ("queries.md", "operations.md", "queries.md"),
        ("README.md", "decisions/0001-a.md", "README.md"),
    ],
)
def test_links_of_the_tree_lead_to_pages_of_the_site(target: str, source: str, on_site: str) -> None:
    assert site_target(target, source) == on_site


class Loaded(HTMLParser):
    """What a browser loads with a page: addresses of scripts, pictures and styles."""

    def __init__(self) -> None:
        super().__init__()
        self.addresses: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        if tag == "link" and values.get("rel") in ("stylesheet", "preconnect", "icon", "preload"):
            self.addresses.append(values.get("href") or "")
        if tag in LOADING:
            self.addresses.append(values.get(LOADING[tag]) or "")


def mkdocs(*arguments: str, expect: int = 0) -> str:
    """What `python -m mkdocs build` prints, run in the repository."""
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", *arguments]
    done = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, check=False)
    assert done.returncode == expect, done.stderr
    return done.stderr


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("site")
    mkdocs("--site-dir", str(folder))
    return folder


def test_the_site_builds_strictly_and_loads_nothing_from_the_net(site: Path) -> None:
    pages = sorted(site.rglob("*.html"))
    assert len(pages) > 40
    for page in pages:
        loaded = Loaded()
        loaded.feed(page.read_text())
        assert not [address for address in loaded.addresses if re.match(r"(https?:)?//", address)], page.name
    assert "url(http" not in "".join(style.read_text() for style in site.rglob("*.css"))


def test_the_site_has_the_reference_of_today(site: Path) -> None:
    assert "gold.forecasts" in (site / "reference" / "tables_gold.html").read_text()
    assert "training.boosting.leaves" in (site / "reference" / "config.html").read_text()
    jobs = (site / "reference" / "jobs.html").read_text()
    assert not [file.stem for file in job_files() if f"usage: jobs/{file.stem}.py" not in jobs]


def test_a_broken_link_stops_the_build(tmp_path: Path) -> None:
    """Validation is on: a link to a missing anchor is no mere notice."""
    settings = (REPOSITORY / "mkdocs.yml").read_text()
    docs = tmp_path / "docs"
    docs.mkdir()
    shutil.copy(REPOSITORY / "docs" / "glossary.md", docs / "index.md")
    with (docs / "index.md").open("a") as page:
        page.write("\n[nowhere](#no-such-heading)\n")
    lines = settings.split("\nnav:")[0].replace("hooks: [docs_site/hooks.py]\n", "")
    (tmp_path / "mkdocs.yml").write_text(lines)
    assert "strict: true" in lines
    assert "no-such-heading" in mkdocs("--config-file", str(tmp_path / "mkdocs.yml"), expect=1)
