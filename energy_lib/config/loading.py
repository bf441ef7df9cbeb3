"""Configuration: typed, frozen, unknown keys refused, every value traceable to where it came from."""

from __future__ import annotations

import reprlib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any, TypeVar

import yaml
from pydantic import ValidationError

from energy_lib.config.keys import Config
from energy_lib.errors import BadConfig
from energy_lib.security.safe_yaml import load_yaml
from energy_lib.security.secrets import shown, without_passwords
from energy_lib.shipped import ROOT

C = TypeVar("C", bound=Config)
Origins = dict[str, str]
# So many letters of a wrong value stand in its error.
LONGEST_SHOWN = 100
# Mappings whose keys have dots of their own.
DOTTED = ("spark.conf", "maintain.keep_days")


def read_config(path: str | None, overrides: Sequence[str], schema: type[C]) -> tuple[C, Origins]:
    """Read a YAML file (and what it `extends`), apply `key=value` overrides, check all against the schema.

    Returns the config and, for each dotted key that was set, where its value came from.
    Raises BadConfig, which names the key, its place and what to do.
    energy_lib.models.config.load_config calls this with the schema of all keys.
    """
    values: dict[str, Any] = {}
    origins: Origins = {}
    if path is not None:
        _merge_file(_found(Path(path)), values, origins, ())
    for override in overrides:
        key, equals, text = override.partition("=")
        if not equals or not key:
            raise BadConfig(f"--set {override}: write it as key=value, for instance training.workers=1.")
        # Spark's own settings are text, whatever they look like.
        override_value = text if key.startswith("spark.conf.") else yaml_value(text, f"--set {override}")
        for name, value in _flatten({key: override_value}):
            _set(values, name, value)
            origins[name] = "--set"
    try:
        return schema.model_validate(values), origins
    except ValidationError as error:
        raise BadConfig(_sentence(error, origins)) from None


def describe(config: Config, origins: Origins, overridden: Mapping[str, tuple[Any, str]] = MappingProxyType({})) -> str:
    """One line a key: `key = value  # where it came from`; `overridden` keys have the value and origin given there."""
    lines = []
    values = dict(_flatten(config.model_dump()))
    for mapping in DOTTED:
        settings = values.pop(mapping)
        values |= {f"{mapping}.{name}": value for name, value in settings.items()} or {mapping: settings}
    for key, own in values.items():
        parts = key.split(".")
        source = next(
            (origins[p] for i in range(len(parts), 0, -1) if (p := ".".join(parts[:i])) in origins), "default"
        )
        value, source = overridden.get(key, (own, source))
        lines.append(f"{key} = {shown(key, value)!r}  # {without_passwords(source)}")
    return "\n".join(lines)


def _found(path: Path) -> Path:
    """The file, or the shipped one of that name: conf/demo.yaml is at hand in any folder."""
    return ROOT / path if not path.exists() and (ROOT / path).is_file() else path


def _merge_file(path: Path, values: dict[str, Any], origins: Origins, extended_by: tuple[Path, ...]) -> None:
    if not path.is_file():
        raise BadConfig(f"There is no config file {path}: give --config an existing YAML such as conf/local.yaml.")
    chain = (*extended_by, path.resolve())
    if path.resolve() in extended_by:
        circle = ", which extends ".join(each.name for each in chain)
        raise BadConfig(f"{path} extends itself ({circle}): remove one `extends`.")
    content = yaml_value(path.read_bytes(), str(path)) or {}
    if not isinstance(content, dict):
        raise BadConfig(f"{path} holds no keys: write it as key: value lines.")
    base = content.pop("extends", None)
    if base is not None:
        _merge_file(path.parent / str(base), values, origins, chain)
    for key, value in _flatten(content):
        _set(values, key, value)
        names = [f"{key}.{name}" for name in value] if key in DOTTED and isinstance(value, dict) else [key]
        origins.update(dict.fromkeys(names, str(path)))


def yaml_value(text: str | bytes, where: str) -> Any:
    """The value of a YAML text, of a file as UTF-8; raises BadConfig."""
    try:
        return load_yaml(text)
    except UnicodeDecodeError:
        raise BadConfig(f"{where} is not UTF-8 text: save it as UTF-8.") from None
    except (yaml.YAMLError, ValueError) as error:
        # A date such as 2024-13-01 is a ValueError.
        raise BadConfig(f"{where} is not YAML ({' '.join(str(error).split())}): mend it.") from None


def _flatten(tree: dict[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    for key, value in tree.items():
        if isinstance(value, dict) and value and f"{prefix}{key}" not in DOTTED:
            yield from _flatten(value, f"{prefix}{key}.")
        else:
            yield f"{prefix}{key}", value


def _set(values: dict[str, Any], dotted: str, value: Any) -> None:
    mapping = next((name for name in DOTTED if dotted.startswith(f"{name}.")), None)
    *sections, last = dotted.split(".") if mapping is None else [*mapping.split("."), dotted[len(mapping) + 1 :]]
    for section in sections:
        child = values.setdefault(section, {})
        if not isinstance(child, dict):
            raise BadConfig(f"{dotted}: '{section}' is a value, not a section: remove what follows it.")
        values = child
    # A mapping's settings are merged with those of the file that this one extends.
    values[last] = {**values.get(last, {}), **value} if isinstance(value, dict) else value


def _sentence(error: ValidationError, origins: Origins) -> str:
    first = error.errors()[0]
    key = ".".join(str(part) for part in first["loc"])
    where = next(
        (f" ({source})" for name, source in origins.items() if name.startswith(key) or key.startswith(name)), ""
    )
    if first["type"] == "extra_forbidden":
        return f"Unknown config key '{key}'{where}: remove it, or see --print-config for the keys there are."
    return f"Config key '{key}'{where} is {_short(key, first['input'])}: {first['msg'].lower()}."


def _short(key: str, value: object) -> str:
    """A value as an error shows it: not all of a long one, and nothing of a secret."""
    shortened = reprlib.Repr()
    shortened.maxstring = shortened.maxother = LONGEST_SHOWN
    return without_passwords(shortened.repr(shown(key, value)))
