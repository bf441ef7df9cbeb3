"""API keys of machines: made once, shown once, kept as a hash; and the file that they are kept in."""

from __future__ import annotations

import fcntl
import hashlib
import hmac
import json
import os
import re
import secrets
import stat
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Self

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from energy_lib.errors import BadConfig
from energy_lib.security.principal import Principal, Role, Scope, Unauthenticated

# A key is elk_<id>_<43 letters>: scanners for secrets know it by its beginning, and logs may name the id.
KEY = re.compile(r"elk_([0-9a-f]{12})_([A-Za-z0-9_-]{43})")
SECRET_BYTES = 32
UNKNOWN = "The API key is unknown, revoked or has expired: ask your administrator for another."


class ApiKey(BaseModel):
    """A key as it is kept. `sha256`: of the 256 random bits of its secret, as they are written in it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    key_id: str = Field(pattern=r"^[0-9a-f]{12}$")
    name: str = Field(pattern=r"^[a-z0-9][a-z0-9_.-]{0,62}$")
    sha256: str = Field(pattern=r"^[0-9a-f]{64}$")
    roles: tuple[Role, ...] = Field(min_length=1)
    sites: tuple[str, ...] | None
    meters: tuple[str, ...] | None
    created_at_utc: AwareDatetime
    expires_at_utc: AwareDatetime
    revoked_at_utc: AwareDatetime | None = None

    def principal(self) -> Principal:
        scope = Scope(*(None if each is None else frozenset(each) for each in (self.sites, self.meters)))
        return Principal(f"key:{self.name}:{self.key_id}", frozenset(self.roles), scope)

    def is_valid(self, now: datetime) -> bool:
        return self.revoked_at_utc is None and now < self.expires_at_utc


_KEYS = TypeAdapter(tuple[ApiKey, ...])


def make_key(
    name: str, roles: Sequence[Role], scope: Scope, created_at_utc: datetime, expires_at_utc: datetime
) -> tuple[ApiKey, str]:
    """A new key as it is kept, and as its machine is told it, this once; raises BadConfig for a name that is none."""
    key_id, secret = secrets.token_hex(6), secrets.token_urlsafe(SECRET_BYTES)
    sites, meters = (None if each is None else tuple(sorted(each)) for each in (scope.sites, scope.meters))
    try:
        key = ApiKey(
            key_id=key_id,
            name=name,
            sha256=_hash(secret),
            roles=tuple(sorted(roles)),
            sites=sites,
            meters=meters,
            created_at_utc=created_at_utc,
            expires_at_utc=expires_at_utc,
        )
    except ValidationError as error:
        first = error.errors()[0]
        raise BadConfig(f"The key's {first['loc'][0]} is wrong ({first['msg'].lower()}): give another.") from None
    return key, f"elk_{key_id}_{secret}"


def _hash(secret: str) -> str:
    """Nobody guesses 256 random bits: a slow hash (scrypt) would cost each request 50 ms and protect nothing more."""
    return hashlib.sha256(secret.encode("ascii")).hexdigest()


class ApiKeyFile:
    """The file of keys: JSON, readable by its owner alone, replaced as a whole. It is read again when it changes."""

    def __init__(self, path: str) -> None:
        self.path = Path(path)
        self._seen: tuple[int, int, int] | None = None
        self._keys: dict[str, ApiKey] = {}

    @classmethod
    def open(cls, path: str) -> Self:
        """Raises BadConfig if it is not there, is no file of keys, or others may write to it."""
        file = cls(path)
        file.keys()
        return file

    def principal(self, presented: str, now: datetime) -> Principal:
        """Who shows this key; raises Unauthenticated, with one sentence for whatever is wrong."""
        found = KEY.fullmatch(presented)
        key = self.keys().get(found[1]) if found else None
        if found is None or key is None:
            raise Unauthenticated(UNKNOWN)
        same = hmac.compare_digest(_hash(found[2]), key.sha256)
        if not same or not key.is_valid(now):
            raise Unauthenticated(UNKNOWN)
        return key.principal()

    def keys(self) -> dict[str, ApiKey]:
        """Key id → key, of the file as it is now; raises BadConfig."""
        try:
            status = self.path.stat()
            seen = (status.st_mtime_ns, status.st_ino, status.st_size)
            if seen != self._seen:
                if stat.S_IMODE(status.st_mode) & 0o022:
                    raise BadConfig(f"Others may write to {self.path}, and so give themselves keys: chmod 600 it.")
                found = _KEYS.validate_json(self.path.read_bytes())
                self._keys, self._seen = {key.key_id: key for key in found}, seen
        except OSError as error:
            raise BadConfig(
                f"security.api_keys_file {self.path} cannot be read ({error.strerror}): make it by jobs/api_keys.py."
            ) from None
        except ValidationError:
            raise BadConfig(f"security.api_keys_file {self.path} is no file of keys: put its last copy back.") from None
        return self._keys

    def add(self, key: ApiKey) -> None:
        self._change(lambda keys: (*keys, key))

    def revoke(self, key_id: str, now: datetime) -> ApiKey:
        """Let a key be refused from now on; raises BadConfig if there is none of this id."""
        revoked: list[ApiKey] = []

        def change(keys: tuple[ApiKey, ...]) -> tuple[ApiKey, ...]:
            revoked.extend(key.model_copy(update={"revoked_at_utc": now}) for key in keys if key.key_id == key_id)
            if not revoked:
                raise BadConfig(f"There is no key {key_id} in {self.path}: list them by jobs/api_keys.py list.")
            return tuple(revoked[0] if key.key_id == key_id else key for key in keys)

        self._change(change)
        return revoked[0]

    def _change(self, change: Callable[[tuple[ApiKey, ...]], tuple[ApiKey, ...]]) -> None:
        """Replace the file as a whole, one process at a time: a reader sees all of it, before or after."""
        try:
            with self._only_writer():
                keys = change(tuple(self.keys().values()) if self.path.exists() else ())
                part = self.path.with_name(f".{self.path.name}.{os.getpid()}")
                with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
                    file.write(json.dumps(_KEYS.dump_python(keys, mode="json"), indent=1).encode("utf-8"))
                    file.flush()
                    os.fsync(file.fileno())
                part.replace(self.path)
        except OSError as error:
            raise BadConfig(
                f"security.api_keys_file {self.path} cannot be written ({error.strerror}): mend that."
            ) from None

    @contextmanager
    def _only_writer(self) -> Iterator[None]:
        self.path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        lock = os.open(self.path.with_name(f".{self.path.name}.lock"), os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield
        finally:
            os.close(lock)


def now_utc() -> datetime:
    return datetime.now(UTC)
