"""Make, list and revoke API keys of machines: the file that security.api_keys_file names. It starts no Spark."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from energy_lib.config import Config
from energy_lib.entry import parser, start_without_spark
from energy_lib.errors import BadConfig
from energy_lib.lake.audit_log import append_entries
from energy_lib.lake.outcome import Outcome
from energy_lib.security.api_keys import ApiKey, ApiKeyFile, make_key
from energy_lib.security.audit_entry import entry_of_job
from energy_lib.security.principal import Role, Scope

JOB = "api_keys"
ACTIONS = ("create", "list", "revoke")
LONGEST_DAYS = 730


def create(config: Config, file: ApiKeyFile, options: argparse.Namespace, now: datetime) -> Outcome:
    if not options.name or not options.role:
        raise BadConfig("create needs --name and --role: say which machine it is for, and what it may do.")
    if not 1 <= options.days <= LONGEST_DAYS:
        raise BadConfig(f"--days {options.days}: give 1 to {LONGEST_DAYS}.")
    if not (options.everything or options.site or options.meter):
        raise BadConfig("create needs --site or --meter, of what it may see, or --everything.")
    sites, meters = (frozenset(each) if each else None for each in (options.site, options.meter))
    roles = [Role(name) for name in options.role]
    key, told = make_key(options.name, roles, Scope(sites, meters), now, now + timedelta(days=options.days))
    detail = {"name": key.name, "roles": ",".join(key.roles), "expires_at_utc": key.expires_at_utc.isoformat()}
    # First the row: a key that nobody was told of could be used.
    append_entries(config.lake, [entry_of_job(now, JOB, "create key", key.key_id, detail)])
    file.add(key)
    return Outcome(lines=[told, f"It is shown this once, and is valid until {key.expires_at_utc:%Y-%m-%d %H:%M} UTC."])


def revoke(config: Config, file: ApiKeyFile, options: argparse.Namespace, now: datetime) -> Outcome:
    if not options.id:
        raise BadConfig("revoke needs --id: the 12 letters that list shows, and that a key begins with.")
    key = file.revoke(options.id, now)
    append_entries(config.lake, [entry_of_job(now, JOB, "revoke key", key.key_id, {"name": key.name})])
    return Outcome(lines=[f"Key {key.key_id} ({key.name}) is refused from now on."])


def listed(keys: Sequence[ApiKey], now: datetime) -> list[str]:
    """A line for each key, the newest last."""
    lines = []
    for key in sorted(keys, key=lambda each: each.created_at_utc):
        state = "revoked" if key.revoked_at_utc else "valid" if key.is_valid(now) else "expired"
        sites, meters = ("all" if each is None else ",".join(each) for each in (key.sites, key.meters))
        until = f"{key.expires_at_utc:%Y-%m-%d}"
        lines.append(
            f"{key.key_id} {key.name}: {state} until {until}, {','.join(key.roles)}, sites {sites}, meters {meters}"
        )
    return lines or ["There are no keys."]


def manage(config: Config, options: argparse.Namespace) -> Outcome:
    if config.security.api_keys_file is None:
        raise BadConfig("There is no place for keys: set security.api_keys_file, a path outside of the lake.")
    file, now = ApiKeyFile(config.security.api_keys_file), datetime.now(UTC)
    if options.action == "create":
        return create(config, file, options, now)
    if options.action == "revoke":
        return revoke(config, file, options, now)
    return Outcome(lines=listed(list(file.keys().values()), now))


def main(argv: Sequence[str] | None = None) -> int:
    arguments = parser(JOB, "Make, list and revoke API keys of machines.")
    arguments.add_argument("action", choices=ACTIONS, nargs="?", default="list", help="what to do (default: list)")
    arguments.add_argument("--name", help="of a new key: the machine it is for, in a-z, 0-9, _ . -")
    arguments.add_argument("--role", action="append", choices=[*Role], help="what it may do; may be given again")
    arguments.add_argument("--site", action="append", metavar="SITE_ID", help="a site that it may see; likewise")
    arguments.add_argument("--meter", action="append", metavar="METER_ID", help="a meter that it may see; likewise")
    arguments.add_argument("--everything", action="store_true", help="it may see all sites and meters")
    arguments.add_argument("--days", type=int, default=365, help="how long it is valid (default 365)")
    arguments.add_argument("--id", help="the key to revoke")
    options = arguments.parse_args(argv)
    return start_without_spark(JOB, options, lambda config: manage(config, options))


if __name__ == "__main__":
    sys.exit(main())
