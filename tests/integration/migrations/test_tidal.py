"""What is TIDAL's own in migrations: ids that die, answers that are lost, a bucket of tokens."""

from tests.integration.migrations.everywhere import ids, known
from tests.integration.migrations.scenario import MigrationScenario

ADD = "POST /v2/playlists/{id}/relationships/items"
ITEMS = "GET /v2/playlists/{id}/relationships/items"


def test_isrcs_find_nearly_everything_without_a_search(everywhere: MigrationScenario) -> None:
    playlist = everywhere.playlist("spotify", ids("spotify", known()[:15]))
    everywhere.clear_calls()
    everywhere.finish(everywhere.start("spotify", "tidal", [playlist]))
    calls = everywhere.calls("tidal")
    assert calls["GET /v2/tracks"] == 15
    assert "GET /v2/searchResults" not in calls
    assert calls[ADD] == 1


def test_an_id_that_died_since_is_found_again_in_its_place(everywhere: MigrationScenario) -> None:
    chosen = known()[:6]
    playlist = everywhere.playlist("spotify", ids("spotify", chosen))
    everywhere.finish(everywhere.start("spotify", "tidal", [playlist]))  # the store knows them all now
    before = ids("tidal", chosen)
    new = {
        place: everywhere.control("tidal", "POST", f"/tracks/{before[place]}/churn")["id"] for place in (0, 3)
    }
    again = everywhere.playlist("spotify", ids("spotify", chosen), name="Again")
    job = everywhere.finish(everywhere.start("spotify", "tidal", [again]))
    expected = [new.get(place, id_) for place, id_ in enumerate(before)]
    assert everywhere.assert_target_is_right(job["id"]) == expected
    # ... and the store knows the new ones.
    third = everywhere.playlist("spotify", ids("spotify", chosen), name="Third")
    everywhere.clear_calls()
    job = everywhere.finish(everywhere.start("spotify", "tidal", [third]))
    assert everywhere.assert_target_is_right(job["id"]) == expected
    assert "GET /v2/tracks" not in everywhere.calls("tidal")


def test_what_was_skipped_once_is_written_after_all(everywhere: MigrationScenario) -> None:
    chosen = known()[:4]
    everywhere.fault(
        "tidal",
        ADD,
        status=200,
        times=1,
        body={
            "data": [],
            "links": {"self": "/x"},
            "meta": {"skipped": [{"type": "tracks", "id": "1", "reason": "NOT_FOUND"}]},
        },
        headers={"content-type": "application/vnd.api+json"},
    )
    # Everything was skipped once, as if all had died: the second time everything is there.
    youtube = everywhere.playlist("youtube", ids("youtube", chosen))
    job = everywhere.finish(everywhere.start("youtube", "tidal", [youtube]))
    assert len(everywhere.assert_target_is_right(job["id"])) == 4


def test_a_lost_answer_is_repeated_by_its_name_and_nothing_is_read(everywhere: MigrationScenario) -> None:
    many = (known()[:20] * 6)[:110]
    playlist = everywhere.playlist("spotify", ids("spotify", many))
    everywhere.fault("tidal", ADD, kind="close", applied=True, skip=1)
    migration = everywhere.start("spotify", "tidal", [playlist])
    everywhere.work()
    job = everywhere.job(migration)
    assert job["status"] == "running"
    everywhere.clear_calls()
    everywhere.pass_time(700)
    everywhere.dispatch()
    job = everywhere.finish(migration)
    assert len(everywhere.assert_target_is_right(migration)) == 110
    assert everywhere.calls("tidal")[ITEMS] == 6  # the verification, and nothing before it


def test_after_an_hour_the_target_is_read(everywhere: MigrationScenario) -> None:
    playlist = everywhere.playlist("spotify", ids("spotify", known()[:20]))
    everywhere.fault("tidal", ADD, kind="close", applied=True)
    migration = everywhere.start("spotify", "tidal", [playlist])
    everywhere.work()
    everywhere.pass_time(3700)
    everywhere.dispatch()
    everywhere.finish(migration)
    assert len(everywhere.assert_target_is_right(migration)) == 20


def test_a_bucket_of_tokens_is_waited_for(everywhere: MigrationScenario) -> None:
    everywhere.harness.environment["TIDAL_TOKENS"] = "10 1"
    everywhere.control("tidal", "PUT", "/quota", {"tokens": 12})
    playlist = everywhere.playlist("spotify", ids("spotify", known()[:8]))
    everywhere.clear_calls()
    migration = everywhere.start("spotify", "tidal", [playlist])
    everywhere.work()
    (state,) = everywhere.moved(migration)
    assert state["status"] != "completed"
    everywhere.finish(migration, rounds=100)
    assert len(everywhere.assert_target_is_right(migration)) == 8
    log = everywhere.control("tidal", "GET", "/calls")["calls"]
    assert {call["status"] for call in log} <= {200, 201}, "our own bucket asks no more than TIDAL gives"


def test_a_new_playlist_is_unlisted_and_the_migration_says_so(everywhere: MigrationScenario) -> None:
    playlist = everywhere.playlist("spotify", ids("spotify", known()[:2]))
    migration = everywhere.start("spotify", "tidal", [playlist])
    # It says so from the beginning, though a private one was asked for.
    assert everywhere.person.call("GET", f"/v1/migrations/{migration}").json["privacy"] == "unlisted"
    everywhere.finish(migration)
    made = next(one for one in everywhere.playlists("tidal") if one["name"] == "Road trip")
    assert made["access"] == "UNLISTED"
