"""Reviewing over HTTP: lists by outcome and score, deciding about one or many, and taking it back."""

from typing import Any

import pytest

from tests.integration.migrations.fault_injection import Interruption
from tests.integration.migrations.scenario import (
    MigrationScenario,
    catalogue,
    ids_on,
    track_ids,
    video_ids,
    well_known,
    without_upload,
)

TRACKS = "/v1/migrations/tracks"


def odd_videos() -> list[str]:
    """Uploads that are not the recording they are filed under."""
    recordings = [entry for entry in catalogue().recordings if entry.tracks]
    odd = [upload for entry in recordings for upload in entry.uploads if not upload.same_recording]
    return [upload.video_id for upload in odd][:20]


@pytest.fixture
def reviewed(scenario: MigrationScenario) -> int:
    """A migration that has ended, of which some tracks need a review."""
    ids = [*video_ids(well_known(2)), *odd_videos()]
    migration_id = scenario.start("youtube", "spotify", [scenario.playlist("youtube", ids, name="Odd ones")])
    scenario.finish(migration_id)
    return migration_id


def listed(scenario: MigrationScenario, query: str = "", limit: int = 200) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    cursor = ""
    while True:
        answer = scenario.person.call("GET", f"{TRACKS}?limit={limit}{query}{cursor}")
        assert answer.status == 200, answer.text
        found += answer.json["items"]
        if answer.json["next_cursor"] is None:
            return found
        cursor = f"&cursor={answer.json['next_cursor']}"


def track(scenario: MigrationScenario, migration_id: int, track_id: int) -> dict[str, Any]:
    answer = scenario.person.call("GET", f"/v1/migrations/{migration_id}/tracks/{track_id}")
    assert answer.status == 200, answer.text
    return dict(answer.json)


def test_tracks_of_all_migrations_are_listed_the_least_sure_first(
    scenario: MigrationScenario, reviewed: int
) -> None:
    other = scenario.start("youtube", "spotify", [scenario.playlist("youtube", odd_videos())])
    scenario.finish(other)
    found = listed(scenario, "&outcome=needs_review&sort=score")
    assert {entry["migration_id"] for entry in found} == {reviewed, other}
    assert {entry["outcome"] for entry in found} == {"needs_review"}
    scores = [entry["match_score"] for entry in found]
    assert scores == sorted(scores)
    assert [entry["id"] for entry in listed(scenario, "&outcome=needs_review&sort=score", 1)] == [
        entry["id"] for entry in found
    ]
    assert {entry["migration_id"] for entry in listed(scenario)} == {reviewed, other}
    everything = scenario.tracks(reviewed, "&sort=score", 3)
    assert len(everything) == len({entry["id"] for entry in everything}) == 2 + len(odd_videos())
    assert scenario.person.call("GET", f"{TRACKS}?sort=score&cursor=x").status == 400


def test_a_track_shows_both_sides_and_codes(scenario: MigrationScenario, reviewed: int) -> None:
    matched = scenario.tracks(reviewed, "&outcome=matched")[0]
    assert matched["playlist_name"] == "Odd ones"
    assert matched["source"]["url"] == f"https://www.youtube.com/watch?v={matched['source_track_id']}"
    target = matched["target"]
    assert target["url"] == f"https://open.spotify.com/track/{matched['target_track_id']}"
    assert all(target[name] for name in ("isrc", "album", "duration_ms"))
    (asked, *_) = scenario.tracks(reviewed, "&outcome=needs_review")
    assert all(asked["source"][name] for name in ("duration_ms", "channel"))
    best = asked["candidates"][0]
    assert best["url"] == f"https://open.spotify.com/track/{best['id']}"
    assert best["duration_ms"]
    numbers = [asked["match_score"], best["score"], *asked["match_parts"].values(), *best["parts"].values()]
    assert all(round(number, 1) == number for number in numbers)
    details = asked["reason_details"]
    assert [entry["text"] for entry in details] == asked["match_reasons"]
    assert all(entry["code"] != "other" for entry in details)
    assert {entry["sign"] for entry in details} <= {"for", "against", "open"}
    code = details[0]["code"]
    assert asked["id"] in {entry["id"] for entry in scenario.tracks(reviewed, f"&reason={code}")}
    assert scenario.tracks(reviewed, "&reason=no-such-reason") == []
    assert track(scenario, reviewed, asked["id"]) == asked


def test_tracks_are_counted_by_outcome_and_reason(scenario: MigrationScenario, reviewed: int) -> None:
    tally = scenario.person.call("GET", f"{TRACKS}/counts?migration_id={reviewed}").json
    tracks = scenario.tracks(reviewed)
    assert tally["total"] == len(tracks)
    assert tally["written"] == sum(entry["written"] for entry in tracks)
    for outcome, count in tally["outcomes"].items():
        assert count == sum(entry["outcome"] == outcome for entry in tracks)
    for code, count in tally["reasons"].items():
        assert count == len(
            [
                entry
                for entry in tracks
                if entry["outcome"] in ("needs_review", "no_match")
                and code in {reason["code"] for reason in entry["reason_details"]}
            ]
        )
    assert tally["reasons"]
    assert scenario.person.call("GET", f"{TRACKS}/counts").json == tally
    stranger = scenario.sign_up()
    assert stranger.call("GET", f"{TRACKS}/counts").json["total"] == 0
    assert stranger.call("GET", f"{TRACKS}/counts?migration_id={reviewed}").status == 404


def test_a_later_migration_of_the_playlist_takes_its_tracks_over(scenario: MigrationScenario) -> None:
    playlist = scenario.playlist("youtube", odd_videos())
    for _ in range(2):
        last = scenario.start("youtube", "spotify", [playlist])
        scenario.finish(last)
    assert {entry["migration_id"] for entry in listed(scenario)} == {last}


def test_many_are_decided_at_once(scenario: MigrationScenario, reviewed: int) -> None:
    asked = scenario.tracks(reviewed, "&outcome=needs_review")
    assert len(asked) >= 2
    without = [entry for entry in scenario.tracks(reviewed, "&status=failed") if not entry["candidates"]]
    written = scenario.tracks(reviewed, "&written=true")[0]
    stranger = scenario.sign_up()
    choices = [
        {"track_id": asked[0]["id"], "best": True},
        {"track_id": asked[1]["id"], "leave_out": True},
        *({"track_id": entry["id"], "best": True} for entry in without[:1]),
        {"track_id": 2**62, "leave_out": True},
    ]
    key = {"Idempotency-Key": "many"}
    answer = scenario.person.call("POST", f"{TRACKS}/resolve", {"choices": choices}, headers=key)
    assert answer.status == 200, answer.text
    assert [item["status"] for item in answer.json["items"]][:2] == ["applied", "applied"]
    assert answer.json["items"][-1]["code"] == "not-found"
    if without:
        assert answer.json["items"][2]["code"] == "no-candidate"
    again = scenario.person.call("POST", f"{TRACKS}/resolve", {"choices": choices[:2]}, headers=key)
    assert again.status == 409
    assert stranger.call("POST", f"{TRACKS}/resolve", {"choices": choices[:1]}).json["refused"] == 1
    assert scenario.finish(reviewed)["status"] == "completed"
    assert asked[0]["candidates"][0]["id"] in scenario.assert_target_is_right(reviewed)
    left = track(scenario, reviewed, asked[1]["id"])
    assert (left["status"], left["code"]) == ("failed", "left-out")
    assert [entry["code"] for entry in left["reason_details"]] == ["left-out"]
    assert track(scenario, reviewed, written["id"])["decision"] is None


@pytest.mark.parametrize(
    "choices",
    [
        [],
        [{"track_id": 1}],
        [{"track_id": 1, "best": True, "leave_out": True}],
        [{"track_id": 1, "best": True}, {"track_id": 1, "leave_out": True}],
        [{"track_id": 0, "best": True}],
        [{"track_id": n + 1, "best": True} for n in range(501)],
        [{"track_id": n + 1, "link": "https://youtu.be/88S4I44-Hjv"} for n in range(51)],
    ],
)
def test_choices_that_make_no_sense_are_refused(
    scenario: MigrationScenario, choices: list[dict[str, Any]]
) -> None:
    assert scenario.person.call("POST", f"{TRACKS}/resolve", {"choices": choices}).status == 422


def test_a_link_to_what_is_not_there_is_refused(scenario: MigrationScenario) -> None:
    migration_id = scenario.start("spotify", "youtube", [scenario.playlist("spotify", [without_upload()])])
    scenario.finish(migration_id)
    (missing,) = scenario.tracks(migration_id)
    gone = video_ids(well_known(1, 7))[0]
    scenario.control("youtube", "PUT", f"/videos/{gone}", {"privacy": "deleted"})
    for link in (f"https://youtu.be/{gone}", "https://open.spotify.com/track/" + ids_on("spotify", 1)[0]):
        scenario.act(migration_id, f"tracks/{missing['id']}/resolve", 422, {"link": link})
    assert track(scenario, migration_id, missing["id"])["decision"] is None


def test_a_decision_while_a_worker_is_at_the_playlist_waits(
    scenario: MigrationScenario, interruption: Interruption
) -> None:
    missing = without_upload()
    ids, videos = track_ids(well_known(3)), video_ids(well_known(4))
    order = [ids[0], missing, ids[1], ids[2]]
    migration_id = scenario.start("spotify", "youtube", [scenario.playlist("spotify", order)])
    seen: list[dict[str, Any]] = []

    def decide() -> None:
        if scenario.calls("youtube").get("POST /youtube/v3/playlistItems", 0) == 0:
            interruption.at(1, decide, after=True)
            return
        (entry,) = scenario.tracks(migration_id, "&status=failed")
        scenario.act(
            migration_id,
            f"tracks/{entry['id']}/resolve",
            202,
            {"link": f"https://youtu.be/{videos[3]}"},
        )
        seen.append(track(scenario, migration_id, entry["id"]))

    interruption.at(1, decide, after=True)
    scenario.finish(migration_id)
    assert seen[0]["decision"]["status"] == "queued"
    assert seen[0]["status"] == "failed"
    assert scenario.finish(migration_id)["status"] == "completed"
    assert scenario.assert_target_is_right(migration_id) == [videos[0], videos[3], videos[1], videos[2]]
    assert track(scenario, migration_id, seen[0]["id"])["decision"]["status"] == "applied"


def test_a_decision_outlasts_the_worker_it_waited_for(scenario: MigrationScenario, reviewed: int) -> None:
    (asked, *_) = scenario.tracks(reviewed, "&outcome=needs_review")
    scenario.sql(
        "UPDATE migrations.playlists SET lease_until = %s, status = 'running', due_at = %s, stage = 'verify' "
        "WHERE job_id = %s",
        scenario.now().replace(year=scenario.now().year + 1),
        scenario.now(),
        reviewed,
    )
    scenario.act(reviewed, f"tracks/{asked['id']}/resolve", 202, {"candidate": asked["candidates"][0]["id"]})
    assert track(scenario, reviewed, asked["id"])["decision"]["status"] == "queued"
    scenario.sql("UPDATE migrations.playlists SET lease_until = %s", scenario.now())
    scenario.sql("UPDATE migrations.jobs SET status = 'running'")
    scenario.dispatch()
    scenario.pass_time(1)
    assert scenario.finish(reviewed)["status"] == "completed"
    assert asked["candidates"][0]["id"] in scenario.assert_target_is_right(reviewed)


def test_a_decision_is_taken_back(scenario: MigrationScenario, reviewed: int) -> None:
    (asked, *_) = scenario.tracks(reviewed, "&outcome=needs_review")
    act = f"tracks/{asked['id']}"
    scenario.act(reviewed, f"{act}/undo", 409)
    scenario.act(reviewed, f"{act}/resolve", 202, {"leave_out": True})
    assert track(scenario, reviewed, asked["id"])["code"] == "left-out"
    assert len(scenario.person.call("GET", "/v1/migrations/rules").json["items"]) == 1
    scenario.act(reviewed, f"{act}/undo", 202)
    assert track(scenario, reviewed, asked["id"]) == asked
    assert scenario.person.call("GET", "/v1/migrations/rules").json["items"] == []
    scenario.act(reviewed, f"{act}/undo", 409)
    scenario.act(reviewed, "tracks/4611686018427387904/undo", 404)
    assert scenario.sign_up().call("POST", f"/v1/migrations/{reviewed}/{act}/undo").status == 404


def test_ten_thousand_tracks_are_paged(scenario: MigrationScenario, reviewed: int) -> None:
    scenario.sql(
        "INSERT INTO migrations.tracks (playlist_migration_id, user_id, position, source_track_id, "
        "source_title, source_artist, source, outcome, status, match_score) "
        "SELECT p.id, p.user_id, 1000 + n, 's' || n, 't', 'a', '{}', 'needs_review', 'failed', "
        "(n %% 700) / 7.0 "
        "FROM migrations.playlists p, generate_series(1, 10000) n WHERE p.job_id = %s",
        reviewed,
    )
    found = listed(scenario, "&sort=score&outcome=needs_review")
    assert len(found) >= 10_000
    assert len({entry["id"] for entry in found}) == len(found)
    scores = [entry["match_score"] for entry in found]
    assert scores == sorted(scores)
