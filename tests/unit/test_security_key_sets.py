"""A provider's keys, asked of a real server: they rotate, go missing and are withdrawn, with who came in by them."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from token_issuers import SITE, Clock, bearer, encoded, key_id, serving

from energy_lib.errors import TryAgain
from energy_lib.security.authenticator import Authenticator
from energy_lib.security.development_issuer import DevelopmentIssuer
from energy_lib.security.key_sets import ASK_AGAIN_SECONDS, FRESH_SECONDS, LAST_RESORT_SECONDS, KeySet, signing_keys
from energy_lib.security.principal import Principal, Scope, Unauthenticated
from energy_lib.security.recognised import Recognised
from energy_lib.security.settings import SecurityConfig, TokensConfig


class Counted:
    """A server of a JWK set that can fail, hang on, or answer anything; it counts how often it is asked."""

    def __init__(self) -> None:
        self.asked, self.status, self.body, self.location = 0, 200, b"", ""
        counted = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                counted.asked += 1
                self.send_response(counted.status)
                if counted.location:
                    self.send_header("Location", counted.location)
                self.send_header("Content-Length", str(len(counted.body)))
                self.end_headers()
                self.wfile.write(counted.body)

            def log_message(self, format: str, *args: Any) -> None: ...

        self.server = HTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/jwks"
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.01,), daemon=True)
        self.thread.start()

    def holds(self, issuer: DevelopmentIssuer) -> None:
        self.body = json.dumps(issuer.jwks()).encode()


@pytest.fixture
def counted() -> Iterator[Counted]:
    running = Counted()
    yield running
    running.server.shutdown()
    running.server.server_close()


def until(holds: Callable[[], bool]) -> None:
    end = time.monotonic() + 10
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.01)


def test_keys_are_asked_for_once_then_when_one_is_unknown_but_rarely(counted: Counted) -> None:
    clock, issuer = Clock(), DevelopmentIssuer("https://id.example/", algorithm="ES256")
    counted.holds(issuer)
    keys = KeySet(counted.url, development=True, clock=clock)
    first = issuer.jwks()["keys"][0]["kid"]
    assert not keys.at_hand(first)
    assert keys.key(first) is not None
    assert keys.at_hand(first)
    for number in range(50):
        assert keys.key(f"made-up-{number}") is None
    assert counted.asked == 1, "strangers make us ask no more often than each half minute"
    issuer.rotate()
    counted.holds(issuer)
    second = issuer.jwks()["keys"][0]["kid"]
    assert keys.key(second) is None
    clock.seconds += ASK_AGAIN_SECONDS
    assert keys.key(second) is not None
    assert counted.asked == 2
    assert keys.key(first) is not None, "tokens of the old key count until it is withdrawn"
    issuer.forget()
    counted.holds(issuer)
    clock.seconds += FRESH_SECONDS + 1
    assert keys.key(first) is not None, "the old keys answer while the new ones are fetched"
    until(lambda: not keys.at_hand(first))
    assert keys.key(first) is None
    assert keys.key(second) is not None
    assert counted.asked == 3


def test_who_was_recognised_is_known_for_a_minute_while_the_keys_are_the_same(counted: Counted) -> None:
    clock, issuer = Clock(), DevelopmentIssuer("https://id.example/", algorithm="ES256")
    counted.holds(issuer)
    tokens = TokensConfig(issuer=issuer.issuer, audience=issuer.audience, jwks=counted.url)
    config = SecurityConfig(environment="development", tokens=tokens)
    keys = KeySet(counted.url, development=True, clock=clock)
    doors = Authenticator(config, keys)
    token = bearer(issuer.token("ada", ["viewer"], SITE))
    assert doors.authenticate(token, None) is doors.authenticate(token, None)
    other = bearer(issuer.token("eve", ["viewer"], SITE))
    assert doors.authenticate(other, None).name == "user:eve"
    issuer.rotate()
    issuer.forget()
    counted.holds(issuer)
    clock.seconds += FRESH_SECONDS + 1
    keys.key(issuer.jwks()["keys"][0]["kid"])
    with pytest.raises(Unauthenticated, match="does not name"):
        doors.authenticate(token, None)


def test_who_was_recognised_is_forgotten_after_a_minute_with_the_token_and_with_the_keys() -> None:
    clock = Clock()
    known, ada = Recognised(clock), Principal("user:ada", frozenset(), Scope(None, None))
    known.keep("a", 3600, 1, ada)
    known.keep("b", 10, 1, ada)
    assert (known.find("a", 1), known.find("b", 1), known.find("a", 2), known.find("c", 1)) == (ada, ada, None, None)
    clock.seconds += 10
    assert (known.find("a", 1), known.find("b", 1)) == (ada, None)
    clock.seconds += 50
    assert known.find("a", 1) is None


def test_a_provider_that_is_away_costs_nobody_the_access_for_an_hour(
    counted: Counted, caplog: pytest.LogCaptureFixture
) -> None:
    clock, issuer = Clock(), DevelopmentIssuer("https://id.example/", algorithm="ES256")
    keys = KeySet(counted.url, development=True, clock=clock)
    name = issuer.jwks()["keys"][0]["kid"]
    counted.status = 500
    with pytest.raises(TryAgain, match="cannot be had"):
        keys.key(name)
    with pytest.raises(TryAgain):
        keys.key(name)
    assert counted.asked == 1, "a provider that fails is not asked at each request"
    counted.status = 200
    counted.holds(issuer)
    clock.seconds += ASK_AGAIN_SECONDS
    assert keys.key(name) is not None
    for status, body in (
        (500, b""),
        (200, b"<html>"),
        (200, b'{"keys": 7}'),
        (200, b"[" * 9999),
        (200, b"x" * 300_000),
    ):
        counted.status, counted.body, asked = status, body, counted.asked
        clock.seconds += FRESH_SECONDS + 1
        assert keys.key(name) is not None
        until(lambda asked=asked: counted.asked > asked)  # type: ignore[misc]
        assert keys.key("other") is None
    clock.seconds += LAST_RESORT_SECONDS
    with pytest.raises(TryAgain, match="cannot be had"):
        keys.key(name)


def test_a_redirect_to_other_keys_is_not_followed(counted: Counted) -> None:
    with serving() as other:
        counted.status, counted.location = 302, f"{other.url}/jwks.json"
        with pytest.raises(TryAgain):
            KeySet(counted.url, development=True).key(key_id(other))


def test_keys_in_a_file_rotate_too(tmp_path: Path) -> None:
    clock, issuer, file = Clock(), DevelopmentIssuer("https://id.example/", algorithm="ES256"), tmp_path / "jwks.json"
    file.write_text(json.dumps(issuer.jwks()))
    keys = KeySet(str(file), development=True, clock=clock)
    assert keys.key(issuer.jwks()["keys"][0]["kid"]) is not None
    issuer.rotate()
    file.write_text(json.dumps(issuer.jwks()))
    clock.seconds += ASK_AGAIN_SECONDS
    assert keys.key(issuer.jwks()["keys"][0]["kid"]) is not None


def test_only_keys_that_are_good_for_signatures_count() -> None:
    good = DevelopmentIssuer("https://id.example/").jwks()["keys"][0] | {"kid": "good"}
    small = rsa.generate_private_key(public_exponent=65537, key_size=1024).public_key()
    wide = ec.generate_private_key(ec.SECP384R1()).public_key()
    others = [
        {"kty": "oct", "k": encoded(b"secret"), "kid": "symmetric"},
        jwt.algorithms.RSAAlgorithm.to_jwk(small, as_dict=True) | {"kid": "small"},
        jwt.algorithms.ECAlgorithm.to_jwk(wide, as_dict=True) | {"kid": "wide"},
        good | {"kid": "encryption", "use": "enc"},
        good | {"kid": "other algorithm", "alg": "RS512"},
        good | {"kid": 7},
        good | {"kid": "development-1"},
        {"kty": "RSA", "kid": "broken", "n": "!", "e": "AQAB"},
    ]
    assert list(signing_keys(json.dumps({"keys": [good, *others]}))) == ["good"]
    assert list(signing_keys(json.dumps({"keys": [good, *others]}), development=True)) == ["good", "development-1"]
