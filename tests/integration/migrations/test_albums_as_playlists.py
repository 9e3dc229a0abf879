"""Saved albums become playlists where the target's API has no library of albums."""

from typing import Any

import pytest
import requests

from local.simulators.catalogue import Album
from local.simulators.tidal.catalogue import track_of
from tests.integration.migrations.everywhere import known
from tests.integration.migrations.fault_injection import Interruption
from tests.integration.migrations.scenario import MigrationScenario

WAYS = [
    (source, target) for source in ("spotify", "tidal") for target in ("youtube", "listenbrainz")
]  # fmt: skip


def _albums(count: int) -> list[Album]:
    """Albums with a recording that every service has."""
    found = dict.fromkeys(recording.tracks[0].album for recording in known())
    return list(found)[:count]


def _tidal_id(album: Album) -> str:
    (found,) = {
        track_of(track).album.id
        for recording in known()
        for track in recording.tracks
        if track.album == album
    }
    return found


def _save(scenario: MigrationScenario, provider: str, albums: list[Album]) -> None:
    """Save as the person does, one after the other: the last one is listed first."""
    headers = {"Authorization": f"Bearer {scenario.token(provider)}"}
    for album in albums:
        if provider == "spotify":
            answer = requests.put(
                f"{scenario.urls[provider]}/v1/me/library",
                params={"uris": f"spotify:album:{album.id}"},
                headers=headers,
                timeout=10,
            )
        else:
            answer = requests.post(
                f"{scenario.urls[provider]}/v2/userCollectionAlbums/me/relationships/items",
                json={"data": [{"type": "albums", "id": _tidal_id(album)}]},
                headers={**headers, "Content-Type": "application/vnd.api+json"},
                timeout=10,
            )
        assert answer.ok, answer.text


def _start(scenario: MigrationScenario, source: str, target: str, **order: Any) -> int:
    body = {"source_provider": source, "target_provider": target, "library": ["albums"], **order}
    answer = scenario.person.call("POST", "/v1/migrations", body)
    assert answer.status == 202, answer.text
    return int(answer.json["id"])


def _names(scenario: MigrationScenario, target: str) -> list[str]:
    """What the person's playlists are called; a ListenBrainz simulator has no liked songs among them."""
    return sorted(str(one["name"]) for one in scenario.playlists(target))


def _called(album: Album) -> str:
    return f"{', '.join(artist.name for artist in album.artists)} – {album.name}"


@pytest.mark.parametrize(("source", "target"), WAYS)
def test_each_album_becomes_a_playlist_with_its_songs(
    everywhere: MigrationScenario, source: str, target: str
) -> None:
    albums = _albums(3)
    before = _names(everywhere, target)
    _save(everywhere, source, albums)

    migration_id = _start(everywhere, source, target)
    job = everywhere.finish(migration_id)

    assert job["status"] == "completed", job
    moved = everywhere.moved(migration_id)
    assert [one["kind"] for one in moved] == ["playlist"] * 3
    assert [one["source_name"] for one in moved] == [_called(album) for album in albums]
    ids = [album.id if source == "spotify" else _tidal_id(album) for album in albums]
    assert [one["source_playlist_id"] for one in moved] == [f"album:{one}" for one in ids]
    assert all(one["tracks"]["written"] > 0 for one in moved), moved
    assert _names(everywhere, target) == sorted([*before, *(one["target_name"] for one in moved)])
    assert job["status_message"].startswith("3 playlists done")
    for one in moved:
        matched = [
            track["target_track_id"]
            for track in everywhere.tracks(migration_id, "&status=matched")
            if track["playlist_id"] == one["id"]
        ]
        assert everywhere.contents(target, one["target_playlist_id"]) == matched

    everywhere.act(migration_id, "rollback", 202)
    assert everywhere.finish(migration_id)["status"] == "undone"
    assert all(everywhere.contents(target, one["target_playlist_id"]) == [] for one in moved)


def test_moved_again_only_what_is_new_is_made(everywhere: MigrationScenario) -> None:
    first, second, third = _albums(3)
    _save(everywhere, "spotify", [first, second])
    everywhere.finish(_start(everywhere, "spotify", "youtube"))
    before = _names(everywhere, "youtube")

    _save(everywhere, "spotify", [third])
    again = _start(everywhere, "spotify", "youtube")
    assert everywhere.finish(again)["status"] == "completed"
    assert _names(everywhere, "youtube") == sorted([*before, _called(third)])

    copies = _start(everywhere, "spotify", "youtube", as_copy=True)
    assert everywhere.finish(copies)["status"] == "completed"
    assert _names(everywhere, "youtube") == sorted([*before, *map(_called, [first, second, third, third])])


def test_a_dry_run_tells_each_album_and_is_made_real(everywhere: MigrationScenario) -> None:
    albums = _albums(25)
    before = _names(everywhere, "youtube")
    _save(everywhere, "spotify", albums)
    preview = _start(everywhere, "spotify", "youtube", dry_run=True)
    job = everywhere.finish(preview)
    assert job["status"] == "completed", job
    assert _names(everywhere, "youtube") == before
    assert len(everywhere.moved(preview)) == 25
    assert job["would_cost"]["units"] >= 50 * 25

    answer = everywhere.person.call("POST", "/v1/migrations", {"from_preview": preview})
    assert answer.status == 202, answer.text
    moved = everywhere.moved(answer.json["id"])
    assert [one["source_name"] for one in moved] == [_called(album) for album in albums]


def test_a_library_without_albums_is_said_to_be_empty(everywhere: MigrationScenario) -> None:
    migration_id = _start(everywhere, "spotify", "youtube")
    assert everywhere.finish(migration_id)["status"] == "completed"
    (moved,) = everywhere.moved(migration_id)
    assert moved["status_message"] == "There are no albums."


@pytest.mark.parametrize("source", ["spotify", "tidal"])
def test_an_album_that_went_away_is_said_and_keeps_no_other_back(
    everywhere: MigrationScenario, source: str
) -> None:
    kept, gone = _albums(2)
    _save(everywhere, source, [kept, gone])
    gone_id = gone.id if source == "spotify" else _tidal_id(gone)
    everywhere.control(source, "POST", f"/albums/{gone_id}/withdraw", {})
    migration_id = _start(everywhere, source, "youtube")
    everywhere.finish(migration_id)
    states = {one["source_playlist_id"]: one["status"] for one in everywhere.moved(migration_id)}
    kept_id = kept.id if source == "spotify" else _tidal_id(kept)
    assert states.pop(f"album:{kept_id}") == "completed"
    # Of what is gone Spotify tells not even the id.
    assert states == ({} if source == "spotify" else {f"album:{gone_id}": "failed"})
    assert _called(kept) in _names(everywhere, "youtube")


@pytest.mark.parametrize(
    ("source", "target", "part"),
    [
        ("youtube", "spotify", "albums"),
        ("listenbrainz", "spotify", "albums"),
        ("spotify", "listenbrainz", "artists"),
    ],
)
def test_what_a_service_does_not_have_cannot_be_moved(
    everywhere: MigrationScenario, source: str, target: str, part: str
) -> None:
    body = {"source_provider": source, "target_provider": target, "library": [part]}
    answer = everywhere.person.call("POST", "/v1/migrations", body)
    assert answer.status == 422, answer.text
    assert f"has no {part} in its library" in answer.text


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
def test_a_worker_killed_at_any_call_makes_each_playlist_once(
    everywhere: MigrationScenario, interruption: Interruption, after: bool
) -> None:
    albums = _albums(2)
    _save(everywhere, "spotify", albums)
    preview = _start(everywhere, "spotify", "youtube", dry_run=True)  # what is found is found once
    everywhere.finish(preview)
    before = _names(everywhere, "youtube")

    point, was_killed = 0, True
    while was_killed:
        point += 1
        migration_id = _start(everywhere, "spotify", "youtube", as_copy=True)
        was_killed = interruption.kill_in(everywhere.work, point, after=after)
        assert everywhere.finish(migration_id)["status"] == "completed", point
        moved = everywhere.moved(migration_id)
        assert [one["source_name"] for one in moved] == [_called(album) for album in albums], point
        made = sorted(set(_ids(everywhere)) & {one["target_playlist_id"] for one in moved})
        assert len(made) == 2, point
        assert len(_names(everywhere, "youtube")) == len(before) + 2, point
        for one in moved:
            everywhere.delete_playlist(one["target_playlist_id"])
    assert point > 5


def _ids(scenario: MigrationScenario) -> list[str]:
    return [str(one["id"]) for one in scenario.playlists("youtube")]


def test_the_cap_on_new_playlists_counts_each_album(everywhere: MigrationScenario) -> None:
    _save(everywhere, "spotify", _albums(7))
    dry = _start(everywhere, "spotify", "youtube", dry_run=True)
    assert everywhere.finish(dry)["would_cost"]["days"] == 2, "five a day"
    migration_id = _start(everywhere, "spotify", "youtube")
    for _ in range(3):
        everywhere.work()
        everywhere.pass_time(90)
        everywhere.dispatch()  # the other albums, for which no message was sent
    job = everywhere.job(migration_id)
    assert job["progress"]["playlists"]["completed"] == 5
    assert job["progress"]["waiting_for"] == "quota"
    waiting = [one["code"] for one in everywhere.moved(migration_id) if one["status"] != "completed"]
    assert waiting == ["waiting-for-new-playlists"] * 2
    assert everywhere.finish(migration_id)["progress"]["playlists"]["completed"] == 7
