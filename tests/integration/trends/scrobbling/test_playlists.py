"""Given playlists that were read here, then ListenBrainz's clients get them as JSPF."""

from datetime import datetime

import pytest

from tests.integration.migrations.scenario import ids_on
from tests.support.functions import Answer, FunctionRunner, Person
from tests.support.oauth import link
from tests.support.simulator import Simulator


@pytest.fixture(scope="module")
def owner(harness: FunctionRunner, spotify_url: str) -> Person:
    """Somebody whose playlist was migrated, twice."""
    person = harness.sign_up(display_name="Ada")
    for provider in ("spotify", "youtube"):
        link(person, provider)
    listed = Simulator(spotify_url).playlist(name="Late nights", items=ids_on("spotify", 3))
    for _ in range(2):
        body = {"source_provider": "spotify", "target_provider": "youtube", "playlists": [listed]}
        assert person.call("POST", "/v1/migrations", body).status == 202
        harness.drain("MIGRATIONS_QUEUE_URL", "migrations_worker")
    return person


def get(person: Person, path: str) -> Answer:
    token = person.call("POST", "/v1/auth/tokens", {"name": "player"}).json["token"]
    return person.harness.call("GET", path, headers={"Authorization": f"Token {token}"})


def test_playlists_are_listed_once_and_read_with_their_tracks(owner: Person) -> None:
    answer = get(owner, f"/1/user/ada-{owner.id}/playlists").json
    assert (answer["playlist_count"], answer["count"], answer["offset"]) == (1, 25, 0)
    (head,) = [one["playlist"] for one in answer["playlists"]]
    assert (head["title"], head["creator"], head["track"]) == ("Late nights", f"ada-{owner.id}", [])
    assert datetime.fromisoformat(head["date"]).tzinfo is not None
    playlist_id = head["identifier"].split("/playlist/")[1]  # as Mopidy takes it
    playlist = get(owner, f"/1/playlist/{playlist_id}").json["playlist"]
    assert {name: playlist[name] for name in head if name != "track"} == {
        name: value for name, value in head.items() if name != "track"
    }
    addresses = [address for track in playlist["track"] for address in track["identifier"]]
    assert addresses == [f"https://open.spotify.com/track/{one}" for one in ids_on("spotify", 3)]
    assert all(track["title"] and track["creator"] and track["duration"] > 0 for track in playlist["track"])


def test_a_page_is_cut_where_it_is_asked_to_be(owner: Person) -> None:
    answer = get(owner, f"/1/user/ada-{owner.id}/playlists?count=1&offset=1").json
    assert (answer["playlists"], answer["playlist_count"], answer["offset"]) == ([], 1, 1)


@pytest.mark.parametrize("kind", ["createdfor", "collaborator", "recommendations"])
def test_nothing_is_made_for_anybody(owner: Person, kind: str) -> None:
    answer = get(owner, f"/1/user/ada-{owner.id}/playlists/{kind}").json
    assert answer == {"playlists": [], "playlist_count": 0, "count": 25, "offset": 0}


@pytest.mark.parametrize(
    ("playlist_id", "status"),
    [
        ("x", 400),
        ("00000000-0000-0000-0000-00000000ffff", 404),
        ("ffffffff-ffff-ffff-ffff-ffffffffffff", 404),
    ],
)
def test_others_are_not_there(owner: Person, playlist_id: str, status: int) -> None:
    answer = get(owner, f"/1/playlist/{playlist_id}")
    assert (answer.status, answer.json["code"]) == (status, status)


def test_somebody_else_finds_nothing(owner: Person, harness: FunctionRunner) -> None:
    listed = get(owner, f"/1/user/ada-{owner.id}/playlists").json["playlists"][0]["playlist"]
    other = harness.sign_up()
    assert get(other, f"/1/playlist/{listed['identifier'].rpartition('/')[2]}").status == 404
    assert get(other, f"/1/user/ada-{owner.id}/playlists").status == 404
