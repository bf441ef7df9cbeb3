"""The page of areas: the edition that the night knew, what is withheld as withheld, and what to do where nothing is."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path

import pandas as pd
import pytest
from report_areas import APRIL, MAY, indicator, put_areas, summary, withheld
from report_lake import DAY, HOSTILE, put

from energy_lib.reporting import words
from energy_lib.reporting.as_of import AsOf
from energy_lib.reporting.assembly import page_html
from energy_lib.reporting.cells import Column, cell
from energy_lib.reporting.context import Context, FileLinks
from energy_lib.reporting.drawings.areas import findings, said_nowhere, table_of
from energy_lib.reporting.page_catalog import CATALOG
from energy_lib.reporting.pages.areas import Areas, by_area, named, newest_told
from energy_lib.reporting.reading.areas import read_areas
from energy_lib.reporting.report_tables import ReportTables
from energy_lib.reporting.words import words_of

[KIND] = [kind for kind in CATALOG if kind.name == "areas"]
ENGLISH = Context(AsOf(DAY), "Europe/London", words_of("en"), FileLinks())


def read(root: Path, days_later: int = 0) -> Areas:
    return read_areas(ReportTables(str(root)), AsOf(DAY + timedelta(days=days_later)))


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Areas:
    return read(put_areas(tmp_path_factory.mktemp("lake")))


def text(html: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html))


def test_the_newest_edition_that_the_night_knew(tmp_path: Path, page: Areas) -> None:
    def april(areas: Areas) -> pd.DataFrame:
        rows = areas.summaries.rows
        return rows[(rows["area_id"] == "region") & (rows["month"] == pd.Timestamp(APRIL))]

    assert april(page)["energy_kwh"].tolist() == [31_000.0]
    # The second edition says no peak: that of the first stands.
    assert april(page)["peak_kw"].tolist() == [90.0]
    assert april(read(put_areas(tmp_path), 1))["energy_kwh"].tolist() == [99_000.0]
    assert read(tmp_path, -1).summaries.empty


def test_what_is_withheld_is_neither_zero_nor_unknown(page: Areas) -> None:
    rows = table_of(page, "use").records()
    shown = {row["area_id"]: row for row in rows}
    # Of gas no area tells anything: its rows are a sentence.
    assert [row["fuel"] for row in rows] == ["electricity"] * 3

    def said(area: str, column: str, kind: str = "number") -> str:
        return text(cell(shown[area], Column(column, "", kind), ENGLISH)).strip()

    assert (said("region", "cost", "money"), said("ward-a", "cost", "money")) == ("6,000 GBP", "withheld")
    assert {said("ward-b", name) for name in ("meters", "energy_kwh", "energy_per_m2_kwh", "cost")} == {"withheld"}
    # A peak is null only where it would tell of a meter, and with it goes the coincidence.
    assert (said("ward-a", "peak_kw"), said("ward-a", "coincidence")) == ("withheld", "withheld")
    assert said("region", "saidi_minutes") == "12"
    assert said_nowhere(page, ENGLISH).startswith("homes: gas, bought; ")


def test_a_share_of_zero_is_told_with_its_homes(page: Areas) -> None:
    rows = table_of(page, "need").rows.set_index("area_id")
    # Places follow the area that they lie in.
    assert rows.index.tolist() == ["region", "ward-a", "ward-b"]
    assert rows.loc["ward-a", "area"] == HOSTILE
    column = Column("short_of_energy", "", "percent", of="short_of_energy_homes")
    said = {area: text(cell(row.to_dict(), column, ENGLISH)).strip() for area, row in rows.iterrows()}
    assert said == {"region": "20 % of 180", "ward-a": "0 % of 180", "ward-b": "withheld"}


def test_each_sign_is_of_its_newest_told_month(page: Areas) -> None:
    months = newest_told(page.indicators.rows)
    assert months == {"short_of_energy": pd.Timestamp(MAY), "colder_fed": pd.Timestamp(APRIL)}
    need = by_area(page.indicators.rows).set_index("area_id")
    assert (need.loc["region", "colder_fed"], need.loc["region", "colder_fed_homes"]) == (0.1, 190)
    assert need.loc["ward-a", "withheld"] == "colder_fed"
    assert "self_rationing" not in need


def test_the_page_says_what_it_found(page: Areas) -> None:
    assert findings(page, ENGLISH) == [
        "The Region, May 2024: 20 % of the 180 homes that could be judged show signs of being short of energy."
    ]
    html = page_html(KIND, page, ENGLISH)
    assert HOSTILE not in html
    assert "&lt;script&gt;alert" in html
    for named_source in ("gold.area_summaries v0", "gold.access_indicators v0", "Europe/London", "LILEE", "Arrears"):
        assert named_source in html


@pytest.mark.parametrize("language", words.LANGUAGES)
def test_without_areas_the_page_says_what_to_do(tmp_path: Path, language: str) -> None:
    context = Context(AsOf(DAY), "UTC", words_of(language), FileLinks())
    empty = page_html(KIND, read(tmp_path), context)
    assert "area_id" in empty
    assert "<table>" not in empty
    put(tmp_path, "silver.areas", {"area_id": "ward"})
    untold = text(page_html(KIND, read(tmp_path), context))
    assert ("The lake knows 1 area, and no month" in untold) == (language == "en")


def test_where_all_is_withheld_nothing_is_said_to_be_unknown(tmp_path: Path) -> None:
    put(tmp_path, "gold.area_summaries", withheld("region", MAY))
    put(tmp_path, "gold.access_indicators", indicator("region", MAY, "short_of_energy", None))
    said = text(page_html(KIND, read(tmp_path), ENGLISH))
    assert "is withheld in every area: too few homes" in said
    assert "Withheld in every area: homes: electricity, bought; short of energy." in said
    assert "Nothing is known yet" not in said
    # Homes that are told beside signs that are not.
    put(tmp_path, "gold.area_summaries", summary("ward-a", MAY, 1, 20_000.0))
    said = text(page_html(KIND, read(tmp_path), ENGLISH))
    assert "Areas in May 2024" in said
    assert "Nothing is known yet" not in said


def test_names_that_two_areas_share_are_their_ids() -> None:
    areas = pd.DataFrame({"area_id": ["a", "b", "c"], "name": ["Old Town", "Old Town", "New Town"]})
    rows = pd.DataFrame({"area_id": ["c", "b", "a"], "parent_area_id": ["b", "a", None]})
    shown = named(rows, areas)
    assert shown["area"].tolist() == ["a", "b", "New Town"]
    assert shown["inside"].tolist() == [None, "a", "b"]
    # Areas that lie in each other end somewhere.
    rows["parent_area_id"] = ["b", "c", "a"]
    assert set(named(rows, areas)["area_id"]) == {"a", "b", "c"}
