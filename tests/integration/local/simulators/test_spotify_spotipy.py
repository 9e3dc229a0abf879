"""spotipy, unchanged but for its base address, against the Spotify simulator."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
import requests
import spotipy
from spotipy.cache_handler import MemoryCacheHandler
from spotipy.oauth2 import SpotifyOAuth, SpotifyPKCE

from local.simulators.catalogue import Catalogue
from tests.integration.local.simulators.spotify_factories import CLIENT, REDIRECT, SCOPES, Spotify, carried

type MakeClient = Callable[..., spotipy.Spotify]


@pytest.fixture
def make_client(spotify: Spotify) -> Iterator[MakeClient]:
    sessions = []

    def make(**options: Any) -> spotipy.Spotify:
        session = requests.Session()
        sessions.append(session)
        client = spotipy.Spotify(requests_session=session, **options)
        client.prefix = f"{spotify.url}/v1/"
        return client

    yield make
    for session in sessions:
        session.close()


@pytest.fixture
def client(spotify: Spotify, make_client: MakeClient) -> spotipy.Spotify:
    return make_client(auth=spotify.grant())


def everything(client: spotipy.Spotify, page: dict[str, Any] | None) -> list[Any]:
    items = []
    while page:
        items += page["items"]
        page = client.next(page)
    return items


def test_profile(client: spotipy.Spotify) -> None:
    me = client.me()
    assert (me["id"], me["display_name"]) == ("ada", "Ada")
    assert me["account_id"]
    assert "email" not in me


def test_playlists_and_their_items(client: spotipy.Spotify) -> None:
    playlists = everything(client, client.current_user_playlists(limit=1))
    assert [row["name"] for row in playlists] == ["Road trip", "Kitchen mess 🍳", "Fresh Harbour Pop"]
    items = everything(client, client.playlist_items(playlists[0]["id"], limit=20))
    assert len(items) == playlists[0]["items"]["total"] == 51
    assert all(entry["item"]["external_ids"]["isrc"] for entry in items if entry["item"]["type"] == "track")
    mess = [entry["item"] for entry in client.playlist_items(playlists[1]["id"])["items"]]
    assert None in mess
    assert [item["type"] for item in mess if item and item["type"] != "track"] == ["episode"]
    local = next(item for item in mess if item and item["is_local"])
    assert (local["id"], local["uri"]) == (None, "spotify:local:Ada:Voice+memos:Humming+in+the+car:67")
    with pytest.raises(spotipy.SpotifyException) as refused:
        client.playlist_items(playlists[2]["id"])
    assert refused.value.http_status == 403


def test_create_add_replace_reorder_remove(
    client: spotipy.Spotify, spotify: Spotify, track_ids: list[str]
) -> None:
    made = client.current_user_playlist_create("Été 夏", public=False, description="made by a test")
    assert (made["name"], made["public"], made["items"]["total"]) == ("Été 夏", False, 0)
    one, two, three = track_ids[:3]
    snapshots = {made["snapshot_id"]}
    snapshots.add(client.playlist_add_items(made["id"], [one, two])["snapshot_id"])
    snapshots.add(client.playlist_add_items(made["id"], [three], position=0)["snapshot_id"])
    assert spotify.truth(made["id"]) == [three, one, two]
    snapshots.add(client.playlist_reorder_items(made["id"], 0, 3)["snapshot_id"])
    assert spotify.truth(made["id"]) == [one, two, three]
    snapshots.add(client.playlist_remove_all_occurrences_of_items(made["id"], [two])["snapshot_id"])
    assert spotify.truth(made["id"]) == [one, three]
    snapshots.add(client.playlist_replace_items(made["id"], [two, two])["snapshot_id"])
    assert spotify.truth(made["id"]) == [two, two]
    assert len(snapshots) == 6
    client.playlist_change_details(made["id"], name="Winter")
    assert client.playlist(made["id"])["name"] == "Winter"
    assert client.current_user_playlists(limit=1)["items"][0]["id"] == made["id"]


def test_search(client: spotipy.Spotify, catalogue: Catalogue) -> None:
    hits = client.search("track:Afterglow artist:Mira Vonn", limit=5)["tracks"]["items"]
    assert hits[0]["name"] == "Afterglow"
    assert hits[0]["artists"][0]["name"] == "Mira Vonn"
    isrc = hits[0]["external_ids"]["isrc"]
    same = everything(client, client.search(f"isrc:{isrc}", limit=1)["tracks"] | {"next": None})
    assert {hit["external_ids"]["isrc"] for hit in same} == {isrc}
    found = client.search("Kestrel Parade", type="artist,album,playlist,track")
    assert found["artists"]["items"][0]["name"] == "Kestrel Parade"
    assert found["albums"]["total"] > 0
    with pytest.raises(spotipy.SpotifyException) as refused:
        client.search("Afterglow", limit=11)
    assert refused.value.http_status == 400
    track = client.track(hits[0]["id"])
    assert track == hits[0]


def test_liked_songs(client: spotipy.Spotify, track_ids: list[str]) -> None:
    liked = everything(client, client.current_user_saved_tracks(limit=7))
    assert len(liked) == 30
    assert liked[0]["added_at"] > liked[-1]["added_at"]
    new = next(id_ for id_ in track_ids if id_ not in {row["track"]["id"] for row in liked})
    client.current_user_saved_tracks_add([new])
    assert client.current_user_saved_tracks(limit=1)["items"][0]["track"]["id"] == new
    assert client.current_user_saved_tracks_contains([new, "0" * 22]) == [True, False]
    client.current_user_saved_tracks_delete([new])
    assert client.current_user_saved_tracks_contains([new]) == [False]


def test_recently_played_pages_by_cursor(client: spotipy.Spotify) -> None:
    newest = client.current_user_recently_played(limit=4)
    assert newest["items"][0]["track"]["external_ids"]["isrc"]
    plays = everything(client, newest)
    times = [play["played_at"] for play in plays]
    assert times == sorted(times, reverse=True)
    assert len(set(times)) == len(plays) == 15
    since = client.current_user_recently_played(after=newest["cursors"]["before"])
    assert [play["played_at"] for play in since["items"]] == times[:3]
    assert client.current_user_recently_played(after=newest["cursors"]["after"])["cursors"] is None


def test_top_items(client: spotipy.Spotify) -> None:
    assert client.current_user_top_tracks(limit=1)["items"][0]["name"] in ("Salt and Signal", "Afterglow")
    assert client.current_user_top_artists(limit=3)["total"] >= 3


def test_spotipys_own_authorization_code_flow(
    spotify: Spotify, make_client: MakeClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    with requests.Session() as session:
        manager = SpotifyOAuth(
            **CLIENT,
            redirect_uri=REDIRECT,
            scope=SCOPES,
            cache_handler=MemoryCacheHandler(),
            requests_session=session,
        )
        manager.OAUTH_AUTHORIZE_URL = f"{spotify.url}/authorize"
        manager.OAUTH_TOKEN_URL = f"{spotify.url}/api/token"
        url = manager.get_authorize_url(state="s") + "&login=grace&decision=approve"
        answer = spotify.http.get(url, allow_redirects=False, timeout=10)
        token = manager.get_access_token(carried(answer)["code"], as_dict=False)
        client = make_client(auth_manager=manager)
        assert client.me()["id"] == "grace"
        spotify.advance(3601)
        monkeypatch.setattr(SpotifyOAuth, "is_token_expired", staticmethod(lambda _: True))
        assert client.me()["id"] == "grace"  # refreshed by itself
        assert manager.cache_handler.get_cached_token()["access_token"] != token


def test_spotipys_own_pkce_flow(spotify: Spotify) -> None:
    with requests.Session() as session:
        manager = SpotifyPKCE(
            client_id="cli",
            redirect_uri=REDIRECT,
            scope=SCOPES,
            cache_handler=MemoryCacheHandler(),
            requests_session=session,
        )
        manager.OAUTH_AUTHORIZE_URL = f"{spotify.url}/authorize"
        manager.OAUTH_TOKEN_URL = f"{spotify.url}/api/token"
        url = manager.get_authorize_url() + "&approve=ada"
        answer = spotify.http.get(url, allow_redirects=False, timeout=10)
        token = manager.get_access_token(carried(answer)["code"])
        assert spotify.get("me", token)["id"] == "ada"


@pytest.mark.parametrize(
    ("fault", "status", "reason"),
    [
        ("burst", 429, None),
        ("quota", 429, "QUOTA_EXCEEDED"),
        ("server_error", 500, None),
        ("expired_token", 401, None),
        ("forbidden", 403, None),
        ("not_registered", 403, None),
        ("premium", 403, None),
        ("not_found", 404, None),
    ],
)
def test_faults_as_spotipy_sees_them(
    spotify: Spotify, make_client: MakeClient, fault: str, status: int, reason: str | None
) -> None:
    client = make_client(auth=spotify.grant())
    spotify.fault(**{"as": fault, "endpoint": "GET /v1/me"})
    with pytest.raises(spotipy.SpotifyException) as refused:
        client.me()
    assert (refused.value.http_status, refused.value.reason) == (status, reason)
    assert client.me()["id"] == "ada"
