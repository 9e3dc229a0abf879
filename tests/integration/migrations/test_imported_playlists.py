"""Given a file of playlists, when it is uploaded, then its playlists are at the provider, as in the file."""

from dataclasses import replace

import pytest

from local.simulators.catalogue import Recording
from musicconnect.playlist_files import file_names
from musicconnect.playlist_files.model import Entry, Format
from musicconnect.playlist_files.writers import writer
from tests.integration.migrations.scenario import MigrationScenario, track_ids, video_ids, well_known
from tests.integration.migrations.uploads import ROUTE, entries_of, file_of, moved, upload, zip_of
from tests.support.oauth import link

FORMATS: tuple[Format, ...] = ("csv", "json", "jsonl", "xspf", "jspf", "m3u8")
LOOKUP = "GET /v1/tracks/{track_id}"
SEARCH = "GET /youtube/v3/search"


def is_of(found: list[str], recordings: list[Recording]) -> bool:
    return len(found) == len(recordings) and all(
        video_id in {upload.video_id for upload in recording.uploads if upload.same_recording}
        for video_id, recording in zip(found, recordings, strict=True)
    )


@pytest.mark.parametrize("kind", FORMATS)
def test_a_file_of_every_format_becomes_the_same_playlist(scenario: MigrationScenario, kind: Format) -> None:
    known = well_known(3)
    recordings = [known[0], known[1], known[0], known[2], known[2]]
    content = file_of(kind, "Träume & more: #1/2", entries_of(recordings))
    name = file_names.file_name("Träume & more: #1/2", writer(kind).extension)
    migration_id = moved(scenario, content, name)
    (playlist,) = scenario.moved(migration_id)
    assert playlist["target_name"] == "Träume & more: #1/2"
    found = scenario.contents("youtube", playlist["target_playlist_id"])
    assert is_of(found, recordings)
    # The same as without a file in between.
    scenario.clear_matches()
    direct = scenario.start("spotify", "youtube", [scenario.playlist("spotify", track_ids(recordings))])
    scenario.finish(direct)
    assert scenario.assert_target_is_right(direct) == found


def test_what_was_exported_comes_back_to_its_provider_without_a_search(scenario: MigrationScenario) -> None:
    known = well_known(3)
    recordings = [known[0], known[1], known[0], known[2]]
    for kind in FORMATS:
        scenario.clear_calls()
        content = file_of(kind, f"Back {kind}", entries_of(recordings))
        migration_id = moved(scenario, content, f"Back {kind}.csv", "spotify")
        (playlist,) = scenario.moved(migration_id)
        assert playlist["target_name"] == f"Back {kind}"
        assert scenario.contents("spotify", playlist["target_playlist_id"]) == track_ids(recordings)
        calls = scenario.calls("spotify")
        assert not any("search" in endpoint for endpoint in calls)
        assert calls[LOOKUP] == 3
        assert {track["match_reasons"][0] for track in scenario.tracks(migration_id)} == {"the file names it"}


def test_videos_come_back_by_their_ids_fifty_a_unit(scenario: MigrationScenario) -> None:
    videos = [
        Entry(position=n, provider="youtube", provider_id=video_id, title="x")
        for n, video_id in enumerate(video_ids(well_known(60)))
    ]
    scenario.lift_quotas()
    scenario.clear_calls()
    migration_id = moved(scenario, file_of("json", "Videos", videos))
    (playlist,) = scenario.moved(migration_id)
    assert scenario.contents("youtube", playlist["target_playlist_id"]) == [
        entry.provider_id for entry in videos
    ]
    calls = scenario.calls("youtube")
    assert calls["GET /youtube/v3/videos"] == 2
    assert SEARCH not in calls


def test_an_id_that_is_gone_is_searched_for_by_name(scenario: MigrationScenario) -> None:
    recordings = well_known(2)
    first, second = entries_of(recordings)
    gone = replace(first, provider="youtube", provider_id="gone_gone_0")
    forged = replace(second, provider="youtube", provider_id="../../x?")
    migration_id = moved(scenario, file_of("json", "Gone", [gone, forged]))
    (playlist,) = scenario.moved(migration_id)
    assert is_of(scenario.contents("youtube", playlist["target_playlist_id"]), recordings)


def test_a_file_needs_no_account_at_its_source(scenario: MigrationScenario) -> None:
    person = scenario.harness.sign_up()
    link(person, "youtube", "write")
    recordings = well_known(1)
    found = upload(scenario, file_of("csv", "", entries_of(recordings)), "road_trip.csv", person=person)
    job = scenario.finish(found["migration_ids"][0], person=person)
    assert job["progress"]["tracks"]["written"] == 1


def test_a_list_of_a_players_files_is_matched_by_names(scenario: MigrationScenario) -> None:
    recordings = well_known(2)
    lines = ["#EXTM3U"]
    for recording in recordings:
        track = recording.tracks[0]
        lines += [
            f"#EXTINF:{track.duration_ms // 1000},{track.artists[0].name} - {track.title}",
            f"#EXTALB:{track.album.name}",
            "C:\\Music\\1.mp3",
        ]
    migration_id = moved(scenario, "\r\n".join(lines).encode("cp1252"), "mix.m3u")
    (playlist,) = scenario.moved(migration_id)
    assert playlist["source_name"] == "mix"
    found = scenario.contents("youtube", playlist["target_playlist_id"])
    assert is_of(found, recordings)
    # A second file with the same entries costs no search.
    scenario.clear_calls()
    again = moved(scenario, "\r\n".join(lines).encode(), "other.m3u")
    assert scenario.assert_target_is_right(again) == found
    assert SEARCH not in scenario.calls("youtube")


def test_all_answers_say_that_it_came_from_a_file(scenario: MigrationScenario) -> None:
    found = upload(scenario, file_of("csv", "", entries_of(well_known(1))), "Summer.csv", dry_run=True)
    job = scenario.finish(found["migration_ids"][0])
    assert (job["source_provider"], job["source_file"], job["import_id"]) == (
        "file", "Summer.csv", found["id"],
    )  # fmt: skip
    assert job["dry_run"]
    (playlist,) = scenario.moved(job["id"])
    assert playlist["is_from_file"]
    assert playlist["source_playlist_id"] == "file:name:Summer"
    (track,) = scenario.tracks(job["id"])
    assert track["source_provider"] == "spotify"
    assert found["formats"] == ["csv"]
    assert found["status_message"] == "1 playlist with 1 entry, on the way to YouTube."
    listed = scenario.person.call("GET", ROUTE).json["items"]
    assert [entry["id"] for entry in listed] == [found["id"]]
    made = moved(scenario, file_of("csv", "", entries_of(well_known(1))), "Summer.csv")
    (playlist,) = scenario.moved(made)
    (shown,) = [
        entry for entry in scenario.playlists("youtube") if entry["id"] == playlist["target_playlist_id"]
    ]
    assert "Moved from a file with MusicConnect" in shown.get(
        "description", "Moved from a file with MusicConnect"
    )
    assert scenario.person.call("DELETE", f"{ROUTE}/{found['id']}").status == 204
    assert scenario.job(job["id"])["import_id"] is None
    assert scenario.job(job["id"])["source_file"] == "Summer.csv"


def test_a_later_export_updates_what_an_earlier_one_became(scenario: MigrationScenario) -> None:
    recordings = well_known(3)
    head = {"provider": "spotify", "provider_playlist_id": "37i9dQZF1DX0XUsuxWHRQd"}
    first = moved(scenario, file_of("json", "Old name", entries_of(recordings[:2]), **head))
    (before,) = scenario.moved(first)
    second = moved(scenario, file_of("jspf", "New name", entries_of(recordings), **head))
    (after,) = scenario.moved(second)
    assert after["target_playlist_id"] == before["target_playlist_id"]
    assert scenario.contents("youtube", after["target_playlist_id"]) == video_ids(recordings)
    third = moved(scenario, file_of("xspf", "Copy", entries_of(recordings[:1]), **head), as_copy=True)
    (copy,) = scenario.moved(third)
    assert copy["target_playlist_id"] != before["target_playlist_id"]


def test_a_zip_becomes_one_migration_of_many_playlists(scenario: MigrationScenario) -> None:
    recordings = well_known(2)
    content = zip_of(
        {
            "Mix.csv": file_of("csv", "", entries_of(recordings)),
            "deeper/Mix ~2.csv": file_of("csv", "", entries_of(recordings[::-1])),
            "broken.xspf": b"<playlist><trackList><track>",
            "lines.jsonl": file_of("jsonl", "A", entries_of(recordings[:1])) + file_of("jsonl", "A", []),
            "manifest.json": b"{}",
        }
    )
    found = upload(scenario, content, "export.zip")
    assert (found["playlists"], found["entries"], found["failed"]) == (4, 5, 2)
    assert sorted(failure["file"] for failure in found["failures"]) == ["broken.xspf", "manifest.json"]
    assert found["formats"] == ["csv", "json"]
    job = scenario.finish(found["migration_ids"][0])
    assert job["status"] == "completed"
    playlists = scenario.moved(job["id"])
    assert [playlist["source_name"] for playlist in playlists] == ["Mix", "Mix", "A", "A"]
    assert [scenario.contents("youtube", playlist["target_playlist_id"]) for playlist in playlists] == [
        video_ids(recordings), video_ids(recordings[::-1]), video_ids(recordings[:1]), [],
    ]  # fmt: skip


def test_what_cannot_be_moved_keeps_its_place_and_says_why(scenario: MigrationScenario) -> None:
    (entry,) = entries_of(well_known(1))
    entries = [
        entry,
        Entry(position=1, kind="local", provider="spotify", provider_id="spotify:local:A:B:C:61", title="C"),
        Entry(position=2, kind="episode", provider="spotify", provider_id="e" * 22, title="Talk"),
        Entry(position=3, kind="unavailable", provider="spotify"),
    ]
    migration_id = moved(scenario, file_of("xspf", "Odd", entries))
    tracks = scenario.tracks(migration_id)
    assert [(track["position"], track["source_kind"], track["outcome"]) for track in tracks] == [
        (0, "track", "matched"),
        (1, "local", "not_transferable"),
        (2, "episode", "not_transferable"),
        (3, "unavailable", "not_transferable"),
    ]


def test_a_choice_about_a_files_entry_is_remembered_for_the_next_file(scenario: MigrationScenario) -> None:
    (video_id,) = video_ids(well_known(1))
    entry = Entry(position=0, title="Unknown tune qxz", artists=("Nobody at all",), duration_ms=99_000)
    first = upload(scenario, file_of("json", "Rare", [entry]))
    job = scenario.finish(first["migration_ids"][0])
    (track,) = scenario.tracks(job["id"])
    assert (track["status"], track["source_provider"]) == ("failed", "file")
    link = {"link": f"https://youtu.be/{video_id}"}
    scenario.act(job["id"], f"tracks/{track['id']}/resolve", 202, link)
    scenario.finish(job["id"])
    (rule,) = scenario.person.call("GET", "/v1/migrations/rules").json["items"]
    assert rule["source_provider"] == "file"
    scenario.clear_calls()
    again = moved(scenario, file_of("xspf", "Rare again", [entry]))
    assert [track["target_track_id"] for track in scenario.tracks(again)] == [video_id]
    assert SEARCH not in scenario.calls("youtube")


def test_a_file_that_calls_an_id_by_another_name_misleads_nobody_else(scenario: MigrationScenario) -> None:
    honest, other = well_known(2)
    (forged,) = entries_of([other])
    lie = replace(forged, provider_id=honest.tracks[0].id, isrc=honest.tracks[0].isrc)
    migration_id = moved(scenario, file_of("json", "Lies", [lie]))
    assert is_of([track["target_track_id"] for track in scenario.tracks(migration_id)], [other])
    kept = scenario.sql("SELECT source_provider, source_id FROM providers.match_store")
    assert honest.tracks[0].id not in {row[1] for row in kept}
    playlist_id = scenario.playlist("spotify", track_ids([honest]))
    scenario.finish(scenario.start("spotify", "youtube", [playlist_id]))
    (moved_honestly,) = [entry for entry in scenario.playlists("youtube") if entry["name"] == "Road trip"]
    assert scenario.contents("youtube", moved_honestly["id"]) == video_ids([honest])


def test_ids_without_names_lead_to_their_own_provider_and_from_there_elsewhere(
    scenario: MigrationScenario,
) -> None:
    videos = video_ids(well_known(2))
    takeout = "Video ID,Playlist Video Creation Timestamp\r\n" + "".join(
        f" {video_id},2024-03-01T10:00:00+00:00\r\n" for video_id in videos
    )
    there = moved(scenario, takeout.encode(), "Calm-videos.csv")
    assert scenario.assert_target_is_right(there) == videos
    elsewhere = moved(scenario, takeout.encode(), "Calm-videos.csv", "spotify")
    assert scenario.assert_target_is_right(elsewhere) == track_ids(well_known(2))


def test_videos_of_an_export_find_their_tracks(scenario: MigrationScenario) -> None:
    recordings = well_known(3)
    entries = [
        Entry(
            position=position,
            provider="youtube",
            provider_id=recording.uploads[0].video_id,
            url=f"https://www.youtube.com/watch?v={recording.uploads[0].video_id}",
            title=recording.uploads[0].title,
            artists=(recording.uploads[0].channel,),
            duration_ms=recording.uploads[0].duration_s * 1000,
        )
        for position, recording in enumerate(recordings)
    ]
    migration_id = moved(scenario, file_of("m3u8", "Videos", entries), "", "spotify")
    assert scenario.assert_target_is_right(migration_id) == track_ids(recordings)


def test_a_preview_of_a_file_is_made_real_without_the_file_and_without_a_search(
    scenario: MigrationScenario,
) -> None:
    recordings = well_known(3)
    entries = [
        *entries_of(recordings, with_ids=False),
        Entry(position=3, kind="local", title="Demo", artists=("Me",)),
    ]
    found = upload(scenario, file_of("json", "Twice", entries), "Twice.json", dry_run=True)
    (preview,) = found["migration_ids"]
    assert scenario.finish(preview)["progress"]["tracks"]["matched"] == 3
    scenario.clear_calls()
    answer = scenario.person.call("POST", "/v1/migrations", {"from_preview": preview})
    assert answer.status == 202, answer.text
    made = answer.json
    assert (made["source_provider"], made["source_file"]) == ("file", "Twice.json")

    job = scenario.finish(made["id"])

    assert (job["status"], job["progress"]["tracks"]["failed"]) == ("completed", 1)
    (playlist,) = scenario.moved(made["id"])
    assert playlist["target_name"] == "Twice"
    assert is_of(scenario.contents("youtube", playlist["target_playlist_id"]), recordings)
    assert SEARCH not in scenario.calls("youtube")
    again = scenario.person.call("POST", "/v1/migrations", {"from_preview": preview}).json
    scenario.finish(again["id"])
    (updated,) = scenario.moved(again["id"])
    assert updated["target_playlist_id"] == playlist["target_playlist_id"]
    assert is_of(scenario.contents("youtube", playlist["target_playlist_id"]), recordings)
    stranger = scenario.sign_up()
    assert stranger.call("POST", "/v1/migrations", {"from_preview": preview}).status == 404
