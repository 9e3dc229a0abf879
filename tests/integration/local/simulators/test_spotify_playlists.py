"""Playlists of the Spotify simulator: order, versions, shapes of both modes, size."""

from typing import Any

import pytest

from local.simulators.catalogue import Catalogue
from tests.integration.local.simulators.spotify_factories import Spotify


@pytest.fixture
def token(spotify: Spotify) -> str:
    return spotify.grant()


def uris(track_ids: list[str]) -> list[str]:
    return [f"spotify:track:{id_}" for id_ in track_ids]


@pytest.mark.parametrize("where", ["body", "query"])
def test_items_go_where_they_are_put(spotify: Spotify, token: str, track_ids: list[str], where: str) -> None:
    a, b, c, d = track_ids[:4]
    playlist_id = spotify.new_playlist([a, b])
    path = f"playlists/{playlist_id}/items"
    if where == "body":
        answer = spotify.call("POST", path, token, {"uris": uris([c, d]), "position": 1})
    else:
        ignored = {"uris": uris([a])}
        answer = spotify.call("POST", path, token, ignored, uris=",".join(uris([c, d])), position=1)
    assert answer.status_code == 201
    assert spotify.truth(playlist_id) == [a, c, d, b]
    too_far = spotify.call("POST", path, token, {"uris": uris([a]), "position": 9})
    assert (too_far.status_code, len(spotify.truth(playlist_id))) == (400, 4)


@pytest.mark.parametrize(
    ("start", "before", "length", "expected"),
    [
        (0, 4, 1, "bcda"),
        (3, 0, 1, "dabc"),
        (1, 4, 2, "adbc"),
        (2, 0, 2, "cdab"),
        (1, 2, 2, "abcd"),
        (1, 1, 1, "abcd"),
    ],
)
def test_reordering(
    spotify: Spotify, token: str, track_ids: list[str], start: int, before: int, length: int, expected: str
) -> None:
    names = dict(zip("abcd", track_ids, strict=False))
    playlist_id = spotify.new_playlist(list(names.values()))
    version = spotify.get(f"playlists/{playlist_id}", token)["snapshot_id"]
    body = {
        "range_start": start,
        "insert_before": before,
        "range_length": length,
        "snapshot_id": version,
    }
    answer = spotify.call("PUT", f"playlists/{playlist_id}/items", token, body)
    assert answer.status_code == 200
    assert answer.json()["snapshot_id"] != version
    assert spotify.truth(playlist_id) == [names[name] for name in expected]


@pytest.mark.parametrize(
    "body",
    [
        {"range_start": 0, "insert_before": 1, "uris": []},
        {"range_start": 4, "insert_before": 0},
        {"range_start": 0, "insert_before": 0, "range_length": 5},
        {"range_start": 0},
        {"range_start": 0, "insert_before": 2, "snapshot_id": "bm9uc2Vuc2U="},
        {"range_start": "0", "insert_before": 2},
        {},
    ],
)
def test_reordering_that_makes_no_sense(
    spotify: Spotify, token: str, track_ids: list[str], body: dict[str, Any]
) -> None:
    playlist_id = spotify.new_playlist(track_ids[:4])
    assert spotify.call("PUT", f"playlists/{playlist_id}/items", token, body).status_code == 400
    assert spotify.truth(playlist_id) == track_ids[:4]


def test_replacing_empties_too(spotify: Spotify, token: str, track_ids: list[str]) -> None:
    playlist_id = spotify.new_playlist(track_ids[:4])
    assert spotify.call("PUT", f"playlists/{playlist_id}/items", token, {"uris": []}).status_code == 200
    assert spotify.truth(playlist_id) == []


def test_removing_takes_every_occurrence(spotify: Spotify, token: str, track_ids: list[str]) -> None:
    a, b = track_ids[:2]
    playlist_id = spotify.new_playlist([a, b, a])
    path = f"playlists/{playlist_id}/items"
    body = {"items": [{"uri": f"spotify:track:{a}"}]}
    assert spotify.call("DELETE", path, token, body).status_code == 200
    assert spotify.truth(playlist_id) == [b]
    wrongs: list[dict[str, Any]] = [
        {"tracks": body["items"]},
        {"items": body["items"] * 101},
        {"items": [{}]},
    ]
    for wrong in wrongs:
        assert spotify.call("DELETE", path, token, wrong).status_code == 400


def test_contents_come_in_pages_that_link_to_each_other(spotify: Spotify, track_ids: list[str]) -> None:
    token, playlist_id = spotify.grant(), spotify.new_playlist(track_ids[:5])
    first = spotify.get(f"playlists/{playlist_id}/items", token, limit=2)
    assert (first["total"], first["previous"], len(first["items"])) == (5, None, 2)
    headers = {"Authorization": f"Bearer {token}"}
    second = spotify.http.get(first["next"], headers=headers, timeout=10).json()
    third = spotify.http.get(second["next"], headers=headers, timeout=10).json()
    assert third["next"] is None
    seen = [entry["item"]["id"] for page in (first, second, third) for entry in page["items"]]
    assert seen == track_ids[:5]
    beyond = spotify.get(f"playlists/{playlist_id}/items", token, offset=10)
    assert (beyond["items"], beyond["total"], beyond["next"]) == ([], 5, None)


def test_ten_thousand_entries(spotify: Spotify, token: str, track_ids: list[str]) -> None:
    many = [track_ids[index % len(track_ids)] for index in range(10_000)]
    playlist_id = spotify.new_playlist(many)
    last = spotify.get(f"playlists/{playlist_id}/items", token, limit=50, offset=9_950)
    assert [entry["item"]["id"] for entry in last["items"]] == many[-50:]
    body = {"uris": uris(track_ids[:1])}
    full = spotify.call("POST", f"playlists/{playlist_id}/items", token, body)
    assert full.status_code == 400


def test_fields_choose_what_comes_back(spotify: Spotify, token: str, catalogue: Catalogue) -> None:
    track = next(iter(catalogue.tracks_by_id.values()))
    playlist_id = spotify.new_playlist([track.id])
    chosen = spotify.get(
        f"playlists/{playlist_id}/items", token, fields="total,items(item(name,artists.name))"
    )
    artists = [{"name": artist.name} for artist in track.artists]
    assert chosen == {"total": 1, "items": [{"item": {"name": track.title, "artists": artists}}]}
    assert spotify.call("GET", f"playlists/{playlist_id}", token, fields="items(").status_code == 400


def test_created_playlists_are_public_unless_asked(spotify: Spotify, token: str) -> None:
    assert spotify.call("POST", "me/playlists", token, {"name": "a"}).json()["public"] is True
    both = {"name": "a", "public": True, "collaborative": True}
    assert spotify.call("POST", "me/playlists", token, both).status_code == 400


def test_details_change_and_bring_a_new_version(spotify: Spotify, token: str) -> None:
    playlist_id = spotify.new_playlist([])
    before = spotify.get(f"playlists/{playlist_id}", token)
    answer = spotify.call("PUT", f"playlists/{playlist_id}", token, {"description": "d", "public": True})
    assert (answer.status_code, answer.content) == (200, b"")
    after = spotify.get(f"playlists/{playlist_id}", token)
    assert (after["name"], after["description"], after["public"]) == (before["name"], "d", True)
    assert after["snapshot_id"] != before["snapshot_id"]
    for wrong in ({"name": ""}, {"name": 1}, {"collaborative": True}):
        assert spotify.call("PUT", f"playlists/{playlist_id}", token, wrong).status_code == 400


def test_a_playlist_leaves_the_library_and_can_come_back(spotify: Spotify, token: str) -> None:
    playlist_id = spotify.new_playlist([])
    uri = f"spotify:playlist:{playlist_id}"
    assert spotify.get("me/library/contains", token, uris=uri) == [True]
    assert spotify.call("DELETE", "me/library", token, uris=uri).status_code == 200
    ids = [row["id"] for row in spotify.get("me/playlists", token)["items"]]
    assert playlist_id not in ids
    assert spotify.get(f"playlists/{playlist_id}", token)["id"] == playlist_id
    assert spotify.call("PUT", "me/library", token, uris=uri).status_code == 200
    assert spotify.get("me/playlists", token)["items"][0]["id"] == playlist_id


@pytest.mark.parametrize("switch", [{"mode": "extended"}, {"cohort": "legacy"}])
def test_old_applications_keep_the_old_shapes(
    spotify: Spotify, token: str, track_ids: list[str], switch: dict[str, str]
) -> None:
    spotify.settings(**switch)
    playlist_id = spotify.new_playlist(track_ids[:2])
    path = f"playlists/{playlist_id}/tracks"
    body = {"uris": uris(track_ids[2:3])}
    assert spotify.call("POST", path, token, body).status_code == 201
    entries = spotify.get(path, token, limit=100)["items"]
    assert [entry["track"]["id"] for entry in entries] == track_ids[:3]
    assert "popularity" in entries[0]["track"]
    assert spotify.get(f"playlists/{playlist_id}", token)["tracks"]["total"] == 3
    gone = {"tracks": [{"uri": uris(track_ids[:1])[0]}]}
    assert spotify.call("DELETE", path, token, gone).status_code == 200
    assert spotify.truth(playlist_id) == track_ids[1:3]
    assert len(spotify.get("search", token, q="a the", type="track", limit=50)["tracks"]["items"]) <= 50
    assert [row["id"] for row in spotify.get("tracks", token, ids=",".join(track_ids[:2]))["tracks"]] == (
        track_ids[:2]
    )
    assert spotify.get("me", token)["product"] == "premium"
    assert spotify.call("PUT", "me/tracks", token, {"ids": track_ids[:1]}).status_code == 200
    assert spotify.get("me/tracks/contains", token, ids=track_ids[0]) == [True]
    assert spotify.call("DELETE", "me/tracks", token, {"ids": track_ids[:1]}).status_code == 200
    made = spotify.call("POST", "users/ada/playlists", token, {"name": "x"})
    assert (made.status_code, made.json()["tracks"]["total"]) == (201, 0)
    assert spotify.call("POST", "users/grace/playlists", token, {"name": "x"}).status_code == 403
    assert spotify.get("users/grace", token)["display_name"] == "Grace"
    assert spotify.call("GET", "albums?ids=x", token).status_code == 501
