"""What is ListenBrainz' own in migrations: what MusicBrainz does not have, one call a second."""

from tests.integration.migrations.everywhere import ids, known, musicbrainz
from tests.integration.migrations.scenario import MigrationScenario, catalogue

ADD = "POST /1/playlist/{mbid}/item/add"
ISRC = "GET /ws/2/isrc/{isrc}"
NAMES = "POST /1/metadata/lookup/"


def test_what_musicbrainz_does_not_have_is_an_outcome_of_its_own(everywhere: MigrationScenario) -> None:
    has = musicbrainz().of_spotify
    lacking = next(
        track.id for one in catalogue().recordings for track in one.tracks[:1] if track.id not in has
    )
    playlist = everywhere.playlist("spotify", [*ids("spotify", known()[:2]), lacking])
    migration = everywhere.start("spotify", "listenbrainz", [playlist])
    everywhere.finish(migration)
    (missing,) = everywhere.tracks(migration, "&status=failed")
    reason = missing["reason_details"][0]
    assert (reason["code"], reason["params"]) == ("not-in-catalogue", {"catalogue": "MusicBrainz"})
    assert missing["match_reasons"][0] == "it is not in MusicBrainz, where you can add it"
    assert len(everywhere.assert_target_is_right(migration)) == 2


def test_isrcs_are_asked_first_and_names_only_for_what_has_none(everywhere: MigrationScenario) -> None:
    playlist = everywhere.playlist("spotify", ids("spotify", known()[:6]))
    everywhere.clear_calls()
    everywhere.finish(everywhere.start("spotify", "listenbrainz", [playlist]))
    calls = everywhere.calls("listenbrainz")
    assert calls[ISRC] == 6
    assert NAMES not in calls
    assert calls[ADD] == 1
    again = everywhere.playlist("youtube", ids("youtube", known()[6:10]))
    everywhere.clear_calls()
    everywhere.finish(everywhere.start("youtube", "listenbrainz", [again]))
    assert ISRC not in everywhere.calls("listenbrainz")
    assert everywhere.calls("listenbrainz")[NAMES] >= 4


def test_musicbrainz_is_asked_once_a_second_by_everybody(everywhere: MigrationScenario) -> None:
    everywhere.harness.environment["MUSICBRAINZ_RATE"] = "1 1"
    everywhere.control("listenbrainz", "PUT", "/quota", {"musicbrainz": 1})
    migration = everywhere.start(
        "spotify", "listenbrainz", [everywhere.playlist("spotify", ids("spotify", known()[:4]))]
    )
    everywhere.clear_calls()
    everywhere.work()
    (state,) = everywhere.moved(migration)
    assert state["status"] != "completed"
    everywhere.finish(migration, rounds=100)
    assert len(everywhere.assert_target_is_right(migration)) == 4
    log = everywhere.control("listenbrainz", "GET", "/calls")["calls"]
    assert {call["status"] for call in log} == {200}, "our own bucket asks no more than MusicBrainz gives"


def test_a_lost_answer_writes_nothing_twice(everywhere: MigrationScenario) -> None:
    many = (known()[:20] * 12)[:220]
    playlist = everywhere.playlist("spotify", ids("spotify", many))
    everywhere.fault("listenbrainz", ADD, kind="close", applied=True, skip=1)
    migration = everywhere.start("spotify", "listenbrainz", [playlist])
    everywhere.finish(migration)
    assert len(everywhere.assert_target_is_right(migration)) == 220
