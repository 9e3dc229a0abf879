"""Files, dry runs, updates and likes: to every provider that has them, and in words where one has not."""

from itertools import permutations

import pytest

from musicconnect.playlist_files.model import Format
from musicconnect.providers import registry
from tests.integration.migrations.everywhere import EACH_TWICE, PROVIDERS, ids, known, musicbrainz, truth
from tests.integration.migrations.scenario import MigrationScenario, well_known
from tests.integration.migrations.uploads import entries_of, file_of, moved

SONGS = known()[:4]
LIKING = ("spotify", "youtube", "tidal")
IN_FILES: tuple[tuple[Format, bool], ...] = (("jspf", True), ("m3u8", False))
"""With the ids and ISRCs of the service that it came from, and with names alone."""
each_twice = pytest.mark.parametrize(("source", "target"), EACH_TWICE)


@pytest.mark.parametrize("target", PROVIDERS)
@pytest.mark.parametrize(("kind", "has_ids"), IN_FILES)
def test_a_file_becomes_a_playlist(
    everywhere: MigrationScenario, target: str, kind: Format, has_ids: bool
) -> None:
    content = file_of(kind, "Kitchen", entries_of(SONGS, with_ids=has_ids))
    (playlist,) = everywhere.moved(moved(everywhere, content, "kitchen", target))
    found = everywhere.contents(target, playlist["target_playlist_id"])
    assert [truth()[one].key for one in found] == [song.key for song in SONGS]


def test_what_musicbrainz_lacks_of_a_file_is_told(everywhere: MigrationScenario) -> None:
    lacking = next(one for one in well_known(200) if one.tracks[0].id in musicbrainz().lacking)
    content = file_of("jspf", "Kitchen", entries_of([SONGS[0], lacking]))
    migration = moved(everywhere, content, "kitchen", "listenbrainz")
    (missing,) = everywhere.tracks(migration, "&status=failed")
    assert missing["reason_details"][0]["code"] == "not-in-catalogue"


def test_what_musicbrainz_lacks_is_told_of_a_second_migration_that_asks_nobody(
    everywhere: MigrationScenario,
) -> None:
    lacking = next(id_ for one in well_known(200) if (id_ := one.tracks[0].id) in musicbrainz().lacking)
    for _ in range(2):
        everywhere.clear_calls()
        playlist = everywhere.playlist("spotify", [*ids("spotify", SONGS[:1]), lacking])
        migration = everywhere.start("spotify", "listenbrainz", [playlist])
        everywhere.finish(migration)
        (missing,) = everywhere.tracks(migration, "&status=failed")
        assert missing["reason_details"][0]["code"] == "not-in-catalogue", missing
    assert not any("/ws/2/" in endpoint for endpoint in everywhere.calls("listenbrainz"))


@each_twice
def test_a_dry_run_writes_nothing_and_becomes_real(
    everywhere: MigrationScenario, source: str, target: str
) -> None:
    playlist = everywhere.playlist(source, ids(source, SONGS))
    before = len(everywhere.playlists(target))
    preview = everywhere.start(source, target, [playlist], order={"dry_run": True})
    job = everywhere.finish(preview)
    has_prices = registry.get(target).day_zone is not None
    assert (job["would_cost"]["units"] is not None) is has_prices
    assert len(everywhere.playlists(target)) == before
    answer = everywhere.person.call("POST", "/v1/migrations", {"from_preview": preview})
    assert answer.status == 202, answer.text
    everywhere.finish(answer.json["id"])
    assert len(everywhere.assert_target_is_right(answer.json["id"])) == 4


@each_twice
def test_moving_again_follows_the_source_and_leaves_what_the_person_put_in(
    everywhere: MigrationScenario, source: str, target: str
) -> None:
    everywhere.control("youtube", "PUT", "/settings", {"manual_sort": True})
    songs, foreign = known()[:4], known()[6]
    playlist = everywhere.playlist(source, ids(source, songs[:3]))
    first = everywhere.start(source, target, [playlist])
    everywhere.finish(first)
    made = everywhere.moved(first)[0]["target_playlist_id"]
    everywhere.write(target, made, ids(target, [foreign])[0])
    everywhere.replace_contents(source, playlist, ids(source, [songs[2], songs[0], songs[3]]))

    second = everywhere.start(source, target, [playlist], order={"remove_missing": True})
    assert everywhere.finish(second)["status"] == "completed"

    assert everywhere.moved(second)[0]["target_playlist_id"] == made
    found = [truth()[one].key for one in everywhere.contents(target, made)]
    assert foreign.key in found
    assert [one for one in found if one != foreign.key] == [songs[n].key for n in (2, 0, 3)]


@pytest.mark.parametrize(("source", "target"), list(permutations(LIKING, 2)))
def test_likes_become_likes(everywhere: MigrationScenario, source: str, target: str) -> None:
    for provider in everywhere.urls:
        everywhere.control(provider, "POST", "/users", {"id": "fan", "display_name": "Fan"})
    everywhere.people.clear()
    person = everywhere.sign_up(login="fan")
    for item_id in ids(source, SONGS):
        everywhere.app(source).like(item_id)
    liked = {name: registry.get(name).liked_id for name in LIKING}

    migration = everywhere.start(source, target, [str(liked[source])], order={"liked_as": "likes"})

    assert everywhere.finish(migration)["status"] == "completed"
    listed = person.call("GET", f"/v1/playlists/{target}/{liked[target]}/tracks").json["items"]
    assert [truth()[one["id"]].key for one in listed] == [song.key for song in reversed(SONGS)]


def test_where_there_are_no_likes_they_become_a_playlist_and_the_other_is_refused_in_words(
    everywhere: MigrationScenario,
) -> None:
    body = {"source_provider": "spotify", "target_provider": "listenbrainz", "playlists": ["liked"]}
    answer = everywhere.person.call("POST", "/v1/migrations", {**body, "liked_as": "likes"})
    assert answer.status == 422
    assert answer.json["errors"][0]["message"] == "Likes on ListenBrainz cannot be written."
    everywhere.app("spotify").like(ids("spotify", SONGS[:1])[0])
    migration = everywhere.start("spotify", "listenbrainz", ["liked"])
    everywhere.finish(migration)
    assert SONGS[0].key in [
        truth()[one].key for one in everywhere.assert_target_is_right(migration) if one in truth()
    ]
