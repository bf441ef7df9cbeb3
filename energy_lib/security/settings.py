"""Config section `security`: how those who ask are recognised. No secret stands in it."""

from __future__ import annotations

from typing import Literal, Self
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, model_validator

from energy_lib.security.principal import Role

# The names of this machine that no other machine reaches.
LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})


class _Section(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class TokensConfig(_Section):
    """Tokens (JWT) of an OpenID provider: RS256 or ES256, each with a key id, an expiry, an audience and an issuer."""

    issuer: str = Field(min_length=1, description="Claim iss, letter by letter")
    audience: str = Field(min_length=1, description="Claim aud must be or hold it: this service's name at the provider")
    jwks: str = Field(
        min_length=1, description="Where the provider's public keys are: https:// URL or file. http:// on loopback only"
    )
    leeway_seconds: float = Field(30.0, ge=0, le=300, description="How far clocks may differ")
    longest_hours: float = Field(24.0, gt=0, description="A token that is valid for longer is refused")
    name_claim: str = Field("sub", description="Claim whose text names who asks")
    roles_claim: tuple[str, ...] = Field(
        ("roles",), min_length=1, description="Way to the claim of the roles, for instance [realm_access, roles]"
    )
    role_names: dict[str, Role] = Field(
        default_factory=dict, description="Provider's role or group → role here; empty: they have the same names"
    )
    sites_claim: str | None = Field("sites", description="Claim of the sites that may be seen; '*' is all; null: none")
    meters_claim: str | None = Field("meters", description="Claim of the meters that may be seen; likewise")
    unscoped: Literal["refuse", "everything"] = Field(
        "refuse", description="What a token sees that has neither of these claims"
    )


class SecurityConfig(_Section):
    """Who may ask. In production there are no anonymous users, no keys over plain HTTP and no development issuer."""

    environment: Literal["production", "development"] = Field(
        "production", description="development allows anonymous_roles and jobs/development_issuer.py"
    )
    tokens: TokensConfig | None = Field(None, description="Tokens that are accepted; null: none")
    api_keys_file: str | None = Field(
        None, description="File of hashed API keys, made by jobs/api_keys.py, outside of the lake; null: no keys"
    )
    audit_retain_days: int = Field(
        730, ge=1, description="Rows of ops.audit younger than this stay when jobs/audit.py prune is run"
    )
    anonymous_roles: tuple[Role, ...] = Field(
        (), description="Roles of who shows neither token nor key: development only"
    )

    @property
    def takes_credentials(self) -> bool:
        """Whether somebody can say who they are, by a token or an API key."""
        return self.tokens is not None or self.api_keys_file is not None

    @model_validator(mode="after")
    def _safe(self) -> Self:
        production = self.environment == "production"
        if production and self.anonymous_roles:
            raise ValueError("anonymous_roles are for environment: development alone")
        if self.tokens is None:
            return self
        place = urlsplit(self.tokens.jwks)
        if place.scheme == "http" and (production or place.hostname not in LOOPBACK):
            raise ValueError(
                "tokens.jwks over http:// lets anyone on the way make tokens: name an https:// URL or a file"
            )
        if "://" in self.tokens.jwks and (place.scheme not in ("http", "https") or place.username or place.password):
            raise ValueError("tokens.jwks is an https:// URL without a user in it, or a file's path")
        if production and not self.tokens.issuer.startswith("https://"):
            raise ValueError("tokens.issuer begins with https:// in production")
        return self
