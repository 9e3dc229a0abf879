"""Whose certificate a database server may have: only one of the authorities that the deployer names.

The embedded PostgreSQL speaks no TLS. A stand-in speaks just enough of the protocol: it agrees to TLS, and
then refuses to serve, in words that arrive only where its certificate was accepted.
"""

import datetime
import ipaddress
import json
import socket
import ssl
import struct
import threading
import uuid
from collections.abc import Iterator
from pathlib import Path

import boto3
import psycopg
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from musicconnect.platform import database
from musicconnect.platform.config import DatabaseSettings

VALID = (
    datetime.datetime(2000, 1, 1, tzinfo=datetime.UTC),
    datetime.datetime(2099, 1, 1, tzinfo=datetime.UTC),
)
SSL_REQUEST = 80877103  # of the frontend/backend protocol


class Authority:
    """Signs certificates."""

    def __init__(self, name: str) -> None:
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        self.certificate = self._sign(self.name, self.key, x509.BasicConstraints(ca=True, path_length=0))

    def _sign(self, subject: x509.Name, key: ec.EllipticCurvePrivateKey, what: x509.ExtensionType) -> bytes:
        built = (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(self.name)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(VALID[0])
            .not_valid_after(VALID[1])
            .add_extension(what, critical=True)
            .sign(self.key, hashes.SHA256())
        )
        return built.public_bytes(serialization.Encoding.PEM)

    def certificate_of(self, address: str, folder: Path) -> Path:
        """Key and certificate of a server, in one file."""
        key = ec.generate_private_key(ec.SECP256R1())
        alternative = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address(address))])
        certificate = self._sign(x509.Name([]), key, alternative)
        private = key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        path = folder / f"server-{uuid.uuid4().hex}.pem"
        path.write_bytes(private + certificate)
        return path


@pytest.fixture(scope="module")
def authority() -> Authority:
    return Authority("Authority of databases")


@pytest.fixture(scope="module")
def server(authority: Authority, tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """The stand-in; gives its port."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(authority.certificate_of("127.0.0.1", tmp_path_factory.mktemp("tls")))
    listening = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        while True:
            try:
                plain, _ = listening.accept()
            except OSError:
                return
            with plain:
                try:
                    assert struct.unpack("!II", plain.recv(8)) == (8, SSL_REQUEST)
                    plain.sendall(b"S")
                    with context.wrap_socket(plain, server_side=True) as safe:
                        safe.recv(1000)
                        fields = b"SFATAL\0C57P03\0Mcertificate accepted\0\0"
                        safe.sendall(b"E" + struct.pack("!I", 4 + len(fields)) + fields)
                except (OSError, ssl.SSLError):  # whoever does not trust the certificate hangs up
                    continue

    thread = threading.Thread(target=serve)
    thread.start()
    yield listening.getsockname()[1]
    listening.shutdown(socket.SHUT_RDWR)
    listening.close()
    thread.join()


def said_to(
    port: int, authorities: str, aws: str, sslmode: str = "verify-full", host: str = "127.0.0.1"
) -> str:
    """What comes of connecting."""
    arn = boto3.client("secretsmanager").create_secret(
        Name=str(uuid.uuid4()), SecretString=json.dumps({"username": "u", "password": "p"})
    )["ARN"]
    settings = DatabaseSettings(
        url=None, host=host, port=port, name="x", sslmode=sslmode, secret_arn=arn, sslrootcert=authorities
    )
    with pytest.raises(psycopg.OperationalError) as refused, database.Database(settings).statement():
        pass
    return str(refused.value)


def test_a_server_of_the_named_authority_is_spoken_to(
    server: int, authority: Authority, aws: str, tmp_path: Path
) -> None:
    bundle = tmp_path / "bundle.pem"
    bundle.write_bytes(Authority("Another one of the bundle").certificate + authority.certificate)
    assert "certificate accepted" in said_to(server, str(bundle), aws)


def test_any_other_is_not(server: int, aws: str, tmp_path: Path) -> None:
    other = tmp_path / "other.pem"
    other.write_bytes(Authority("Somebody else").certificate)
    assert "certificate verify failed" in said_to(server, str(other), aws)
    assert "certificate verify failed" in said_to(server, "system", aws)


def test_nor_one_that_has_a_certificate_for_another_name(
    server: int, authority: Authority, aws: str, tmp_path: Path
) -> None:
    bundle = tmp_path / "bundle.pem"
    bundle.write_bytes(authority.certificate)
    assert "does not match host name" in said_to(server, str(bundle), aws, host="localhost")
    assert "certificate accepted" in said_to(server, str(bundle), aws, host="localhost", sslmode="verify-ca")
