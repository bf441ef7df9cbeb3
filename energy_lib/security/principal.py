"""Who asks: a person or a machine that was recognised, its roles, and the meters that it may see."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from energy_lib.errors import EnergyError


class Role(StrEnum):
    """What someone is to this lake; energy_lib.security.permissions says what each may do."""

    VIEWER = "viewer"
    ANALYST = "analyst"
    OPERATOR = "operator"
    ADMIN = "admin"
    PRIVACY_OFFICER = "privacy_officer"


@dataclass(frozen=True, slots=True)
class Scope:
    """Which rows someone may see: those of `sites`, and of them those of `meters`; None is all, an empty set none."""

    sites: frozenset[str] | None
    meters: frozenset[str] | None

    def permits(self, site_id: str | None, meter_id: str) -> bool:
        """Whether a meter's rows may be seen; a meter without a site is seen only by who sees all sites."""
        return (self.sites is None or site_id in self.sites) and (self.meters is None or meter_id in self.meters)


EVERYTHING = Scope(sites=None, meters=None)


@dataclass(frozen=True, slots=True)
class Principal:
    """Someone who was recognised. `name` begins with what it was recognised by: `user:`, `key:`, `os:`."""

    name: str
    roles: frozenset[Role]
    scope: Scope


class Unauthenticated(EnergyError):
    """Nobody that is known asks: HTTP 401. The sentence repeats nothing that was sent."""

    exit_code = 2


class Forbidden(EnergyError):
    """Someone known asks for what they may not: HTTP 403."""

    exit_code = 2
