"""The match store: what was found once is known to everybody, for as long as it may be kept."""

import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
import pytest

from musicconnect.matching import Outcome
from musicconnect.music.model import Track
from musicconnect.providers.match_store import service
from musicconnect.providers.match_store.model import Finding, StoredMatch
from tests.support.postgres import sql, url_for

type Connection = psycopg.Connection[tuple[object, ...]]

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
DAY = timedelta(days=1)
SONG = Track(
    provider="spotify", id="s1", title="Salt and Signal", artists=("Kestrel Parade",), album="Lines",
    duration_ms=201_000, isrc="QZABC2400001", explicit=False,
)  # fmt: skip
VIDEO = Track(
    provider="youtube", id="v1", title="Salt and Signal", channel="Kestrel Parade - Topic", channel_id="UC1",
    duration_ms=201_000,
)  # fmt: skip
LIVE = replace(VIDEO, id="v2", title="Salt and Signal (Live)")


def finding(source: Track = SONG, target: Track | None = VIDEO, **changed: Any) -> Finding:
    made = Finding(
        source=source,
        target_provider="youtube" if source.provider == "spotify" else "spotify",
        outcome=Outcome.NO_MATCH if target is None else Outcome.MATCHED,
        target=target,
        score=97.25 if target else None,
        parts={"title": 99.0, "version": 50.0},
        reasons=("said so",),
    )
    return replace(made, **changed)


def found(
    connection: Connection, track: Track = SONG, target: str = "youtube", now: datetime = NOW
) -> StoredMatch | None:
    return service.find(connection, [track], target, now).get(track.id)


@pytest.mark.parametrize(
    "told", [finding(replace(SONG, is_public=False)), finding(target=replace(VIDEO, is_public=False))]
)
def test_what_not_everybody_may_see_is_not_remembered(connection: Connection, told: Finding) -> None:
    service.upsert(connection, [told], NOW)
    assert connection.execute("SELECT count(*) FROM providers.match_store").fetchone() == (0,)


def test_candidates_that_not_everybody_may_see_are_left_out(connection: Connection) -> None:
    secret = replace(LIVE, id="v3", is_public=False)
    told = finding(target=None, outcome=Outcome.NEEDS_REVIEW, candidates=[secret, LIVE])
    service.upsert(connection, [told], NOW)
    match = found(connection)
    assert match is not None
    assert match.candidates == (LIVE,)


def test_what_was_remembered_is_found(connection: Connection) -> None:
    service.upsert(connection, [finding()], NOW)
    match = found(connection)
    assert match is not None
    assert match.is_match
    assert match.target == VIDEO
    assert (match.score, match.parts, match.reasons) == (
        97.25,
        {"title": 99.0, "version": 50.0},
        ["said so"],
    )
    assert (match.confirmed_by, match.found_by, match.fetched_at) == ("score", "id", NOW)


def test_it_is_found_from_the_other_side_as_well(connection: Connection) -> None:
    service.upsert(connection, [finding()], NOW)
    match = found(connection, VIDEO, "spotify")
    assert match is not None
    assert match.is_match
    assert match.target == SONG
    assert match.source == VIDEO


def test_another_release_is_found_by_isrc_and_another_without_one_by_name_and_length(
    connection: Connection,
) -> None:
    service.upsert(connection, [finding()], NOW)
    release = replace(SONG, id="s2", title="Salt and Signal - 2011 Remaster", duration_ms=202_000)
    copy = replace(SONG, id="s3", isrc=None, duration_ms=202_900)
    longer = replace(copy, id="s4", duration_ms=203_100)
    other = replace(copy, id="s5", title="Salt and Signal (Live)")
    answers = service.find(connection, [release, copy, longer, other], "youtube", NOW)
    assert {source_id: match.found_by for source_id, match in answers.items()} == {
        "s2": "isrc",
        "s3": "normal_form",
    }
    assert answers["s2"].target_id == "v1"
    assert answers["s2"].source_id == "s2"


def test_hundreds_of_tracks_are_a_statement_each_way_and_one_for_their_channels(
    connection: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    songs = [replace(SONG, id=f"s{n}", isrc=f"QZABC24{n:05}", title=f"Salt number {n}x") for n in range(300)]
    videos = [replace(VIDEO, id=f"v{n}", title=f"Salt number {n}x") for n in range(300)]
    pairs = [finding(song, video) for song, video in zip(songs, videos, strict=True)]
    statements = count_statements(monkeypatch)
    service.upsert(connection, pairs, NOW)
    answers = service.find(connection, songs, "youtube", NOW)
    assert len(statements) == 3, "the matches, whose channels they are on, and the answers"
    assert {match.source_id: match.target_id for match in answers.values()} == {
        f"s{n}": f"v{n}" for n in range(300)
    }


def count_statements(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    counted: list[object] = []
    execute: Callable[..., Any] = psycopg.Cursor.execute

    def counting(self: Any, query: Any, *args: Any, **kwargs: Any) -> Any:
        counted.append(query)
        return execute(self, query, *args, **kwargs)

    monkeypatch.setattr(psycopg.Cursor, "execute", counting)
    return counted


def test_a_miss_is_believed_for_half_an_hour_then_twice_as_long_and_never_for_more_than_a_week(
    connection: Connection,
) -> None:
    now, believed = NOW, []
    for _ in range(11):
        service.upsert(connection, [finding(target=None, candidates=(LIVE,))], now)
        miss = found(connection, now=now)
        assert miss is not None
        assert miss.is_miss
        assert miss.candidates == (LIVE,)
        assert miss.expires_at is not None
        believed.append(miss.expires_at - now)
        now = miss.expires_at
        assert found(connection, now=now) is None
    minutes = [length.total_seconds() / 60 for length in believed]
    assert minutes == [30, 60, 120, 240, 480, 960, 1920, 3840, 7680, 10080, 10080]


def test_a_match_ends_the_row_of_misses_and_is_not_undone_by_one(connection: Connection) -> None:
    service.upsert(connection, [finding(target=None)], NOW)
    service.upsert(connection, [finding()], NOW + DAY)
    service.upsert(connection, [finding(target=None)], NOW + 2 * DAY)
    match = found(connection, now=NOW + 2 * DAY)
    assert match is not None
    assert match.is_match
    service.upsert(connection, [finding(target=None)], NOW + 40 * DAY)
    miss = found(connection, now=NOW + 40 * DAY)
    assert miss is not None
    assert miss.is_miss, "a stale one is"
    assert miss.expires_at == NOW + 40 * DAY + timedelta(minutes=30)


def test_facts_are_told_for_29_days_and_renewed_by_another_finding(connection: Connection) -> None:
    service.upsert(connection, [finding()], NOW)
    assert found(connection, now=NOW + 28 * DAY) is not None
    assert found(connection, now=NOW + 29 * DAY) is None
    renamed = replace(VIDEO, title="Salt and Signal (Audio)")
    service.upsert(connection, [finding(target=renamed)], NOW + 28 * DAY)
    match = found(connection, now=NOW + 50 * DAY)
    assert match is not None
    assert match.target == renamed


def test_it_is_found_by_words_of_either_side(connection: Connection) -> None:
    odd = replace(VIDEO, id="v5", title="s&s hq audio", channel="somebody")
    service.upsert(connection, [finding(target=odd), finding(replace(SONG, id="s9"), VIDEO)], NOW)

    def ids(words: str, now: datetime = NOW) -> set[str]:
        return {t.id for t, _ in service.search_titles(connection, words, "youtube", now, 10)}

    assert ids("kestrel SALT") == {"v1", "v5"}
    assert ids("hq") == {"v5"}
    assert ids("kestrel nothing") == set()
    assert ids("kestrel", NOW + 29 * DAY) == set()
    for odd_words in ("'); DROP TABLE x; --", "a & | !", "\x00", "海 & (", ""):
        assert ids(odd_words) == set()


def test_forgetting_deletes_what_is_stale_and_keeps_ids_that_a_person_confirmed(
    connection: Connection, database_url: str
) -> None:
    said = replace(SONG, id="s9", isrc="QZABC2400009", title="Cranes over Water")
    video = replace(VIDEO, id="v9", title="Cranes over Water")
    service.upsert(connection, [finding(), finding(said, video, confirmed_by="person")], NOW)
    service.upsert(connection, [finding(replace(SONG, id="s8"), None)], NOW)
    assert service.delete_stale(connection, NOW + DAY) == 0
    # Both directions of one match are deleted, both of the other are emptied; so is the miss.
    assert service.delete_stale(connection, NOW + 29 * DAY) == 5
    assert service.delete_stale(connection, NOW + 29 * DAY) == 0
    kept = sql(
        database_url,
        "SELECT source_id, target_id, target, normal_form FROM providers.match_store ORDER BY source_id",
    )
    assert kept == [("s9", "v9", None, None), ("v9", "s9", None, None)]
    match = found(connection, said, now=NOW + 400 * DAY)
    assert match is not None
    assert (match.is_match, match.target_id, match.target) == (True, "v9", None)


def test_an_expired_miss_is_remembered_for_a_week_so_that_the_next_is_believed_for_longer(
    connection: Connection,
) -> None:
    service.upsert(connection, [finding(target=None)], NOW)
    assert service.delete_stale(connection, NOW + 7 * DAY) == 0
    assert service.delete_stale(connection, NOW + 8 * DAY) == 1


def test_a_score_does_not_overrule_a_person_but_refreshes_the_facts(connection: Connection) -> None:
    service.upsert(connection, [finding(confirmed_by="person")], NOW)
    service.upsert(connection, [finding(target=LIVE)], NOW + DAY)
    match = found(connection, now=NOW + DAY)
    assert match is not None
    assert match.target_id == "v1"
    service.upsert(connection, [finding()], NOW + 40 * DAY)
    match = found(connection, now=NOW + 40 * DAY)
    assert match is not None
    assert (match.confirmed_by, match.target, match.fetched_at) == ("person", VIDEO, NOW + 40 * DAY)
    service.upsert(connection, [finding(target=LIVE, confirmed_by="person")], NOW + 41 * DAY)
    match = found(connection, now=NOW + 41 * DAY)
    assert match is not None
    assert match.target_id == "v2", "another person does"


def test_the_other_way_round_does_not_replace_what_was_found_directly(connection: Connection) -> None:
    service.upsert(connection, [finding()], NOW)
    second = replace(VIDEO, id="v7", channel="KestrelParadeVEVO")
    service.upsert(connection, [finding(second, SONG)], NOW)
    match = found(connection)
    assert match is not None
    assert match.target_id == "v1"
    other = found(connection, second, "spotify")
    assert other is not None
    assert other.target_id == "s1"


def test_what_was_found_directly_replaces_the_other_way_round(connection: Connection) -> None:
    service.upsert(connection, [finding(VIDEO, SONG)], NOW)
    assert found(connection) is not None
    service.upsert(connection, [finding(target=None)], NOW)
    miss = found(connection)
    assert miss is not None
    assert miss.is_miss
    back = found(connection, VIDEO, "spotify")
    assert back is not None
    assert back.is_match


def test_a_track_told_twice_in_one_batch_counts_once(connection: Connection) -> None:
    service.upsert(connection, [finding(target=None), finding(target=None)], NOW)
    miss = found(connection)
    assert miss is not None
    assert miss.expires_at == NOW + timedelta(minutes=30)


def test_text_that_postgres_cannot_hold_is_kept_without_it(connection: Connection) -> None:
    odd = replace(VIDEO, title="Salt\x00 and \ud800Signal", description="d" * 5000)
    service.upsert(connection, [finding(target=odd, reasons=("odd\x00",))], NOW)
    match = found(connection)
    assert match is not None
    assert match.target is not None
    assert match.target.title == "Salt and ?Signal"
    assert match.target.description == "d" * 1000
    assert match.reasons == ["odd"]


def test_hostile_ids_find_nothing_and_break_nothing(connection: Connection) -> None:
    service.upsert(connection, [finding()], NOW)
    for text in ("'; DROP TABLE providers.match_store; --", "\x00", "\ud800", "%s", "", "x" * 10_000):
        assert found(connection, replace(SONG, id=text, isrc=None, title="Nothing like it")) is None
    assert found(connection) is not None


def test_nothing_asked_is_nothing_answered(connection: Connection) -> None:
    assert service.find(connection, [], "youtube", NOW) == {}
    service.upsert(connection, [], NOW)


def test_two_that_remember_the_same_at_once_do_not_wait_in_a_circle(
    connection: Connection, database_url: str
) -> None:
    findings = [finding(replace(SONG, id=f"s{n}", isrc=None), replace(VIDEO, id=f"v{n}")) for n in range(50)]
    failures: list[Exception] = []

    def work(batch: list[Finding]) -> None:
        try:
            with psycopg.connect(url_for(database_url, role="mc_migrations"), autocommit=True) as own:
                for _ in range(5):
                    service.upsert(own, batch, NOW)
        except psycopg.Error as error:
            failures.append(error)

    threads = [threading.Thread(target=work, args=(batch,)) for batch in (findings, findings[::-1])]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
