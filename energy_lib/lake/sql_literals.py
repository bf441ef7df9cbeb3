"""Values as literals in the conditions that delta-rs and DuckDB are given."""

from __future__ import annotations

from datetime import datetime


def instant_sql(instant: datetime) -> str:
    """An instant in delta-rs' SQL."""
    return f"arrow_cast('{instant.isoformat()}', 'Timestamp(Microsecond, Some(\"UTC\"))')"


def text_sql(text: str) -> str:
    """A text, in the SQL of both."""
    return "'" + text.replace("'", "''") + "'"
