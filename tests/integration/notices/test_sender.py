"""Given endpoints that are slow, huge, self-signed or strange, when a message is sent, it ends in time."""

import datetime
import ipaddress
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from musicconnect.notices.webhooks import sender
from musicconnect.notices.webhooks.sender import Answer
from tests.integration.notices.endpoint import Endpoint, serving

SHORT_S = 1.5


def send(url: str, body: bytes = b'{"a":1}', timeout_s: float = SHORT_S) -> Answer:
    return sender.send(url, body, {"webhook-id": "msg_1"}, allow_loopback=True, timeout_s=timeout_s)


@pytest.fixture
def endpoint() -> Iterator[Endpoint]:
    with serving() as made:
        yield made


def test_a_message_is_posted_as_it_is(endpoint: Endpoint) -> None:
    answer = send(endpoint.url + "?x=1", '{"a":"ä"}'.encode())

    (received,) = endpoint.received
    assert answer == Answer("delivered", 200, "thanks")
    assert received.line == "POST /hook?x=1 HTTP/1.1"
    assert received.body == '{"a":"ä"}'.encode()
    assert received.headers["host"] == f"127.0.0.1:{endpoint.port}"
    assert received.headers["content-type"] == "application/json"
    assert received.headers["webhook-id"] == "msg_1"


@pytest.mark.parametrize(
    ("status", "outcome"),
    [(200, "delivered"), (204, "delivered"), (299, "delivered"), (400, "refused"), (404, "refused"),
     (410, "gone"), (429, "refused"), (500, "refused"), (599, "refused")],
)  # fmt: skip
def test_the_status_says_what_became_of_it(endpoint: Endpoint, status: int, outcome: str) -> None:
    endpoint.answers(status, b"words")

    assert send(endpoint.url) == Answer(outcome, status, "words" if status != 204 else "")  # type: ignore[arg-type]


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_not_followed(endpoint: Endpoint, status: int) -> None:
    with serving() as neighbour:
        endpoint.answers(status, Location=neighbour.url)

        answer = send(endpoint.url)

        assert (answer.outcome, answer.status) == ("redirected", status)
        assert neighbour.received == []
    assert len(endpoint.received) == 1


def test_how_long_to_wait_is_read(endpoint: Endpoint) -> None:
    endpoint.answers(503, Retry_After="120")
    assert send(endpoint.url).retry_after_s == 120

    endpoint.answers(503, Retry_After="Wed, 21 Oct 2026 07:28:00 GMT")
    assert send(endpoint.url).retry_after_s is None


def _forever(connection: socket.socket, head: bytes, drip: bytes, pause_s: float) -> None:
    waiting = threading.Event()
    with suppress(OSError):
        connection.sendall(head)
        while not waiting.wait(pause_s):
            connection.sendall(drip)


def test_an_endpoint_that_says_nothing_is_given_up(endpoint: Endpoint) -> None:
    endpoint.answering = lambda connection: _forever(connection, b"", b"", 60)

    assert send(endpoint.url) == Answer("timed-out")


@pytest.mark.parametrize("head", [b"", b"HTTP/1.1 200 OK\r\n"])
def test_an_endpoint_that_drips_its_headers_is_given_up(endpoint: Endpoint, head: bytes) -> None:
    """Every byte comes well within the time-out of a read; all of them together do not."""
    endpoint.answering = lambda connection: _forever(connection, head, b"x", 0.2)

    assert send(endpoint.url) == Answer("timed-out")


def test_a_body_that_drips_changes_nothing_about_the_status(endpoint: Endpoint) -> None:
    head = b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n"
    endpoint.answering = lambda connection: _forever(connection, head, b"x", 0.2)

    answer = send(endpoint.url)

    assert (answer.outcome, answer.status) == ("delivered", 200)
    assert set(answer.body) == {"x"}


def test_of_a_huge_answer_only_the_beginning_is_read(endpoint: Endpoint) -> None:
    sent: list[int] = []

    def flood(connection: socket.socket) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100000000000\r\n\r\n")
        with suppress(OSError):
            while True:
                sent.append(connection.send(b"x" * 65_536))

    endpoint.answering = flood

    answer = send(endpoint.url, timeout_s=20)

    assert answer == Answer("delivered", 200, "x" * sender.MAX_ANSWER_BYTES)
    assert sum(sent) < 50_000_000


def test_endless_headers_are_refused(endpoint: Endpoint) -> None:
    def flood(connection: socket.socket) -> None:
        with suppress(OSError):
            connection.sendall(b"HTTP/1.1 200 OK\r\nX: " + b"x" * 10_000_000)

    endpoint.answering = flood

    assert send(endpoint.url, timeout_s=20).outcome in ("not-http", "unreachable")


@pytest.mark.parametrize("data", [b"SSH-2.0-OpenSSH_9.9\r\n", b"\x00\x01\x02", b"HTTP/9.9 abc\r\n\r\n", b""])
def test_what_is_not_http_is_a_failure(endpoint: Endpoint, data: bytes) -> None:
    endpoint.answering = lambda connection: connection.sendall(data)

    assert send(endpoint.url).outcome in ("not-http", "unreachable")


def test_a_text_that_is_no_text_is_shown_as_far_as_it_goes(endpoint: Endpoint) -> None:
    endpoint.answers(500, b"\xff\x00abc")

    assert send(endpoint.url).body == "\ufffdabc"


def test_nobody_there_is_a_failure() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]

    assert send(f"http://127.0.0.1:{port}/") == Answer("unreachable")


def _certificate(folder: Path, name: str) -> tuple[Path, Path]:
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    day = datetime.datetime(2020, 1, 1, tzinfo=datetime.UTC)
    names: list[x509.GeneralName] = [x509.DNSName(name)]
    if name.startswith("127."):
        names = [x509.IPAddress(ipaddress.ip_address(name))]
    certificate = (
        x509.CertificateBuilder().subject_name(subject).issuer_name(subject).public_key(key.public_key())
        .serial_number(x509.random_serial_number()).not_valid_before(day)
        .not_valid_after(day + datetime.timedelta(days=36_500))
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )  # fmt: skip
    paths = folder / f"{name}.crt", folder / f"{name}.key"
    paths[0].write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    paths[1].write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )
    return paths


def _context(paths: tuple[Path, Path]) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*map(str, paths))
    return context


def test_a_self_signed_certificate_is_not_trusted(tmp_path: Path) -> None:
    with serving(_context(_certificate(tmp_path, "127.0.0.1"))) as endpoint:
        assert send(endpoint.url) == Answer("certificate-not-trusted")
        assert endpoint.received == []


def test_a_name_is_asked_for_and_checked_though_an_address_is_connected_to(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The right Host header and SNI: the certificate of the name is accepted, another name's is not."""
    paths = _certificate(tmp_path, "hook.example.org")
    monkeypatch.setenv("SSL_CERT_FILE", str(paths[0]))
    asked: list[str | None] = []
    context = _context(paths)
    context.sni_callback = lambda _socket, name, _context: asked.append(name)
    with serving(context) as endpoint:
        names = [f"https://{host}:{endpoint.port}/x" for host in ("hook.example.org", "other.example.org")]
        right, wrong = (
            sender.send(
                url, b"{}", {}, allow_loopback=True, resolver=lambda host, port: ["127.0.0.1"], timeout_s=20
            )
            for url in names
        )

    assert right == Answer("delivered", 200, "thanks")
    assert wrong == Answer("certificate-not-trusted")
    assert asked == ["hook.example.org", "other.example.org"]
    assert [one.headers["host"] for one in endpoint.received] == [f"hook.example.org:{endpoint.port}"]


def test_a_handshake_that_never_comes_is_given_up(endpoint: Endpoint) -> None:
    """What listens there never speaks TLS."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        answer = send(f"https://127.0.0.1:{listener.getsockname()[1]}/")

    assert answer == Answer("timed-out")
