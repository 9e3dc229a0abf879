"""Migrations from and to TIDAL: every direction, ids that die, answers that are lost, a bucket of tokens."""

from collections.abc import Callable, Iterator
from itertools import permutations

import pytest

from local.simulators.catalogue import Recording
from local.simulators.tidal.catalogue import TidalCatalogue
from tests.integration.migrations.scenario import MigrationScenario, catalogue, well_known
from tests.support.clock import ShiftedClock
from tests.support.functions import FunctionRunner

ADD = "POST /v2/playlists/{id}/relationships/items"
ITEMS = "GET /v2/playlists/{id}/relationships/items"
type IdsOf = Callable[[str, list[Recording]], list[str]]
WAYS = list(permutations(("spotify", "youtube", "tidal"), 2))


@pytest.fixture(scope="module")
def on_tidal() -> dict[str, str]:
    """TIDAL's ids by Spotify's."""
    return TidalCatalogue(catalogue()).of_spotify


@pytest.fixture(scope="module")
def known(on_tidal: dict[str, str]) -> list[Recording]:
    """Recordings that every provider has and that any matcher finds."""
    found = [one for one in well_known(40) if one.tracks[0].id in on_tidal]
    assert len(found) >= 20
    return found


@pytest.fixture
def scenario(
    harness: FunctionRunner, spotify_url: str, youtube_url: str, tidal_url: str, shifted_clock: ShiftedClock
) -> Iterator[MigrationScenario]:
    """A person with all three accounts."""
    urls = {"spotify": spotify_url, "youtube": youtube_url, "tidal": tidal_url}
    made = MigrationScenario(harness, urls, shifted_clock)
    made.begin()
    made.lift_quotas()
    made.control("tidal", "PUT", "/settings", {"access_token_seconds": 3600})
    yield made
    harness.environment["TIDAL_TOKENS"] = "100000 100000"
    made.end()


@pytest.fixture
def ids(on_tidal: dict[str, str]) -> IdsOf:
    def of(provider: str, recordings: list[Recording]) -> list[str]:
        match provider:
            case "spotify":
                return [one.tracks[0].id for one in recordings]
            case "youtube":
                return [one.uploads[0].video_id for one in recordings]
            case _:
                return [on_tidal[one.tracks[0].id] for one in recordings]

    return of


@pytest.mark.parametrize(("source", "target"), WAYS)
def test_every_direction(
    scenario: MigrationScenario, known: list[Recording], ids: IdsOf, source: str, target: str
) -> None:
    chosen = [*known[:12], known[0]]
    playlist = scenario.playlist(source, ids(source, chosen))
    job = scenario.finish(scenario.start(source, target, [playlist]))
    assert job["status"] == "completed"
    written = scenario.assert_target_is_right(job["id"])
    # What the matcher leaves to its person (at most one here) is its own tests' business.
    failed = {track["source_track_id"] for track in scenario.tracks(job["id"], "&status=failed")}
    assert len(failed) <= 1
    chosen = [one for one, id_ in zip(chosen, ids(source, chosen), strict=True) if id_ not in failed]
    recordings = TidalCatalogue(catalogue()).recording_of | catalogue().recording_of
    assert [recordings[entry].key for entry in written] == [one.key for one in chosen]


def test_isrcs_find_nearly_everything_without_a_search(
    scenario: MigrationScenario, known: list[Recording], ids: IdsOf
) -> None:
    playlist = scenario.playlist("spotify", ids("spotify", known[:15]))
    scenario.clear_calls()
    scenario.finish(scenario.start("spotify", "tidal", [playlist]))
    calls = scenario.calls("tidal")
    assert calls["GET /v2/tracks"] == 15
    assert "GET /v2/searchResults" not in calls
    assert calls[ADD] == 1


def test_an_id_that_died_since_is_found_again_in_its_place(
    scenario: MigrationScenario, known: list[Recording], ids: IdsOf
) -> None:
    chosen = known[:6]
    playlist = scenario.playlist("spotify", ids("spotify", chosen))
    scenario.finish(scenario.start("spotify", "tidal", [playlist]))  # the store knows them all now
    before = ids("tidal", chosen)
    new = {
        place: scenario.control("tidal", "POST", f"/tracks/{before[place]}/churn")["id"] for place in (0, 3)
    }
    again = scenario.playlist("spotify", ids("spotify", chosen), name="Again")
    job = scenario.finish(scenario.start("spotify", "tidal", [again]))
    expected = [new.get(place, id_) for place, id_ in enumerate(before)]
    assert scenario.assert_target_is_right(job["id"]) == expected
    # ... and the store knows the new ones.
    third = scenario.playlist("spotify", ids("spotify", chosen), name="Third")
    scenario.clear_calls()
    job = scenario.finish(scenario.start("spotify", "tidal", [third]))
    assert scenario.assert_target_is_right(job["id"]) == expected
    assert "GET /v2/tracks" not in scenario.calls("tidal")


def test_what_was_skipped_once_is_written_after_all(
    scenario: MigrationScenario, known: list[Recording], ids: IdsOf
) -> None:
    chosen = known[:4]
    scenario.fault(
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
    youtube = scenario.playlist("youtube", ids("youtube", chosen))
    job = scenario.finish(scenario.start("youtube", "tidal", [youtube]))
    assert len(scenario.assert_target_is_right(job["id"])) == 4


def test_a_lost_answer_is_repeated_by_its_name_and_nothing_is_read(
    scenario: MigrationScenario, known: list[Recording], ids: IdsOf
) -> None:
    many = (known[:20] * 6)[:110]
    playlist = scenario.playlist("spotify", ids("spotify", many))
    scenario.fault("tidal", ADD, kind="close", applied=True, skip=1)
    migration = scenario.start("spotify", "tidal", [playlist])
    scenario.work()
    job = scenario.job(migration)
    assert job["status"] == "running"
    scenario.clear_calls()
    scenario.pass_time(700)
    scenario.dispatch()
    job = scenario.finish(migration)
    assert len(scenario.assert_target_is_right(migration)) == 110
    assert scenario.calls("tidal")[ITEMS] == 6  # the verification, and nothing before it


def test_after_an_hour_the_target_is_read(
    scenario: MigrationScenario, known: list[Recording], ids: IdsOf
) -> None:
    playlist = scenario.playlist("spotify", ids("spotify", known[:20]))
    scenario.fault("tidal", ADD, kind="close", applied=True)
    migration = scenario.start("spotify", "tidal", [playlist])
    scenario.work()
    scenario.pass_time(3700)
    scenario.dispatch()
    scenario.finish(migration)
    assert len(scenario.assert_target_is_right(migration)) == 20


def test_a_bucket_of_tokens_is_waited_for(
    scenario: MigrationScenario, known: list[Recording], ids: IdsOf
) -> None:
    scenario.harness.environment["TIDAL_TOKENS"] = "10 1"
    scenario.control("tidal", "PUT", "/quota", {"tokens": 12})
    playlist = scenario.playlist("spotify", ids("spotify", known[:8]))
    scenario.clear_calls()
    migration = scenario.start("spotify", "tidal", [playlist])
    scenario.work()
    (state,) = scenario.moved(migration)
    assert state["status"] != "completed"
    scenario.finish(migration, rounds=100)
    assert len(scenario.assert_target_is_right(migration)) == 8
    log = scenario.control("tidal", "GET", "/calls")["calls"]
    assert {call["status"] for call in log} <= {200, 201}, "our own bucket asks no more than TIDAL gives"


def test_a_new_playlist_is_unlisted_and_the_migration_says_so(
    scenario: MigrationScenario, known: list[Recording], ids: IdsOf
) -> None:
    playlist = scenario.playlist("spotify", ids("spotify", known[:2]))
    migration = scenario.start("spotify", "tidal", [playlist])
    # It says so from the beginning, though a private one was asked for.
    assert scenario.person.call("GET", f"/v1/migrations/{migration}").json["privacy"] == "unlisted"
    scenario.finish(migration)
    made = next(one for one in scenario.playlists("tidal") if one["name"] == "Road trip")
    assert made["access"] == "UNLISTED"


def test_a_rollback_takes_out_what_was_written(
    scenario: MigrationScenario, known: list[Recording], ids: IdsOf
) -> None:
    playlist = scenario.playlist("spotify", ids("spotify", known[:5]))
    migration = scenario.start("spotify", "tidal", [playlist])
    scenario.finish(migration)
    (moved,) = scenario.moved(migration)
    scenario.act(migration, "rollback", 202)
    assert scenario.finish(migration)["status"] == "undone"
    assert scenario.contents("tidal", moved["target_playlist_id"]) == []


def test_where_it_is_not_offered_nothing_goes_there(
    scenario: MigrationScenario, known: list[Recording], ids: IdsOf
) -> None:
    scenario.harness.environment["TIDAL_TERMS_READ"] = "false"
    try:
        body = {"source_provider": "spotify", "target_provider": "tidal", "playlists": "all"}
        assert scenario.person.call("POST", "/v1/migrations", body).status == 422
        assert scenario.person.call("POST", "/v1/providers/tidal/link", {"access": "read"}).status == 409
    finally:
        scenario.harness.environment["TIDAL_TERMS_READ"] = "true"
