"""What the config says of tokens: how claims are named, and what production refuses."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from pydantic import ValidationError
from token_issuers import SITE, bearer, trusting

from energy_lib.security.authenticator import Authenticator
from energy_lib.security.development_issuer import IssuerServer
from energy_lib.security.principal import Principal, Role, Scope, Unauthenticated
from energy_lib.security.settings import SecurityConfig, TokensConfig


def test_claims_are_named_by_the_config(token_server: IssuerServer) -> None:
    config = trusting(
        token_server,
        name_claim="email",
        roles_claim=["realm_access", "roles"],
        role_names={"energy-readers": "viewer"},
        sites_claim="groups",
        meters_claim=None,
    )
    claims = {"email": "ada@example.org", "realm_access": {"roles": ["energy-readers", "viewer"]}, "groups": "*"}
    found = Authenticator.open(config).authenticate(bearer(token_server.issuer.token("x", [], claims)), None)
    assert found == Principal("user:ada@example.org", frozenset({Role.VIEWER}), Scope(None, None))
    open_to_all = trusting(token_server, unscoped="everything")
    token = token_server.issuer.token("ada", ["viewer"], {})
    assert Authenticator.open(open_to_all).authenticate(bearer(token), None).scope == Scope(None, None)


def test_production_takes_no_development_issuer(token_server: IssuerServer, tmp_path: Path) -> None:
    file = tmp_path / "jwks.json"
    file.write_text(json.dumps(token_server.issuer.jwks()))
    tokens = TokensConfig(issuer="https://id.example/", audience="energy", jwks=str(file))
    doors = Authenticator.open(SecurityConfig(tokens=tokens))
    token = token_server.issuer.token("ada", ["admin"], SITE | {"iss": "https://id.example/"})
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
