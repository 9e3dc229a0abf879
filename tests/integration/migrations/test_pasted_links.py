"""Given pasted text with links, then what they lead to is read by the person's own accounts, and moved."""

from datetime import timedelta

import pytest

from local.simulators.catalogue import Recording
from tests.integration.migrations.scenario import (
    MigrationScenario,
    track_ids,
    video_ids,
    well_known,
)
from tests.integration.migrations.test_imported_playlists import LOOKUP, is_of
from tests.integration.migrations.uploads import ROUTE, asked, upload

VIDEOS = "GET /youtube/v3/videos"


def address(provider: str, playlist_id: str) -> str:
    if provider == "spotify":
        return f"https://open.spotify.com/playlist/{playlist_id}?si=1"
    return f"https://www.youtube.com/playlist?list={playlist_id}"


def pasted(*lines: str) -> bytes:
    return "\n".join(lines).encode()


def words(recording: Recording) -> str:
    track = recording.tracks[0]
    return f"{track.artists[0].name} - {track.title}"


@pytest.mark.parametrize(("source", "target"), [("spotify", "youtube"), ("youtube", "spotify")])
def test_a_link_to_a_playlist_becomes_that_playlist(
    scenario: MigrationScenario, source: str, target: str
) -> None:
    recordings = well_known(3)
    ids = track_ids(recordings) if source == "spotify" else video_ids(recordings)
    playlist = scenario.playlist(source, ids, name="Träume & more")
    found = upload(scenario, pasted(address(source, playlist)), "Pasted list.txt", target)
    assert (found["status"], found["playlists"], found["failed"]) == ("completed", 1, 0)
    (migration_id,) = found["migration_ids"]
    assert found["migration_id"] is None, "nothing of it stands in the text itself"
    job = scenario.finish(migration_id)
    assert (job["status"], job["source_provider"], job["source_file"]) == ("completed", source, None)
    (moved,) = scenario.moved(migration_id)
    assert (moved["source_name"], moved["target_name"]) == ("Träume & more", "Träume & more")
    written = scenario.assert_target_is_right(migration_id)
    if target == "youtube":
        assert is_of(written, recordings)
    else:
        assert written == track_ids(recordings)


def test_a_playlist_that_was_moved_before_is_brought_up_to_date_by_its_link(
    scenario: MigrationScenario,
) -> None:
    first, second = well_known(2)
    playlist = scenario.playlist("spotify", track_ids([first]))
    before = scenario.start("spotify", "youtube", [playlist])
    scenario.finish(before)
    (old,) = scenario.moved(before)
    scenario.write("spotify", playlist, track_ids([second])[0])
    (migration_id,) = upload(scenario, pasted(address("spotify", playlist)))["migration_ids"]
    assert scenario.finish(migration_id)["status"] == "completed"
    (new,) = scenario.moved(migration_id)
    assert new["target_playlist_id"] == old["target_playlist_id"]
    assert is_of(scenario.contents("youtube", new["target_playlist_id"]), [first, second])


def test_words_and_links_are_one_list_in_order_and_playlists_stand_for_themselves(
    scenario: MigrationScenario,
) -> None:
    known = well_known(5)
    playlist = scenario.playlist("spotify", track_ids(known[3:]), name="By its link")
    text = pasted(
        words(known[0]),
        f"https://open.spotify.com/track/{known[1].tracks[0].id}",
        f"Listen to this: {address('spotify', playlist)}",
        "https://open.spotify.com/album/3cEYpjA9oz9GiPac4AsH4n",
        words(known[2]),
        address("spotify", playlist),
    )
    scenario.clear_calls()
    found = upload(scenario, text, "Mixed.txt")
    assert (found["playlists"], found["entries"], found["failed"]) == (2, 3, 2)
    assert [fault["line"] for fault in found["failures"]] == [4, 6]
    assert "leads to no track and no playlist" in found["failures"][0]["reason"]
    assert found["failures"][1]["reason"] == "it is the same playlist as in line 3"
    own, linked = found["migration_ids"]
    assert found["migration_id"] == own
    assert scenario.finish(own)["status"] == "completed"
    (mixed,) = scenario.moved(own)
    assert mixed["target_name"] == "Mixed"
    assert is_of(scenario.contents("youtube", mixed["target_playlist_id"]), known[:3])
    assert [(track["source_title"], track["source_provider"]) for track in scenario.tracks(own)] == [
        (known[0].tracks[0].title, "file"),
        (known[1].tracks[0].title, "spotify"),
        (known[2].tracks[0].title, "file"),
    ]
    assert scenario.finish(linked)["status"] == "completed"
    (moved,) = scenario.moved(linked)
    assert moved["target_name"] == "By its link"
    assert is_of(scenario.contents("youtube", moved["target_playlist_id"]), known[3:])
    assert scenario.calls("spotify")[LOOKUP] == 1


def test_what_is_not_linked_says_what_to_do(scenario: MigrationScenario) -> None:
    person = scenario.sign_up()
    assert person.call("DELETE", "/v1/providers/spotify").status == 200
    playlist = scenario.playlist("spotify", track_ids(well_known(1)))
    text = pasted(words(well_known(1)[0]), address("spotify", playlist))
    found = upload(scenario, text, "Mixed.txt", person=person)
    assert found["status"] == "completed"
    (fault,) = found["failures"]
    assert fault["line"] == 2
    assert fault["reason"] == (
        "reading a playlist of Spotify needs your account there; link Spotify, then paste this again"
    )
    alone = upload(scenario, pasted(address("spotify", playlist)), "Pasted.txt", person=person)
    assert (alone["status"], alone["migration_ids"]) == ("failed", [])
    assert "Line 1: reading a playlist of Spotify needs your account there" in alone["status_message"]


def test_a_playlist_of_the_target_is_refused_in_words(scenario: MigrationScenario) -> None:
    playlist = scenario.playlist("youtube", video_ids(well_known(1)))
    found = upload(scenario, pasted(address("youtube", playlist)), "Pasted.txt")
    assert found["status"] == "failed"
    assert "it is at YouTube already, where this goes" in found["status_message"]


def test_a_playlist_that_is_not_there_or_not_theirs_fails_in_words(scenario: MigrationScenario) -> None:
    foreign = scenario.playlist("spotify", track_ids(well_known(1)), login="grace")
    text = pasted(address("spotify", foreign), address("spotify", "3cEYpjA9oz9GiPac4AsH4n"))
    (migration_id,) = upload(scenario, text, "Pasted.txt")["migration_ids"]
    assert scenario.finish(migration_id)["status"] == "failed"
    theirs, gone = scenario.moved(migration_id)
    assert (theirs["status"], gone["status"]) == ("failed", "failed")
    assert "Spotify" in theirs["status_message"]
    assert gone["code"] == "source-gone"


def test_links_to_videos_are_looked_up_fifty_at_a_time(scenario: MigrationScenario) -> None:
    recordings = well_known(51)
    text = pasted(*(f"https://youtu.be/{video_id}" for video_id in video_ids(recordings)))
    scenario.clear_calls()
    ((before,),) = scenario.sql("SELECT sum(used) FROM providers.quota_usage WHERE provider = 'youtube'")
    found = upload(scenario, text, "Videos.txt", "spotify")
    (migration_id,) = found["migration_ids"]
    job = scenario.finish(migration_id)
    assert job["status"] == "completed"
    assert scenario.calls("youtube") == {VIDEOS: 2}
    (moved,) = scenario.moved(migration_id)
    assert moved["tracks"]["matched"] >= 50
    ((spent,),) = scenario.sql("SELECT sum(used) FROM providers.quota_usage WHERE provider = 'youtube'")
    assert spent - before == 2


def test_a_link_to_nothing_says_so_and_the_others_go_on(scenario: MigrationScenario) -> None:
    (video,) = video_ids(well_known(1))
    found = upload(
        scenario, pasted(f"https://youtu.be/{video}", "https://youtu.be/zzzzzzzzzzz"), "Videos.txt", "spotify"
    )
    (migration_id,) = found["migration_ids"]
    assert scenario.finish(migration_id)["progress"]["tracks"]["failed"] == 1
    there, gone = scenario.tracks(migration_id)
    assert there["outcome"] == "matched"
    assert gone["outcome"] == "not_transferable"
    assert gone["error_message"] == "YouTube has nothing at this link any more."


def test_a_spent_allowance_is_waited_for(scenario: MigrationScenario) -> None:
    (video,) = video_ids(well_known(1))
    scenario.harness.environment["YOUTUBE_DAILY_UNITS"] = "0"
    found = upload(
        scenario, pasted(f"https://youtu.be/{video}", "Nobody - Nothing at all"), "V.txt", "spotify"
    )
    (migration_id,) = found["migration_ids"]
    scenario.work()
    assert scenario.job(migration_id)["progress"]["waiting_for"] == "quota"
    scenario.lift_quotas()
    scenario.finish(migration_id)
    assert scenario.tracks(migration_id)[0]["outcome"] == "matched"


def test_what_nobody_linked_knows_stays_as_it_is(scenario: MigrationScenario) -> None:
    person = scenario.sign_up()
    (video,) = video_ids(well_known(1))
    assert person.call("DELETE", "/v1/providers/youtube").status == 200
    found = upload(scenario, pasted(f"https://youtu.be/{video}"), "V.m3u", "spotify", person=person)
    (migration_id,) = found["migration_ids"]
    job = scenario.finish(migration_id, person=person)
    assert job["progress"]["tracks"]["failed"] == 1


def test_what_was_said_of_links_goes_with_the_account(scenario: MigrationScenario) -> None:
    person = scenario.sign_up()
    (recording,) = well_known(1)
    text = pasted(words(well_known(2)[1]), f"https://youtu.be/{recording.uploads[0].video_id}")
    found = upload(scenario, text, "V.txt", "spotify", person=person, dry_run=True)
    (migration_id,) = found["migration_ids"]
    scenario.finish(migration_id, person=person)
    titles = "SELECT source_title FROM migrations.tracks WHERE user_id = %s ORDER BY position"
    assert recording.uploads[0].title in str(scenario.sql(titles, person.id))
    assert person.call("DELETE", "/v1/providers/youtube").status == 200
    (own, gone) = scenario.sql(titles, person.id)
    assert own[0]
    assert gone[0] == ""
    kept = scenario.sql(
        "SELECT source FROM migrations.tracks WHERE user_id = %s ORDER BY position DESC LIMIT 1", person.id
    )
    assert kept[0][0] == {"id": recording.uploads[0].video_id, "title": "", "provider": "youtube"}
    assert person.call("GET", f"/v1/migrations/{migration_id}/tracks").status == 200


def test_what_was_said_of_links_is_not_kept_for_longer_than_a_month(scenario: MigrationScenario) -> None:
    (recording,) = well_known(1)
    text = pasted("Nobody - Nothing at all", f"https://youtu.be/{recording.uploads[0].video_id}")
    found = upload(scenario, text, "V.txt", "spotify", dry_run=True)
    (migration_id,) = found["migration_ids"]
    scenario.finish(migration_id)
    titles = lambda: [track["source_title"] for track in scenario.tracks(migration_id)]  # noqa: E731
    scenario.maintain("migration_facts")
    assert titles() == ["Nothing at all", recording.uploads[0].title]
    scenario.pass_time(timedelta(days=29, minutes=1).total_seconds())
    scenario.maintain("migration_facts")
    assert titles() == ["Nothing at all", ""]


def test_nothing_is_made_of_an_import_twice(scenario: MigrationScenario) -> None:
    playlist = scenario.playlist("spotify", track_ids(well_known(1)))
    text = pasted(words(well_known(1)[0]), address("spotify", playlist))
    import_id = asked(scenario.person, text, "Mixed.txt", dry_run=True)["id"]
    for _ in range(2):
        assert scenario.person.call("POST", f"{ROUTE}/{import_id}/start").status == 202
        scenario.harness.drain("MIGRATIONS_IMPORT_QUEUE_URL", "migrations_import_worker")
    assert len(scenario.person.call("GET", f"{ROUTE}/{import_id}").json["migration_ids"]) == 2
