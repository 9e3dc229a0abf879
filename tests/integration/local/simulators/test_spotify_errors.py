"""Every error of the Spotify simulator, with the words that Spotify is known to use."""

from typing import Any

import pytest
import requests

from tests.integration.local.simulators.spotify_factories import Spotify


@pytest.fixture
def token(spotify: Spotify) -> str:
    return spotify.grant()


def message(answer: requests.Response, status: int) -> str:
    assert answer.status_code == status, answer.text
    error = answer.json()["error"]
    assert error["status"] == status
    return str(error["message"])


@pytest.mark.parametrize(
    ("header", "status", "text"),
    [
        (None, 401, "No token provided"),
        ("Bearer nonsense", 401, "Invalid access token"),
        ("Basic YTpi", 400, "Only valid bearer authentication supported"),
    ],
)
def test_without_a_good_token(spotify: Spotify, header: str | None, status: int, text: str) -> None:
    headers = {"Authorization": header} if header else {}
    assert message(requests.get(f"{spotify.url}/v1/me", headers=headers, timeout=10), status) == text


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("search?q=x&type=track&limit=11", "Invalid limit"),
        ("search?q=x&type=track&limit=0", "Invalid limit"),
        ("search?q=x&type=track&limit=ten", "Invalid limit"),
        ("search?q=x&type=track&offset=1001", "Invalid offset"),
        ("search?type=track", "No search query"),
        ("search?q=x", "Missing parameter type"),
        ("search?q=x&type=song", "Bad search type field song"),
        ("me/playlists?limit=51", "Invalid limit"),
        ("me/playlists?offset=100001", "Invalid offset"),
        ("me/tracks?limit=51", "Invalid limit"),
        ("me/player/recently-played?limit=51", "Invalid limit"),
        ("me/player/recently-played?after=1&before=2", "Only one of after or before may be specified"),
        ("me/top/tracks?time_range=ever", "Invalid time range"),
        ("tracks/short", "Invalid base62 id"),
        ("playlists/short", "Invalid base62 id"),
        ("me/library/contains", "Missing required parameter: uris"),
        ("me/library/contains?uris=nonsense", "Invalid uri: nonsense"),
        ("me/library/contains?uris=spotify:station:1", "Unsupported uri type: station"),
    ],
)
def test_bad_requests(spotify: Spotify, token: str, path: str, text: str) -> None:
    assert message(spotify.call("GET", path, token), 400) == text


@pytest.mark.parametrize("path", ["tracks/" + "0" * 22, "playlists/" + "0" * 22])
def test_unknown_ids(spotify: Spotify, token: str, path: str) -> None:
    assert message(spotify.call("GET", path, token), 404) == "Resource not found"


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "me/playlists"),
        ("GET", "me/tracks"),
        ("GET", "me/player/recently-played"),
        ("GET", "me/top/tracks"),
        ("GET", "me/library/contains?uris=spotify:artist:x"),
    ],
)
def test_scopes_are_needed(spotify: Spotify, method: str, path: str) -> None:
    bare = spotify.grant(scopes=["user-read-private"])
    assert message(spotify.call(method, path, bare), 403) == "Insufficient client scope"


def test_writing_needs_the_scope_of_the_playlists_visibility(spotify: Spotify, track_ids: list[str]) -> None:
    private_only = spotify.grant(scopes=["playlist-modify-private"])
    uris = {"uris": [f"spotify:track:{track_ids[0]}"]}
    private, public = spotify.new_playlist([]), spotify.new_playlist([], public=True)
    assert spotify.call("POST", f"playlists/{private}/items", private_only, uris).status_code == 201
    message(spotify.call("POST", f"playlists/{public}/items", private_only, uris), 403)
    message(spotify.call("POST", "me/playlists", private_only, {"name": "x"}), 403)  # public by default
    assert spotify.call("POST", "me/playlists", private_only, {"name": "x", "public": False}).ok
    liking = f"me/library?uris=spotify:track:{track_ids[0]}"
    assert message(spotify.call("PUT", liking, private_only), 403) == "Insufficient client scope"


@pytest.mark.parametrize(
    "endpoint",
    [
        "GET tracks?ids=x",
        "GET albums?ids=x",
        "GET artists?ids=x",
        "GET browse/new-releases",
        "GET artists/x/top-tracks",
        "GET artists/x/related-artists",
        "GET markets",
        "GET users/grace",
        "GET users/grace/playlists",
        "POST users/ada/playlists",
        "GET playlists/x/tracks",
        "POST playlists/x/tracks",
        "PUT playlists/x/tracks",
        "DELETE playlists/x/tracks",
        "PUT me/tracks",
        "DELETE me/tracks",
        "GET me/tracks/contains",
        "PUT me/albums",
        "DELETE me/following",
        "GET me/following/contains",
        "PUT playlists/x/followers",
        "GET recommendations",
        "GET audio-features/x",
    ],
)
def test_what_development_mode_lost(spotify: Spotify, token: str, endpoint: str) -> None:
    method, path = endpoint.split(" ")
    answer = spotify.call(method, path, token)
    assert answer.status_code == 403
    assert answer.json() == {"error": {"status": 403, "message": "Forbidden"}}


def test_nothing_else_is_there(spotify: Spotify, token: str) -> None:
    assert message(spotify.call("GET", "nonsense", token), 404) == "Service not found"


@pytest.mark.parametrize("as_text", [True, False])
def test_people_off_the_allow_list(spotify: Spotify, as_text: bool) -> None:
    spotify.settings(allow_list=["ada"], not_registered_as_text=as_text)
    assert spotify.call("GET", "me", spotify.grant("ada")).status_code == 200
    token = spotify.exchange(spotify.callback(login="grace")["code"]).json()["access_token"]
    answer = spotify.call("GET", "me", token)
    assert answer.status_code == 403
    assert "may not be registered" in answer.text
    assert answer.headers["content-type"].startswith("text/plain" if as_text else "application/json")
    spotify.settings(mode="extended")
    assert spotify.call("GET", "me", token).status_code == 200


def test_the_owner_of_the_application_has_to_pay(spotify: Spotify, token: str) -> None:
    spotify.settings(premium=False)
    assert message(spotify.call("GET", "me", token), 403).startswith("Active premium subscription required")
    spotify.settings(mode="extended")
    assert spotify.call("GET", "me", token).status_code == 200


def test_burst_limit(spotify: Spotify, token: str) -> None:
    spotify.control("PUT", "quota", {"burst": 3})
    statuses = [spotify.call("GET", "me", token).status_code for _ in range(4)]
    assert statuses == [200, 200, 200, 429]
    answer = spotify.call("GET", "me", token)
    assert message(answer, 429) == "API rate limit exceeded"
    assert 1 <= int(answer.headers["Retry-After"]) <= 30
    assert spotify.control("GET", "quota")["burst"]["used"] == 3
    spotify.advance(30)
    assert spotify.call("GET", "me", token).status_code == 200


def test_daily_quota(spotify: Spotify, token: str) -> None:
    spotify.control("PUT", "quota", {"quota": 2})
    for _ in range(2):
        assert spotify.call("GET", "me", token).status_code == 200
        spotify.advance(600)
    answer = spotify.call("GET", "me", spotify.grant("grace"))
    assert answer.status_code == 429
    assert answer.json()["error"]["reason"] == "QUOTA_EXCEEDED"
    assert 80_000 < int(answer.headers["Retry-After"]) <= 86_400 - 1200
    spotify.control("PUT", "quota", {"quota": None})
    assert spotify.call("GET", "me", token).status_code == 200


@pytest.mark.parametrize(
    ("body", "text"),
    [
        ({}, "No uris provided"),
        ({"uris": []}, "No uris provided"),
        ({"uris": ["spotify:track:" + "0" * 22] * 101}, "You can add a maximum of 100 tracks per request."),
        ({"uris": ["nonsense"]}, "Invalid track uri: nonsense"),
        ({"uris": ["spotify:local:a:b:c:1"]}, "Invalid track uri: spotify:local:a:b:c:1"),
        ({"uris": [7]}, "Invalid track uri: 7"),
        ({"uris": ["spotify:track:" + "0" * 22]}, "Payload contains a non-existing ID"),
        ("text", "Error parsing JSON."),
    ],
)
def test_adding_what_cannot_be_added(spotify: Spotify, token: str, body: Any, text: str) -> None:
    playlist_id = spotify.new_playlist([])
    assert message(spotify.call("POST", f"playlists/{playlist_id}/items", token, body), 400) == text
    assert spotify.truth(playlist_id) == []


def test_bodies_have_to_be_json(spotify: Spotify, token: str) -> None:
    def post(data: str, kind: str) -> str:
        headers = {"Authorization": f"Bearer {token}", "Content-Type": kind}
        return message(
            requests.post(f"{spotify.url}/v1/me/playlists", data=data, headers=headers, timeout=10), 400
        )

    assert post("{", "application/json") == "Error parsing JSON."
    assert post('{"name": "x"}', "text/plain").startswith("Unsupported content type")
    assert post('{"public": false}', "application/json") == "Missing required field: name"
    assert post('{"name": 7}', "application/json") == "Invalid value for field: name"


def test_a_full_playlist(spotify: Spotify, token: str, track_ids: list[str]) -> None:
    spotify.settings(playlist_size_limit=3)
    playlist_id = spotify.new_playlist(track_ids[:2])
    uris = {"uris": [f"spotify:track:{id_}" for id_ in track_ids[:2]]}
    answer = spotify.call("POST", f"playlists/{playlist_id}/items", token, uris)
    assert message(answer, 400) == "Playlist size limit reached"


def test_other_peoples_playlists(spotify: Spotify, token: str, track_ids: list[str]) -> None:
    uris = {"uris": [f"spotify:track:{track_ids[0]}"]}
    public = spotify.new_playlist(track_ids[:3], user="grace", public=True)
    private = spotify.new_playlist(track_ids[:3], user="grace")
    shared = spotify.new_playlist([], user="grace", collaborative=True, collaborators=["ada"])
    assert "items" not in spotify.get(f"playlists/{public}", token)
    assert message(spotify.call("GET", f"playlists/{public}/items", token), 403) == "Forbidden"
    message(spotify.call("POST", f"playlists/{public}/items", token, uris), 403)
    message(spotify.call("GET", f"playlists/{private}", token), 404)
    assert spotify.call("POST", f"playlists/{shared}/items", token, uris).status_code == 201
    assert spotify.get(f"playlists/{shared}/items", token)["total"] == 1
    message(spotify.call("PUT", f"playlists/{shared}", token, {"name": "mine"}), 403)


def test_library_takes_forty_uris(spotify: Spotify, token: str, track_ids: list[str]) -> None:
    uris = ",".join(f"spotify:track:{id_}" for id_ in track_ids[:41])
    for method, path in (("PUT", "me/library"), ("DELETE", "me/library"), ("GET", "me/library/contains")):
        assert message(spotify.call(method, path, token, uris=uris), 400).startswith("Too many uris")
    artist = "spotify:artist:" + "0" * 22
    assert spotify.get("me/library/contains", token, uris=artist) == [False]
    assert message(spotify.call("PUT", "me/library", token, uris=artist), 400).startswith("Unsupported")
