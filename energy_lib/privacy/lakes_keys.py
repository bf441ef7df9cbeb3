"""Which keys the pseudonyms of a lake are of: one lake, one version, and nobody comes in with others."""

from __future__ import annotations

from typing import Any

from energy_lib.errors import BadConfig, TryAgain
from energy_lib.lake.small_tables import SmallTables
from energy_lib.privacy.pseudonyms import KeyRing
from energy_lib.tables.ops import PSEUDONYM_KEYS


def require_lakes_keys(tables: SmallTables, keys: KeyRing) -> None:
    """Hold the keys against those of the lake, which has them from whoever comes first.

    Raises BadConfig for other keys or another version, TryAgain while the lake is being taken to a new version.
    """
    row = lakes_keys(tables)
    if row is None:
        tables.create(PSEUDONYM_KEYS, [keys_row(keys)])
        row = lakes_keys(tables)
        assert row is not None
    if not row["is_whole"]:
        raise TryAgain(f"The pseudonyms of {tables.root} are being renewed: run jobs/renew_pseudonyms.py to its end.")
    if keys.version > row["version"]:
        raise BadConfig(
            f"The keys of pseudonyms have version {keys.version} and {tables.root} has {row['version']}: run "
            "jobs/renew_pseudonyms.py first."
        )
    if (keys.version, keys.check_value()) != (row["version"], row["check_value"]):
        raise BadConfig(
            f"The keys of pseudonyms (version {keys.version}) are not those of {tables.root} (version "
            f"{row['version']}): name the file that it was made with."
        )


def lakes_keys(tables: SmallTables) -> dict[str, Any] | None:
    """The row of the lake's keys; None for a lake without pseudonyms."""
    rows = tables.rows(PSEUDONYM_KEYS)
    return rows[0] if rows else None


def record_keys(tables: SmallTables, keys: KeyRing, *, is_whole: bool) -> None:
    """Say of which version the lake's pseudonyms are, or are becoming. Raises TryAgain if the race is lost."""
    version = tables.version(PSEUDONYM_KEYS)
    tables.replace(PSEUDONYM_KEYS, [keys_row(keys, is_whole=is_whole)], version)


def keys_row(keys: KeyRing, *, is_whole: bool = True) -> dict[str, Any]:
    return {
        "keys": "pseudonyms",
        "version": keys.version,
        "check_value": keys.check_value(),
        "is_whole": is_whole,
    }
