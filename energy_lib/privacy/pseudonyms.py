"""Pseudonyms: what stands in the lake for the id of a meter or a home, computed from it by keys that lie elsewhere.

Version 1 is HMAC-SHA256 (RFC 2104, FIPS 198-1) of the id under the first key, version 2 that of the pseudonym of
version 1 under the second key, and so on. So a lake can be taken to a new key without the ids, which it does not have,
and who knows an old key alone cannot compute the pseudonyms of now. No table of ids and pseudonyms is kept anywhere.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from collections.abc import Iterable
from dataclasses import dataclass, field

# 130 bits: two of a thousand million ids share a pseudonym with a chance of 4e-22.
LETTERS = 26
PSEUDONYM = re.compile(rf"\bp(\d+)-[a-z2-7]{{{LETTERS}}}\b")
LEAST_KEY_BYTES = 32


@dataclass(frozen=True, slots=True)
class KeyRing:
    """The keys, the oldest first; the last makes the pseudonyms of now. Never printed."""

    keys: tuple[bytes, ...] = field(repr=False)

    def __post_init__(self) -> None:
        if not self.keys:
            raise ValueError("there is no key")
        if any(len(key) < LEAST_KEY_BYTES for key in self.keys):
            raise ValueError(f"a key has fewer than {LEAST_KEY_BYTES} bytes")
        if len(set(self.keys)) < len(self.keys):
            raise ValueError("two versions have one key")

    @property
    def version(self) -> int:
        return len(self.keys)

    def pseudonym(self, id_: str) -> str:
        """`p<version>-` and 26 letters of an id of the outside; one that looks like a pseudonym is an id as any other.

        >>> KeyRing((bytes(32),)).pseudonym("meter 1")
        'p1-rwmlgtq6s5yauqwtedghdahkeu'
        """
        return self._from(id_, 1)

    def renewed(self, pseudonym: str) -> str:
        """The pseudonym under the newest key of what had this one; ValueError for what is none of these keys."""
        version = version_of(pseudonym)
        if version is None or version > self.version:
            raise ValueError(f"{pseudonym} is no pseudonym of one of {self.version} keys")
        return self._from(pseudonym, version + 1)

    def renewed_text(self, text: str) -> str:
        """A text with every pseudonym of older keys in it renewed."""
        return PSEUDONYM.sub(lambda found: self._renewed_if_known(found.group(0)), text)

    def named(self, pseudonym: str, candidates: Iterable[str]) -> str | None:
        """The one of the candidates that has this pseudonym of now; None if none has."""
        return next((id_ for id_ in candidates if hmac.compare_digest(self.pseudonym(id_), pseudonym)), None)

    def check_value(self) -> str:
        """What tells these keys from others, and nothing of them: the pseudonym of a text that no meter has."""
        return self.pseudonym("\0energy_lib.privacy.check_value")

    def _renewed_if_known(self, pseudonym: str) -> str:
        version = version_of(pseudonym)
        return pseudonym if version is None or version > self.version else self.renewed(pseudonym)

    def _from(self, text: str, first: int) -> str:
        """The text taken through the keys from version `first` on."""
        for version in range(first, self.version + 1):
            digest = hmac.digest(self.keys[version - 1], text.encode("utf-8", "surrogateescape"), hashlib.sha256)
            text = f"p{version}-{base64.b32encode(digest).decode().lower()[:LETTERS]}"
        return text


def version_of(text: str) -> int | None:
    """Of which key a pseudonym is; None for a text that is none."""
    match = PSEUDONYM.fullmatch(text)
    return int(match.group(1)) if match else None
