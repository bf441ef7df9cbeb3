"""Reading the YAMLs of sources, and finding the source of a file."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator
from fnmatch import fnmatchcase
from pathlib import Path, PurePosixPath

import yaml
from pydantic import ValidationError
from pydantic_core import ErrorDetails

from energy_lib.errors import BadConfig
from energy_lib.landing.sources.source import Source
from energy_lib.landing.sources.yaml_sections import Spec
from energy_lib.security.safe_yaml import load_yaml
from energy_lib.shipped import ROOT

log = logging.getLogger(__name__)

SHIPPED = ROOT / "conf" / "sources"
# What pydantic puts into the place of an error where a key may hold one of several things.
ALTERNATIVES = {part.__name__ for part in Spec.__subclasses__()} | {"str", "int", "float"}


def load_sources(sources_dir: str | None) -> dict[str, Source]:
    """All sources by name: those shipped, and those of `sources_dir`, which win."""
    if sources_dir is not None and not Path(sources_dir).is_dir():
        raise BadConfig(f"sources_dir {sources_dir} is not a directory: create it, or remove the key.")
    folders = [SHIPPED, *([Path(sources_dir)] if sources_dir else [])]
    paths = {path.stem: path for folder in folders for path in _yamls(folder)}
    return {name: load_source(path) for name, path in sorted(paths.items())}


def _yamls(folder: Path) -> Iterator[Path]:
    try:
        found = sorted(path for path in folder.iterdir() if path.suffix == ".yaml")
    except OSError as error:
        raise BadConfig(
            f"sources_dir {folder} cannot be read ({error.strerror}): give this user the right to."
        ) from None
    for path in found:
        if path.is_dir():
            log.warning("%s is a folder and describes no source: rename it, or put a file in its place", path)
        else:
            yield path


def load_source(path: Path) -> Source:
    """One source; raises BadConfig naming the file, the key and what is wrong with it."""
    try:
        content = load_yaml(path.read_bytes())
    except OSError as error:
        raise BadConfig(f"{path} cannot be read ({error.strerror}): mend that, or take it away.") from None
    except UnicodeDecodeError as error:
        raise BadConfig(f"{path} is not UTF-8 (byte {error.start}): save it as UTF-8.") from None
    except (yaml.YAMLError, ValueError) as error:
        # A date such as 2024-13-01 is a ValueError.
        raise BadConfig(f"{path} is not YAML ({' '.join(str(error).split())}): mend it.") from None
    if not isinstance(content, dict):
        raise BadConfig(f"{path} holds no keys: write it as docs/sources.md shows.")
    try:
        return Source.model_validate({"name": path.stem, **content})
    except ValidationError as error:
        raise BadConfig(_sentence(path, error)) from None


def source_of(path: str, sources: Iterable[Source]) -> Source | None:
    """The source of a file, given its path below landing; raises BadConfig if two claim it."""
    folder, _, below = path.partition("/")
    matches = [s for s in sources if folder in s.folders and below and _matches(below, s.glob)]
    if len(matches) > 1:
        names = " and ".join(s.name for s in matches)
        raise BadConfig(f"Sources {names} both match {path} in landing: narrow the glob of one of them.")
    return matches[0] if matches else None


def _matches(below: str, glob: str) -> bool:
    return fnmatchcase(below if "/" in glob else PurePosixPath(below).name, glob)


def _nearest(error: ValidationError) -> ErrorDetails:
    """Of the errors of the first wrong key, one for each alternative it could be, the one that says most."""
    errors = error.errors()
    same = [one for one in errors if one["loc"][:1] == errors[0]["loc"][:1]]
    return max(same, key=lambda one: (one["type"] == "value_error", len(one["loc"])))


def _sentence(path: Path, error: ValidationError) -> str:
    first = _nearest(error)
    key = ".".join(str(part) for part in first["loc"] if part not in ALTERNATIVES and "[" not in str(part))
    if first["type"] == "extra_forbidden":
        return f"{path}: there is no key '{key}': remove it, or see the keys in docs/sources.md."
    own = first["msg"].removeprefix("Value error, ")
    what = own if own != first["msg"] else own[0].lower() + own[1:]
    return f"{path}: {f'key {key!r}: ' if key else ''}{what}; see docs/sources.md."
