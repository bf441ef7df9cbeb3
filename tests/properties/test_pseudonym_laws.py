"""Laws of pseudonyms for any ids and keys: stable, apart, and the same by whatever way to a version."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from energy_lib.privacy.pseudonyms import PSEUDONYM, KeyRing, version_of

KEYS = st.lists(st.binary(min_size=32, max_size=64), min_size=1, max_size=4, unique=True).map(tuple)
IDS = st.text(min_size=1, max_size=40)


@given(KEYS, IDS)
def test_it_is_stable_and_shaped_whatever_the_id(keys: tuple[bytes, ...], id_: str) -> None:
    pseudonym = KeyRing(keys).pseudonym(id_)
    assert pseudonym == KeyRing(keys).pseudonym(id_)
    assert PSEUDONYM.fullmatch(pseudonym)
    assert version_of(pseudonym) == len(keys)


@given(KEYS, st.lists(IDS, min_size=2, max_size=30, unique=True))
def test_ids_stay_apart_within_and_over_versions(keys: tuple[bytes, ...], ids: list[str]) -> None:
    rings = [KeyRing(keys[:count]) for count in range(1, len(keys) + 1)]
    made = [ring.pseudonym(id_) for ring in rings for id_ in ids]
    assert len(set(made)) == len(made)
    # A pseudonym that comes in from outside is an id like any other.
    assert rings[-1].pseudonym(made[0]) not in made


@given(KEYS, IDS, st.data())
def test_renewing_in_any_steps_gives_what_the_door_gives(
    keys: tuple[bytes, ...], id_: str, data: st.DataObject
) -> None:
    stops = sorted(data.draw(st.sets(st.integers(1, len(keys)))) | {len(keys)})
    there = KeyRing(keys[: stops[0]]).pseudonym(id_)
    for count in stops[1:]:
        there = KeyRing(keys[:count]).renewed(there)
    whole = KeyRing(keys)
    assert there == whole.pseudonym(id_)
    assert whole.renewed(there) == there
    assert whole.renewed_text(f"<{there}>") == f"<{there}>"
