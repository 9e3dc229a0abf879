"""Pins: what was found and exists, each once."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.integration.providers.helpers import DAY, slug
from tests.integration.search.client import group, search
from tests.support.functions import Answer, FunctionRunner, Person, new_person
from tests.support.postgres import sql
from tests.support.simulator import Simulator

TRACKS = ("5ovODbIxH3D9PN3iKkFXiz", "2MhmbaC9tbvMVDtDlfQpZV")
VIDEO = "88S4I44-Hjv"


def pin(person: Person, provider: str = "spotify", kind: str = "track", item_id: str = TRACKS[0]) -> Answer:
    return person.call("POST", "/v1/pins", {"provider": provider, "type": kind, "id": item_id})


def pins(person: Person, query: str = "") -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = person.call("GET", f"/v1/pins{query}").json["items"]
    return items


@pytest.mark.parametrize("provider", ["spotify", "youtube"])
@pytest.mark.parametrize("kind", ["track", "artist"])
def test_what_a_search_returned_is_pinned_without_asking_the_provider(
    person: Person, spotify: Simulator, youtube: Simulator, provider: str, kind: str
) -> None:
    item = group(person, provider, "kestrel parade", type=kind)["items"][0]
    spotify.clear_calls()
    youtube.clear_calls()
    answer = pin(person, provider, item["type"], item["id"])
    assert answer.status == 201
    made = answer.json
    assert (made["provider"], made["type"], made["item_id"]) == (provider, item["type"], item["id"])
    assert (made["title"], made["url"]) == (item["title"], item["url"])
    assert made["subtitle"] == (", ".join(item["artists"]) or item["channel"])
    assert made["attribution"] == item["attribution"]
    assert pins(person) == [made]
    assert spotify.calls() == youtube.calls() == {}


def test_pinning_again_changes_nothing_and_answers_200(person: Person) -> None:
    first = pin(person)
    second = pin(person)
    assert (first.status, second.status) == (201, 200)
    assert second.json == first.json
    assert len(pins(person)) == 1


def test_the_same_may_be_pinned_by_everybody(person: Person, another: Person) -> None:
    assert (pin(person).status, pin(another).status) == (201, 201)


@pytest.mark.parametrize(
    ("provider", "kind", "item_id", "endpoint"),
    [
        ("spotify", "track", TRACKS[0], "GET /v1/tracks/{track_id}"),
        ("youtube", "video", VIDEO, "GET /youtube/v3/videos"),
    ],
)
def test_what_no_search_returned_is_checked_with_the_provider(
    person: Person,
    spotify: Simulator,
    youtube: Simulator,
    provider: str,
    kind: str,
    item_id: str,
    endpoint: str,
) -> None:
    answer = pin(person, provider, kind, item_id)
    assert answer.status == 201
    assert answer.json["title"] == "Salt and Signal"
    assert {"spotify": spotify, "youtube": youtube}[provider].calls() == {endpoint: 1}


def test_albums_artists_and_playlists_of_spotify_are_checked_one_by_one(
    person: Person, spotify: Simulator
) -> None:
    found = group(person, "spotify", "kestrel parade", type="album,artist", provider="spotify")["items"]
    playlist = group(person, "spotify", "fresh harbour pop", type="playlist", provider="spotify")["items"][0]
    sql(person.harness.database_url, "DELETE FROM search.cache")
    for kind in ("album", "artist"):
        item = next(item for item in found if item["type"] == kind)
        assert pin(person, "spotify", kind, item["id"]).json["title"] == item["title"]
    assert pin(person, "spotify", "playlist", playlist["id"]).json["subtitle"] == playlist["channel"]


@pytest.mark.parametrize(
    ("provider", "kind", "item_id"),
    [("spotify", "track", "0" * 22), ("spotify", "track", "nonsense"), ("youtube", "video", "aaaaaaaaaaa"),
     ("spotify", "album", TRACKS[0]), ("youtube", "playlist", "PLnothing"),
     ("youtube", "artist", "UCnothing")],
)  # fmt: skip
def test_what_does_not_exist_is_not_pinned(person: Person, provider: str, kind: str, item_id: str) -> None:
    answer = pin(person, provider, kind, item_id)
    assert (answer.status, slug(answer)) == (404, "not-found-at-provider")
    assert pins(person) == []


def test_a_private_playlist_is_not_pinned(person: Person, youtube: Simulator, spotify: Simulator) -> None:
    for provider, simulator in (("spotify", spotify), ("youtube", youtube)):
        playlist_id = simulator.playlist(name="Quillon diary", items=[])
        assert pin(person, provider, "playlist", playlist_id).status == 404


TRACK = {"provider": "spotify", "type": "track", "id": TRACKS[0]}


@pytest.mark.parametrize(
    "body",
    [
        {}, [], {"provider": "spotify", "type": "track"}, TRACK | {"provider": "apple"},
        TRACK | {"type": "tractor"}, TRACK | {"type": "video"}, TRACK | {"provider": "youtube"},
        TRACK | {"provider": "youtube", "type": "album"}, TRACK | {"id": ""}, TRACK | {"id": "x" * 101},
        TRACK | {"id": "a/../b"}, TRACK | {"id": "a\x00"}, TRACK | {"id": "' OR 1=1"}, TRACK | {"id": 7},
        TRACK | {"title": "mine"},
    ],
    ids=str,
)  # fmt: skip
def test_what_is_no_pin_is_refused(person: Person, spotify: Simulator, body: Any) -> None:
    answer = person.call("POST", "/v1/pins", body)
    assert answer.status == 422
    assert spotify.calls() == {}


def test_a_provider_that_cannot_be_asked_is_reported(
    person: Person, spotify: Simulator, harness: FunctionRunner
) -> None:
    spotify.fault("GET /v1/tracks/{track_id}", ready_made="server_error")
    answer = pin(person)
    assert (answer.status, slug(answer)) == (503, "provider-unavailable")
    assert pin(new_person(harness)).status == 409, "nothing is linked"
    assert pins(person) == []


def test_pins_are_listed_latest_first_in_pages_and_by_provider_and_type(person: Person) -> None:
    for one in search(person, "kestrel parade", type="track,artist", limit=3)["groups"]:
        for item in one["items"]:
            assert pin(person, item["provider"], item["type"], item["id"]).status == 201
    every = pins(person, "?limit=200")
    assert len(every) > 8
    paged, cursor = [], ""
    while True:
        page = person.call("GET", f"/v1/pins?limit=3{cursor}").json
        paged += page["items"]
        if page["next_cursor"] is None:
            break
        cursor = f"&cursor={page['next_cursor']}"
    assert paged == every
    assert [one["id"] for one in every] == sorted((one["id"] for one in every), reverse=True)
    assert {one["provider"] for one in pins(person, "?provider=youtube")} == {"youtube"}
    assert {one["type"] for one in pins(person, "?type=artist")} == {"artist"}
    assert {(one["provider"], one["type"]) for one in pins(person, "?type=artist&provider=spotify")} == {
        ("spotify", "artist")
    }
    assert pins(person, "?type=album") == []


@pytest.mark.parametrize(
    "query", ["?cursor=x", "?limit=0", "?limit=201", "?provider=apple", "?type=x", "?x=1"]
)
def test_a_bad_question_is_refused(person: Person, query: str) -> None:
    assert person.call("GET", f"/v1/pins{query}").status in (400, 422)


def test_a_pin_is_deleted_once_and_by_its_owner(person: Person, another: Person) -> None:
    pin_id = pin(person).json["id"]
    assert another.call("DELETE", f"/v1/pins/{pin_id}").status == 404
    assert another.call("GET", "/v1/pins").json["items"] == []
    assert person.call("DELETE", f"/v1/pins/{pin_id}").status == 204
    assert person.call("DELETE", f"/v1/pins/{pin_id}").status == 404
    assert pins(person) == []
    for nonsense in ("0", "-1", "x", str(2**63), "1%20OR%201=1"):
        assert person.call("DELETE", f"/v1/pins/{nonsense}").status == 404


def test_youtube_titles_are_fetched_again_after_29_days(
    person: Person, youtube: Simulator, later: Callable[[float], None], harness: FunctionRunner
) -> None:
    items = group(person, "youtube", "kestrel", limit=10)["items"]
    for item in items:
        pin(person, "youtube", "video", item["id"])
    pin(person)  # Spotify names no number of days
    before = pins(person)
    sql(
        harness.database_url,
        "UPDATE search.pinned_items SET title = 'an old title' WHERE provider = 'youtube'",
    )
    later(28 * DAY)
    youtube.clear_calls()
    assert {one["title"] for one in pins(person, "?provider=youtube")} == {"an old title"}
    assert youtube.calls() == {}
    later(29.1 * DAY)
    assert pins(person) == before
    assert youtube.calls().get("GET /youtube/v3/videos") == 1, "all of them in one call"
    youtube.clear_calls()
    assert pins(person) == before
    assert youtube.calls() == {}


def test_what_cannot_be_fetched_again_is_hidden_and_then_cleared(
    person: Person, youtube: Simulator, later: Callable[[float], None], harness: FunctionRunner
) -> None:
    pin(person, "youtube", "video", VIDEO)
    later(30 * DAY)
    youtube.fault("GET /youtube/v3/videos", ready_made="server_error", times=None)
    (stale,) = pins(person)
    assert (stale["title"], stale["subtitle"], stale["item_id"]) == (None, None, VIDEO)
    sql(harness.database_url, "SELECT setval('search.queries_id_seq', 199)")
    search(person, "salt")
    assert sql(harness.database_url, "SELECT title, subtitle FROM search.pinned_items") == [("", None)]
    youtube.control("DELETE", "/faults")
    assert pins(person)[0]["title"] == "Salt and Signal"
