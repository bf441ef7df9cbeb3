"""A proposal answers for every file: with a YAML, with what it could not tell, or with one sentence."""

from __future__ import annotations

import tempfile
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from energy_lib.errors import EnergyError
from energy_lib.landing.proposal.propose import propose
from energy_lib.landing.proposal.yaml_text import yaml_lines

LANDED = datetime(2025, 6, 1, tzinfo=UTC)
CELLS = st.one_of(
    st.sampled_from(
        ["2024-01-01 00:00", "01/02/2024", "31.12.9999 24:00", "12:00 AM", "1704067200", "-0,5", "1e400", ""]
    ),
    st.sampled_from(
        ['"', "id", "Datum", "kWh", "kWh", "24", "H1", "T1", "0001-01-01", "NaN", "='1", "::", "\ufeff", "\0"]
    ),
    st.text(max_size=6),
)
ROWS = st.lists(st.lists(CELLS, min_size=1, max_size=5), max_size=8)


@settings(max_examples=60, deadline=None)
@given(ROWS, st.sampled_from([",", ";", "\t", "|"]))
def test_no_file_breaks_a_proposal(rows: list[list[str]], separator: str) -> None:
    text = "\n".join(separator.join(row) for row in rows)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "f.csv"
        path.write_bytes(text.encode("utf-8", "surrogatepass"))
        with suppress(EnergyError):
            proposal = propose([path], LANDED)
            assert list(yaml_lines(proposal.guesses))
            assert proposal.source is not None or proposal.fault
