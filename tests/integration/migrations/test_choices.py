"""A person's own choices: rules, and deciding about what needs a review."""

import pytest

from tests.integration.migrations.scenario import (
    MigrationScenario,
    catalogue,
    track_ids,
    video_ids,
    well_known,
    without_upload,
)


def rule(scenario: MigrationScenario, source_id: str, target_id: str | None) -> int:
    answer = scenario.person.call(
        "POST",
        "/v1/migrations/rules",
        {"source_provider": "spotify", "source_id": source_id, "target_provider": "youtube",
         "target_id": target_id},
    )  # fmt: skip
    assert answer.status == 201, answer.text
    made: int = answer.json["id"]
    return made


def test_a_rule_wins_over_the_search_in_every_migration(scenario: MigrationScenario) -> None:
    ids, videos = track_ids(well_known(3)), video_ids(well_known(5))
    first = rule(scenario, ids[0], videos[4])
    rule(scenario, ids[1], None)
    for order in ({}, {"as_copy": True}):
        migration_id = scenario.start("spotify", "youtube", [scenario.playlist("spotify", ids)], order=order)
        scenario.finish(migration_id)
        tracks = scenario.tracks(migration_id)
        assert [track["target_track_id"] for track in tracks] == [videos[4], None, videos[2]]
        assert tracks[1]["error_message"] == "Left out: you said that it does not exist there."
        scenario.assert_target_is_right(migration_id)
    listed = scenario.person.call("GET", "/v1/migrations/rules?limit=1").json
    assert (len(listed["items"]), listed["next_cursor"] is not None) == (1, True)
    assert scenario.person.call("DELETE", f"/v1/migrations/rules/{first}").status == 204
    assert scenario.person.call("DELETE", f"/v1/migrations/rules/{first}").status == 404


def test_a_rule_takes_a_link_in_place_of_an_id(scenario: MigrationScenario) -> None:
    (source,), (video,) = track_ids(well_known(1)), video_ids(well_known(1))
    body = {"source_provider": "spotify", "source_id": source, "target_provider": "youtube"}
    for link, said in (
        (f"https://open.spotify.com/track/{source}", "no link to a track at YouTube"),
        ("https://www.youtube.com/playlist?list=PL123", "no link to a track at YouTube"),
        ("not a link", "That is no link."),
    ):
        refused = scenario.person.call(
            "POST", "/v1/migrations/rules", {**body, "target_id": None, "target_link": link}
        )
        assert refused.status == 422
        (error,) = refused.json["errors"]
        assert error["path"] == "body.target_link"
        assert said in error["message"]
    link = f"https://youtu.be/{video}"
    both = scenario.person.call(
        "POST", "/v1/migrations/rules", {**body, "target_id": video, "target_link": link}
    )
    assert both.status == 422
    made = scenario.person.call(
        "POST", "/v1/migrations/rules", {**body, "target_id": None, "target_link": link}
    )
    assert (made.status, made.json["target_id"]) == (201, video)


def test_rules_are_their_owners_alone(scenario: MigrationScenario) -> None:
    made = rule(scenario, track_ids(well_known(1))[0], None)
    stranger = scenario.sign_up()
    assert stranger.call("GET", "/v1/migrations/rules").json["items"] == []
    assert stranger.call("DELETE", f"/v1/migrations/rules/{made}").status == 404
    migration_id = scenario.start_known(1, person=stranger)
    assert scenario.finish(migration_id, person=stranger)["progress"]["tracks"]["matched"] == 1


def test_a_link_puts_a_track_at_its_place_and_becomes_a_rule(scenario: MigrationScenario) -> None:
    ids, videos = track_ids(well_known(3)), video_ids(well_known(4))
    missing = without_upload()
    order = [ids[0], missing, ids[1], ids[2]]
    migration_id = scenario.start("spotify", "youtube", [scenario.playlist("spotify", order)])
    scenario.finish(migration_id)
    (track,) = scenario.tracks(migration_id, "&status=failed")
    resolve = f"tracks/{track['id']}/resolve"
    scenario.act(migration_id, resolve, 422, {"link": "https://example.org/"})
    scenario.act(migration_id, resolve, 422, {})
    scenario.act(migration_id, resolve, 202, {"link": f"https://youtu.be/{videos[3]}"})
    assert scenario.finish(migration_id)["status"] == "completed"
    assert scenario.assert_target_is_right(migration_id) == [videos[0], videos[3], videos[1], videos[2]]
    again = scenario.start(
        "spotify", "youtube", [scenario.playlist("spotify", [missing])], order={"as_copy": True}
    )
    scenario.finish(again)
    assert scenario.assert_target_is_right(again) == [videos[3]]


@pytest.mark.parametrize("leave_out", [True, False])
def test_a_candidate_is_taken_or_left(scenario: MigrationScenario, leave_out: bool) -> None:
    known = {entry.tracks[0].id: entry for entry in catalogue().recordings if entry.tracks and entry.uploads}
    ids = [*video_ids(well_known(1)), *odd_videos(), *video_ids(well_known(1, 1))]
    migration_id = scenario.start("youtube", "spotify", [scenario.playlist("youtube", ids)])
    scenario.finish(migration_id)
    reviews = [track for track in scenario.tracks(migration_id, "&status=failed") if track["candidates"]]
    assert reviews
    chosen = reviews[0]["candidates"][0]["id"]
    assert chosen in known
    resolve = f"tracks/{reviews[0]['id']}/resolve"
    scenario.act(migration_id, resolve, 422, {"candidate": "nothing"})
    scenario.act(migration_id, resolve, 202, {"leave_out": True} if leave_out else {"candidate": chosen})
    assert scenario.finish(migration_id)["status"] == "completed"
    assert (chosen in scenario.assert_target_is_right(migration_id)) is not leave_out


def odd_videos() -> list[str]:
    """Uploads that are not the recording they are filed under."""
    return [
        upload.video_id
        for entry in catalogue().recordings
        if entry.tracks
        for upload in entry.uploads
        if not upload.same_recording
    ][:6]
