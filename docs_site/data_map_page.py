"""The data map: where which kind of personal data lies, and for how long, from the tables' declarations."""

from __future__ import annotations

from collections.abc import Iterable

from docs_site.markdown import code, table
from energy_lib.tables import Table
from energy_lib.tables.sensitivity import Sensitivity

MEANING = {
    Sensitivity.IDENTIFIER: "names a meter, a building, a site or an asset",
    Sensitivity.REFERENCE: "names what was said of one meter or home: an alert, a recommendation, a project",
    Sensitivity.CONSUMPTION: "what is used, paid or emitted, and what follows from it: when somebody is at home",
    Sensitivity.LOCATION: "where it is",
    Sensitivity.TEXT: "free or raw text, which may quote any of these",
}
INTRODUCTION = """\
Which columns of which tables tell of a person, made from the tables' code (energy_lib/tables/sensitivity.py).
[Privacy](../privacy.md) says what is done about it."""
OF_NOBODY = (
    "Tables without a column that names a meter, a home or a site. Their numbers are sums over many, or of nobody."
)


def data_map_page(tables: Iterable[Table]) -> str:
    """A page of Markdown: what the kinds mean, each personal table with its columns by kind, and the other tables."""
    by_name = sorted(tables, key=lambda each: each.full_name)
    personal = [each for each in by_name if each.is_personal]
    others = [each for each in by_name if not each.is_personal]
    rows = [[f"[{each.full_name}]({_link(each)})", *(_columns(each, level) for level in MEANING)] for each in personal]
    free = [[f"[{each.full_name}]({_link(each)})", _columns(each, Sensitivity.TEXT), each.comment] for each in others]
    parts = [
        "# Data map",
        INTRODUCTION,
        table(["kind", "meaning"], ([level.value, meaning] for level, meaning in MEANING.items())),
        "## Tables whose rows can be of one home",
        table(["table", *(level.value for level in MEANING)], rows),
        "## Tables of many, or of nobody",
        OF_NOBODY,
        table(["table", "texts that may quote an id", "what it holds"], free),
    ]
    return "\n\n".join(parts) + "\n"


def _columns(each: Table, level: Sensitivity) -> str:
    return code(column.name for column in each.columns_that_tell(level))


def _link(each: Table) -> str:
    return f"tables_{each.layer}.md#{each.full_name.replace('.', '')}"
