"""What MkDocs calls at a build: adds generated pages and those of the repository's root, and turns links to them."""

from __future__ import annotations

import re
from pathlib import Path
from posixpath import dirname, relpath

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page

from docs_site.config_page import config_page
from docs_site.data_map_page import data_map_page
from docs_site.jobs_page import job_files, jobs_page
from docs_site.tables_page import LAYERS, tables_page
from energy_lib.catalog import all_tables
from energy_lib.models.config import Config

ROOT = Path(__file__).parents[1]
# Pages outside docs/, by the name that they have on the site.
ROOT_PAGES = {"readme.md": "README.md", "contributing.md": "CONTRIBUTING.md"}
LINK = re.compile(r"\]\(([^)#\s]+)((?:#[^)\s]*)?)\)")


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add the pages that docs/ does not hold."""
    pages = {f"reference/tables_{layer}.md": tables_page(layer, all_tables()) for layer in LAYERS}
    pages |= {"reference/config.md": config_page(Config), "reference/jobs.md": jobs_page(job_files())}
    pages |= {"reference/data_map.md": data_map_page(all_tables())}
    pages |= {name: (ROOT / path).read_text() for name, path in ROOT_PAGES.items()}
    for name, text in pages.items():
        files.append(File.generated(config, name, content=text))
    return files


def on_page_markdown(markdown: str, page: Page, config: MkDocsConfig, files: Files) -> str:
    """Links are written for the repository's tree; on the site the root's pages lie beside those of docs/."""
    return LINK.sub(lambda link: f"]({site_target(link[1], page.file.src_uri)}{link[2]})", markdown)


def site_target(target: str, source: str) -> str:
    """The site's path for a link's target on the page `source` (its path on the site); others stay as they are."""
    on_site = {path: name for name, path in ROOT_PAGES.items()}
    if source in ROOT_PAGES:
        return on_site.get(target, target.removeprefix("docs/"))
    outside = target.removeprefix("../" * (source.count("/") + 1))
    return relpath(on_site[outside], dirname(source) or ".") if outside != target and outside in on_site else target
