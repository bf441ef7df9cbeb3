"""Who asks: nobody is asked, or tokens and API keys are shown (energy_lib.security)."""

from __future__ import annotations

from typing import Protocol

from energy_lib.config import Config
from energy_lib.security.authenticator import Authenticator as ByTokensAndKeys
from energy_lib.security.principal import EVERYTHING, Principal, Role


class Authenticator(Protocol):
    """Recognises who asks, by the headers Authorization and X-API-Key."""

    def at_hand(self, authorization: str | None) -> bool:
        """Whether `authenticate` answers at once; else it asks over the network."""

    def authenticate(self, authorization: str | None, api_key: str | None) -> Principal:
        """Raises Unauthenticated, Forbidden or TryAgain."""


class LoopbackAuthenticator:
    """Everyone who reaches the loopback address may read, ask and tell: config section `serving` keeps it there."""

    PRINCIPAL = Principal("anonymous", frozenset({Role.ANALYST, Role.OPERATOR}), EVERYTHING)

    def at_hand(self, authorization: str | None) -> bool:
        return True

    def authenticate(self, authorization: str | None, api_key: str | None) -> Principal:
        return self.PRINCIPAL


def authenticator_of(config: Config) -> Authenticator:
    """The one that `serving.authentication` names; raises BadConfig if the section security recognises nobody."""
    if config.serving.authentication == "none":
        return LoopbackAuthenticator()
    return ByTokensAndKeys.open(config.security)
