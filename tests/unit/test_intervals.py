"""Periods and origins."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path
from types import ModuleType

import pytest

from energy_lib.config import Config
from energy_lib.errors import BadConfig
from energy_lib.intervals import Period, parse_day
from jobs import train, write_shards


def test_a_period_holds_both_ends_and_an_origin_a_day() -> None:
    period = Period(date(2024, 2, 28), date(2024, 3, 1))
    assert period.days() == [date(2024, 2, 28), date(2024, 2, 29), date(2024, 3, 1)]
    assert period.origins(6)[1] == datetime(2024, 2, 29, 6, tzinfo=UTC)
    assert str(period) == "2024-02-28..2024-03-01"


def test_weekly_origins_are_mondays() -> None:
    october = Period(date(2022, 10, 1), date(2022, 10, 31))
    assert [day.day for day in october.origin_days(7)] == [3, 10, 17, 24, 31]
    assert october.origins(0, 7)[0] == datetime(2022, 10, 3, tzinfo=UTC)
    assert len(october.origin_days(1)) == 31


def test_a_period_that_ends_before_it_begins_is_refused() -> None:
    with pytest.raises(BadConfig, match="before --from"):
        Period(date(2024, 3, 2), date(2024, 3, 1))


@pytest.mark.parametrize("job", [train, write_shards])
def test_jobs_of_one_day_refuse_a_longer_period(job: ModuleType, tmp_path: Path) -> None:
    with pytest.raises(BadConfig, match=r"2024-03-01\.\.2024-03-02 is several: give --date"):
        job.run(None, Config(lake=str(tmp_path)), Period(date(2024, 3, 1), date(2024, 3, 2)))
    assert Period.day(date(2024, 3, 1)).only_day == date(2024, 3, 1)


@pytest.mark.parametrize("text", ["2024-13-01", "yesterday", "01/02/2024"])
def test_what_is_not_a_date_is_refused(text: str) -> None:
    with pytest.raises(BadConfig, match="YYYY-MM-DD"):
        parse_day(text)


def test_a_period_is_cut_into_parts_without_a_gap() -> None:
    period = Period(date(2024, 2, 27), date(2024, 3, 4))
    parts = period.parts(3)
    assert [len(part.days()) for part in parts] == [3, 3, 1]
    assert [day for part in parts for day in part.days()] == period.days()
    assert period.parts(30) == [period]
