"""Liked songs become the target's own likes, in their order, and only what was written is ever taken back."""

import pytest
import requests

from tests.integration.migrations.fault_injection import Interruption
from tests.integration.migrations.scenario import WAYS, MigrationScenario, ids_on, without_upload
from tests.support.functions import Person

LIKED = {"spotify": "liked", "youtube": "LL"}


def _like(scenario: MigrationScenario, provider: str, ids: list[str]) -> None:
    """Like as the person does, one after the other: the last one is listed first."""
    for entry in ids:
        scenario.app(provider).like(entry)


def _likes(scenario: MigrationScenario, provider: str) -> list[str]:
    """What is liked, the last liked first, as the person's own list shows it."""
    answer = scenario.person.call("GET", f"/v1/playlists/{provider}/{LIKED[provider]}/tracks")
    assert answer.status == 200, answer.text
    return [entry["id"] for entry in answer.json["items"]]


def _found(scenario: MigrationScenario, migration_id: int) -> list[str]:
    """What the tracks of a migration have become, in its order."""
    return [track["target_track_id"] for track in scenario.tracks(migration_id, "&status=matched")]


@pytest.fixture
def fan(scenario: MigrationScenario) -> Person:
    """Somebody who has liked nothing yet, on either side."""
    for provider in scenario.urls:
        scenario.control(provider, "POST", "/users", {"id": "fan", "display_name": "Fan"})
    scenario.people.clear()
    return scenario.sign_up(login="fan")


def _start(scenario: MigrationScenario, source: str, target: str, **order: object) -> int:
    return scenario.start(source, target, [LIKED[source]], order={"liked_as": "likes", **order})


@pytest.mark.usefixtures("fan")
@pytest.mark.parametrize(("source", "target"), WAYS)
def test_likes_become_likes_in_their_order(scenario: MigrationScenario, source: str, target: str) -> None:
    _like(scenario, source, ids_on(source, 5))
    made = len(scenario.playlists(target, "fan"))

    migration_id = _start(scenario, source, target)
    job = scenario.finish(migration_id)

    assert job["status"] == "completed", job
    assert len(set(_found(scenario, migration_id))) == 5
    assert _likes(scenario, target) == _found(scenario, migration_id)[::-1]
    assert len(scenario.playlists(target, "fan")) == made
    (moved,) = scenario.moved(migration_id)
    assert (moved["target_playlist_id"], moved["tracks"]["written"]) == (LIKED[target], 5)
    assert [track["source_track_id"] for track in scenario.tracks(migration_id)] == ids_on(source, 5)


@pytest.mark.usefixtures("fan")
@pytest.mark.parametrize(("source", "target"), WAYS)
def test_what_was_liked_before_stays_when_it_is_undone(
    scenario: MigrationScenario, source: str, target: str
) -> None:
    _like(scenario, source, ids_on(source, 3))
    preview = _start(scenario, source, target, dry_run=True)
    scenario.finish(preview)
    mine, foreign = _found(scenario, preview)[0], ids_on(target, 1, skip=9)[0]
    _like(scenario, target, [foreign, mine])
    migration_id = _start(scenario, source, target)
    scenario.finish(migration_id)
    assert set(_likes(scenario, target)) == {foreign, *_found(scenario, migration_id)}

    scenario.act(migration_id, "rollback", 202)
    assert scenario.finish(migration_id)["status"] == "undone"

    assert _likes(scenario, target) == [mine, foreign]


@pytest.mark.usefixtures("fan")
def test_again_adds_what_is_new_and_takes_out_what_is_gone(scenario: MigrationScenario) -> None:
    ids = ids_on("spotify", 4)
    _like(scenario, "spotify", ids[:3])
    scenario.finish(_start(scenario, "spotify", "youtube"))
    requests.delete(
        f"{scenario.urls['spotify']}/v1/me/library",
        params={"uris": f"spotify:track:{ids[0]}"},
        headers={"Authorization": f"Bearer {scenario.token('spotify')}"},
        timeout=10,
    ).raise_for_status()
    _like(scenario, "spotify", ids[3:])
    scenario.clear_calls()
    again = _start(scenario, "spotify", "youtube", remove_missing=True)
    scenario.finish(again)
    assert len(_found(scenario, again)) == 3
    assert _likes(scenario, "youtube") == _found(scenario, again)[::-1]
    assert scenario.calls("youtube")["POST /youtube/v3/videos/rate"] == 2


@pytest.mark.usefixtures("fan")
def test_without_a_word_liked_songs_become_a_playlist(scenario: MigrationScenario) -> None:
    _like(scenario, "spotify", ids_on("spotify", 2))
    first = scenario.start("spotify", "youtube", ["liked"])
    scenario.finish(first)
    assert _likes(scenario, "youtube") == []
    assert len(scenario.playlists("youtube", "fan")) == 1
    # Likes are another target than that playlist.
    second = _start(scenario, "spotify", "youtube")
    scenario.finish(second)
    assert len(_likes(scenario, "youtube")) == 2
    assert scenario.moved(second)[0]["target_playlist_id"] == "LL"


@pytest.mark.usefixtures("fan")
def test_other_playlists_of_the_migration_stay_playlists(scenario: MigrationScenario) -> None:
    _like(scenario, "spotify", ids_on("spotify", 2))
    playlist = scenario.playlist("spotify", ids_on("spotify", 2, skip=4), login="fan")
    migration_id = scenario.start("spotify", "youtube", ["liked", playlist], order={"liked_as": "likes"})
    scenario.finish(migration_id)
    likes, other = scenario.moved(migration_id)
    assert likes["target_playlist_id"] == "LL"
    assert scenario.contents("youtube", other["target_playlist_id"]) == ids_on("youtube", 2, skip=4)


@pytest.mark.usefixtures("fan")
def test_many_pages_keep_their_order(scenario: MigrationScenario) -> None:
    scenario.lift_quotas()
    _like(scenario, "youtube", ids_on("youtube", 51))
    migration_id = _start(scenario, "youtube", "spotify")
    scenario.finish(migration_id)
    assert [track["position"] for track in scenario.tracks(migration_id)] == list(range(51))
    shown = scenario.person.call("GET", "/v1/playlists/spotify/liked/tracks").json
    assert shown["total"] == 51
    assert [entry["id"] for entry in shown["items"]] == _found(scenario, migration_id)[::-1][:50]


@pytest.mark.usefixtures("fan")
@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize(("source", "target"), WAYS)
def test_a_worker_killed_at_any_call_likes_each_once_and_takes_back_its_own(
    scenario: MigrationScenario, interruption: Interruption, source: str, target: str, after: bool
) -> None:
    scenario.lift_quotas()
    _like(scenario, source, ids_on(source, 3))
    preview = _start(scenario, source, target, dry_run=True)
    scenario.finish(preview)
    found, foreign = _found(scenario, preview), ids_on(target, 1, skip=9)[0]
    _like(scenario, target, [foreign, found[0]])

    def work_interrupted(migration_id: int, call: int, status: str) -> bool:
        """Kill a worker at a call, and let others finish; False if there were fewer calls."""
        was_killed = interruption.kill_in(scenario.work, call, after=after)
        assert scenario.finish(migration_id)["status"] == status, call
        return was_killed

    point, was_killed = 0, True
    while was_killed:
        point += 1
        migration_id = _start(scenario, source, target)
        was_killed = work_interrupted(migration_id, point, "completed")
        assert sorted(_likes(scenario, target)) == sorted([foreign, *found]), point
        assert scenario.moved(migration_id)[0]["tracks"]["written"] == 3
        scenario.act(migration_id, "rollback", 202)
        was_killed |= work_interrupted(migration_id, point, "undone")
        assert _likes(scenario, target) == [found[0], foreign], point
    # Read, look at the target, write, verify.
    assert point > 5


@pytest.mark.usefixtures("fan")
def test_a_spent_day_goes_on_tomorrow(scenario: MigrationScenario) -> None:
    _like(scenario, "spotify", ids_on("spotify", 4))
    scenario.finish(_start(scenario, "spotify", "youtube", dry_run=True))
    used = next(
        entry["used"]
        for entry in scenario.person.call("GET", "/v1/providers/youtube/quota").json["items"]
        if entry["bucket"] == "general"
    )
    scenario.harness.environment["YOUTUBE_DAILY_UNITS"] = str(used + 110)
    migration_id = _start(scenario, "spotify", "youtube")
    scenario.work()
    assert scenario.job(migration_id)["progress"]["waiting_for"] == "quota"
    assert scenario.finish(migration_id)["status"] == "completed"
    assert _likes(scenario, "youtube") == _found(scenario, migration_id)[::-1]


@pytest.mark.usefixtures("fan")
def test_a_consent_without_the_library_says_what_to_do(scenario: MigrationScenario) -> None:
    _like(scenario, "youtube", ids_on("youtube", 1))
    scenario.fault(
        "spotify",
        "PUT /v1/me/library",
        status=403,
        body={"error": {"status": 403, "message": "Insufficient client scope"}},
    )
    job = scenario.finish(_start(scenario, "youtube", "spotify"))
    assert job["status"] == "failed"
    assert "Link the account again" in job["status_message"]


@pytest.mark.usefixtures("fan")
def test_an_entry_without_counterpart_is_left_out(scenario: MigrationScenario) -> None:
    _like(scenario, "spotify", [ids_on("spotify", 1)[0], without_upload()])
    migration_id = _start(scenario, "spotify", "youtube")
    assert scenario.finish(migration_id)["status"] == "completed"
    assert _likes(scenario, "youtube") == _found(scenario, migration_id)
    assert len(_found(scenario, migration_id)) == 1
