"""Tokens against a real server of keys: what is taken, what is refused by which sentence, and keys that rotate."""

from __future__ import annotations

import base64
import hashlib
import hmac
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
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError
from token_issuers import Clock, serving, trusting

from energy_lib.errors import TryAgain
from energy_lib.security.authenticator import Authenticator
from energy_lib.security.development_issuer import DevelopmentIssuer, IssuerServer
from energy_lib.security.key_sets import ASK_AGAIN_SECONDS, FRESH_SECONDS, LAST_RESORT_SECONDS, KeySet, signing_keys
from energy_lib.security.principal import Forbidden, Principal, Role, Scope, Unauthenticated
from energy_lib.security.recognised import Recognised
from energy_lib.security.settings import SecurityConfig, TokensConfig

SITE = {"sites": ["school"]}


@pytest.fixture(scope="module")
def server() -> Iterator[IssuerServer]:
    with serving() as running:
        yield running


@pytest.fixture(scope="module")
def doors(server: IssuerServer) -> Authenticator:
    return Authenticator.open(trusting(server))


def bearer(token: str) -> str:
    return f"Bearer {token}"


def encoded(part: object) -> str:
    data = part if isinstance(part, bytes) else json.dumps(part).encode()
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def key_id(server: IssuerServer) -> str:
    return str(server.issuer.jwks()["keys"][0]["kid"])


@pytest.mark.parametrize("algorithm", ["RS256", "ES256"])
def test_a_token_names_who_asks_with_roles_and_scope(algorithm: str) -> None:
    with serving(algorithm) as server:
        token = server.issuer.token("ada", ["analyst", "unheard-of"], {"sites": ["school"], "meters": ["m1", "m2"]})
        found = Authenticator.open(trusting(server)).authenticate(bearer(token), None)
    assert found == Principal(
        "user:ada", frozenset({Role.ANALYST}), Scope(frozenset({"school"}), frozenset({"m1", "m2"}))
    )
    assert found.scope.permits("school", "m1")
    assert not found.scope.permits("school", "m3")
    assert not found.scope.permits("library", "m1")
    assert not found.scope.permits(None, "m1")


# Later than any run of the tests ends, which may come long after this file is read.
LATER = int(time.time()) + 10**6


@pytest.mark.parametrize(
    ("claims", "words"),
    [
        ({"exp": int(time.time()) - 60}, "has expired"),
        ({"nbf": LATER}, "not valid yet"),
        ({"iat": LATER, "exp": LATER + 300}, "not valid yet"),
        ({"aud": "other"}, "another service"),
        ({"aud": None}, "lacks a claim"),
        ({"iss": "https://evil.example/"}, "another issuer"),
        ({"exp": int(time.time()) + 40 * 24 * 3600}, "more than 24 hours"),
        ({"exp": "soon"}, "cannot be read"),
        ({"exp": 1e400}, "cannot be read"),
        ({"sub": ""}, "names nobody"),
        ({"sub": "ada\nroot"}, "names nobody"),
        ({"sub": 7}, "cannot be read"),
    ],
)
def test_a_claim_that_does_not_hold_is_told(
    server: IssuerServer, doors: Authenticator, claims: dict[str, Any], words: str
) -> None:
    with pytest.raises(Unauthenticated, match=words):
        doors.authenticate(bearer(server.issuer.token("ada", ["analyst"], SITE | claims)), None)


def test_clocks_may_differ_by_the_leeway(server: IssuerServer, doors: Authenticator) -> None:
    now = int(time.time())
    late = server.issuer.token("ada", ["viewer"], SITE | {"iat": now - 60, "exp": now - 10})
    early = server.issuer.token("ada", ["viewer"], SITE | {"nbf": now + 10})
    assert {doors.authenticate(bearer(token), None).name for token in (late, early)} == {"user:ada"}


def test_a_token_without_role_or_scope_is_forbidden(server: IssuerServer, doors: Authenticator) -> None:
    for roles, claims, words in (
        ([], SITE, "no role"),
        (["root"], SITE, "no role"),
        (["viewer"], {}, "neither which sites nor which meters"),
        (["viewer"], {"sites": {"school": True}}, "no list of ids"),
        (["viewer"], {"sites": [1]}, "no list of ids"),
    ):
        with pytest.raises(Forbidden, match=words):
            doors.authenticate(bearer(server.issuer.token("ada", roles, claims)), None)


def test_claims_are_named_by_the_config(server: IssuerServer) -> None:
    config = trusting(
        server,
        name_claim="email",
        roles_claim=["realm_access", "roles"],
        role_names={"energy-readers": "viewer"},
        sites_claim="groups",
        meters_claim=None,
    )
    claims = {"email": "ada@example.org", "realm_access": {"roles": ["energy-readers", "viewer"]}, "groups": "*"}
    found = Authenticator.open(config).authenticate(bearer(server.issuer.token("x", [], claims)), None)
    assert found == Principal("user:ada@example.org", frozenset({Role.VIEWER}), Scope(None, None))
    open_to_all = trusting(server, unscoped="everything")
    token = server.issuer.token("ada", ["viewer"], {})
    assert Authenticator.open(open_to_all).authenticate(bearer(token), None).scope == Scope(None, None)


def forged(server: IssuerServer) -> Iterator[tuple[str, str]]:
    """Tokens that nobody's key signed, and what they are refused by."""
    name, now = key_id(server), int(time.time())
    says = {"iss": server.issuer.issuer, "aud": "energy", "sub": "eve", "roles": ["admin"], "sites": "*"}
    says |= {"iat": now, "exp": now + 60}
    (public,) = (jwt.PyJWK(jwk).key for jwk in server.issuer.jwks()["keys"])
    pem = public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    for algorithm in ("none", "None", "HS256"):
        head = encoded({"alg": algorithm, "kid": name, "typ": "JWT"})
        signed = f"{head}.{encoded(says)}"
        # The public key as the secret of HS256: the confusion that libraries fell for.
        signature = "" if algorithm != "HS256" else encoded(hmac.new(pem, signed.encode(), hashlib.sha256).digest())
        yield f"{signed}.{signature}", "another algorithm"
    strange = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    yield jwt.encode(says, strange, "RS256", headers={"kid": name}), "signature is wrong"
    yield jwt.encode(says, strange, "RS256"), "names no key"
    yield jwt.encode(says, strange, "RS256", headers={"kid": "k" * 300}), "names no key"
    yield jwt.encode(says, strange, "PS256", headers={"kid": name}), "another algorithm"
    curve = ec.generate_private_key(ec.SECP256R1())
    yield jwt.encode(says, curve, "ES256", headers={"kid": name}), "another algorithm than its key"
    jwk = {"kty": "oct", "k": encoded(b"mine")}
    yield jwt.encode(says, strange, "RS256", headers={"kid": name, "jwk": jwk}), "signature is wrong"
    yield jwt.encode(says, strange, "RS256", headers={"kid": name, "crit": ["x"], "x": 1}), "extensions|cannot be read"
    good = server.issuer.token("ada", ["viewer"], SITE)
    head, _, signature = good.split(".")
    yield f"{head}.{encoded(says)}.{signature}", "signature is wrong"
    yield f"{head}.{encoded(b'[' * 5000)}.{signature}", "signature is wrong|cannot be read"
    yield f"{encoded(b'[' * 5000)}.{encoded(says)}.{signature}", "cannot be read"
    yield f"{head}.{encoded(says)}.{'A' * 9000}", "cannot be read"
    yield "é.é.é", "cannot be read"
    yield good + ".x", "cannot be read"


def test_no_forged_token_comes_in_and_no_sentence_repeats_it(server: IssuerServer, doors: Authenticator) -> None:
    count = 0
    for token, words in forged(server):
        with pytest.raises(Unauthenticated, match=words) as refused:
            doors.authenticate(bearer(token), None)
        assert not any(len(part) > 8 and part in str(refused.value) for part in token.split("."))
        count += 1
    assert count == 16


def test_nested_claims_that_are_signed_are_refused_and_no_bug(server: IssuerServer, doors: Authenticator) -> None:
    deep: list[Any] = []
    for _ in range(400):
        deep = [deep]
    with pytest.raises(Forbidden):
        doors.authenticate(bearer(server.issuer.token("ada", ["viewer"], {"sites": deep})), None)


@given(st.one_of(st.text(max_size=200), st.from_regex(r"[Bb]earer [A-Za-z0-9_.-]{0,80}", fullmatch=True)))
def test_whatever_a_header_holds_is_a_sentence(doors: Authenticator, header: str) -> None:
    with pytest.raises(Unauthenticated):
        doors.authenticate(header, None)


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=6),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=6,
)


@given(
    st.dictionaries(st.sampled_from(["exp", "iat", "nbf", "aud", "iss", "sub", "roles", "sites", "meters"]), values),
    st.dictionaries(st.sampled_from(["kid", "alg", "typ", "crit", "b64", "jku", "cty"]), values),
)
def test_whatever_the_provider_signs_is_a_principal_or_a_sentence(
    server: IssuerServer, doors: Authenticator, claims: dict[str, Any], head: dict[str, Any]
) -> None:
    """Signed by the right key, as a provider that is configured wrongly would do it."""
    now = int(time.time())
    says = {"iss": server.issuer.issuer, "aud": "energy", "sub": "ada", "roles": ["viewer"], "sites": ["school"]}
    payload = json.dumps(says | {"iat": now, "exp": now + 60} | claims).encode()
    signed = f"{encoded({'alg': 'RS256', 'kid': key_id(server)} | head)}.{encoded(payload)}"
    signature = server.issuer._keys[0][1].sign(signed.encode(), PKCS1v15(), SHA256())
    try:
        found = doors.authenticate(bearer(f"{signed}.{encoded(signature)}"), None)
    except (Unauthenticated, Forbidden):
        return
    assert found.roles == {Role.VIEWER} or "roles" in claims
    assert found.scope.sites == {"school"} or "sites" in claims


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


def test_production_takes_no_development_issuer(server: IssuerServer, tmp_path: Path) -> None:
    file = tmp_path / "jwks.json"
    file.write_text(json.dumps(server.issuer.jwks()))
    tokens = TokensConfig(issuer="https://id.example/", audience="energy", jwks=str(file))
    doors = Authenticator.open(SecurityConfig(tokens=tokens))
    token = server.issuer.token("ada", ["admin"], SITE | {"iss": "https://id.example/"})
    with pytest.raises(Unauthenticated, match="does not name"):
        doors.authenticate(bearer(token), None)


@pytest.mark.parametrize(
    ("tokens", "words"),
    [
        ({"jwks": "http://id.example/jwks"}, "over http://"),
        ({"jwks": "http://127.0.0.1:1/jwks"}, "over http://"),
        ({"jwks": "ftp://id.example/jwks"}, "https:// URL"),
        ({"jwks": "https://me:word@id.example/jwks"}, "without a user"),
        ({"issuer": "http://id.example/"}, "issuer begins with https"),
    ],
)
def test_a_config_that_would_let_strangers_in_is_refused(tokens: dict[str, str], words: str) -> None:
    good = {"issuer": "https://id.example/", "audience": "energy", "jwks": "https://id.example/jwks"}
    SecurityConfig.model_validate({"tokens": good})
    with pytest.raises(ValidationError, match=words):
        SecurityConfig.model_validate({"tokens": good | tokens})
