"""Pseudonyms: their values against an HMAC written out by hand, keys by reference, what a source lets through."""

from __future__ import annotations

import base64
import hashlib
from pathlib import Path

import pyarrow as pa
import pytest
from landed_rows import LANDED

from energy_lib.config import PrivacyConfig
from energy_lib.errors import BadConfig, TryAgain
from energy_lib.lake.small_tables import SmallTables
from energy_lib.landing.files.content import Content
from energy_lib.landing.parsing.messages import MESSAGES, parse_messages
from energy_lib.landing.parsing.readings import parse_readings
from energy_lib.landing.sources.source import Source
from energy_lib.privacy.door import WITHHELD, path_through_the_door, through_the_door
from energy_lib.privacy.keys import key_ring, require_keys
from energy_lib.privacy.lakes_keys import lakes_keys, record_keys, require_lakes_keys
from energy_lib.privacy.pseudonyms import PSEUDONYM, KeyRing, version_of

FIRST, SECOND = bytes(range(32)), bytes(range(32, 64))
OLD, NEW = KeyRing((FIRST,)), KeyRing((FIRST, SECOND))
LINES = f"1 {base64.b64encode(FIRST).decode()}\n2 {base64.b64encode(SECOND).decode()}\n"
HOME = {
    "meter": {"column": "meter"},
    "building": "home",
    "time": {"column": "start", "interval_minutes": 60},
    "value": {"column": "kwh", "unit": "kWh"},
    "fuel": "electricity",
    "pseudonymize": True,
}


def by_hand(key: bytes, text: str) -> str:
    """RFC 2104 written out: H(K xor opad, H(K xor ipad, text))."""
    padded = key.ljust(64, b"\0")
    inner = hashlib.sha256(bytes(b ^ 0x36 for b in padded) + text.encode()).digest()
    digest = hashlib.sha256(bytes(b ^ 0x5C for b in padded) + inner).digest()
    return base64.b32encode(digest).decode().lower()[:26]


def test_a_pseudonym_is_the_hmac_of_the_id_and_of_the_pseudonym_before() -> None:
    first = f"p1-{by_hand(FIRST, 'meter 1')}"
    assert OLD.pseudonym("meter 1") == first
    assert NEW.pseudonym("meter 1") == f"p2-{by_hand(SECOND, first)}"
    assert NEW.renewed(first) == NEW.pseudonym("meter 1")


def test_texts_are_renewed_where_they_name_an_older_pseudonym_and_nowhere_else() -> None:
    old, new = OLD.pseudonym("a"), NEW.pseudonym("a")
    assert NEW.renewed_text(f"swapped with {old}, not p1-short, {new}, p9-{'a' * 26}") == (
        f"swapped with {new}, not p1-short, {new}, p9-{'a' * 26}"
    )
    with pytest.raises(ValueError, match="no pseudonym of one of 2 keys"):
        NEW.renewed("meter 1")


def test_a_candidate_is_named_and_no_other() -> None:
    assert NEW.named(NEW.pseudonym("b"), ["a", "b", "c"]) == "b"
    assert NEW.named(NEW.pseudonym("d"), ["a", "b", "c"]) is None


def test_keys_are_never_printed() -> None:
    assert str(FIRST) not in repr(NEW)
    assert repr(NEW) == "KeyRing()"
    source = Source.model_validate({"name": "homes", "format": "csv", **HOME}).with_keys(NEW)
    assert str(FIRST) not in repr(source) + str(source.model_dump())


def test_keys_come_from_a_file_or_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "keys"
    file.write_text("# of the homes\n" + LINES, encoding="utf-8")
    monkeypatch.setenv("HOMES_KEYS", LINES)
    assert key_ring(PrivacyConfig(keys_file=str(file))) == NEW
    assert key_ring(PrivacyConfig(keys_env="HOMES_KEYS")) == NEW
    assert key_ring(PrivacyConfig()) is None


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "the pseudonyms is missing"),
        ("# none yet", "there is no key"),
        ("1 c2hvcnQ=", "a key has fewer than 32 bytes"),
        ("1 not*base64", "a line is not base64"),
        (f"2 {base64.b64encode(FIRST).decode()}", "the versions are not 1, 2"),
        (LINES.replace(LINES.split()[3], LINES.split()[1]), "two versions have one key"),
        ("onlyoneword", "a line has not two words"),
    ],
)
def test_wrong_keys_are_one_sentence_that_shows_none(tmp_path: Path, text: str, why: str) -> None:
    file = tmp_path / "keys"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(BadConfig, match=why) as caught:
        require_keys(PrivacyConfig(keys_file=str(file)))
    words = [word for word in text.split() if len(word) > 1]
    assert not [word for word in words if word in str(caught.value)]


def test_missing_keys_say_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(BadConfig, match=r"name privacy\.keys_file"):
        require_keys(PrivacyConfig())
    with pytest.raises(BadConfig, match="No such file"):
        require_keys(PrivacyConfig(keys_file=str(tmp_path / "none")))
    with pytest.raises(BadConfig, match="the pseudonyms is missing: set the environment variable NOT_SET"):
        require_keys(PrivacyConfig(keys_env="NOT_SET"))


def test_a_lake_takes_no_other_keys_than_its_own(tmp_path: Path) -> None:
    tables = SmallTables(str(tmp_path / "lake"))
    require_lakes_keys(tables, OLD)
    require_lakes_keys(tables, OLD)
    with pytest.raises(BadConfig, match=r"have version 2 and .* has 1: run jobs/renew_pseudonyms\.py"):
        require_lakes_keys(tables, NEW)
    with pytest.raises(BadConfig, match="are not those of"):
        require_lakes_keys(tables, KeyRing((SECOND,)))
    record_keys(tables, NEW, is_whole=False)
    with pytest.raises(TryAgain, match="being renewed"):
        require_lakes_keys(tables, NEW)
    record_keys(tables, NEW, is_whole=True)
    require_lakes_keys(tables, NEW)
    with pytest.raises(BadConfig, match=r"\(version 1\) are not those of .* \(version 2\)"):
        require_lakes_keys(tables, OLD)
    row = lakes_keys(tables)
    assert row is not None
    assert base64.b64encode(FIRST).decode() not in str(row)


CSV = b"""meter,home,start,kwh
M-77,Oak 5,2024-03-01T00:00,1.5
M-77,Oak 5,2024-03-01T01:00,M-77
,Oak 5,M-77,3
M-77,Oak
"""


def test_rows_of_a_file_hold_no_id_nor_a_text_that_may_quote_one() -> None:
    source = Source.model_validate({"name": "homes", "format": "csv", **HOME}).with_keys(NEW)
    parsed = pa.concat_tables(parse_readings(Content.of(CSV), source, LANDED))
    assert "M-77" in str(parsed["reason"].to_pylist()), "or this test would prove nothing"
    rows = through_the_door(parsed, NEW).to_pylist()
    assert "M-77" not in str(rows)
    assert "Oak" not in str(rows)
    assert [row["meter_id"] for row in rows[:2]] == [NEW.pseudonym("M-77")] * 2
    assert {row["building_id"] for row in rows[:3]} == {NEW.pseudonym("Oak 5")}
    assert rows[2]["raw_meter_id"] in ("", None), "nobody is named, and nobody gets a pseudonym"
    good, shifted = rows[0], rows[1]
    assert (good["raw_value"], good["raw_timestamp"], good["energy_kwh"]) == ("1.5", "2024-03-01T00:00", 1.5)
    assert (shifted["raw_value"], shifted["rule_id"], shifted["reason"]) == (None, "unparseable_value", WITHHELD)


def test_messages_get_the_pseudonyms_of_files_and_poison_shows_nothing() -> None:
    layout = {**HOME, "kafka": {"topic": "homes"}}
    source = Source.model_validate({"name": "homes", "format": "kafka", **layout}).with_keys(NEW)
    values = [
        b'{"meter": "M-77", "home": "Oak 5", "start": "2024-03-01T00:00:00Z", "kwh": 1.5}',
        b'{"meter": "M-77", "home": "Oak 5", "kwh"',
    ]
    columns = [["t", "t"], [0, 0], [0, 1], [LANDED, LANDED], values]
    messages = pa.Table.from_arrays(
        [pa.array(column, field.type) for column, field in zip(columns, MESSAGES, strict=True)], schema=MESSAGES
    )
    rows = parse_messages(messages, source).to_pylist()
    assert "M-77" not in str(rows)
    assert rows[0]["meter_id"] == NEW.pseudonym("M-77")
    assert (rows[1]["raw_row"], rows[1]["reason"]) == (WITHHELD, WITHHELD)
    assert rows[1]["rule_id"] is not None


def test_a_files_name_is_a_pseudonym_and_keeps_its_folder_and_endings() -> None:
    path = path_through_the_door("homes/M-77.csv.gz", NEW)
    assert path == f"homes/{NEW.pseudonym('M-77.csv.gz')}.csv.gz"
    assert "M-77" not in path_through_the_door("homes/2024/M-77/M-77", NEW)
    assert "77" not in path_through_the_door("homes/a.M-77.csv", NEW)


def test_versions_are_read_from_pseudonyms_alone() -> None:
    assert (version_of(OLD.pseudonym("x")), version_of(NEW.pseudonym("x")), version_of("p1-x")) == (1, 2, None)
    assert PSEUDONYM.fullmatch(NEW.pseudonym("x"))
