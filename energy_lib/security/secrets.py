"""Secrets by reference: a config names the environment variable or the file that holds one, and nothing else does."""

from __future__ import annotations

import os
import re
from pathlib import Path

from energy_lib.errors import BadConfig

LARGEST_BYTES = 64 << 10
# What stands in the place of a secret that is shown to nobody.
HIDDEN = "***"
# Names of settings whose value is a secret, whatever it looks like: spark.hadoop.fs.s3a.secret.key, ssl.key.password.
SECRET_NAME = re.compile(r"(?:secret|password|passphrase|token(?!s)|credential|jaas|access[._-]?key)", re.IGNORECASE)
# Names that match, of what is none: where a secret lies, who is logged in.
REFERENCE_NAME = re.compile(r"(?:_env|_file|provider\w*|location)$", re.IGNORECASE)
_URL_PASSWORD = re.compile(r"(?P<before>[a-z][a-z0-9+.-]*://[^\s/:@]*:)[^\s/@]+(?=@)", re.IGNORECASE)


def secret(what: str, variable: str | None, file: str | None, missing: str | None = None) -> str:
    """The secret of `what`, without the blanks around it, from a file if one is named, else from the environment.

    Raises BadConfig, which does not show it: what is wrong with the file, or the sentence `missing`.
    """
    if file is not None:
        try:
            with Path(file).open("rb") as opened:
                text = opened.read(LARGEST_BYTES).decode("utf-8").strip()
        except (OSError, UnicodeDecodeError) as error:
            why = error.strerror if isinstance(error, OSError) else "it is not UTF-8 text"
            raise BadConfig(f"The secret of {what} cannot be read from {file} ({why}): mend that.") from None
        if not text:
            raise BadConfig(f"The secret of {what} is missing: {file} is empty.")
        return text
    text = os.environ.get(variable or "", "").strip()
    if not text:
        raise BadConfig(missing or f"The secret of {what} is missing: set the environment variable {variable}.")
    return text


def shown(name: str, value: object) -> object:
    """The value of a setting as it may be shown: hidden if its name says that it is a secret, URLs without passwords.

    >>> shown("tuning.storage", "postgresql://energy:hunter2@db/optuna")
    'postgresql://energy:***@db/optuna'
    """
    if value is not None and SECRET_NAME.search(name) and not REFERENCE_NAME.search(name):
        return HIDDEN
    return without_passwords(value) if isinstance(value, str) else value


def without_passwords(text: str) -> str:
    """A text whose URLs show no password."""
    return _URL_PASSWORD.sub(rf"\g<before>{HIDDEN}", text)
