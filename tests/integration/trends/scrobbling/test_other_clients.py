"""Given clients within players and collections, then they work with nothing changed but the address."""

import importlib
import sys
import types
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from unittest.mock import MagicMock

import pytest

from musicconnect.platform import clock
from tests.integration.trends.plays.conftest import plays
from tests.support.api_server import ApiServer, serve_api
from tests.support.functions import FunctionRunner, Person

NOW = int(clock.now().timestamp())
MBID = "8f3471b5-7e6a-48da-86a9-c1c07a0f47ae"


@pytest.fixture(scope="module")
def api(core_harness: FunctionRunner, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ApiServer]:
    """The API over TLS, which Mopidy insists on."""
    with serve_api(core_harness, tls=tmp_path_factory.mktemp("tls")) as server:
        yield server


@pytest.fixture
def token(person: Person) -> dict[str, Any]:
    return dict(person.call("POST", "/v1/auth/tokens", {"name": "client"}).json)


def submit(person: Person, token: dict[str, Any], *listens: dict[str, Any]) -> None:
    headers = {"authorization": f"Token {token['token']}"}
    body = {"listen_type": "import", "payload": list(listens)}
    assert person.harness.call("POST", "/1/submit-listens", body, headers=headers).status == 200


def played(at: int, title: str, **info: Any) -> dict[str, Any]:
    metadata = {
        "artist_name": "Portishead",
        "track_name": title,
        "release_name": "Dummy",
        "additional_info": info,
    }
    return {"listened_at": at, "track_metadata": metadata}


class TestBeets:
    """Its plugin reads the person's listens, and counts them on the tracks of the collection."""

    @pytest.fixture
    def plugin(
        self, api: ApiServer, token: dict[str, Any], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
    ) -> Any:
        monkeypatch.setenv("BEETSDIR", str(tmp_path))
        monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(api.certificate))
        config = importlib.import_module("beets").config
        config.clear()
        config.read(user=False)
        config["listenbrainz"].set({"token": token["token"], "username": token["user_name"]})
        made = importlib.import_module("beetsplug.listenbrainz").ListenBrainzPlugin()
        monkeypatch.setattr(type(made), "ROOT", f"{api.url}/1/")  # as it is there: with a slash
        return made

    @pytest.fixture
    def library(self, tmp_path: Path) -> Iterator[Any]:
        beets = importlib.import_module("beets.library")
        library = beets.Library(str(tmp_path / "library.db"))  # it leaves copies beside its file
        for title, mbid in (("Roads", MBID), ("Strangers", "")):
            library.add(beets.Item(title=title, artist="Portishead", album="Dummy", mb_trackid=mbid))
        yield library
        library._close()

    def test_reads_every_page(self, plugin: Any, person: Person, token: dict[str, Any]) -> None:
        submit(person, token, *(played(NOW - 60 * n, f"Song {n}") for n in range(1, 8)))
        listens = plugin.get_listens(count=3)
        assert [one["track_metadata"]["track_name"] for one in listens] == [f"Song {n}" for n in range(1, 8)]
        assert len(plugin.get_listens(max_total=5)) == 5

    def test_counts_plays_in_the_collection(
        self, plugin: Any, library: Any, person: Person, token: dict[str, Any]
    ) -> None:
        submit(
            person, token,
            played(NOW - 300, "Roads", recording_mbid=MBID),
            played(NOW - 900, "Roads", recording_mbid=MBID),
            played(NOW - 1500, "Strangers"),
        )  # fmt: skip
        plugin._lbupdate(library)
        counts = {item.title: int(item.get("listenbrainz_play_count")) for item in library.items()}
        assert counts == {"Roads": 2, "Strangers": 1}

    def test_finds_no_weekly_playlists(self, plugin: Any) -> None:
        assert plugin.get_listenbrainz_playlists() == []

    def test_is_told_of_a_wrong_name(self, plugin: Any) -> None:
        plugin.username = "nobody-9"
        assert plugin.get_listens() is None


class TestMopidy:
    """Its extension; only GStreamer, which makes the sound, is not there."""

    @pytest.fixture
    def frontend(self, api: ApiServer, token: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> Any:
        monkeypatch.setenv("SSL_CERT_FILE", str(api.certificate))
        sound = types.ModuleType("mopidy.audio")
        sound.__dict__.update(dict.fromkeys(("Audio", "AudioListener", "AudioProxy", "GstAudio"), MagicMock))
        sound.__dict__["supported_uri_schemes"] = lambda *_: set()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)
            if "mopidy.audio" not in sys.modules:
                monkeypatch.setitem(sys.modules, "mopidy.audio", sound)
            module = importlib.import_module("mopidy_listenbrainz.frontend")
        settings = {"token": token["token"], "url": api.host, "import_playlists": False}
        made = module.ListenbrainzFrontend({"listenbrainz": settings, "proxy": {}}, MagicMock())
        made.on_start()
        return made

    @staticmethod
    def track(length_s: int = 303, *, album: str | None = None) -> Any:
        models = importlib.import_module("mopidy.models")
        track = models.Track(
            uri="file:///roads.flac",
            name="Roads",
            artists=frozenset({models.Artist(name="Portishead")}),
            album=models.Album(name=album) if album else None,
            length=1000 * length_s,
            musicbrainz_id=MBID,
        )
        return models.TlTrack(tlid=1, track=track)

    def test_submits_what_was_played(self, frontend: Any, person: Person) -> None:
        track = self.track(album="Dummy")
        frontend.track_playback_started(track)
        frontend.track_playback_ended(track, 250_000)
        (play,) = plays(person)
        assert (play["title"], play["artist"], play["album"]) == ("Roads", "Portishead", "Dummy")

    def test_submits_a_track_without_an_album(self, frontend: Any, person: Person) -> None:
        """It sends an empty name then, and never again what was refused."""
        frontend.track_playback_ended(self.track(), 250_000)
        assert [play["album"] for play in plays(person)] == [None]

    def test_says_what_is_playing(self, frontend: Any, person: Person, token: dict[str, Any]) -> None:
        frontend.track_playback_started(self.track())
        headers = {"authorization": f"Token {token['token']}"}
        path = f"/1/user/{token['user_name']}/playing-now"
        payload = person.harness.call("GET", path, headers=headers).json["payload"]
        assert [one["track_metadata"]["track_name"] for one in payload["listens"]] == ["Roads"]
        assert plays(person) == []

    def test_finds_no_playlists_made_for_the_user(self, frontend: Any) -> None:
        assert frontend.lb.list_playlists_created_for_user() == []

    def test_is_told_of_a_wrong_token(self, frontend: Any) -> None:
        frontend.config["listenbrainz"]["token"] = "x" * 43
        with pytest.raises(RuntimeError, match="is not valid"):
            frontend.on_start()
