"""Who may act on a person's data, and that it is told: the one place that asks, and that writes it into ops.audit.

Where the lake knows tokens or API keys, it takes one with the role privacy_officer. Where it knows none, it takes a
system user that privacy.officers names.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime

from energy_lib.config import Config
from energy_lib.errors import BadConfig
from energy_lib.lake.audit_log import append_entries
from energy_lib.security.acting import require_actor
from energy_lib.security.audit_entry import Ending, entry_of_job, os_user
from energy_lib.security.permissions import Permission
from energy_lib.security.principal import Forbidden, Unauthenticated

RESOURCE = "a person's data"


def require_officer(config: Config, job: str, permission: Permission) -> str:
    """The name of who acts, a privacy officer.

    Raises Unauthenticated, Forbidden or BadConfig (all exit code 2), once the refusal is in the audit.
    """
    try:
        actor = require_actor(config.security, permission).name
    except (Forbidden, Unauthenticated):
        tell(config, job, permission, os_user(), "refused")
        raise
    user = os_user().removeprefix("os:")
    if not config.security.takes_credentials and user not in config.privacy.officers:
        tell(config, job, permission, actor, "refused")
        raise BadConfig(
            f"{user} may not {permission}: it takes a privacy officer, a system user that privacy.officers names."
        )
    return actor


def tell(
    config: Config,
    job: str,
    permission: Permission,
    actor: str,
    outcome: Ending = "done",
    detail: Mapping[str, object] | None = None,
) -> None:
    """Write into the audit who did what. `detail` holds no id of a person and no reading."""
    now = datetime.now(UTC)
    entry = entry_of_job(now, job, str(permission), RESOURCE, detail, actor=actor, outcome=outcome)
    append_entries(config.lake, [entry])
