"""Migrations in every direction: what each provider has arrives on each other one, and is taken back."""

from datetime import timedelta

import pytest

from musicconnect.providers import registry
from tests.integration.migrations.everywhere import EACH_TWICE, EVERY_WAY, ids, known, truth
from tests.integration.migrations.scenario import MigrationScenario

every_way = pytest.mark.parametrize(("source", "target"), EVERY_WAY)
each_twice = pytest.mark.parametrize(("source", "target"), EACH_TWICE)


@every_way
def test_every_direction(everywhere: MigrationScenario, source: str, target: str) -> None:
    chosen = [*known()[:12], known()[0]]
    playlist = everywhere.playlist(source, ids(source, chosen))
    job = everywhere.finish(everywhere.start(source, target, [playlist]))
    assert job["status"] == "completed"
    written = everywhere.assert_target_is_right(job["id"])
    # What the matcher leaves to its person (at most one here) is its own tests' business.
    failed = {track["source_track_id"] for track in everywhere.tracks(job["id"], "&status=failed")}
    assert len(failed) <= 1
    moved = [one for one, id_ in zip(chosen, ids(source, chosen), strict=True) if id_ not in failed]
    assert [truth()[entry].key for entry in written] == [one.key for one in moved]


@each_twice
def test_a_rollback_takes_out_what_was_written(
    everywhere: MigrationScenario, source: str, target: str
) -> None:
    playlist = everywhere.playlist(source, ids(source, known()[:5]))
    migration = everywhere.start(source, target, [playlist])
    everywhere.finish(migration)
    (moved,) = everywhere.moved(migration)
    everywhere.act(migration, "rollback", 202)
    assert everywhere.finish(migration)["status"] == "undone"
    assert everywhere.contents(target, moved["target_playlist_id"]) == []


@pytest.mark.parametrize(
    ("provider", "variable", "value"),
    [("tidal", "TIDAL_TERMS_READ", "false"), ("listenbrainz", "OPTIONAL_PROVIDERS", "")],
)
def test_where_it_is_not_offered_nothing_goes_there(
    everywhere: MigrationScenario, provider: str, variable: str, value: str
) -> None:
    before = everywhere.harness.environment[variable]
    everywhere.harness.environment[variable] = value
    try:
        body = {"source_provider": "spotify", "target_provider": provider, "playlists": "all"}
        assert everywhere.person.call("POST", "/v1/migrations", body).status == 422
        path = f"/v1/providers/{provider}/link"
        assert everywhere.person.call("POST", path, {"access": "read"}).status == 409
    finally:
        everywhere.harness.environment[variable] = before


@each_twice
def test_what_either_side_said_is_kept_no_longer_than_it_lets(
    everywhere: MigrationScenario, source: str, target: str
) -> None:
    playlist = everywhere.playlist(source, ids(source, known()[:3]))
    job = everywhere.finish(everywhere.start(source, target, [playlist]))
    everywhere.maintain("migration_facts")  # nothing is due yet, and nothing is spoilt for later
    before = everywhere.tracks(job["id"])
    assert all(track["source_title"] and track["target_title"] for track in before)
    everywhere.pass_time(timedelta(days=29, minutes=1).total_seconds())
    everywhere.maintain("migration_facts")
    after = everywhere.tracks(job["id"])
    for side, provider in (("source", source), ("target", target)):
        is_kept = registry.get(provider).fresh_days is None
        assert [bool(track[f"{side}_title"]) for track in after] == [is_kept] * 3
        assert [track[f"{side}_track_id"] for track in after] == [
            track[f"{side}_track_id"] for track in before
        ]
    assert everywhere.sql("SELECT keeps_facts FROM migrations.playlists WHERE job_id = %s", job["id"]) == [
        (False,)
    ]
