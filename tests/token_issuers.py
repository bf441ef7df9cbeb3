"""A provider of tokens, as a real server on this machine, and what a config says to trust it."""

from __future__ import annotations

import base64
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from energy_lib.security.development_issuer import IssuerServer
from energy_lib.security.settings import SecurityConfig, TokensConfig

# What a token may see where a test asks for nothing else.
SITE = {"sites": ["school"]}


@contextmanager
def serving(algorithm: str = "RS256") -> Iterator[IssuerServer]:
    with IssuerServer(0, algorithm) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def trusting(server: IssuerServer, **keys: object) -> SecurityConfig:
    """`keys` are those of security.tokens that differ."""
    own = {"issuer": server.issuer.issuer, "audience": server.issuer.audience, "jwks": f"{server.url}/jwks.json"}
    return SecurityConfig(environment="development", tokens=TokensConfig.model_validate(own | keys))


def bearer(token: str) -> str:
    return f"Bearer {token}"


def encoded(part: object) -> str:
    data = part if isinstance(part, bytes) else json.dumps(part).encode()
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def key_id(server: IssuerServer) -> str:
    return str(server.issuer.jwks()["keys"][0]["kid"])


class Clock:
    """Seconds that pass when a test says so."""

    def __init__(self) -> None:
        self.seconds = 1000.0

    def __call__(self) -> float:
        return self.seconds
