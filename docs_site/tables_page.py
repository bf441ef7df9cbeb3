"""The reference of a layer's tables, from their declarations in energy_lib/tables."""

from __future__ import annotations

from collections.abc import Iterable

from docs_site.markdown import code, table
from energy_lib.tables import Table
from energy_lib.tables.table import Column

LAYERS = {
    "bronze": "What landed: each file, and each raw row for ever.",
    "silver": "What is clean: versioned readings, the hourly view, what was rejected, and reference data.",
    "gold": "What people ask for: features, forecasts, scores and answers.",
    "ops": "What the jobs did.",
}


def tables_page(layer: str, tables: Iterable[Table]) -> str:
    """A page of Markdown: the layer's tables by name, each with its key and its columns."""
    own = sorted((each for each in tables if each.layer == layer), key=lambda each: each.name)
    listed = table(
        ["table", "what it holds"], ([f"[{each.full_name}](#{_anchor(each)})", each.comment] for each in own)
    )
    parts = [
        f"# Tables of {layer}",
        f"{LAYERS[layer]} Times are UTC. A column without `null` always has a value.",
        listed,
        *(_section(each) for each in own),
    ]
    return "\n\n".join(parts) + "\n"


def _anchor(each: Table) -> str:
    return each.full_name.replace(".", "")


def _section(each: Table) -> str:
    facts = {
        "Key": each.key,
        "Of two rows with one key stands the greater by": each.version,
        "Partitioned by": each.partition_by,
        "Clustered by": each.cluster_by,
    }
    lines = [f"{name}: {code(columns)}." for name, columns in facts.items() if columns]
    columns = table(["column", "type", "null", "meaning"], (_row(column) for column in each.columns))
    return "\n\n".join([f"## {each.full_name}", each.comment.rstrip(".") + ".", " ".join(lines), columns])


def _row(column: Column) -> list[str]:
    comment = f"{column.comment.rstrip('.')}. One of {code(column.allowed)}" if column.allowed else column.comment
    return [f"`{column.name}`", column.type, "null" if column.nullable else "", comment]
