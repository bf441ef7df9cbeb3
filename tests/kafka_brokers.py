"""Brokers of tests, and certificates for those that are secured."""

from __future__ import annotations

import ipaddress
import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from energy_lib.errors import InputMissing
from energy_lib.lake.maven_jars import java
from energy_lib.simulation.live.broker import Broker
from energy_lib.simulation.live.broker_jars import classpath
from energy_lib.simulation.live.broker_settings import LOOPBACK, Secured

# Commas, quotes and such in a password are the tools' affair and not told apart here.
PASSWORDS = {"meters": "salt-and-pepper-7"}


def broker_or_skip(folder: Path) -> Broker:
    """A broker to be started; skips the test where Java or the broker's jars are not."""
    skip_without_broker()
    return Broker(folder)


def secured_broker_or_skip(folder: Path) -> Broker:
    """The same with SASL_SSL, its certificates in the folder: `authority.pem` is what clients trust."""
    skip_without_broker()
    make_certificates(folder)
    return Broker(folder / "broker", Secured(folder / "broker.pem", folder / "authority.pem", PASSWORDS))


def skip_without_broker() -> None:
    """Skip the test, saying why, where Java or the broker's jars are not."""
    if shutil.which(java()) is None:
        pytest.skip("Java is not installed")
    try:
        classpath()
    except InputMissing as error:
        pytest.skip(str(error))


def make_certificates(folder: Path) -> None:
    """Write `authority.pem`, and `broker.pem` with a key and a certificate for this machine that it signed."""
    folder.mkdir(parents=True, exist_ok=True)
    authority_key, broker_key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    authority = _certificate("test authority", "test authority", authority_key, authority_key, is_authority=True)
    broker = _certificate("localhost", "test authority", broker_key, authority_key, is_authority=False)
    pem = serialization.Encoding.PEM
    secret = broker_key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    (folder / "authority.pem").write_bytes(authority.public_bytes(pem))
    (folder / "broker.pem").write_bytes(secret + broker.public_bytes(pem) + authority.public_bytes(pem))


def _certificate(
    name: str,
    issuer: str,
    key: ec.EllipticCurvePrivateKey,
    signed_by: ec.EllipticCurvePrivateKey,
    *,
    is_authority: bool,
) -> x509.Certificate:
    def called(common_name: str) -> x509.Name:
        return x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, common_name)])

    here = x509.SubjectAlternativeName([x509.DNSName("localhost"), x509.IPAddress(ipaddress.ip_address(LOOPBACK))])
    now = datetime.now(UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(called(name))
        .issuer_name(called(issuer))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=2))
        .add_extension(x509.BasicConstraints(ca=is_authority, path_length=None), critical=True)
        .add_extension(here, critical=False)
        .sign(signed_by, hashes.SHA256())
    )
