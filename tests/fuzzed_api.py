"""The API as hostile programs meet it: with tokens and API keys, and with what no answer may tell of it."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
from served_api import served
from token_issuers import serving as issuing

from energy_lib.models.config import load_config
from energy_lib.security.api_keys import ApiKeyFile, make_key
from energy_lib.security.development_issuer import IssuerServer
from energy_lib.security.principal import EVERYTHING, Role

# What is of the machine and the code: stack traces, packages, modules, queries.
INNARDS = re.compile(
    r"Traceback|File \"|site-packages|\.py\b|(?<!vnd\.apache)\.parquet\b|duckdb|polars\.|SELECT |0x[0-9a-f]{8}|Errno"
)


@dataclass(frozen=True, slots=True)
class Guarded:
    """`headers` are those of somebody who may ask for everything but operations."""

    address: str
    folder: Path
    headers: dict[str, str]
    issuer: IssuerServer


@contextmanager
def guarded(root: Path, folder: Path) -> Iterator[Guarded]:
    """A copy of the lake at `root` served to those whom section security knows, without a limit."""
    lake = shutil.copytree(root, folder / "lake")
    shutil.rmtree(lake / "ops" / "posted_feedback")
    keys, now = ApiKeyFile(str(folder / "keys.json")), datetime.now(UTC)
    made, told = make_key("bems", [Role.ANALYST, Role.OPERATOR], EVERYTHING, now, now + timedelta(days=1))
    keys.add(made)
    with issuing() as issuer:
        config = load_config(None, [
            f"lake={lake}", "serving.authentication=security", "serving.burst=1000000", f"landing={folder / 'landing'}",
            "serving.readings_source=posted_readings", f"security.api_keys_file={keys.path}", *issuer.settings(),
        ])[0]  # fmt: skip
        with served(config) as address:
            yield Guarded(address, folder, {"X-API-Key": told}, issuer)


def require_silence(text: str, folder: Path) -> None:
    """Fails if an answer tells where the lake lies, or what the code is made of."""
    assert str(folder) not in text
    found = INNARDS.search(text)
    assert found is None, f"{found} in {text[:500]}"


def require_problem(answer: httpx.Response, folder: Path) -> None:
    """Fails unless the answer is a problem of the request, told without the lake's `folder` or the code."""
    require_silence(answer.text, folder)
    assert 400 <= answer.status_code < 500, f"{answer.status_code} {answer.text[:500]}"
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["status"] == answer.status_code
