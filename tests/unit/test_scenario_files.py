"""Scenarios' YAMLs: those that ship are whole, and what is wrong with another is one sentence."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from energy_lib.errors import BadConfig
from energy_lib.insights.scenarios.scenario import load_scenario, shipped

ASSUMED = "{low: 0.1, central: 0.2, high: 0.3, source: By hand}"
GOOD = f"""\
question: What if?
measures:
  - kind: insulation
    heat_saving: {ASSUMED}
"""


def test_those_that_ship_are_read_and_each_assumption_has_a_range_and_a_dated_source() -> None:
    assert len(shipped()) >= 8
    for name in shipped():
        scenario = load_scenario(name)
        assert scenario.name == name
        assert scenario.question.endswith("?")
        for assumption in scenario.assumptions().values():
            assert assumption.low < assumption.high
            assert re.search(r"\b(19|20)\d\d\b", assumption.source), "an edition"


def test_two_measures_of_a_kind_have_names_of_their_own(tmp_path: Path) -> None:
    path = tmp_path / "twice.yaml"
    path.write_text(GOOD + GOOD.split("measures:\n")[1])
    assert list(load_scenario(str(path)).assumptions()) == ["insulation.heat_saving", "insulation_2.heat_saving"]


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("question: 'x", r"is not YAML"),
        ("- a", r"holds no keys"),
        ("question: \xff", r"not UTF-8"),
        (GOOD + "colour: red\n", r"there is no key 'colour'"),
        (GOOD + "name: other\n", r"there is no key 'name', the file's name is the scenario's"),
        (GOOD.replace("kind: insulation", "kind: magic"), r"key 'measures.1'.*'insulation'"),
        (GOOD.replace("kind: insulation", "share: 0.5"), r"key 'measures.1'.*kind"),
        (GOOD.replace("insulation", "heat_pump"), r"'measures.1.boiler_efficiency' is missing"),
        (GOOD.replace("heat_saving", "saving"), r"'measures.1.heat_saving' is missing"),
        (GOOD.replace("source: By hand", "source: ''"), r"measures.1.heat_saving.source"),
        (GOOD.replace(", source: By hand", ""), r"'measures.1.heat_saving.source' is missing"),
        (GOOD.replace("low: 0.1", "low: 0.25"), r"low 0.25, central 0.2, high 0.3 are not in this order"),
        (GOOD.replace("high: 0.3", "high: 3"), r"heat_saving lies outside 0 to 0.9"),
        (GOOD.replace("high: 0.3", "high: much"), r"measures.1.heat_saving.high'.*number"),
        (GOOD.replace("high: 0.3", "high: .nan"), r"heat_saving"),
        (GOOD + "    share: 0\n", r"measures.1.share'.*greater than 0"),
        ("question: What if?\n", r"give either measures or unserved"),
        (GOOD + "unserved: {}\n", r"give either measures or unserved"),
        ("question: What if?\nmeasures: 3\n", r"'measures'"),
        ("question: What if?\nmeasures: [x]\n", r"'measures.1'"),
    ],
)
def test_what_is_wrong_is_one_sentence(tmp_path: Path, text: str, sentence: str) -> None:
    path = tmp_path / "mine.yaml"
    path.write_bytes(text.encode("latin-1"))
    with pytest.raises(BadConfig, match=sentence) as error:
        load_scenario(str(path))
    assert error.value.exit_code == 2
    assert "\n" not in str(error.value)
    assert "mine.yaml" in str(error.value)


def test_a_name_that_is_not_there_is_told_with_those_that_are() -> None:
    with pytest.raises(BadConfig, match=r"There is no scenario heat_pump: give one of electric_vehicles, heat_pumps"):
        load_scenario("heat_pump")
