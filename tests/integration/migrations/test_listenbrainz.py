"""Migrations from and to ListenBrainz: every direction, what MusicBrainz does not have, one call a second."""

from collections import Counter
from collections.abc import Callable, Iterator

import pytest

from local.simulators.catalogue import Recording
from local.simulators.listenbrainz.catalogue import MusicBrainzCatalogue
from local.simulators.tidal.catalogue import TidalCatalogue
from tests.integration.conftest import offered_listenbrainz
from tests.integration.migrations.scenario import MigrationScenario, catalogue, well_known
from tests.support.clock import ShiftedClock
from tests.support.functions import FunctionRunner

type IdsOf = Callable[[str, list[Recording]], list[str]]
OTHERS = ("spotify", "youtube", "tidal")
WAYS = [(one, "listenbrainz") for one in OTHERS] + [("listenbrainz", one) for one in OTHERS]
ADD = "POST /1/playlist/{mbid}/item/add"
ISRC = "GET /ws/2/isrc/{isrc}"
NAMES = "POST /1/metadata/lookup/"


@pytest.fixture(scope="module")
def known() -> list[Recording]:
    """Recordings that every provider has and that any matcher finds."""
    tidal, musicbrainz = TidalCatalogue(catalogue()).of_spotify, MusicBrainzCatalogue(catalogue())
    names = Counter((one.title, one.artists) for one in musicbrainz.recordings.values())
    found = [
        one
        for one in well_known(40)
        if (id_ := one.tracks[0].id) in tidal.keys() & musicbrainz.of_spotify.keys()
        # Names alone do not tell a clean version from its original.
        and names[(it := musicbrainz.recordings[musicbrainz.of_spotify[id_]]).title, it.artists] == 1
    ]
    assert len(found) >= 20
    return found


@pytest.fixture
def scenario(
    harness: FunctionRunner,
    spotify_url: str,
    youtube_url: str,
    tidal_url: str,
    listenbrainz_url: str,
    shifted_clock: ShiftedClock,
) -> Iterator[MigrationScenario]:
    """A person with all four accounts."""
    urls = {
        "spotify": spotify_url, "youtube": youtube_url, "tidal": tidal_url, "listenbrainz": listenbrainz_url,
    }  # fmt: skip
    made = MigrationScenario(harness, urls, shifted_clock)
    with offered_listenbrainz(harness, listenbrainz_url):
        made.begin()
        made.lift_quotas()
        yield made
        made.end()


@pytest.fixture(scope="module")
def ids() -> IdsOf:
    tidal, musicbrainz = TidalCatalogue(catalogue()).of_spotify, MusicBrainzCatalogue(catalogue()).of_spotify

    def of(provider: str, recordings: list[Recording]) -> list[str]:
        if provider == "youtube":
            return [one.uploads[0].video_id for one in recordings]
        named = {"tidal": tidal, "listenbrainz": musicbrainz}.get(provider)
        own = [one.tracks[0].id for one in recordings]
        return own if named is None else [named[one] for one in own]

    return of


@pytest.mark.parametrize(("source", "target"), WAYS)
def test_every_direction(
    scenario: MigrationScenario, known: list[Recording], ids: IdsOf, source: str, target: str
) -> None:
    chosen = [*known[:12], known[0]]
    job = scenario.finish(scenario.start(source, target, [scenario.playlist(source, ids(source, chosen))]))
    assert job["status"] == "completed"
    written = scenario.assert_target_is_right(job["id"])
    # What the matcher leaves to its person (at most one here) is its own tests' business.
    failed = {track["source_track_id"] for track in scenario.tracks(job["id"], "&status=failed")}
    assert len(failed) <= 1
    moved = [one for one, id_ in zip(chosen, ids(source, chosen), strict=True) if id_ not in failed]
    truth = (
        MusicBrainzCatalogue(catalogue()).recording_of
        | TidalCatalogue(catalogue()).recording_of
        | catalogue().recording_of
    )
    assert [truth[entry].key for entry in written] == [one.key for one in moved]


def test_what_musicbrainz_does_not_have_is_an_outcome_of_its_own(
    scenario: MigrationScenario, known: list[Recording], ids: IdsOf
) -> None:
    has = MusicBrainzCatalogue(catalogue()).of_spotify
    lacking = next(
        track.id for one in catalogue().recordings for track in one.tracks[:1] if track.id not in has
    )
    playlist = scenario.playlist("spotify", [*ids("spotify", known[:2]), lacking])
    migration = scenario.start("spotify", "listenbrainz", [playlist])
    scenario.finish(migration)
    (missing,) = scenario.tracks(migration, "&status=failed")
    reason = missing["reason_details"][0]
    assert (reason["code"], reason["params"]) == ("not-in-catalogue", {"catalogue": "MusicBrainz"})
    assert missing["match_reasons"][0] == "it is not in MusicBrainz, where you can add it"
    assert len(scenario.assert_target_is_right(migration)) == 2


def test_isrcs_are_asked_first_and_names_only_for_what_has_none(
    scenario: MigrationScenario, known: list[Recording], ids: IdsOf
) -> None:
    playlist = scenario.playlist("spotify", ids("spotify", known[:6]))
    scenario.clear_calls()
    scenario.finish(scenario.start("spotify", "listenbrainz", [playlist]))
    calls = scenario.calls("listenbrainz")
    assert calls[ISRC] == 6
    assert NAMES not in calls
    assert calls[ADD] == 1
    again = scenario.playlist("youtube", ids("youtube", known[6:10]))
    scenario.clear_calls()
    scenario.finish(scenario.start("youtube", "listenbrainz", [again]))
    assert ISRC not in scenario.calls("listenbrainz")
    assert scenario.calls("listenbrainz")[NAMES] >= 4


def test_musicbrainz_is_asked_once_a_second_by_everybody(
    scenario: MigrationScenario, known: list[Recording], ids: IdsOf
) -> None:
    scenario.harness.environment["MUSICBRAINZ_RATE"] = "1 1"
    scenario.control("listenbrainz", "PUT", "/quota", {"musicbrainz": 1})
    migration = scenario.start(
        "spotify", "listenbrainz", [scenario.playlist("spotify", ids("spotify", known[:4]))]
    )
    scenario.clear_calls()
    scenario.work()
    (state,) = scenario.moved(migration)
    assert state["status"] != "completed"
    scenario.finish(migration, rounds=100)
    assert len(scenario.assert_target_is_right(migration)) == 4
    log = scenario.control("listenbrainz", "GET", "/calls")["calls"]
    assert {call["status"] for call in log} == {200}, "our own bucket asks no more than MusicBrainz gives"


def test_a_lost_answer_writes_nothing_twice(
    scenario: MigrationScenario, known: list[Recording], ids: IdsOf
) -> None:
    many = (known[:20] * 12)[:220]
    playlist = scenario.playlist("spotify", ids("spotify", many))
    scenario.fault("listenbrainz", ADD, kind="close", applied=True, skip=1)
    migration = scenario.start("spotify", "listenbrainz", [playlist])
    scenario.finish(migration)
    assert len(scenario.assert_target_is_right(migration)) == 220


def test_a_rollback_takes_out_what_was_written(
    scenario: MigrationScenario, known: list[Recording], ids: IdsOf
) -> None:
    playlist = scenario.playlist("spotify", ids("spotify", known[:5]))
    migration = scenario.start("spotify", "listenbrainz", [playlist])
    scenario.finish(migration)
    (moved,) = scenario.moved(migration)
    scenario.act(migration, "rollback", 202)
    assert scenario.finish(migration)["status"] == "undone"
    assert scenario.contents("listenbrainz", moved["target_playlist_id"]) == []


def test_where_it_is_not_named_nothing_goes_there(scenario: MigrationScenario) -> None:
    scenario.harness.environment["OPTIONAL_PROVIDERS"] = ""
    body = {"source_provider": "spotify", "target_provider": "listenbrainz", "playlists": "all"}
    assert scenario.person.call("POST", "/v1/migrations", body).status == 422
    assert scenario.person.call("POST", "/v1/providers/listenbrainz/link", {"access": "read"}).status == 409
