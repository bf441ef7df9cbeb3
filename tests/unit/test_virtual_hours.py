"""The hours of a virtual meter: values worked out by hand."""

from __future__ import annotations

from datetime import UTC, date

import pandas as pd
from virtual_rows import HOME, at, frame, row

from energy_lib.cleaning.virtual_hours import virtual_hours
from energy_lib.cleaning.virtual_meters import Term, VirtualMeter
from energy_lib.tables import silver


def test_own_use_is_import_and_generation_less_export() -> None:
    hours = frame([row("in", 0, 0.25), row("pv", 0, 2.0), row("out", 0, 1.5), row("other", 0, 99.0)])
    [hour] = virtual_hours(hours, HOME).to_dict("records")
    assert hour == {
        "meter_id": "home", "fuel": "electricity", "flow": "import", "interval_start_utc": at(0), "energy_kwh": 0.75,
        "measured_kwh": 0.75, "quality": "measured", "imputed_share": 0.0, "imputed_by": None, "flags": [],
        "suspect_from_utc": pd.NaT, "available_at_utc": at(1), "interval_month": date(2024, 1, 1),
    }  # fmt: skip
    assert tuple(hour) == silver.HOURLY.column_names


def test_what_is_doubtful_of_a_term_is_doubtful_of_the_sum() -> None:
    hours = frame(
        [
            row("in", 0, 1.0, quality="estimated", imputed_share=1.0, imputed_by="spread", measured_kwh=None),
            row("out", 0, 0.5, quality="imputed", imputed_share=0.5, imputed_by="scaling", available_at_utc=at(9)),
            row("pv", 0, 2.0, flags=["spike"], suspect_from_utc=at(5)),
            row("in", 3, 1.0, flags=["snapped"], available_at_utc=at(50), quality="edited"),
            row("out", 3, 0.0, flags=["drop", "spike"], suspect_from_utc=at(7)),
            row("pv", 3, 0.0, flags=["spike"], suspect_from_utc=at(6)),
        ]
    )
    first, second = virtual_hours(hours, HOME).to_dict("records")
    assert (first["energy_kwh"], first["quality"], first["available_at_utc"]) == (2.5, "imputed", at(9))
    assert (first["imputed_share"], first["imputed_by"]) == (1.0, "spread")
    assert pd.isna(first["measured_kwh"]), "of the import nothing was read"
    assert (first["flags"], first["suspect_from_utc"]) == (["spike"], at(5))
    assert (second["energy_kwh"], second["quality"], second["available_at_utc"]) == (1.0, "edited", at(50))
    assert (second["flags"], second["suspect_from_utc"]) == (["snapped", "spike", "drop"], at(6))
    assert second["interval_month"] == date(2024, 2, 1)


def test_an_hour_that_misses_a_term_is_missing() -> None:
    rows = [row(meter, hour, 1.0) for meter in ("in", "out", "pv") for hour in range(4)]
    rows = [each for each in rows if (each["meter_id"], each["interval_start_utc"]) != ("out", at(1))]
    rows[-1]["energy_kwh"] = None  # pv, hour 3: a gap that could not be estimated
    assert virtual_hours(frame(rows), HOME)["interval_start_utc"].tolist() == [at(0), at(2)]
    assert virtual_hours(frame([]), HOME).empty
    assert virtual_hours(frame([row("in", 0, 1.0)]), HOME).empty


def test_a_term_counts_only_while_it_is_valid() -> None:
    """The roof got its panels at hour 2, and their meter was exchanged at hour 4."""
    two, four = (at(hour).to_pydatetime() for hour in (2, 4))
    home = VirtualMeter(
        "home",
        "electricity",
        "import",
        (Term("in", 1.0), Term("pv", 1.0, two, four), Term("pv2", 1.0, four.replace(tzinfo=UTC))),
    )
    rows = [row("in", hour, 1.0) for hour in range(6)]
    rows += [row("pv", hour, 10.0) for hour in range(1, 5)] + [row("pv2", hour, 100.0) for hour in range(3, 6)]
    found = virtual_hours(frame(rows), home).set_index("interval_start_utc")["energy_kwh"]
    assert found.to_dict() == {at(0): 1.0, at(1): 1.0, at(2): 11.0, at(3): 11.0, at(4): 101.0, at(5): 101.0}
    ended = VirtualMeter("home", "electricity", "import", (Term("in", 1.0, None, at(1).to_pydatetime()),))
    assert virtual_hours(frame(rows), ended)["interval_start_utc"].tolist() == [at(0)]


def test_a_sum_may_be_below_zero() -> None:
    balance = VirtualMeter("balance", "electricity", "net", (Term("in", 1.0), Term("out", -1.0)))
    [hour] = virtual_hours(frame([row("in", 0, 0.5), row("out", 0, 2.0)]), balance).to_dict("records")
    assert (hour["energy_kwh"], hour["flow"]) == (-1.5, "net")
