"""Writing at the TIDAL simulator: partial success, places, idempotency keys, ids that die."""

import pytest
import requests

from tests.integration.local.simulators.tidal_factories import Tidal


@pytest.fixture
def token(tidal: Tidal) -> str:
    return tidal.grant()


@pytest.fixture
def playlist(tidal: Tidal) -> str:
    return tidal.new_playlist([])


def create(tidal: Tidal, token: str, **attributes: str) -> requests.Response:
    body = {"data": {"type": "playlists", "attributes": attributes}}
    return tidal.call("POST", "/playlists", token, body)


def test_a_playlist_is_public_or_unlisted_and_never_private(tidal: Tidal, token: str) -> None:
    made = create(tidal, token, name="Road", accessType="UNLISTED", description="d")
    assert made.status_code == 201
    assert made.json()["data"]["attributes"]["accessType"] == "UNLISTED"
    assert create(tidal, token, name="Road", accessType="PRIVATE").status_code == 400
    assert create(tidal, token, accessType="PUBLIC").status_code == 400
    assert create(tidal, token, name="").status_code == 400
    id_ = made.json()["data"]["id"]
    body = {"data": {"type": "playlists", "id": id_, "attributes": {"name": "Other"}}}
    assert (
        tidal.call("PATCH", f"/playlists/{id_}", token, body).json()["data"]["attributes"]["description"]
        == "d"
    )
    assert tidal.call("DELETE", f"/playlists/{id_}", tidal.grant("grace")).status_code == 404
    assert tidal.call("DELETE", f"/playlists/{id_}", token).status_code == 200
    assert tidal.call("GET", f"/playlists/{id_}", token).status_code == 404


def test_adding_is_partly_successful(tidal: Tidal, token: str, playlist: str, tidal_ids: list[str]) -> None:
    answer = tidal.add(playlist, [tidal_ids[0], "424242", tidal_ids[1], tidal_ids[0]], token)
    assert answer.status_code == 200
    said = answer.json()
    assert [row["id"] for row in said["data"]] == [tidal_ids[0], tidal_ids[1], tidal_ids[0]]
    assert said["meta"]["skipped"] == [{"type": "tracks", "id": "424242", "reason": "NOT_FOUND"}]
    places = [row["meta"]["itemId"] for row in said["data"]]
    assert len(set(places)) == 3
    assert [entry["meta"]["itemId"] for entry in tidal.entries(playlist, token)] == places
    tidal.settings(skips_duplicates=True)
    skipped = tidal.add(playlist, [tidal_ids[0]], token).json()["meta"]["skipped"]
    assert skipped[0]["reason"] == "ALREADY_PRESENT"


def test_batches_have_limits(tidal: Tidal, token: str, playlist: str, tidal_ids: list[str]) -> None:
    assert tidal.add(playlist, tidal_ids[:50], token).status_code == 200
    assert tidal.add(playlist, tidal_ids[:51], token).status_code == 400
    assert tidal.add(playlist, [], token).status_code == 400
    path = f"/playlists/{playlist}/relationships/items"
    rows = tidal.entries(playlist, token)
    assert tidal.call("PATCH", path, token, {"data": rows[:21]}).status_code == 400
    tidal.settings(playlist_size_limit=51)
    full = tidal.add(playlist, tidal_ids[:2], token)
    assert (full.status_code, full.json()["errors"][0]["code"]) == (400, "TOO_MANY_ITEMS_IN_PLAYLIST")


def test_places(tidal: Tidal, token: str, playlist: str, tidal_ids: list[str]) -> None:
    a, b, c, d = tidal_ids[:4]
    tidal.add(playlist, [a, b, c], token)
    rows = tidal.entries(playlist, token)
    tidal.add(playlist, [d], token, positionBefore=rows[1]["meta"]["itemId"])
    assert tidal.truth(playlist) == [a, d, b, c]
    assert tidal.add(playlist, [d], token, positionBefore="none").status_code == 404
    path = f"/playlists/{playlist}/relationships/items"
    body = {"data": [rows[2]], "meta": {"positionBefore": rows[0]["meta"]["itemId"]}}
    assert tidal.call("PATCH", path, token, body).status_code == 200
    assert tidal.truth(playlist) == [c, a, d, b]
    assert tidal.call("PATCH", path, token, {"data": [rows[2]]}).status_code == 200
    assert tidal.truth(playlist) == [a, d, b, c]


def test_removing_goes_by_place_and_contents(
    tidal: Tidal, token: str, playlist: str, tidal_ids: list[str]
) -> None:
    a, b = tidal_ids[:2]
    tidal.add(playlist, [a, b, a], token)
    rows = tidal.entries(playlist, token)
    path = f"/playlists/{playlist}/relationships/items"
    wrong = {"type": "tracks", "id": b, "meta": rows[0]["meta"]}
    assert tidal.call("DELETE", path, token, {"data": [wrong]}).status_code == 404
    assert tidal.call("DELETE", path, token, {"data": [{"type": "tracks", "id": a}]}).status_code == 400
    assert tidal.call("DELETE", path, token, {"data": [rows[0]]}).status_code == 200
    assert tidal.truth(playlist) == [b, a]
    assert tidal.call("DELETE", path, token, {"data": [rows[0]]}).status_code == 404
    tidal.settings(gone_item_status=200)
    assert tidal.call("DELETE", path, token, {"data": rows}).status_code == 200
    assert tidal.truth(playlist) == []


def test_an_idempotency_key_is_good_for_an_hour(
    tidal: Tidal, token: str, playlist: str, tidal_ids: list[str]
) -> None:
    first = tidal.add(playlist, tidal_ids[:2], token, key="k1").json()
    assert tidal.add(playlist, tidal_ids[:2], token, key="k1").json() == first
    assert tidal.truth(playlist) == tidal_ids[:2]
    other = tidal.add(playlist, tidal_ids[2:3], token, key="k1")
    assert other.status_code == 422
    assert other.json()["errors"][0]["code"] == "IDEMPOTENT_REQUEST_PAYLOAD_MISMATCH"
    assert tidal.add(playlist, tidal_ids[:1], token, key="k" * 129).status_code == 400
    tidal.advance(3601)
    assert tidal.add(playlist, tidal_ids[:2], token, key="k1").json() != first
    assert tidal.truth(playlist) == tidal_ids[:2] * 2


def test_a_write_can_land_without_an_answer(
    tidal: Tidal, token: str, playlist: str, tidal_ids: list[str]
) -> None:
    endpoint = "POST /v2/playlists/{id}/relationships/items"
    tidal.fault(endpoint=endpoint, kind="close", applied=True)
    with pytest.raises(requests.ConnectionError):
        tidal.add(playlist, tidal_ids[:2], token, key="k1")
    again = tidal.add(playlist, tidal_ids[:2], token, key="k1").json()
    assert [row["id"] for row in again["data"]] == tidal.truth(playlist) == tidal_ids[:2]
    tidal.fault(**{"as": "in_progress", "endpoint": endpoint})
    assert tidal.add(playlist, tidal_ids[:2], token, key="k1").status_code == 409


def test_refusals_are_replayed_only_when_the_switch_says_so(
    tidal: Tidal, token: str, playlist: str, tidal_ids: list[str]
) -> None:
    missing = {"positionBefore": "none"}
    assert tidal.add(playlist, tidal_ids[:1], token, key="k1", **missing).status_code == 404
    tidal.settings(replays_errors=True)
    assert tidal.add(playlist, tidal_ids[:1], token, key="k2", **missing).status_code == 404
    assert tidal.add(playlist, tidal_ids[:1], token, key="k1").status_code == 200
    assert tidal.add(playlist, tidal_ids[:1], token, key="k2").status_code == 422


def test_others_see_a_write_later(tidal: Tidal, token: str, playlist: str, tidal_ids: list[str]) -> None:
    tidal.settings(others_delay_s=30)
    tidal.add(playlist, tidal_ids[:2], token)
    assert len(tidal.entries(playlist, token)) == 2
    other = tidal.grant()
    assert tidal.entries(playlist, other) == []
    tidal.advance(31)
    assert len(tidal.entries(playlist, other)) == 2


def test_an_id_dies_and_the_song_comes_back(
    tidal: Tidal, token: str, playlist: str, tidal_ids: list[str]
) -> None:
    old = tidal.get(f"/tracks/{tidal_ids[0]}", token)["data"]["attributes"]
    tidal.add(playlist, [tidal_ids[0]], token)
    new = tidal.control("POST", f"tracks/{tidal_ids[0]}/churn")["id"]
    assert tidal.call("GET", f"/tracks/{tidal_ids[0]}", token).status_code == 404
    assert tidal.get(f"/tracks/{new}", token)["data"]["attributes"]["isrc"] == old["isrc"]
    found = tidal.get("/tracks", token, {"filter[isrc]": old["isrc"]})["data"]
    assert new in {track["id"] for track in found}
    path = f"/playlists/{playlist}/relationships/items"
    page = tidal.get(path, token, {"include": "items"})
    assert [ref["id"] for ref in page["data"]] == [tidal_ids[0]]
    assert page["included"] == []
    assert tidal.add(playlist, [tidal_ids[0]], token).json()["data"] == []
    query = {"filter[query]": old["title"], "include": "tracks"}
    (result,) = tidal.get("/searchResults", token, query)["data"]
    hits = [ref["id"] for ref in result["relationships"]["tracks"]["data"]]
    assert new in hits
    assert tidal_ids[0] not in hits


def test_liked_songs(tidal: Tidal, token: str, tidal_ids: list[str]) -> None:
    path = "/userCollectionTracks/me/relationships/items"
    count = tidal.get("/userCollectionTracks/me", token)["data"]["attributes"]["numberOfItems"]
    listed = [ref for page in tidal.pages(path, token, {"sort": "-addedAt"}) for ref in page]
    assert len(listed) == count > 20
    dates = [ref["meta"]["addedAt"] for ref in listed]
    assert dates == sorted(dates, reverse=True)
    new = next(id_ for id_ in tidal_ids if id_ not in {ref["id"] for ref in listed})
    body = {"data": [{"type": "tracks", "id": id_} for id_ in (new, listed[0]["id"], "424242")]}
    said = tidal.call("POST", path, token, body).json()
    assert [row["id"] for row in said["data"]] == [new]
    assert [row["reason"] for row in said["meta"]["skipped"]] == ["ALREADY_PRESENT", "NOT_FOUND"]
    assert tidal.call("DELETE", path, token, body).status_code == 200
    saved = tidal.get("/userCollectionPlaylists/me/relationships/items", token, {"include": "items"})
    assert saved["included"][0]["attributes"]["playlistType"] == "EDITORIAL"
