"""ListenBrainz' client against its simulator, without a database."""

from collections.abc import Callable, Iterator

import pytest

from local.simulators.listenbrainz.app import create_app
from local.simulators.server import serve_in_thread
from musicconnect.providers.errors import ConsentRevokedError
from musicconnect.providers.listenbrainz import make_client
from musicconnect.providers.protocol import Client
from tests.support.simulator import Simulator


class Token:
    """Credentials of one person, which are never renewed; see `protocol.Credentials`."""

    def __init__(self, token: str) -> None:
        self._token = token

    def access_token(self) -> str:
        return self._token

    def renewed_token(self, refused: str) -> str:
        raise ConsentRevokedError("It is no longer good.", provider="listenbrainz", reason=refused)

    def no_channel(self) -> None:
        raise AssertionError("ListenBrainz has no channels")


@pytest.fixture(scope="module")
def listenbrainz_url() -> Iterator[str]:
    with serve_in_thread(create_app()) as url:
        yield url


@pytest.fixture
def listenbrainz(listenbrainz_url: str, monkeypatch: pytest.MonkeyPatch) -> Simulator:
    """The simulator as just started, with the process pointed at it."""
    own = f"LISTENBRAINZ_API_URL={listenbrainz_url} MUSICBRAINZ_API_URL={listenbrainz_url}"
    monkeypatch.setenv("PROVIDER_OVERRIDES", f"{own} MUSICBRAINZ_CONTACT=music@example.org")
    return Simulator(listenbrainz_url).reset()


@pytest.fixture
def booked() -> list[tuple[str, int]]:
    """What the client has booked: bucket and cost."""
    return []


@pytest.fixture
def as_person(listenbrainz: Simulator, booked: list[tuple[str, int]]) -> Callable[[str], Client]:
    """Gives the client of a person of the simulator."""

    def make(user: str) -> Client:
        token = listenbrainz.control("POST", "/tokens", {"user": user})["token"]
        return make_client(
            Token(token), lambda bucket, cost: booked.append((bucket, cost)), lambda _bucket, _until: None
        )

    return make


@pytest.fixture
def client(as_person: Callable[[str], Client]) -> Client:
    return as_person("ada")
