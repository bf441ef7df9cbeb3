"""The Kafka sources that a stream is told to read."""

from __future__ import annotations

import re
from collections.abc import Sequence

from energy_lib.config import Config, StreamConfig
from energy_lib.errors import BadConfig
from energy_lib.landing.formats.avro_schemas import basic_auth, require_schemas
from energy_lib.landing.sources.messages import REGISTRY_URL, RegistryLogin
from energy_lib.landing.sources.pseudonymous import sources_of_lake
from energy_lib.landing.sources.source import Source

# Encrypted, or on its way within this machine.
PRIVATE_URL = r"https://|http://(localhost|127\.0\.0\.1|\[::1\])(:\d+)?(/|$)"


def kafka_sources(root: str, config: Config, names: Sequence[str]) -> list[tuple[Source, str]]:
    """The sources of these names, each with its topic.

    Raises BadConfig for a name that is no Kafka source, and for a lake in an object store.
    """
    if "://" in root:
        raise BadConfig(f"lake {root}: streams need a lake on a disk, which has locks.")
    sources = sources_of_lake(root, config)
    topics = {name: source.kafka.topic for name, source in sources.items() if source.kafka is not None}
    for name in names:
        if name not in topics:
            raise BadConfig(f"--source {name} is none of the sources of format kafka: {', '.join(topics) or 'none'}.")
    return [(with_schemas(sources[name], config.stream), topics[name]) for name in names]


def with_schemas(source: Source, stream: StreamConfig) -> Source:
    """The source with a place for the schemas of its Avro messages, and its login; raises BadConfig without."""
    kafka = source.kafka
    if kafka is None or kafka.payload != "avro":
        return source
    if kafka.schemas_dir is not None:
        require_schemas(kafka.schemas_dir)
        return source
    place, login = kafka.schema_registry, kafka.registry_login
    if place is None:
        place, login = stream.schema_registry, _login(stream)
    if place is None:
        raise BadConfig(f"Source {source.name} is Avro: give kafka.schemas_dir in its YAML, or stream.schema_registry.")
    if not re.fullmatch(REGISTRY_URL, place):
        raise BadConfig("stream.schema_registry is no URL: write http:// or https:// and a host, and no user in it.")
    if login is not None and not re.match(PRIVATE_URL, place):
        raise BadConfig(f"The login of the schema registry {place} is not sent in clear: write https://.")
    basic_auth(login)
    found = kafka.model_copy(update={"schema_registry": place, "registry_login": login})
    return source.model_copy(update={"kafka": found})


def _login(stream: StreamConfig) -> RegistryLogin | None:
    if stream.registry_username is None:
        return None
    return RegistryLogin(
        username=stream.registry_username,
        password_env=stream.registry_password_env,
        password_file=stream.registry_password_file,
    )
