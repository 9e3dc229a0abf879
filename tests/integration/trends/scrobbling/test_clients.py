"""Given clients as their authors publish them, then they work with nothing changed but the address."""

import importlib
import ssl
from collections.abc import Iterator
from typing import Any

import pytest

from musicconnect.platform import clock
from tests.integration.trends.plays.conftest import plays
from tests.support.api_server import ApiServer, serve_api
from tests.support.functions import FunctionRunner, Person

NOW = int(clock.now().timestamp())


@pytest.fixture(scope="module")
def api(core_harness: FunctionRunner, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ApiServer]:
    """The API over TLS: two of the clients speak nothing else."""
    with serve_api(core_harness, tls=tmp_path_factory.mktemp("tls")) as server:
        yield server


@pytest.fixture
def token(person: Person) -> dict[str, Any]:
    return dict(person.call("POST", "/v1/auth/tokens", {"name": "client"}).json)


class TestLiblistenbrainz:
    @pytest.fixture
    def client(self, api: ApiServer, token: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> Any:
        monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(api.certificate))
        library = importlib.import_module("liblistenbrainz")
        client = library.ListenBrainz(api_base_url=api.url)
        client.set_auth_token(token["token"])
        return client

    def test_submits_and_reads_back(self, client: Any, token: dict[str, Any], person: Person) -> None:
        listen = importlib.import_module("liblistenbrainz").Listen
        sent = listen("Roads", "Portishead", NOW - 400, "Dummy", tags=["trip hop"], tracknumber=8)
        assert client.submit_single_listen(sent) == {"status": "ok"}
        client.submit_multiple_listens([listen("SOS", "Abba", NOW - 1000 * n) for n in (1, 2)])
        name = token["user_name"]
        back = client.get_listens(name, count=10)
        assert [one.track_name for one in back] == ["Roads", "SOS", "SOS"]
        assert (back[0].release_name, back[0].listened_at) == ("Dummy", NOW - 400)
        assert [one.listened_at for one in client.get_listens(name, min_ts=0, count=1)] == [NOW - 2000]
        assert client.get_user_listen_count(name) == 3
        assert len(plays(person)) == 3

    def test_says_what_is_playing(self, client: Any, token: dict[str, Any]) -> None:
        listen = importlib.import_module("liblistenbrainz").Listen
        assert client.get_playing_now(token["user_name"]) is None
        client.submit_playing_now(listen("Roads", "Portishead"))
        assert client.get_playing_now(token["user_name"]).track_name == "Roads"

    def test_deletes(self, client: Any, token: dict[str, Any]) -> None:
        listen = importlib.import_module("liblistenbrainz").Listen
        client.submit_single_listen(listen("Roads", "Portishead", NOW - 400))
        (one,) = client.get_listens(token["user_name"])
        assert client.delete_listen(one) == {"status": "ok"}
        assert client.get_listens(token["user_name"]) == []

    def test_is_told_of_a_wrong_token(self, client: Any) -> None:
        errors = importlib.import_module("liblistenbrainz.errors")
        with pytest.raises(errors.InvalidAuthTokenException):
            client.set_auth_token("x" * 43)

    def test_is_told_of_an_error(self, client: Any) -> None:
        errors = importlib.import_module("liblistenbrainz.errors")
        with pytest.raises(errors.ListenBrainzAPIException) as caught:
            client.get_listens("nobody-9")
        assert (caught.value.status_code, caught.value.message) == (404, "Cannot find user: nobody-9")


class TestListenbrainzSubmit:
    def test_submits(
        self, api: ApiServer, token: dict[str, Any], person: Person, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        library = importlib.import_module("listenbrainz_submit")
        monkeypatch.setattr(library, "HOST_NAME", api.host)
        trusted = ssl.create_default_context(cafile=str(api.certificate))
        client = library.ListenBrainzClient(token["token"], ssl_context=trusted)
        track = library.Track("Portishead", "Roads", "Dummy", {"duration_ms": 303_000})
        assert client.playing_now(track).status == 200
        assert client.listen(NOW - 400, track).status == 200
        assert client.import_tracks([(NOW - 9000, track), (NOW - 5000, track)]).status == 200
        assert [one["duration_ms"] for one in plays(person)] == [303_000] * 3


class TestPylast:
    @pytest.fixture
    def pylast(self, api: ApiServer, monkeypatch: pytest.MonkeyPatch) -> Any:
        library = importlib.import_module("pylast")
        trusted = ssl.create_default_context(cafile=str(api.certificate))
        monkeypatch.setattr(library, "SSL_CONTEXT", trusted)
        return library

    @pytest.fixture
    def network(self, api: ApiServer, pylast: Any, token: dict[str, Any]) -> Any:
        return self.connected(
            pylast, api, username=token["user_name"], password_hash=pylast.md5(token["token"])
        )

    @staticmethod
    def connected(pylast: Any, api: ApiServer, **known: Any) -> Any:
        """Pylast's own class of networks, as its functions for Last.fm and Libre.fm make them."""
        wanted = {"session_key": None, "username": None, "password_hash": None, "token": None} | known
        return pylast._Network(
            name="MusicConnect", homepage=api.url, ws_server=(api.host, "/2.0/"), api_key="key",
            api_secret="secret", domain_names={}, urls={}, **wanted,
        )  # fmt: skip

    def test_signs_in_and_scrobbles(self, network: Any, person: Person) -> None:
        network.update_now_playing("Portishead", "Roads", album="Dummy", duration=303)
        network.scrobble("Portishead", "Roads", NOW - 400, album="Dummy", duration=303, track_number=8)
        many = [{"artist": "Abba", "title": f"Song {n}", "timestamp": NOW - 1000 * n} for n in range(1, 61)]
        network.scrobble_many(many)
        assert len(plays(person)) == 61

    def test_reads_back(self, network: Any, token: dict[str, Any]) -> None:
        network.scrobble("Portishead", "Roads", NOW - 400, album="Dummy")
        user = network.get_user(token["user_name"])
        (recent,) = user.get_recent_tracks(limit=10)
        assert (recent.track.title, str(recent.track.artist), recent.album) == (
            "Roads",
            "Portishead",
            "Dummy",
        )
        assert recent.timestamp == str(NOW - 400)
        assert user.get_playcount() == 1
        network.update_now_playing("Abba", "SOS")
        assert user.get_now_playing().title == "SOS"

    def test_loves(self, network: Any, token: dict[str, Any]) -> None:
        network.get_track("Abba", "SOS").love()
        (loved,) = network.get_user(token["user_name"]).get_loved_tracks()
        assert (loved.track.title, str(loved.track.artist)) == ("SOS", "Abba")
        network.get_track("Abba", "SOS").unlove()
        assert list(network.get_user(token["user_name"]).get_loved_tracks()) == []

    def test_signs_in_on_a_page(self, api: ApiServer, pylast: Any, person: Person) -> None:
        network = self.connected(pylast, api)
        generator = pylast.SessionKeyGenerator(network)
        address = generator.get_web_auth_url()
        with pytest.raises(pylast.WSError) as caught:
            generator.get_web_auth_session_key(address)
        assert caught.value.status == "14"
        approval = {"token": generator.web_auth_tokens[address], "app": "pylast"}
        assert person.call("POST", "/v1/auth/apps", approval).status == 204
        network.session_key = generator.get_web_auth_session_key(address)
        network.scrobble("Abba", "SOS", NOW - 400)
        assert len(plays(person)) == 1

    def test_is_told_of_a_wrong_password(self, api: ApiServer, pylast: Any) -> None:
        with pytest.raises(pylast.WSError) as caught:
            self.connected(pylast, api, username="ada", password_hash=pylast.md5("wrong"))
        assert caught.value.status == "4"
