"""Sources with the keys of their pseudonyms, which are those of the lake that they come into."""

from __future__ import annotations

from energy_lib.config import Config
from energy_lib.lake.small_tables import SmallTables
from energy_lib.landing.sources.loading import load_sources
from energy_lib.landing.sources.source import Source
from energy_lib.privacy.keys import require_keys
from energy_lib.privacy.lakes_keys import require_lakes_keys


def sources_of_lake(root: str, config: Config) -> dict[str, Source]:
    """All sources by name; those that ask for pseudonyms have the keys.

    Raises BadConfig for a wrong YAML, for missing keys and for keys that are not the lake's; see require_lakes_keys.
    """
    sources = load_sources(config.sources_dir)
    if not any(source.pseudonymize for source in sources.values()):
        return sources
    require_lakes_keys(SmallTables(root), require_keys(config.privacy))
    return {name: with_keys(source, config) for name, source in sources.items()}


def with_keys(source: Source, config: Config) -> Source:
    """The source, with the keys if it asks for pseudonyms; raises BadConfig if there are none."""
    return source.with_keys(require_keys(config.privacy)) if source.pseudonymize else source
