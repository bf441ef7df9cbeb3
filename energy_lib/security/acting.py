"""Who runs a job that not everyone may run: by a token or a key in the environment, else the system's user."""

from __future__ import annotations

import os
from collections.abc import Mapping

from energy_lib.security.audit_entry import os_user
from energy_lib.security.authenticator import Authenticator
from energy_lib.security.permissions import Permission, require
from energy_lib.security.principal import EVERYTHING, Principal, Role, Unauthenticated
from energy_lib.security.settings import SecurityConfig

TOKEN_VARIABLE, KEY_VARIABLE = "ENERGY_TOKEN", "ENERGY_API_KEY"


def require_actor(
    config: SecurityConfig, permission: Permission, environment: Mapping[str, str] = os.environ
) -> Principal:
    """Who runs this job, and may.

    Where the config knows tokens or keys, one of them is shown in the environment. Where it knows none, the system's
    user is trusted: whoever can start the job reads and writes the lake's files anyway. Raises Unauthenticated,
    Forbidden (both exit code 2) and TryAgain.
    """
    if not config.takes_credentials:
        return Principal(os_user(), frozenset(Role), EVERYTHING)
    token, key = environment.get(TOKEN_VARIABLE), environment.get(KEY_VARIABLE)
    if not (token or key):
        raise Unauthenticated(f"Not everyone may do this: set {TOKEN_VARIABLE} or {KEY_VARIABLE} to say who you are.")
    principal = Authenticator.open(config).authenticate(f"Bearer {token}" if token else None, key)
    require(principal, permission)
    return principal
