"""What each role may do, row by row: who changes the mapping changes this table too."""

from __future__ import annotations

import pytest

from energy_lib.security.permissions import PERMISSIONS, Permission, permits, require
from energy_lib.security.principal import EVERYTHING, Forbidden, Principal, Role

# Permission → viewer, analyst, operator, admin, privacy officer.
TABLE = {
    Permission.READ_ANSWERS: "yes yes yes no no",
    Permission.READ_READINGS: "no yes yes no no",
    Permission.EXPORT: "no yes no no no",
    Permission.ASK_FORECAST: "no yes yes no no",
    Permission.GIVE_FEEDBACK: "no no yes no no",
    Permission.WRITE_READINGS: "no no yes no no",
    Permission.READ_OPERATIONS: "no no yes yes no",
    Permission.MANAGE_KEYS: "no no no yes no",
    Permission.READ_AUDIT: "no no no yes yes",
    Permission.PRUNE_AUDIT: "no no no yes no",
    Permission.EXPORT_PERSON: "no no no no yes",
    Permission.ERASE_PERSON: "no no no no yes",
    Permission.REIDENTIFY: "no no no no yes",
}


def test_every_role_and_permission_is_as_written_down() -> None:
    assert list(TABLE) == list(Permission)
    assert {role: {p for p, who in TABLE.items() if who.split()[i] == "yes"} for i, role in enumerate(Role)} == dict(
        PERMISSIONS
    )


@pytest.mark.parametrize("permission", Permission)
def test_a_refusal_names_the_roles_that_may(permission: Permission) -> None:
    for role in Role:
        someone = Principal("user:ada", frozenset({role}), EVERYTHING)
        if permits(someone, permission):
            require(someone, permission)
            continue
        with pytest.raises(Forbidden) as refused:
            require(someone, permission)
        able = {each.value for each, allowed in PERMISSIONS.items() if permission in allowed}
        assert set(str(refused.value).rpartition("roles ")[2].rstrip(".").split(", ")) == able


def test_roles_add_up_and_none_may_nothing() -> None:
    both = Principal("user:ada", frozenset({Role.VIEWER, Role.ADMIN}), EVERYTHING)
    assert permits(both, Permission.READ_ANSWERS)
    assert permits(both, Permission.MANAGE_KEYS)
    assert not any(permits(Principal("user:eve", frozenset(), EVERYTHING), each) for each in Permission)
