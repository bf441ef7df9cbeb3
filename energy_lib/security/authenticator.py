"""Who asks, by what they show: a token of the provider, or an API key."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime
from typing import Self

from energy_lib.errors import BadConfig
from energy_lib.security.api_keys import ApiKeyFile, now_utc
from energy_lib.security.claims import principal_of
from energy_lib.security.key_sets import KeySet
from energy_lib.security.principal import EVERYTHING, Principal, Unauthenticated
from energy_lib.security.recognised import Recognised
from energy_lib.security.settings import SecurityConfig, TokensConfig
from energy_lib.security.tokens import TokenChecker

BEARER = "bearer "
LONGEST = 16_384


class Authenticator:
    """Recognises who asks. Threads share it; `clock` gives the time at which a key is judged."""

    def __init__(
        self, config: SecurityConfig, keys: KeySet | None = None, clock: Callable[[], datetime] = now_utc
    ) -> None:
        self._config = config
        self._clock = clock
        development = config.environment == "development"
        self._tokens, self._recognised = None, Recognised()
        if config.tokens is not None:
            keys = keys or KeySet(config.tokens.jwks, development=development)
            self._tokens = TokenChecker(config.tokens, keys)
        self._api_keys = None if config.api_keys_file is None else ApiKeyFile.open(config.api_keys_file)

    @classmethod
    def open(cls, config: SecurityConfig) -> Self:
        """Raises BadConfig if nobody could be recognised, or the file of keys is wrong."""
        if not (config.takes_credentials or config.anonymous_roles):
            raise BadConfig("Nobody could ask: set security.tokens or security.api_keys_file (docs/security.md).")
        return cls(config)

    def at_hand(self, authorization: str | None) -> bool:
        """Whether `authenticate` answers at once: else it asks the provider for keys, which may take 3 s."""
        token = _token(authorization)
        return token is None or self._tokens is None or self._tokens.at_hand(token)

    def authenticate(self, authorization: str | None, api_key: str | None) -> Principal:
        """Who asks, by the headers `Authorization: Bearer <token>` and `X-API-Key`, of which one is given.

        Raises Unauthenticated (401), Forbidden (403: no role, no scope), TryAgain (503: the provider's keys cannot be
        had) and BadConfig (the file of keys was broken since it was opened). No sentence repeats what was sent.
        """
        # An empty header is not an absent one.
        if authorization is not None and api_key is not None:
            raise Unauthenticated("The request shows a token and an API key: send one of them.")
        if api_key is not None:
            if self._api_keys is None or len(api_key) > LONGEST:
                raise Unauthenticated("API keys are not accepted here: send a token.")
            return self._api_keys.principal(api_key, self._clock())
        if authorization is not None:
            token = _token(authorization)
            if token is None:
                raise Unauthenticated("The header Authorization is not understood: send Bearer and a token.")
            if self._tokens is None or self._config.tokens is None:
                raise Unauthenticated("Tokens are not accepted here: send an API key as X-API-Key.")
            return self._of_token(token, self._tokens, self._config.tokens)
        if self._config.anonymous_roles:
            return Principal("anonymous", frozenset(self._config.anonymous_roles), EVERYTHING)
        raise Unauthenticated("Nobody is named: send Authorization: Bearer and a token, or X-API-Key.")

    def _of_token(self, token: str, checker: TokenChecker, config: TokensConfig) -> Principal:
        version = checker.keys.version
        known = self._recognised.find(token, version)
        if known is not None:
            return known
        claims = checker.claims(token)
        principal = principal_of(claims, config)
        valid_seconds = int(claims["exp"]) + config.leeway_seconds - time.time()
        self._recognised.keep(token, valid_seconds, checker.keys.version, principal)
        return principal


def _token(authorization: str | None) -> str | None:
    if authorization is None or authorization[: len(BEARER)].lower() != BEARER:
        return None
    return authorization[len(BEARER) :].strip()
