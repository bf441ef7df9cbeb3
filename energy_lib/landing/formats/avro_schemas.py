"""Avro schemas by the id that a message names: from a folder of `<id>.avsc`, or asked of a schema registry."""

from __future__ import annotations

import json
import time
from functools import lru_cache
from pathlib import Path
from typing import Any

import fastavro
import httpx

from energy_lib.errors import BadConfig, TryAgain
from energy_lib.landing.sources.messages import RegistryLogin
from energy_lib.security.secrets import secret

Schema = dict[str, Any]
ANSWER_SECONDS = 10.0
# An id that is not known is asked for again after this: its schema may be there by then.
ASK_AGAIN_SECONDS = 30.0
MOST_UNKNOWN = 10_000
# By these words a stream knows what a task of Spark has met.
REGISTRY_AWAY = r"The schema registry \S+ gives no answer .*: see stream\.schema_registry\."
LEAST_BYTES = {"null": 0, "float": 4, "double": 8, "boolean": 1, "int": 1, "long": 1, "string": 1, "bytes": 1}


class NoSchema(Exception):
    """There is no schema of an id, or none that readings are read by; says why."""


class Schemas:
    """Schemas that were read once. `place`: the folder, or the registry's http:// or https:// URL."""

    def __init__(self, place: str, login: RegistryLogin | None = None) -> None:
        self._place, self._login = place, login
        self._known: dict[int, Schema] = {}
        self._unknown: dict[int, tuple[float, str]] = {}

    def of(self, schema_id: int) -> Schema:
        """Raises NoSchema without one, and TryAgain if the registry does not answer."""
        if schema_id in self._known:
            return self._known[schema_id]
        until, why = self._unknown.get(schema_id, (0.0, ""))
        if time.monotonic() < until:
            raise NoSchema(why)
        try:
            text = self._asked(schema_id) if "://" in self._place else self._read(schema_id)
            self._known[schema_id] = parsed(text)
        except NoSchema as error:
            if len(self._unknown) >= MOST_UNKNOWN:
                self._unknown.clear()
            self._unknown[schema_id] = (time.monotonic() + ASK_AGAIN_SECONDS, str(error))
            raise
        return self._known[schema_id]

    def _read(self, schema_id: int) -> str:
        try:
            return Path(self._place, f"{schema_id}.avsc").read_text(encoding="utf-8")
        except FileNotFoundError:
            raise NoSchema(f"there is no {schema_id}.avsc in kafka.schemas_dir") from None
        except (OSError, UnicodeDecodeError) as error:
            raise NoSchema(f"{schema_id}.avsc cannot be read ({error})") from None

    def _asked(self, schema_id: int) -> str:
        """Source: Confluent Schema Registry API, GET /schemas/ids/{id}, which Apicurio and Karapace answer too."""
        try:
            url = f"{self._place.rstrip('/')}/schemas/ids/{schema_id}"
            answer = httpx.get(url, timeout=ANSWER_SECONDS, auth=basic_auth(self._login))
            if answer.status_code in (httpx.codes.UNAUTHORIZED, httpx.codes.FORBIDDEN):
                raise registry_away(self._place, f"its login was refused: {answer.status_code}")
            if answer.status_code == httpx.codes.NOT_FOUND:
                raise NoSchema("the schema registry does not know it")
            answer.raise_for_status()
            found = answer.json()
            text, kind = str(found["schema"]), found.get("schemaType", "AVRO")
        except (httpx.HTTPError, ValueError, KeyError, TypeError, AttributeError) as error:
            raise registry_away(self._place, f"{type(error).__name__}: {error}") from None
        if kind != "AVRO" or found.get("references"):
            raise NoSchema(f"the schema registry has it as {kind}{' with references' if kind == 'AVRO' else ''}")
        return text


def basic_auth(login: RegistryLogin | None) -> tuple[str, str] | None:
    """Name and password; raises BadConfig without the password."""
    if login is None:
        return None
    return login.username, secret("the schema registry", login.password_env, login.password_file)


def registry_away(place: str, what: str) -> TryAgain:
    first = what.splitlines()[0][:200]
    return TryAgain(f"The schema registry {place} gives no answer ({first}): see stream.schema_registry.")


@lru_cache(maxsize=64)
def schemas_at(place: str, login: RegistryLogin | None = None) -> Schemas:
    """One for each place and process, so that each schema is read once."""
    return Schemas(place, login)


def require_schemas(folder: str) -> None:
    """Raises BadConfig unless the folder holds schemas, all of which readings can be read by."""
    if not Path(folder).is_dir():
        raise BadConfig(f"kafka.schemas_dir {folder} is no folder: name the one that holds <id>.avsc.")
    for path in sorted(Path(folder).glob("*.avsc")):
        try:
            parsed(path.read_text(encoding="utf-8"))
        except (NoSchema, OSError, UnicodeDecodeError) as error:
            raise BadConfig(f"{path} is no schema of a reading ({error}): mend it, or take it away.") from None


def parsed(text: str) -> Schema:
    """A record's schema; raises NoSchema for what is none, or could let a short message become endless."""
    try:
        schema = fastavro.parse_schema(json.loads(text))
        _least_bytes(schema, {}, ())
    except NoSchema:
        raise
    except Exception as error:
        # fastavro raises whatever its parser met.
        raise NoSchema(f"it is no Avro schema ({type(error).__name__}: {' '.join(str(error).split())[:200]})") from None
    if not isinstance(schema, dict) or schema.get("type") != "record":
        raise NoSchema("its schema is not of a record")
    return schema


def _least_bytes(schema: Any, sizes: dict[str, int], within: tuple[str, ...]) -> int:
    """How many bytes a value takes at least; raises NoSchema for a record in itself and for arrays of nothing."""
    if isinstance(schema, str):
        if schema in within:
            raise NoSchema(f"its record {schema} holds itself")
        return LEAST_BYTES[schema] if schema in LEAST_BYTES else sizes[schema]
    if isinstance(schema, list):
        return 1 + min((_least_bytes(each, sizes, within) for each in schema), default=0)
    kind, name = schema["type"], schema.get("name", "")
    if kind in ("record", "error"):
        inside = (*within, name)
        sizes[name] = sum(_least_bytes(field["type"], sizes, inside) for field in schema["fields"])
        return sizes[name]
    if kind in ("enum", "fixed"):
        sizes[name] = 1 if kind == "enum" else int(schema["size"])
        return sizes[name]
    if kind == "array" and _least_bytes(schema["items"], sizes, within) == 0:
        raise NoSchema("its array holds items of no bytes")
    if kind == "map":
        _least_bytes(schema["values"], sizes, within)
    return 1 if kind in ("array", "map") else _least_bytes(kind, sizes, within)
