"""Tokens (JWT, RFC 7519) checked: signature by the provider's key, issuer, audience, times. Practice: RFC 8725."""

from __future__ import annotations

from typing import Any

import jwt

from energy_lib.security.key_sets import KeySet
from energy_lib.security.principal import Unauthenticated
from energy_lib.security.settings import TokensConfig

LARGEST_BYTES = 8192
LONGEST_KEY_ID = 200
REQUIRED = ["exp", "iat", "iss", "aud"]
# What a token can be wrong by, as it may be told to whoever sent it.
FAULTS: tuple[tuple[type[Exception], str], ...] = (
    (jwt.ExpiredSignatureError, "The token has expired: get a new one."),
    (jwt.ImmatureSignatureError, "The token is not valid yet: look at the clocks."),
    (jwt.InvalidAudienceError, "The token is for another service: ask the provider for one with this audience."),
    (jwt.InvalidIssuerError, "The token is of another issuer: get one of the provider that this service trusts."),
    (jwt.MissingRequiredClaimError, f"The token lacks a claim: it must have {', '.join(REQUIRED)}."),
    (jwt.InvalidSignatureError, "The token's signature is wrong: get a new one."),
)
MALFORMED = "The token cannot be read: send a signed JWT."


class TokenChecker:
    """Checks tokens by a config and a set of keys. Threads share it."""

    def __init__(self, config: TokensConfig, keys: KeySet) -> None:
        self._config = config
        self.keys = keys

    def at_hand(self, token: str) -> bool:
        """Whether `claims` answers from memory, without asking the provider for keys."""
        try:
            return self.keys.at_hand(_key_id(token)[0])
        except Unauthenticated:
            return True

    def claims(self, token: str) -> dict[str, Any]:
        """What a token says, if all of it holds.

        Raises Unauthenticated, whose sentence repeats nothing of the token, and TryAgain if keys cannot be had.
        """
        key_id, algorithm = _key_id(token)
        key = self.keys.key(key_id)
        if key is None:
            raise Unauthenticated("The token is signed by a key that the provider does not name: get a new one.")
        # The key says which algorithm it is good for; the token's word is only compared with it.
        if key.algorithm != algorithm:
            raise Unauthenticated("The token names another algorithm than its key is for: get a new one.")
        try:
            claims: dict[str, Any] = jwt.decode(
                token,
                key.key,
                algorithms=[key.algorithm],
                audience=self._config.audience,
                issuer=self._config.issuer,
                leeway=self._config.leeway_seconds,
                options={"require": REQUIRED, "strict_aud": False},
            )
            hours = (int(claims["exp"]) - int(claims["iat"])) / 3600
        except (jwt.PyJWTError, ValueError, TypeError, OverflowError, RecursionError, AttributeError) as error:
            raise Unauthenticated(_sentence(error)) from None
        if hours > self._config.longest_hours:
            raise Unauthenticated(
                f"The token is valid for more than {self._config.longest_hours:g} hours: get a shorter one."
            )
        return claims


def _key_id(token: str) -> tuple[str, str]:
    """Key id and algorithm that the token's header names; raises Unauthenticated."""
    if len(token) > LARGEST_BYTES or not token.isascii() or token.count(".") != 2:
        raise Unauthenticated(MALFORMED)
    try:
        header = jwt.get_unverified_header(token)
    except (jwt.PyJWTError, ValueError, TypeError, OverflowError, RecursionError, AttributeError):
        raise Unauthenticated(MALFORMED) from None
    key_id, algorithm = header.get("kid"), header.get("alg")
    if algorithm not in ("RS256", "ES256"):
        raise Unauthenticated("The token is signed by another algorithm than RS256 or ES256: get one that is.")
    if not isinstance(key_id, str) or not 0 < len(key_id) <= LONGEST_KEY_ID:
        raise Unauthenticated("The token names no key (kid): get one that does.")
    # Extensions that must be understood are not.
    if "crit" in header or header.get("b64", True) is not True:
        raise Unauthenticated("The token asks for extensions (crit, b64) that are not known here: get one without.")
    return key_id, str(algorithm)


def _sentence(error: Exception) -> str:
    return next((sentence for kind, sentence in FAULTS if isinstance(error, kind)), MALFORMED)
