"""What older versions of the matcher have found is scored again before it is believed."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import psycopg
import pytest

from musicconnect.matching import MATCHER_VERSION, Outcome
from musicconnect.music.model import Track
from musicconnect.providers.match_store import rescoring, service
from musicconnect.providers.match_store.model import Finding
from tests.support.postgres import sql

type Connection = psycopg.Connection[tuple[object, ...]]

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
DAY = timedelta(days=1)
SONG = Track(
    provider="spotify", id="s1", title="Salt and Signal", artists=("Kestrel Parade",), album="Lines",
    duration_ms=201_000,
)  # fmt: skip
RIGHT = Track(
    provider="youtube",
    id="v1",
    title="Salt and Signal",
    channel="Kestrel Parade - Topic",
    duration_ms=201_000,
)
LIVE = replace(RIGHT, id="v2", title="Salt and Signal (Live)")
OTHER = replace(RIGHT, id="v3", title="Cranes over Water")


def store(connection: Connection, database_url: str, *targets: Track, **changed: object) -> None:
    """Store matches of an older version: each target for a track of its own, and the other way round."""
    findings = [
        Finding(
            source=replace(SONG, id=f"s-{target.id}"), target_provider="youtube", outcome=Outcome.MATCHED,
            target=target, score=97.0, parts={"title": 12.0}, reasons=["an older version said so"],
            **changed,  # type: ignore[arg-type]
        )
        for target in targets
    ]  # fmt: skip
    service.upsert(connection, findings, NOW)
    sql(database_url, f"UPDATE providers.match_store SET matcher_version = {MATCHER_VERSION - 1}")


def left(connection: Connection) -> dict[object, tuple[object, ...]]:
    rows = connection.execute(
        "SELECT source_id, matcher_version, score > 90, parts, reasons FROM providers.match_store"
    )
    return {source: tuple(rest) for source, *rest in rows}


def test_what_still_holds_is_the_current_versions_and_the_rest_is_deleted(
    connection: Connection, database_url: str
) -> None:
    store(connection, database_url, RIGHT, LIVE, OTHER)
    assert rescoring.rescore(connection, NOW, 100) >= 4
    kept = left(connection)
    assert kept.keys() == {"s-v1", "v1"}, "in both directions"
    for version, is_sure, parts, reasons in kept.values():
        assert (version, is_sure, reasons) == (MATCHER_VERSION, True, [])
        assert parts != {"title": 12.0}
    assert rescoring.rescore(connection, NOW, 100) == 0
    match = service.find(connection, [replace(SONG, id="s-v1")], "youtube", NOW)["s-v1"]
    assert match.is_match


def test_a_users_choice_keeps_its_words_and_gets_its_score(connection: Connection, database_url: str) -> None:
    store(connection, database_url, RIGHT, OTHER, confirmed_by="person")
    rescoring.rescore(connection, NOW, 100)
    kept = left(connection)
    assert kept["s-v1"][:2] == (MATCHER_VERSION, True)
    assert kept["s-v3"][:2] == (MATCHER_VERSION, False)
    assert kept["s-v3"][3] == ["an older version said so"]
    tracks = [replace(SONG, id="s-v1"), replace(SONG, id="s-v3")]
    found = service.find(connection, tracks, "youtube", NOW)
    assert found["s-v1"].confirmed_by == "person"
    # Both tracks have one name and length: where the choice does not count, the other's match is found.
    assert found["s-v3"].target_id != "v3"


def test_it_goes_on_where_it_was_interrupted(connection: Connection, database_url: str) -> None:
    store(connection, database_url, *(replace(RIGHT, id=f"v{number}") for number in range(5)))
    counts = [rescoring.rescore(connection, NOW, 4) for _ in range(4)]
    assert counts == [4, 4, 2, 0]
    assert {row[0] for row in left(connection).values()} == {MATCHER_VERSION}


def test_facts_that_may_not_be_used_any_more_are_not_used(connection: Connection, database_url: str) -> None:
    store(connection, database_url, RIGHT, confirmed_by="person")
    assert rescoring.rescore(connection, NOW + 29 * DAY, 100) == 0
    service.delete_stale(connection, NOW + 29 * DAY)
    assert rescoring.rescore(connection, NOW + 30 * DAY, 100) == 0
    assert {row[0] for row in left(connection).values()} == {MATCHER_VERSION - 1}
    match = service.find(connection, [replace(SONG, id="s-v1")], "youtube", NOW + 30 * DAY)["s-v1"]
    assert (match.is_match, match.target_id) == (True, "v1")


@pytest.mark.parametrize("version", [MATCHER_VERSION, MATCHER_VERSION + 1])
def test_what_the_current_version_or_a_newer_one_says_is_left_alone(
    connection: Connection, database_url: str, version: int
) -> None:
    """Two versions run beside each other while a new one is rolled out."""
    store(connection, database_url, LIVE)
    sql(database_url, f"UPDATE providers.match_store SET matcher_version = {version}")
    assert rescoring.rescore(connection, NOW, 100) == 0
    assert "s-v2" in left(connection)
