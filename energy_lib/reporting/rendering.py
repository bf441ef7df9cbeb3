"""Pages to HTML, by Jinja2 with autoescape: whatever a meter is called, it is text."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

import pandas as pd
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from energy_lib.reporting import action_words, cells, found_words
from energy_lib.reporting.context import PAGES, Context
from energy_lib.reporting.figure import Figure
from energy_lib.reporting.words import words_of

TEMPLATES = Path(__file__).parent / "templates"


@cache
def environment(language: str) -> Environment:
    """Templates in a language of energy_lib.reporting.words."""
    made = Environment(
        loader=FileSystemLoader(TEMPLATES, encoding="utf-8"),
        extensions=["jinja2.ext.i18n"],
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.install_gettext_translations(words_of(language).translations, newstyle=True)  # type: ignore[attr-defined]
    made.globals.update(
        column=cells.Column,
        cell=cells.cell,
        unknown=cells.unknown,
        known=cells.known,
        action_words=action_words.lines,
        found=found_words.found,
        no_month=no_month,
    )
    return made


def render(name: str, page: Any, context: Context, draw: ModuleType | None = None, **more: Any) -> Markup:
    """The section of a page: template `<name>.html`, with `draw` for its plots."""
    template = environment(context.words.language).get_template(f"{name}.html")
    return Markup(template.render(page=page, ctx=context, draw=draw, **more))  # noqa: S704 templates escape what goes in


def document(sections: Sequence[tuple[str, Markup]], context: Context, title: str, current: str = "") -> str:
    """A whole HTML document of (anchor, section); it loads nothing. `current` names the page of the app."""
    style, script = (_asset(name) for name in ("style.css", "page.js"))
    template = environment(context.words.language).get_template("document.html")
    return template.render(
        sections=sections,
        ctx=context,
        title=title,
        current=current,
        pages=PAGES,
        style=Markup(style),  # noqa: S704 a file of ours
        script=Markup(script),  # noqa: S704 a file of ours
        script_hash=base64.b64encode(hashlib.sha256(script.encode()).digest()).decode(),
    )


def no_month(first_statement: Figure, context: Context) -> str:
    """Why no month is shown, if months were reported after the night; else nothing."""
    first = first_statement.rows["first_utc"].iloc[0]
    if pd.isna(first) or first < context.as_of.until:
        return ""
    said = context.words.text(
        "No month had been reported by this night; the first was at %(first)s. What tariffs and factors say counts "
        "from the modification time of their files."
    )
    return str(said % {"first": context.words.instant(first, context.zone)})


@cache
def _asset(name: str) -> str:
    return (TEMPLATES / name).read_text(encoding="utf-8")
