"""The table of rules in the docs is the registry; thresholds are config keys."""

from __future__ import annotations

import re
from pathlib import Path

from energy_lib.cleaning.rules import RULES
from energy_lib.config import CleaningConfig

DOCS = Path(__file__).parents[2] / "docs" / "cleaning.md"
ROW = re.compile(r"^\| `(\w+)` \| (reject|flag) \|(?: `(\w+)`)? *\| (.+) \|$", re.MULTILINE)


def test_the_docs_table_lists_exactly_the_rules() -> None:
    told = [(id_, level, threshold or None, what) for id_, level, threshold, what in ROW.findall(DOCS.read_text())]
    assert told == [(rule.id, str(rule.level), rule.threshold, rule.what) for rule in RULES]


def test_every_threshold_is_a_config_key() -> None:
    assert {rule.threshold for rule in RULES} - {None} <= set(CleaningConfig.model_fields)
