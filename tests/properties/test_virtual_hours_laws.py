"""Laws of virtual hours for random registers: no order of rows counts, and pandas finds the same sums."""

from __future__ import annotations

import numpy as np
import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st
from virtual_rows import at, frame, row

from energy_lib.cleaning.virtual_hours import virtual_hours
from energy_lib.cleaning.virtual_meters import Term, VirtualMeter

REGISTERS = ("a", "b", "c", "d")
QUALITIES = ("measured", "edited", "estimated", "imputed")
bounds = st.one_of(st.none(), st.integers(-1, 7).map(lambda hour: at(hour).to_pydatetime()))
terms = st.lists(
    st.tuples(st.sampled_from(REGISTERS[:3]), st.sampled_from([1.0, -1.0]), bounds, bounds),
    min_size=1,
    max_size=3,
    unique_by=lambda term: term[0],
)
hours = st.lists(
    st.tuples(
        st.sampled_from(REGISTERS),
        st.integers(0, 6),
        st.one_of(st.none(), st.floats(-50, 50)),
        st.sampled_from(QUALITIES),
        st.integers(1, 90),
        st.lists(st.sampled_from(["snapped", "spike", "drop"]), unique=True),
    ),
    unique_by=lambda each: each[:2],
    max_size=28,
)


def made(given_hours: list[tuple[str, int, float | None, str, int, list[str]]]) -> pd.DataFrame:
    return frame(
        [
            row(
                meter, hour, kwh, quality=None if kwh is None else quality, imputed_share=float(quality == "imputed"),
                imputed_by="scaling" if quality == "imputed" else None, flags=flags, available_at_utc=at(hour + later),
            )
            for meter, hour, kwh, quality, later, flags in given_hours
        ]
    )  # fmt: skip


def oracle(rows: pd.DataFrame, virtual: VirtualMeter) -> pd.DataFrame:
    """Hour by hour, term by term, in plain Python."""
    found = {
        (each.meter_id, each.interval_start_utc): each
        for each in rows.itertuples()
        if each.energy_kwh == each.energy_kwh
    }
    answer = []
    for hour in sorted(set(rows["interval_start_utc"])):
        counted = [
            term
            for term in virtual.terms
            if (term.valid_from is None or term.valid_from <= hour) and (term.valid_to is None or hour < term.valid_to)
        ]
        parts = [found.get((term.meter_id, hour)) for term in counted]
        if not counted or None in parts:
            continue
        answer.append(
            {
                "interval_start_utc": hour,
                "energy_kwh": sum(t.sign * p.energy_kwh for t, p in zip(counted, parts, strict=True)),
                "quality": QUALITIES[max(QUALITIES.index(p.quality) for p in parts)],
                "imputed_share": max(p.imputed_share for p in parts),
                "flags": {flag for p in parts for flag in p.flags},
                "available_at_utc": max(p.available_at_utc for p in parts),
            }
        )
    return pd.DataFrame(answer)


@settings(max_examples=60, deadline=None)
@given(hours, terms, st.randoms(use_true_random=False))
def test_no_order_of_rows_counts_and_plain_python_finds_the_same(given_hours, given_terms, random) -> None:
    virtual = VirtualMeter(
        "v", "electricity", "net", tuple(Term(*term) for term in sorted(given_terms, key=lambda t: t[0]))
    )
    rows = made(given_hours)
    found = virtual_hours(rows, virtual)
    shuffled = rows.iloc[random.sample(range(len(rows)), len(rows))]
    pd.testing.assert_frame_equal(virtual_hours(shuffled, virtual), found, check_exact=True)
    expected = oracle(rows, virtual)
    assert len(found) == len(expected)
    if len(found):
        np.testing.assert_allclose(found["energy_kwh"], expected["energy_kwh"], atol=1e-9)
        assert [set(flags) for flags in found["flags"]] == expected["flags"].tolist()
        same = ["interval_start_utc", "quality", "imputed_share", "available_at_utc"]
        assert found[same].to_numpy().tolist() == expected[same].to_numpy().tolist()
