"""TIDAL's client against its simulator, without a database."""

import json
import uuid
from collections.abc import Callable, Iterator

import boto3
import pytest

from local.simulators.server import serve_in_thread
from local.simulators.tidal.app import create_app
from musicconnect.providers.errors import ConsentRevokedError
from musicconnect.providers.tidal import make_client, make_server
from musicconnect.providers.tidal.client import TidalClient
from musicconnect.providers.tidal.oauth import TidalAuthorizationServer
from tests.support.simulator import Simulator

CLIENT = {"client_id": "musicconnect-local", "client_secret": "local-secret"}
REDIRECT = "http://127.0.0.1:8000/v1/providers/tidal/callback"


class Tokens:
    """Credentials of one person, as the control endpoint gives them out; see `protocol.Credentials`."""

    def __init__(self, simulator: Simulator, user: str, scopes: list[str] | None = None) -> None:
        self._simulator = simulator
        self._body = {"user": user} | ({} if scopes is None else {"scopes": scopes})
        self._token = ""
        self.renewals = 0

    def access_token(self) -> str:
        if not self._token:
            self._token = self._simulator.control("POST", "/tokens", self._body)["access_token"]
        return self._token

    def renewed_token(self, refused: str) -> str:
        self.renewals += 1
        if self.renewals > 3:
            raise ConsentRevokedError("too often", provider="tidal")
        self._token = ""
        return self.access_token()

    def no_channel(self) -> None:
        raise AssertionError("TIDAL has no channels")


@pytest.fixture(scope="module")
def tidal_url() -> Iterator[str]:
    with serve_in_thread(create_app()) as url:
        yield url


@pytest.fixture
def tidal(tidal_url: str, aws: str, monkeypatch: pytest.MonkeyPatch) -> Simulator:
    """The simulator as just started, with the process pointed at it."""
    secret = boto3.client("secretsmanager").create_secret(
        Name=f"tidal-{uuid.uuid4()}", SecretString=json.dumps(CLIENT)
    )
    monkeypatch.setenv("TIDAL_SECRET_ARN", secret["ARN"])
    monkeypatch.setenv("TIDAL_API_URL", f"{tidal_url}/v2")
    monkeypatch.setenv("TIDAL_LOGIN_URL", tidal_url)
    monkeypatch.setenv("TIDAL_AUTH_URL", tidal_url)
    return Simulator(tidal_url).reset()


@pytest.fixture
def booked() -> list[tuple[str, int]]:
    """What the client has booked: bucket and cost of every call."""
    return []


@pytest.fixture
def as_person(tidal: Simulator, booked: list[tuple[str, int]]) -> Callable[..., TidalClient]:
    """Gives the client of a person: ``as_person("grace", scopes=[...])``."""

    def make(user: str = "ada", scopes: list[str] | None = None) -> TidalClient:
        def exhausted(bucket: str, until: object) -> None:
            raise AssertionError(f"{bucket} is no allowance that ends: {until}")

        def book(bucket: str, cost: int) -> None:
            booked.append((bucket, cost))

        made = make_client(Tokens(tidal, user, scopes), book, exhausted)
        assert isinstance(made, TidalClient)
        return made

    return make


@pytest.fixture
def client(as_person: Callable[..., TidalClient]) -> TidalClient:
    return as_person()


@pytest.fixture
def server(tidal: Simulator) -> TidalAuthorizationServer:
    return make_server()
