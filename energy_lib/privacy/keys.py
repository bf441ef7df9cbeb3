"""The keys of pseudonyms, by reference: a file or an environment variable that the config names. Never in the lake."""

from __future__ import annotations

import base64
import binascii

from energy_lib.config import PrivacyConfig
from energy_lib.errors import BadConfig
from energy_lib.privacy.pseudonyms import KeyRing
from energy_lib.security.secrets import secret

HOW = "a line a key, `<version> <base64 of 32 bytes>`, the first version 1 (docs/privacy.md)"


def key_ring(config: PrivacyConfig) -> KeyRing | None:
    """The keys that the config refers to; None where it refers to none. Raises BadConfig, which shows no key."""
    if config.keys_file is None and config.keys_env is None:
        return None
    where = f"privacy.keys_file {config.keys_file}" if config.keys_file else f"privacy.keys_env {config.keys_env}"
    text = secret("the pseudonyms", config.keys_env, config.keys_file)
    try:
        return KeyRing(_keys(text))
    except (ValueError, binascii.Error) as error:
        why = "a line is not base64" if isinstance(error, binascii.Error) else str(error)
        raise BadConfig(f"{where} holds no keys ({why}): write {HOW}.") from None


def require_keys(config: PrivacyConfig) -> KeyRing:
    """The keys; raises BadConfig where there are none."""
    keys = key_ring(config)
    if keys is None:
        raise BadConfig(
            f"There are no keys of pseudonyms: name privacy.keys_file or privacy.keys_env, which holds {HOW}."
        )
    return keys


def _keys(text: str) -> tuple[bytes, ...]:
    lines = [line.split() for line in text.splitlines() if line.strip() and not line.lstrip().startswith("#")]
    if any(len(words) != 2 for words in lines):
        raise ValueError("a line has not two words")
    if [words[0] for words in lines] != [str(number) for number in range(1, len(lines) + 1)]:
        raise ValueError("the versions are not 1, 2, …, in this order")
    return tuple(base64.b64decode(words[1], validate=True) for words in lines)
