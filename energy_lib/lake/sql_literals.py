"""Values as literals in the conditions that delta-rs and DuckDB are given."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

# A condition that names more is slower than reading all.
MOST_NAMED = 500


def instant_sql(instant: datetime) -> str:
    """An instant in delta-rs' SQL."""
    return f"arrow_cast('{instant.isoformat()}', 'Timestamp(Microsecond, Some(\"UTC\"))')"


def text_sql(text: str) -> str:
    """A text, in the SQL of both."""
    return "'" + text.replace("'", "''") + "'"


def few_named_sql(column: str, texts: Collection[str]) -> str:
    """That a column holds one of the texts; of many TRUE: whoever asks leaves the other rows out."""
    return f"{column} IN ({', '.join(map(text_sql, sorted(texts)))})" if len(texts) <= MOST_NAMED else "TRUE"
