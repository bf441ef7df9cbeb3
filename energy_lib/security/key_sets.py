"""A provider's public keys (JWKS, RFC 7517), kept in memory: fetched anew when they are old or a key is unknown."""

from __future__ import annotations

import json
import logging
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import jwt
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

from energy_lib.errors import TryAgain

FRESH_SECONDS = 300.0
# A provider that is away costs nobody the access at once; a key that it has withdrawn meanwhile counts for so long.
LAST_RESORT_SECONDS = 3600.0
# Whoever sends tokens of made-up keys makes us ask the provider this often, and no more.
ASK_AGAIN_SECONDS = 30.0
ANSWER_SECONDS = 3.0
LARGEST_BYTES = 256 << 10
# Packed, a small answer could unpack to a huge one.
PLAIN = {"accept-encoding": "identity"}
MOST_KEYS = 100
LEAST_RSA_BITS = 2048
# Keys of jobs/development_issuer.py have ids that begin so, and no production config takes them.
DEVELOPMENT = "development-"

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class SigningKey:
    """A public key, and the one algorithm that it is good for, as its kind says and no token."""

    key: Any
    algorithm: str


class KeySet:
    """The keys of one place. Threads share it; `clock` gives seconds that never go back."""

    def __init__(self, place: str, *, development: bool = False, clock: Callable[[], float] = time.monotonic) -> None:
        self.place = place
        self._development = development
        self._clock = clock
        self._keys: Mapping[str, SigningKey] = {}
        # Grows whenever the keys are others than before.
        self.version = 0
        self._read_at = self._asked_at = -float("inf")
        self._asking = threading.Lock()

    def at_hand(self, key_id: str) -> bool:
        """Whether `key` answers from memory."""
        return key_id in self._keys and self._clock() - self._read_at <= LAST_RESORT_SECONDS

    def key(self, key_id: str) -> SigningKey | None:
        """The key of this id, None if the provider has none. May take ANSWER_SECONDS unless it is at hand.

        Raises TryAgain if the keys cannot be had.
        """
        if self.at_hand(key_id):
            if self._clock() - self._read_at > FRESH_SECONDS and self._due():
                threading.Thread(target=self._ask, daemon=True).start()
            return self._keys.get(key_id)
        if self._due():
            self._ask()
        if self._clock() - self._read_at > LAST_RESORT_SECONDS:
            raise TryAgain(f"The keys of tokens cannot be had from {self.place}: try again when it answers.")
        return self._keys.get(key_id)

    def _due(self) -> bool:
        return self._clock() - self._asked_at >= ASK_AGAIN_SECONDS

    def _ask(self) -> None:
        """Read the keys anew, one thread at a time; what fails leaves those that were known."""
        with self._asking:
            if not self._due():
                return
            self._asked_at = self._clock()
            try:
                text = _fetched(self.place) if "://" in self.place else _read(self.place)
                self._take(signing_keys(text, development=self._development))
            except (httpx.HTTPError, OSError, ValueError) as error:
                log.warning("the keys of tokens cannot be had from %s: %s", self.place, error or type(error).__name__)

    def _take(self, keys: dict[str, SigningKey]) -> None:
        if {name: key.key.public_numbers() for name, key in keys.items()} != {
            name: key.key.public_numbers() for name, key in self._keys.items()
        }:
            self.version += 1
        self._keys, self._read_at = keys, self._clock()


def signing_keys(text: str, *, development: bool = False) -> dict[str, SigningKey]:
    """Key id → key of a JWK set: RSA of 2048 bits or more and P-256, for signatures. Others are left out.

    `development`: whether keys of the development issuer count. Raises ValueError for what is no JWK set.
    """
    try:
        found = json.loads(text)["keys"]
        given = [dict(each) for each in found][:MOST_KEYS]
    except (ValueError, KeyError, TypeError, RecursionError):
        raise ValueError("it holds no JWK set") from None
    keys = {}
    for each in given:
        name, key = each.get("kid"), _signing_key(each)
        if isinstance(name, str) and key is not None and (development or not name.startswith(DEVELOPMENT)):
            keys[name] = key
    return keys


def _signing_key(jwk: dict[str, Any]) -> SigningKey | None:
    algorithm = {"RSA": "RS256", "EC": "ES256"}.get(str(jwk.get("kty")))
    if algorithm is None or jwk.get("use", "sig") != "sig" or jwk.get("alg", algorithm) != algorithm:
        return None
    try:
        key = jwt.PyJWK({name: value for name, value in jwk.items() if name != "d"}, algorithm).key
    except (jwt.PyJWTError, ValueError, TypeError):
        return None
    good = isinstance(key, RSAPublicKey) and key.key_size >= LEAST_RSA_BITS
    good = good or (isinstance(key, EllipticCurvePublicKey) and isinstance(key.curve, SECP256R1))
    return SigningKey(key, algorithm) if good else None


def _read(path: str) -> str:
    with Path(path).open("rb") as file:
        return _text(file.read(LARGEST_BYTES + 1))


def _fetched(url: str) -> str:
    """The answer's text. Redirects are not followed: whoever could redirect could give keys of their own."""
    body, until = b"", time.monotonic() + ANSWER_SECONDS
    with httpx.stream("GET", url, headers=PLAIN, timeout=ANSWER_SECONDS, follow_redirects=False) as answer:
        if answer.status_code != httpx.codes.OK:
            raise ValueError(f"it answers {answer.status_code}")
        for part in answer.iter_raw():
            body += part
            if len(body) > LARGEST_BYTES or time.monotonic() > until:
                break
    if time.monotonic() > until:
        raise ValueError(f"it is not read within {ANSWER_SECONDS:g} s")
    return _text(body)


def _text(body: bytes) -> str:
    if len(body) > LARGEST_BYTES:
        raise ValueError(f"it is larger than {LARGEST_BYTES:,} bytes")
    return body.decode("utf-8")
