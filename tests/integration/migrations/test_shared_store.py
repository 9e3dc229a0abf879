"""What one person decides, and what others get of it: played through over HTTP by several people."""

from typing import Any

import pytest

from tests.integration.migrations.scenario import (
    MigrationScenario,
    catalogue,
    track_ids,
    video_ids,
    well_known,
)
from tests.support.functions import Person

REPLACED = "replaced-by-somebody"


def odd_videos() -> list[str]:
    """Uploads that are not the recording they are filed under."""
    recordings = [entry for entry in catalogue().recordings if entry.tracks]
    odd = [upload for entry in recordings for upload in entry.uploads if not upload.same_recording]
    return [upload.video_id for upload in odd][:12]


@pytest.fixture
def many(scenario: MigrationScenario) -> MigrationScenario:
    scenario.lift_quotas()
    scenario.control("youtube", "PUT", "/settings", {"manual_sort": True})
    return scenario


def sign_up(scenario: MigrationScenario, login: str) -> Person:
    for provider in scenario.urls:
        users = scenario.control(provider, "GET", "/users")["users"]
        if login not in {user["id"] for user in users}:
            scenario.control(provider, "POST", "/users", {"id": login, "display_name": login})
    return scenario.sign_up(login=login)


def move(
    scenario: MigrationScenario, person: Person, login: str, source: str, ids: list[str]
) -> tuple[int, list[dict[str, Any]]]:
    """Move a playlist of these to the other service; gives the migration and its tracks."""
    target = "youtube" if source == "spotify" else "spotify"
    playlist = scenario.playlist(source, ids, login=login)
    migration_id = scenario.start(source, target, [playlist], person, {"as_copy": True})
    scenario.finish(migration_id, person=person)
    answer = person.call("GET", f"/v1/migrations/{migration_id}/tracks?limit=200")
    return migration_id, list(answer.json["items"])


def decide(person: Person, track: dict[str, Any], body: dict[str, Any]) -> None:
    url = f"/v1/migrations/{track['migration_id']}/tracks/{track['id']}/resolve"
    answer = person.call("POST", url, body)
    assert answer.status == 202, answer.text


def asked(tracks: list[dict[str, Any]]) -> dict[str, Any]:
    return next(track for track in tracks if track["outcome"] == "needs_review")


def of(tracks: list[dict[str, Any]], source_id: str) -> dict[str, Any]:
    return next(track for track in tracks if track["source_track_id"] == source_id)


def codes(track: dict[str, Any]) -> set[str]:
    return {reason["code"] for reason in track["reason_details"]}


def test_one_person_plants_nothing_and_two_people_settle_it(many: MigrationScenario) -> None:
    ids = odd_videos()
    vandal, second, third = (sign_up(many, login) for login in ("vera", "sam", "tom"))
    _, tracks = move(many, vandal, "vera", "youtube", ids)
    track = asked(tracks)
    source_id, best = track["source_track_id"], track["candidates"][0]["id"]
    wrong = next(entry for entry in track_ids(well_known(30)) if entry != best)
    decide(vandal, track, {"link": f"https://open.spotify.com/track/{wrong}"})
    assert of(move(many, second, "sam", "youtube", ids)[1], source_id)["target_track_id"] != wrong
    decide(vandal, track, {"candidate": best})
    _, tracks = move(many, second, "sam", "youtube", ids)
    mine = of(tracks, source_id)
    assert (mine["outcome"], mine["target_track_id"]) == ("needs_review", None)
    decide(second, mine, {"candidate": best})
    _, tracks = move(many, third, "tom", "youtube", ids)
    theirs = of(tracks, source_id)
    assert (theirs["outcome"], theirs["target_track_id"]) == ("matched", best)
    assert "own-choice" not in codes(theirs)


def test_two_accounts_of_one_person_are_one_person(many: MigrationScenario) -> None:
    ids = odd_videos()
    first, again = sign_up(many, "vera"), sign_up(many, "vera")
    for person in (first, again):
        _, tracks = move(many, person, "vera", "youtube", ids)
        track = asked(tracks)
        source_id = track["source_track_id"]
        decide(person, track, {"candidate": track["candidates"][0]["id"]})
    other = sign_up(many, "sam")
    assert of(move(many, other, "sam", "youtube", ids)[1], source_id)["outcome"] == "needs_review"


@pytest.mark.parametrize("how", ["link", "rule", "leave_out"])
def test_a_vandal_makes_others_be_asked_and_tears_nothing_down(many: MigrationScenario, how: str) -> None:
    source_id, video = track_ids(well_known(1))[0], video_ids(well_known(1))[0]
    wrong = video_ids(well_known(1, 20))[0]
    vandal, second, third, fourth = (sign_up(many, login) for login in ("vera", "sam", "tom", "ann"))
    _, (track,) = move(many, vandal, "vera", "spotify", [source_id])
    assert track["target_track_id"] == video

    def tear_down() -> None:
        if how == "rule":
            rule = {"source_provider": "spotify", "source_id": source_id, "target_provider": "youtube"}
            assert vandal.call("POST", "/v1/migrations/rules", rule | {"target_id": wrong}).status == 201
        else:
            body = {"link": f"https://youtu.be/{wrong}"} if how == "link" else {"leave_out": True}
            decide(vandal, track, body)

    tear_down()
    _, (mine,) = move(many, second, "sam", "spotify", [source_id])
    assert (mine["outcome"], mine["target_track_id"]) == ("needs_review", None)
    assert mine["candidates"][0]["id"] == video
    assert REPLACED in codes(mine)
    decide(second, mine, {"candidate": video})
    _, (theirs,) = move(many, third, "tom", "spotify", [source_id])
    assert theirs["outcome"] == "needs_review"
    decide(third, theirs, {"candidate": video})
    _, (last,) = move(many, fourth, "ann", "spotify", [source_id])
    assert (last["outcome"], last["target_track_id"]) == ("matched", video)
    tear_down()
    fifth = sign_up(many, "eve")
    _, (still,) = move(many, fifth, "eve", "spotify", [source_id])
    assert (still["outcome"], still["target_track_id"]) == ("matched", video)


def test_a_vandal_of_many_tracks_is_one_person(many: MigrationScenario) -> None:
    ids, videos = track_ids(well_known(3)), video_ids(well_known(3))
    vandal, second = sign_up(many, "vera"), sign_up(many, "sam")
    _, tracks = move(many, vandal, "vera", "spotify", ids)
    for track in tracks:
        decide(vandal, track, {"link": f"https://youtu.be/{video_ids(well_known(1, 20))[0]}"})
    _, found = move(many, second, "sam", "spotify", ids)
    assert [track["outcome"] for track in found] == ["needs_review"] * 3
    assert [track["candidates"][0]["id"] for track in found] == videos


def test_a_vote_is_its_persons_and_a_dispute_names_nobody(many: MigrationScenario) -> None:
    vandal = sign_up(many, "vera")
    _, (track,) = move(many, vandal, "vera", "spotify", track_ids(well_known(1)))
    decide(vandal, track, {"leave_out": True})
    assert many.sql("SELECT user_id, target_id, instead_of FROM providers.match_votes") == [
        (vandal.id, None, track["target_track_id"])
    ]
    assert many.sql("SELECT count(*) FROM providers.match_disputes") == [(1,)]


def test_a_dead_video_is_dropped_for_everybody_and_searched_anew(many: MigrationScenario) -> None:
    ids, videos = track_ids(well_known(3)), video_ids(well_known(3))
    first, second = sign_up(many, "vera"), sign_up(many, "sam")
    playlist = many.playlist("spotify", ids, login="vera")
    migration_id = many.start("spotify", "youtube", [playlist], first)
    many.finish(migration_id, person=first)
    many.control("youtube", "PUT", f"/videos/{videos[1]}", {"privacy": "deleted"})
    _, found = move(many, second, "sam", "spotify", ids)
    assert found[1]["target_track_id"] != videos[1]
    assert "target-gone" in codes(found[1])
    stored = many.sql("SELECT count(*) FROM providers.match_store WHERE target_id = %s", videos[1])
    assert stored == [(0,)]
    # The first owner's next run does not count what plays no more.
    again = many.start("spotify", "youtube", [playlist], first)
    job = many.finish(again, person=first)
    (moved,) = first.call("GET", f"/v1/migrations/{again}/playlists").json["items"]
    tracks = first.call("GET", f"/v1/migrations/{again}/tracks").json["items"]
    listed = many.contents("youtube", moved["target_playlist_id"])
    assert tracks[1]["target_track_id"] != videos[1]
    if tracks[1]["written"]:
        assert listed == [videos[0], tracks[1]["target_track_id"], videos[2]]
    else:
        assert job["progress"]["tracks"]["written"] == 2
