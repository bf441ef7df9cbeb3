"""Tokens: who is recognised by one, what is refused by which sentence, and what nobody can forge."""

from __future__ import annotations

import hashlib
import hmac
import json
import time
from collections.abc import Iterator
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from hypothesis import given
from hypothesis import strategies as st
from token_issuers import SITE, bearer, encoded, key_id, serving, trusting

from energy_lib.security.authenticator import Authenticator
from energy_lib.security.development_issuer import IssuerServer
from energy_lib.security.principal import Forbidden, Principal, Role, Scope, Unauthenticated


@pytest.fixture(scope="module")
def doors(token_server: IssuerServer) -> Authenticator:
    return Authenticator.open(trusting(token_server))


@pytest.mark.parametrize("algorithm", ["RS256", "ES256"])
def test_a_token_names_who_asks_with_roles_and_scope(algorithm: str) -> None:
    with serving(algorithm) as token_server:
        token = token_server.issuer.token(
            "ada", ["analyst", "unheard-of"], {"sites": ["school"], "meters": ["m1", "m2"]}
        )
        found = Authenticator.open(trusting(token_server)).authenticate(bearer(token), None)
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
    token_server: IssuerServer, doors: Authenticator, claims: dict[str, Any], words: str
) -> None:
    with pytest.raises(Unauthenticated, match=words):
        doors.authenticate(bearer(token_server.issuer.token("ada", ["analyst"], SITE | claims)), None)


def test_clocks_may_differ_by_the_leeway(token_server: IssuerServer, doors: Authenticator) -> None:
    now = int(time.time())
    late = token_server.issuer.token("ada", ["viewer"], SITE | {"iat": now - 60, "exp": now - 10})
    early = token_server.issuer.token("ada", ["viewer"], SITE | {"nbf": now + 10})
    assert {doors.authenticate(bearer(token), None).name for token in (late, early)} == {"user:ada"}


def test_a_token_without_role_or_scope_is_forbidden(token_server: IssuerServer, doors: Authenticator) -> None:
    for roles, claims, words in (
        ([], SITE, "no role"),
        (["root"], SITE, "no role"),
        (["viewer"], {}, "neither which sites nor which meters"),
        (["viewer"], {"sites": {"school": True}}, "no list of ids"),
        (["viewer"], {"sites": [1]}, "no list of ids"),
    ):
        with pytest.raises(Forbidden, match=words):
            doors.authenticate(bearer(token_server.issuer.token("ada", roles, claims)), None)


def forged(token_server: IssuerServer) -> Iterator[tuple[str, str]]:
    """Tokens that nobody's key signed, and what they are refused by."""
    name, now = key_id(token_server), int(time.time())
    says = {"iss": token_server.issuer.issuer, "aud": "energy", "sub": "eve", "roles": ["admin"], "sites": "*"}
    says |= {"iat": now, "exp": now + 60}
    (public,) = (jwt.PyJWK(jwk).key for jwk in token_server.issuer.jwks()["keys"])
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
    good = token_server.issuer.token("ada", ["viewer"], SITE)
    head, _, signature = good.split(".")
    yield f"{head}.{encoded(says)}.{signature}", "signature is wrong"
    yield f"{head}.{encoded(b'[' * 5000)}.{signature}", "signature is wrong|cannot be read"
    yield f"{encoded(b'[' * 5000)}.{encoded(says)}.{signature}", "cannot be read"
    yield f"{head}.{encoded(says)}.{'A' * 9000}", "cannot be read"
    yield "é.é.é", "cannot be read"
    yield good + ".x", "cannot be read"


def test_no_forged_token_comes_in_and_no_sentence_repeats_it(token_server: IssuerServer, doors: Authenticator) -> None:
    count = 0
    for token, words in forged(token_server):
        with pytest.raises(Unauthenticated, match=words) as refused:
            doors.authenticate(bearer(token), None)
        assert not any(len(part) > 8 and part in str(refused.value) for part in token.split("."))
        count += 1
    assert count == 16


def test_nested_claims_that_are_signed_are_refused_and_no_bug(token_server: IssuerServer, doors: Authenticator) -> None:
    deep: list[Any] = []
    for _ in range(400):
        deep = [deep]
    with pytest.raises(Forbidden):
        doors.authenticate(bearer(token_server.issuer.token("ada", ["viewer"], {"sites": deep})), None)


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
    token_server: IssuerServer, doors: Authenticator, claims: dict[str, Any], head: dict[str, Any]
) -> None:
    """Signed by the right key, as a provider that is configured wrongly would do it."""
    now = int(time.time())
    says = {"iss": token_server.issuer.issuer, "aud": "energy", "sub": "ada", "roles": ["viewer"], "sites": ["school"]}
    payload = json.dumps(says | {"iat": now, "exp": now + 60} | claims).encode()
    signed = f"{encoded({'alg': 'RS256', 'kid': key_id(token_server)} | head)}.{encoded(payload)}"
    signature = token_server.issuer._keys[0][1].sign(signed.encode(), PKCS1v15(), SHA256())
    try:
        found = doors.authenticate(bearer(f"{signed}.{encoded(signature)}"), None)
    except (Unauthenticated, Forbidden):
        return
    assert found.roles == {Role.VIEWER} or "roles" in claims
    assert found.scope.sites == {"school"} or "sites" in claims
