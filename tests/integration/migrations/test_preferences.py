"""A migration matches as its person prefers."""

import pytest

from tests.integration.migrations.scenario import MigrationScenario, catalogue

RECORDINGS = {recording.key: recording for recording in catalogue().recordings}
EXPLICIT = RECORDINGS["Mira Vonn / Low Battery Love"]
CLEAN = RECORDINGS["Mira Vonn / Low Battery Love (clean)"]
VIDEO = next(upload for upload in EXPLICIT.uploads if upload.kind == "official_video").video_id
IDS = {"explicit": EXPLICIT.tracks[0].id, "clean": CLEAN.tracks[0].id}


def migrated(scenario: MigrationScenario) -> list[str]:
    playlist = scenario.playlist("youtube", [VIDEO])
    migration_id = scenario.start("youtube", "spotify", [playlist], order={"as_copy": True})
    scenario.finish(migration_id)
    return scenario.assert_target_is_right(migration_id)


@pytest.mark.parametrize("edition", ["explicit", "clean"])
def test_the_preferred_edition_is_written(scenario: MigrationScenario, edition: str) -> None:
    answer = scenario.person.call("PATCH", "/v1/me", {"match_content": edition})
    assert answer.status == 200
    # First by a search, then out of the match store, or by another search where that has the other edition.
    for _ in range(2):
        assert migrated(scenario) == [IDS[edition]]


def test_everybody_shares_what_somebody_without_preferences_would_get(scenario: MigrationScenario) -> None:
    (everybodys,) = migrated(scenario)
    scenario.clear_matches()
    other = next(edition for edition, track_id in IDS.items() if track_id != everybodys)
    assert scenario.person.call("PATCH", "/v1/me", {"match_content": other}).status == 200
    assert migrated(scenario) == [IDS[other]]
    stored = scenario.sql("SELECT target_id FROM providers.match_store WHERE source_id = %s", VIDEO)
    assert stored in ([], [(everybodys,)])
    assert scenario.person.call("PATCH", "/v1/me", {"match_content": "same"}).status == 200
    assert migrated(scenario) == [everybodys]
