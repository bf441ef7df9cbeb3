"""From a token's claims to who asks: the name, the roles, the sites and the meters. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from energy_lib.security.principal import EVERYTHING, Forbidden, Principal, Role, Scope, Unauthenticated
from energy_lib.security.settings import TokensConfig

ALL = "*"
LONGEST_NAME = 200
MOST_NAMES = 10_000


def principal_of(claims: Mapping[str, Any], config: TokensConfig) -> Principal:
    """Who a checked token speaks of.

    Raises Unauthenticated without a name, and Forbidden without a role or, unless the config allows it, a scope.
    """
    name = claims.get(config.name_claim)
    if not isinstance(name, str) or not 0 < len(name) <= LONGEST_NAME or not name.isprintable():
        raise Unauthenticated(f"The token names nobody: its claim {config.name_claim} is missing or no plain text.")
    roles = _roles(claims, config)
    if not roles:
        raise Forbidden("The token has no role of this service: ask your administrator for one.")
    return Principal(f"user:{name}", roles, _scope(claims, config))


def _roles(claims: Mapping[str, Any], config: TokensConfig) -> frozenset[Role]:
    found: Any = claims
    for step in config.roles_claim:
        found = found.get(step) if isinstance(found, Mapping) else None
    known = config.role_names or {role.value: role for role in Role}
    return frozenset(known[name] for name in _texts(found) or () if name in known)


def _scope(claims: Mapping[str, Any], config: TokensConfig) -> Scope:
    """A claim that is missing limits nothing where the other one is there."""
    named = [name for name in (config.sites_claim, config.meters_claim) if name is not None and name in claims]
    if not named:
        if config.unscoped == "everything":
            return EVERYTHING
        raise Forbidden("The token says neither which sites nor which meters it is for: ask your administrator.")
    return Scope(_named(claims, config.sites_claim, named), _named(claims, config.meters_claim, named))


def _named(claims: Mapping[str, Any], name: str | None, named: list[str]) -> frozenset[str] | None:
    if name not in named:
        return None
    texts = _texts(claims[name])
    if texts is None:
        raise Forbidden(f"The token's claim {name} is no list of ids: ask your administrator.")
    return None if ALL in texts else texts


def _texts(value: Any) -> frozenset[str] | None:
    """A text or a list of texts; None for what is neither."""
    if isinstance(value, str):
        return frozenset({value})
    if isinstance(value, list) and len(value) <= MOST_NAMES and all(isinstance(each, str) for each in value):
        return frozenset(value)
    return None
