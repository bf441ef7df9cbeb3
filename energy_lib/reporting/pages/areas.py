"""What areas use and who is short of energy there; what is withheld is said so, and is neither zero nor not known."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from energy_lib.reporting.figure import Figure

FAMILY = ["category", "fuel", "flow"]
TENTHS = tuple(f"decile_{i}_share" for i in range(1, 11))
# Which columns are not told if a measure is withheld (docs/access.md).
FOLLOW: Mapping[str, tuple[str, ...]] = {
    "energy_kwh": ("meters", "energy_kwh", "energy_per_meter_kwh", "imputed_share", "gini", "peak_kw", *TENTHS),
    "floor_energy_kwh": ("energy_per_m2_kwh",),
    "own_peak_kw": ("coincidence",),
    "outage_minutes": ("saidi_minutes", "caidi_minutes"),
    "interruptions": ("saifi", "caidi_minutes"),
}
# Of an area that is told, these are null only where they would tell of single meters.
NULL_IS_WITHHELD = ("peak_kw", *TENTHS)


@dataclass(frozen=True)
class Areas:
    """Frames as energy_lib.reporting.reading.areas queries them: thirteen months, of each the newest edition."""

    known: Figure
    summaries: Figure
    indicators: Figure
    private: Figure


def named(rows: pd.DataFrame, areas: pd.DataFrame) -> pd.DataFrame:
    """Adds `area` and `inside`, what people call an area and the one it lies in; an area follows the one it lies in."""
    names = areas.set_index("area_id")["name"] if len(areas) else pd.Series(dtype=object)
    said = names[names.notna() & ~names.duplicated(keep=False)].to_dict()
    parents = dict(zip(rows["area_id"], rows["parent_area_id"], strict=True))
    shown = rows.assign(
        area=rows["area_id"].map(lambda area: said.get(area, area)),
        inside=rows["parent_area_id"].map(lambda area: said.get(area, area)),
        place=rows["area_id"].map(lambda area: _path(area, parents)),
    )
    return shown.sort_values("place", kind="stable").drop(columns="place").reset_index(drop=True)


def _path(area: str, parents: Mapping[str, object]) -> tuple[str, ...]:
    path = [area]
    while isinstance(parent := parents.get(path[0]), str) and parent not in path:
        path.insert(0, parent)
    return tuple(path)


def newest_month(rows: pd.DataFrame) -> pd.DataFrame:
    """Rows of the newest month; `withheld` names the columns that are not told, no longer measures."""
    newest = rows[rows["month"] == rows["month"].max()] if len(rows) else rows
    return newest.assign(withheld=["; ".join(_not_told(row)) for _, row in newest.iterrows()])


def _not_told(row: pd.Series) -> list[str]:
    measures = str(row["withheld"]).split("; ") if row["withheld"] else []
    columns = [column for measure in measures for column in FOLLOW.get(measure, (measure,))]
    columns += [column for column in NULL_IS_WITHHELD if pd.isna(row[column])]
    return list(dict.fromkeys([*columns, *(["coincidence"] if "peak_kw" in columns else [])]))


def told(rows: pd.DataFrame) -> pd.DataFrame:
    """Rows of families (category, fuel, flow) of which at least one area tells its energy."""
    return rows[rows.groupby(FAMILY)["energy_kwh"].transform("count") > 0]


def told_nowhere(rows: pd.DataFrame) -> list[tuple[str, str, str]]:
    """The other families."""
    counts = rows.groupby(FAMILY)["energy_kwh"].count()
    return [(str(category), str(fuel), str(flow)) for category, fuel, flow in counts[counts == 0].index]


def of_power(rows: pd.DataFrame) -> pd.DataFrame:
    """Rows of electricity from the grid."""
    return rows[(rows["fuel"] == "electricity") & (rows["flow"] == "import")]


def of_homes(rows: pd.DataFrame) -> pd.DataFrame:
    """Rows of the electricity that homes take from the grid."""
    power = of_power(rows)
    return power[power["category"] == "homes"]


def newest_told(indicators: pd.DataFrame) -> dict[str, pd.Timestamp]:
    """Indicator → the newest month in which an area tells it; heating is judged in cold months alone."""
    said = indicators[indicators["share"].notna()]
    return {str(name): pd.Timestamp(month) for name, month in said.groupby("indicator")["month"].max().items()}


def by_area(indicators: pd.DataFrame) -> pd.DataFrame:
    """A row an area: of each indicator the share, `<indicator>_homes`, and in `withheld` those that are not told.

    Each is of its newest month in newest_told, so that areas are compared within one month.
    """
    months = newest_told(indicators)
    rows: dict[str, dict[str, object]] = {}
    for row in indicators.to_dict("records"):
        name = row["indicator"]
        if months.get(name) != pd.Timestamp(row["month"]):
            continue
        area = rows.setdefault(row["area_id"], {key: row[key] for key in ("area_id", "parent_area_id", "households")})
        area |= {name: row["share"], f"{name}_homes": row["homes"]}
        if row["is_withheld"]:
            area["withheld"] = "; ".join(filter(None, [str(area.get("withheld", "")), name]))
    columns = ["area_id", "parent_area_id", "households", "withheld"]
    columns += [key for name in months for key in (name, f"{name}_homes")]
    return pd.DataFrame(list(rows.values()), columns=columns)


def largest(rows: pd.DataFrame, size: str, value: str, most: int = 5) -> list[str]:
    """The areas to draw: those that tell `value` and have most of `size` in any month, the widest first."""
    said = rows[rows[value].notna()]
    sizes = said.groupby("area_id")[size].max().sort_values(ascending=False, kind="stable")
    return [str(area) for area in sizes.index[:most]]
