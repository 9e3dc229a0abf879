"""What a playlist holds, read where it is; the list of playlists by name, size, and part of the name."""

from typing import Any

import pytest

from musicconnect.providers import registry
from tests.integration.providers.helpers import CONSENTING, QUEUE, playlists_of, slug
from tests.support.functions import FunctionRunner, Person
from tests.support.oauth import link
from tests.support.postgres import sql
from tests.support.simulator import Simulator


def _pages(person: Person, path: str) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = []
    cursor = ""
    while True:
        answer = person.call("GET", f"{path}{cursor}")
        assert answer.status == 200, answer.text
        items += answer.json["items"]
        if answer.json["next_cursor"] is None:
            return items
        cursor = f"?cursor={answer.json['next_cursor']}"


def _some_ids(provider: str, count: int) -> list[str]:
    from tests.integration.migrations.everywhere import ids, known  # noqa: PLC0415 - reads the catalogue

    return ids(provider, known()[:count])


def test_all_entries_are_shown_page_by_page_in_order(
    provider: str, simulator: Simulator, person: Person
) -> None:
    link(person, provider)
    ids = _some_ids(provider, 45)
    playlist = simulator.playlist(name="Long", items=[*ids, *ids])

    path = f"/v1/playlists/{provider}/{playlist}/tracks"
    total = person.call("GET", path).json["total"]
    assert total == (None if provider == "tidal" else 90)  # TIDAL's pages do not say how many follow.
    shown = _pages(person, path)

    assert [entry["id"] for entry in shown] == [*ids, *ids]
    assert [entry["position"] for entry in shown] == list(range(90))
    for entry in shown:
        assert entry["playable"]
        assert entry["reason"] is None
        assert entry["title"]
        assert entry["artists"]
        assert entry["duration_ms"] > 0
        assert entry["added_at"]
        assert entry["id"] in entry["url"]


def test_what_would_not_be_moved_is_shown_with_the_reason(spotify: Simulator, person: Person) -> None:
    link(person, "spotify")
    local = {"local": {"artist": "Me", "album": "Tape", "title": "Demo", "duration_s": 60}}
    playlist = spotify.playlist(name="Mixed", items=[_some_ids("spotify", 1)[0], local])

    first, second = person.call("GET", f"/v1/playlists/spotify/{playlist}/tracks").json["items"]

    assert first["playable"]
    assert (second["playable"], second["kind"], second["reason"]["code"]) == (False, "local", "local-file")
    assert second["url"] is None
    assert "other service" in second["reason"]["message"]


@pytest.mark.parametrize("provider", CONSENTING, indirect=True)
def test_liked_songs_are_listed_like_a_playlist(provider: str, simulator: Simulator, person: Person) -> None:
    link(person, provider)
    liked = {"spotify": "liked", "youtube": "LL", "tidal": "liked"}[provider]
    answer = person.call("GET", f"/v1/playlists/{provider}/{liked}/tracks")
    assert answer.status == 200
    assert answer.json["attribution"] == registry.get(provider).attribution


@pytest.mark.parametrize("playlist", ["no-such-playlist", "3cEYpjA9oz9GiPac4AsH4x", "a%20b"])
def test_a_playlist_that_is_not_there_is_404(
    provider: str, simulator: Simulator, person: Person, playlist: str
) -> None:
    link(person, provider)
    answer = person.call("GET", f"/v1/playlists/{provider}/{playlist}/tracks")
    assert answer.status == 404


def test_what_cannot_be_read_says_what_to_do(person: Person) -> None:
    answer = person.call("GET", "/v1/playlists/spotify/liked/tracks")
    assert (answer.status, slug(answer)) == (409, "not-linked")
    assert person.call("GET", "/v1/playlists/tape/liked/tracks").status == 404
    link(person, "spotify")
    answer = person.call("GET", "/v1/playlists/spotify/liked/tracks?cursor=nonsense")
    assert (answer.status, slug(answer)) == (400, "invalid-cursor")


def test_playlists_are_found_by_part_of_the_name_and_sorted(
    spotify: Simulator, person: Person, harness: FunctionRunner
) -> None:
    spotify.control("POST", "/users", {"id": f"sorts-{person.id}", "display_name": "Sorts"})
    ids = _some_ids("spotify", 3)
    for name, count in (("beta 50%", 1), ("Alpha", 3), ("gamma_x", 2), ("alphabet", 0)):
        spotify.playlist(f"sorts-{person.id}", name=name, items=ids[:count])
    link(person, "spotify", login=f"sorts-{person.id}")
    harness.drain(QUEUE, "providers_sync_worker")

    def names(query: str) -> list[str]:
        found = playlists_of(person, f"/v1/playlists?provider=spotify&limit=2&{query}")
        return [entry["name"] for entry in found if not entry["is_liked"]]

    assert names("sort=name") == ["Alpha", "alphabet", "beta 50%", "gamma_x"]
    assert names("sort=tracks") == ["Alpha", "gamma_x", "beta 50%", "alphabet"]
    assert names("sort=name&q=ALPHA") == ["Alpha", "alphabet"]
    assert names("q=%25") == ["beta 50%"]
    assert names("q=_") == ["gamma_x"]
    (one,) = [entry for entry in playlists_of(person) if entry["name"] == "Alpha"]
    assert one["can_read"]
    assert one["owner"] == "Sorts"
    assert one["url"] == f"https://open.spotify.com/playlist/{one['provider_playlist_id']}"
    assert one["targets"] == []
    page = person.call("GET", "/v1/playlists?sort=name&limit=1").json
    answer = person.call("GET", f"/v1/playlists?sort=tracks&limit=1&cursor={page['next_cursor']}")
    assert (answer.status, slug(answer)) == (400, "invalid-cursor")


def test_what_a_playlist_holds_is_shown_and_not_stored(
    spotify: Simulator, person: Person, harness: FunctionRunner
) -> None:
    link(person, "spotify")
    (track,) = _some_ids("spotify", 1)
    playlist = spotify.playlist(name="Mine alone", items=[track])
    answer = person.call("GET", f"/v1/playlists/spotify/{playlist}/tracks")
    assert [entry["id"] for entry in answer.json["items"]] == [track]
    assert answer.headers["cache-control"] == "no-store"
    assert sql(harness.database_url, "SELECT count(*) FROM migrations.tracks") == [(0,)]
    assert sql(
        harness.database_url,
        "SELECT count(*) FROM providers.playlist_snapshots WHERE provider_playlist_id = %s",
        playlist,
    ) == [(0,)]
