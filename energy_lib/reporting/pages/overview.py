"""The overview: what happened, what it cost, what comes next, what is wrong and what to do first."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from energy_lib.reporting.as_of import AsOf
from energy_lib.reporting.figure import Figure

# Data older than so many hours before the origin are late. What is told for tomorrow ends after the origin.
LATE_AFTER_HOURS = 24
FIRST = 5


@dataclass(frozen=True)
class Overview:
    """Frames of the whole portfolio, as energy_lib.reporting.reading.overview queries them."""

    yesterday: Figure
    recent: Figure
    next_day: Figure
    next_day_money: Figure
    wrong: Figure
    to_do: Figure
    months: Figure
    first_statement: Figure
    freshness: Figure
    runs: Figure


@dataclass(frozen=True, slots=True)
class Money:
    """An amount by currency."""

    amount: float
    currency: str


def total_by_currency(rows: pd.DataFrame, column: str) -> list[Money]:
    """Sums of a column by currency, of rows that have both; none where nothing is known."""
    known = rows[rows[column].notna() & rows["currency"].notna()]
    sums = known.groupby("currency", sort=True)[column].sum()
    return [Money(float(amount), str(currency)) for currency, amount in sums.items()]


def total(rows: pd.DataFrame, column: str) -> float | None:
    """The column's sum; None where no row has a value."""
    known = rows[column].dropna()
    return float(known.sum()) if len(known) else None


def imports(rows: pd.DataFrame) -> pd.DataFrame:
    """Rows of what was taken from the grid or burnt: exports and generation are in no total."""
    return rows[rows["flow"] == "import"]


def change_share(now: float | None, usual: float | None) -> float | None:
    """How far `now` lies above (below: negative) the usual, as a share of it."""
    if now is None or usual is None or pd.isna(now) or pd.isna(usual) or usual == 0:
        return None
    return float(now / usual - 1)


def with_state(freshness: Figure, as_of: AsOf) -> Figure:
    """Adds `hours_old` at the origin (negative: known ahead) and `state`: fresh, partly, late or none."""
    rows = freshness.rows.copy()
    age = (pd.Timestamp(as_of.origin) - pd.to_datetime(rows["newest_utc"])).dt.total_seconds() / 3600
    rows["hours_old"] = age
    rows["state"] = "fresh"
    fewer = rows["meters_fresh"].notna() & (rows["meters_fresh"] < rows["meters"])
    rows.loc[fewer, "state"] = "partly"
    rows.loc[age > LATE_AFTER_HOURS, "state"] = "late"
    rows.loc[rows["newest_utc"].isna(), "state"] = "none"
    return freshness.showing(rows)


def counts_by_severity(wrong: Figure) -> dict[str, int]:
    """Open events by severity, the gravest first; only those there are."""
    counts = wrong.rows["severity"].value_counts()
    return {severity: int(counts[severity]) for severity in ("high", "medium", "low") if severity in counts}
