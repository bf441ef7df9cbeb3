"""What each role may do: one mapping, asked by the routes of the API and by jobs."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType

from energy_lib.security.principal import Forbidden, Principal, Role


class Permission(StrEnum):
    """Something that can be done to the lake; each is within the rows of the asker's scope."""

    READ_ANSWERS = "read answers"  # meters, forecasts, anomalies, alerts, recommendations, savings, costs, areas …
    READ_READINGS = "read readings"  # the hours of a meter: more personal than what follows from them
    EXPORT = "export"  # many rows in one file
    ASK_FORECAST = "ask for a forecast"  # of posted history
    GIVE_FEEDBACK = "give feedback"  # what became of a recommendation
    WRITE_READINGS = "write readings"
    READ_OPERATIONS = "read operations"  # runs, metrics, deliveries
    MANAGE_KEYS = "manage keys"
    READ_AUDIT = "read the audit"
    PRUNE_AUDIT = "prune the audit"
    EXPORT_PERSON = "export a person's data"
    ERASE_PERSON = "erase a person's data"
    REIDENTIFY = "name the meter behind a pseudonym"


_VIEWER = frozenset({Permission.READ_ANSWERS})
_ANALYST = _VIEWER | {Permission.READ_READINGS, Permission.EXPORT, Permission.ASK_FORECAST}
_OPERATOR = _VIEWER | {
    Permission.READ_READINGS,
    Permission.ASK_FORECAST,
    Permission.GIVE_FEEDBACK,
    Permission.WRITE_READINGS,
    Permission.READ_OPERATIONS,
}
# Who gives rights sees no readings by them, and who sees the person behind a meter gives no rights.
_ADMIN = frozenset({Permission.MANAGE_KEYS, Permission.READ_AUDIT, Permission.PRUNE_AUDIT, Permission.READ_OPERATIONS})
_PRIVACY_OFFICER = frozenset(
    {Permission.READ_AUDIT, Permission.EXPORT_PERSON, Permission.ERASE_PERSON, Permission.REIDENTIFY}
)

PERMISSIONS: Mapping[Role, frozenset[Permission]] = MappingProxyType(
    {
        Role.VIEWER: _VIEWER,
        Role.ANALYST: _ANALYST,
        Role.OPERATOR: _OPERATOR,
        Role.ADMIN: _ADMIN,
        Role.PRIVACY_OFFICER: _PRIVACY_OFFICER,
    }
)


def permits(principal: Principal, permission: Permission) -> bool:
    return any(permission in PERMISSIONS[role] for role in principal.roles)


def require(principal: Principal, permission: Permission) -> None:
    """Raises Forbidden, which names the roles that may."""
    if not permits(principal, permission):
        able = ", ".join(role for role in Role if permission in PERMISSIONS[role])
        raise Forbidden(f"{principal.name} may not {permission}: it takes one of the roles {able}.")
