"""The table of rules in the docs is the registry; thresholds are config keys."""

from __future__ import annotations

import re
from pathlib import Path

from energy_lib.cleaning.rules import RULES
from energy_lib.config import CleaningConfig
from energy_lib.landing.files import file_faults

DOCS = Path(__file__).parents[2] / "docs" / "cleaning.md"
ROW = re.compile(r"^\| `(\w+)` \| (file|parse|reject|flag|estimate) \|(?: `(\w+)`)? *\| (.+) \|$", re.MULTILINE)


def test_one_table_of_the_docs_lists_exactly_the_rules() -> None:
    table = [(id_, level, threshold or None, what) for id_, level, threshold, what in ROW.findall(DOCS.read_text())]
    of_files = [row for row in table if row[1] in ("file", "parse")]
    assert table[len(of_files) :] == [(rule.id, str(rule.level), rule.threshold, rule.what) for rule in RULES]
    ids = [value for name, value in vars(file_faults).items() if name.isupper()]
    assert [(id_, level) for id_, level, *_ in of_files] == [
        (id_, "file" if id_.startswith("file_") else "parse") for id_ in ids
    ]


def test_every_threshold_is_a_config_key() -> None:
    assert {rule.threshold for rule in RULES} - {None} <= set(CleaningConfig.model_fields)
