"""A provider of tokens for development: keys that are new at each start, and tokens for whoever is on this machine."""

from __future__ import annotations

import json
import secrets
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import jwt
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from jwt.algorithms import ECAlgorithm, RSAAlgorithm

from energy_lib.errors import BadConfig
from energy_lib.security.key_sets import DEVELOPMENT
from energy_lib.security.principal import Role
from energy_lib.security.settings import SecurityConfig

HOST = "127.0.0.1"
AUDIENCE = "energy"
HOURS = 8.0
ROLES = tuple(role.value for role in Role)


def require_development(config: SecurityConfig) -> None:
    """Raises BadConfig in production."""
    if config.environment != "development":
        raise BadConfig(
            "The development issuer gives tokens to anyone: it runs with security.environment: development alone."
        )


@dataclass
class DevelopmentIssuer:
    """Keys and tokens. `rotate` signs by a new key from then on; the old one stays in the set until `forget`."""

    issuer: str
    audience: str = AUDIENCE
    algorithm: str = "RS256"
    _keys: list[tuple[str, Any]] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def __post_init__(self) -> None:
        self.rotate()

    def rotate(self) -> None:
        key: Any
        if self.algorithm == "RS256":
            key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        else:
            key = ec.generate_private_key(ec.SECP256R1())
        with self._lock:
            self._keys = [(f"{DEVELOPMENT}{secrets.token_hex(4)}", key), *self._keys]

    def forget(self) -> None:
        """Leave the keys before the newest out of the set."""
        with self._lock:
            self._keys = self._keys[:1]

    def jwks(self) -> dict[str, Any]:
        """The public keys, as a JWK set."""
        with self._lock:
            keys = list(self._keys)
        shown: Any = RSAAlgorithm if self.algorithm == "RS256" else ECAlgorithm
        return {
            "keys": [
                {**shown.to_jwk(key.public_key(), as_dict=True), "kid": name, "use": "sig", "alg": self.algorithm}
                for name, key in keys
            ]
        }

    def token(self, name: str, roles: Sequence[str], claims: Mapping[str, Any], hours: float = HOURS) -> str:
        """A signed token; `claims` are added to it, or stand in the place of its own."""
        now = int(time.time())
        own = {"iss": self.issuer, "aud": self.audience, "sub": name, "roles": list(roles)}
        times = {"iat": now, "exp": now + int(hours * 3600)}
        key_id, key = self._keys[0]
        return jwt.encode({**own, **times, **claims}, key, self.algorithm, headers={"kid": key_id})


class IssuerServer(ThreadingHTTPServer):
    """GET /jwks.json, /token?name=…&role=…&site=…&meter=…, and POST /rotate, on this machine's loopback."""

    daemon_threads = True

    def __init__(self, port: int, algorithm: str = "RS256") -> None:
        super().__init__((HOST, port), _Handler)
        self.issuer = DevelopmentIssuer(f"http://{HOST}:{self.server_port}/", algorithm=algorithm)

    @property
    def url(self) -> str:
        return f"http://{HOST}:{self.server_port}"

    def settings(self) -> list[str]:
        """What a config says to take these tokens, as --set takes it."""
        return [
            "security.environment=development",
            f"security.tokens.issuer={self.issuer.issuer}",
            f"security.tokens.audience={self.issuer.audience}",
            f"security.tokens.jwks={self.url}/jwks.json",
        ]


class _Handler(BaseHTTPRequestHandler):
    server: IssuerServer

    def do_GET(self) -> None:
        asked = urlsplit(self.path)
        # A page of another name that leads to this machine (DNS rebinding) gets nothing.
        if self.headers.get("Host", "").partition(":")[0] not in (HOST, "localhost"):
            self._answer(HTTPStatus.FORBIDDEN, "text/plain", "Ask by 127.0.0.1.")
        elif asked.path == "/jwks.json":
            self._answer(HTTPStatus.OK, "application/json", json.dumps(self.server.issuer.jwks()))
        elif asked.path == "/token":
            self._token(parse_qs(asked.query))
        else:
            self._answer(HTTPStatus.NOT_FOUND, "text/plain", "There are /jwks.json, /token and POST /rotate.")

    def do_POST(self) -> None:
        if self.path != "/rotate":
            self._answer(HTTPStatus.NOT_FOUND, "text/plain", "There is POST /rotate.")
            return
        self.server.issuer.rotate()
        self._answer(HTTPStatus.OK, "text/plain", "Tokens are signed by a new key from now on.")

    def _token(self, asked: dict[str, list[str]]) -> None:
        roles = asked.get("role", ["viewer"])
        if not set(roles) <= set(ROLES):
            self._answer(HTTPStatus.BAD_REQUEST, "text/plain", f"role is one of {', '.join(ROLES)}.")
            return
        scope = {claim: asked[name] for claim, name in (("sites", "site"), ("meters", "meter")) if name in asked}
        token = self.server.issuer.token(asked.get("name", ["developer"])[0], roles, scope or {"sites": ["*"]})
        self._answer(HTTPStatus.OK, "text/plain", token)

    def _answer(self, status: HTTPStatus, kind: str, text: str) -> None:
        body = text.encode("utf-8")
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing: the requests of development are of no use to anyone."""
