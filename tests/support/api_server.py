"""The API on a port of this machine: the gateway, with functions that run in this process."""

import asyncio
import datetime
import ipaddress
import json
import ssl
import threading
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from local.gateway.http_api import Gateway
from local.gateway.payload import Request
from local.lambda_.invocation import Outcome
from local.template.loader import load
from local.template.model import Deployment
from musicconnect.platform import clock
from tests.support import ROOT
from tests.support.functions import FunctionRunner

_PARAMETERS = {
    "DatabaseHost": "db.example.org",
    "DatabaseAdminSecretArn": "arn:aws:secretsmanager:us-east-1:000000000000:secret:admin",
}


@dataclass(frozen=True)
class ApiServer:
    """Where the API is."""

    port: int
    certificate: Path | None = None

    @property
    def host(self) -> str:
        """Name and port."""
        return f"127.0.0.1:{self.port}"

    @property
    def url(self) -> str:
        """Without a trailing slash."""
        return f"{'https' if self.certificate else 'http'}://{self.host}"


class _Functions:
    """What the gateway invokes: functions of this process, one at a time."""

    def __init__(self, harness: FunctionRunner, capabilities: dict[str, str]) -> None:
        self._harness = harness
        self._capabilities = capabilities

    async def invoke(self, function: str, event: bytes) -> Outcome:
        answer = self._harness.invoke(self._capabilities[function], json.loads(event))
        return Outcome(json.dumps(answer).encode())

    async def invoke_json(self, function: str, event: object) -> Outcome:
        return await self.invoke(function, json.dumps(event).encode())


@contextmanager
def serve_api(harness: FunctionRunner, tls: Path | None = None) -> Iterator[ApiServer]:
    """Serve the API until the block ends; over TLS with a certificate made in the folder ``tls``."""
    template = load(ROOT / "template.yaml", _PARAMETERS, Deployment())
    capabilities = {name: function.handler.split(".")[0] for name, function in template.functions.items()}
    functions: Any = _Functions(harness, capabilities)
    gateway = Gateway(template, functions)

    class Handler(BaseHTTPRequestHandler):
        def handle_any(self) -> None:
            path, _, query = self.path.partition("?")
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            answer = asyncio.run(
                gateway.answer(
                    Request(
                        method=self.command, path=unquote(path), query=query, body=body,
                        headers=[(name.lower(), value) for name, value in self.headers.items()],
                        source_ip=self.client_address[0], protocol=self.request_version,
                        request_id=str(uuid.uuid4()),
                    )
                )
            )  # fmt: skip
            self.send_response(answer.status)
            for name, value in answer.headers:
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(answer.body)))
            self.end_headers()
            self.wfile.write(answer.body)

        do_GET = do_POST = do_HEAD = do_OPTIONS = handle_any  # noqa: N815 - the names that it looks for

        def log_message(self, *_arguments: Any) -> None:
            """Say nothing."""

    server = HTTPServer(("127.0.0.1", 0), Handler)  # one request at a time: functions share an environment
    certificate = _certificate(tls) if tls else None
    if certificate:
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(certificate)
        server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, name="api")
    thread.start()
    try:
        yield ApiServer(server.server_address[1], certificate)
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def _certificate(folder: Path) -> Path:
    """Make a certificate of 127.0.0.1, with its key in the same file."""
    key, at = ec.generate_private_key(ec.SECP256R1()), clock.now()
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "tests")])
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(at - datetime.timedelta(days=1))
        .not_valid_after(at + datetime.timedelta(days=1))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), False
        )
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), True)
        .sign(key, hashes.SHA256())
    )
    path = folder / "certificate.pem"
    path.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        + made.public_bytes(serialization.Encoding.PEM)
    )
    return path
