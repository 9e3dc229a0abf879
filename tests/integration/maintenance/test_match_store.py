"""The match store is asked for again in time, within a share of the day's allowance, or forgotten."""

import json
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

from musicconnect.matching import MATCHER_VERSION
from musicconnect.music.codec import encode
from musicconnect.music.model import ItemType
from musicconnect.platform.config import DatabaseSettings
from musicconnect.platform.database import Database
from musicconnect.providers.accounts.clients import client_for
from tests.integration.maintenance.runner import MaintenanceRunner
from tests.integration.migrations.scenario import well_known
from tests.support.functions import Person, new_person
from tests.support.oauth import link

DAY = timedelta(days=1)
VIDEOS = "GET /youtube/v3/videos"


@pytest.fixture
def person(maintenance: MaintenanceRunner) -> Person:
    """Somebody by whose account YouTube can be asked."""
    made = new_person(maintenance.harness)
    link(made, "youtube")
    maintenance.youtube.clear_calls()
    return made


@pytest.fixture
def real(maintenance: MaintenanceRunner) -> list[dict[str, Any]]:
    """Some videos of the simulator's catalogue, as YouTube tells of them."""
    person = new_person(maintenance.harness)
    link(person, "youtube")
    with maintenance.harness.environment_of("search_api"):
        database = Database(DatabaseSettings.from_environment())
        try:
            client = client_for(database, person.id, "youtube")
            hits = client.search("music", [ItemType.VIDEO], 50).items
            found = [encode(track) for track in client.tracks([hit.id for hit in hits])]
        finally:
            database.close()
    maintenance.youtube.clear_calls()
    return found


def put(maintenance: MaintenanceRunner, facts: dict[str, Any], at: datetime, **columns: Any) -> None:
    maintenance.match(facts["id"], at, **({"target": json.dumps(facts)} | columns))


def ages(maintenance: MaintenanceRunner) -> dict[str, datetime]:
    return dict(maintenance.sql("SELECT target_id, fetched_at FROM providers.match_store"))


def test_what_still_holds_is_kept_for_another_month(
    maintenance: MaintenanceRunner, person: Person, real: list[dict[str, Any]]
) -> None:
    for facts in real:
        put(maintenance, facts, maintenance.started)
    maintenance.at(21 * DAY)
    maintenance.run("matches_refreshed", "matches")
    assert maintenance.youtube.calls().get(VIDEOS) is None

    now = maintenance.at(23 * DAY)
    maintenance.run("matches_refreshed", "matches")

    assert maintenance.youtube.calls()[VIDEOS] == 1  # fifty at a time
    assert set(ages(maintenance)) == {facts["id"] for facts in real}
    assert all(at >= now - timedelta(minutes=1) for at in ages(maintenance).values())
    maintenance.at(40 * DAY)
    maintenance.run("matches_refreshed", "matches")
    assert len(ages(maintenance)) == len(real)


def test_both_directions_of_a_match_are_refreshed_by_one_lookup(
    maintenance: MaintenanceRunner, person: Person, real: list[dict[str, Any]]
) -> None:
    facts = real[0]
    put(maintenance, facts, maintenance.started)
    put(
        maintenance, facts, maintenance.started, source_provider="youtube", source_id=facts["id"],
        target_provider="spotify", target_id="s", source=json.dumps(facts),
        target=json.dumps({"id": "s", "title": "T"}),
    )  # fmt: skip
    now = maintenance.at(23 * DAY)
    maintenance.run("matches_refreshed")
    assert maintenance.youtube.calls()[VIDEOS] == 1
    assert maintenance.sql(
        "SELECT count(*) FROM providers.match_store WHERE fetched_at >= %s", now - DAY
    ) == [(2,)]
    assert maintenance.sql("SELECT target ->> 'title' FROM providers.match_store WHERE target_id = 's'") == [
        ("T",)
    ]


def _title(facts: dict[str, Any]) -> dict[str, Any]:
    return facts | {"title": "another title altogether"}


def _gone(facts: dict[str, Any]) -> dict[str, Any]:
    return facts | {"id": "goneVideo00"}


@pytest.mark.parametrize(
    ("change", "confirmed_by", "stays"),
    [(_title, "score", False), (_title, "person", True), (_gone, "score", False), (_gone, "person", False)],
)
def test_what_no_longer_holds_goes(
    maintenance: MaintenanceRunner,
    person: Person,
    real: list[dict[str, Any]],
    change: Callable[[dict[str, Any]], dict[str, Any]],
    confirmed_by: str,
    stays: bool,
) -> None:
    """Somebody uploaded something else under the id, or nothing is there any more."""
    put(maintenance, change(real[0]), maintenance.started, confirmed_by=confirmed_by)
    maintenance.at(23 * DAY)
    maintenance.run("matches_refreshed", "matches")
    rows = maintenance.sql("SELECT target ->> 'title' FROM providers.match_store")
    assert rows == ([(real[0]["title"],)] if stays else [])


def test_nobody_refreshes_what_nobody_has_found_for_half_a_year(
    maintenance: MaintenanceRunner, person: Person, real: list[dict[str, Any]]
) -> None:
    put(maintenance, real[0], maintenance.started)
    for day in range(0, 220, 6):
        now = maintenance.at(day * DAY)
        maintenance.sql("UPDATE providers.accounts SET checked_at = %s", now)
        maintenance.run("matches_refreshed", "matches")
        if day < 180:
            assert len(ages(maintenance)) == 1, day
            assert ages(maintenance)[real[0]["id"]] > now - 29 * DAY
    assert ages(maintenance) == {}


def test_what_an_older_matcher_found_is_scored_again_and_then_refreshed_like_the_rest(
    maintenance: MaintenanceRunner, person: Person
) -> None:
    old: dict[str, Any] = {"matcher_version": MATCHER_VERSION - 1}
    for recording, title in zip(well_known(2), (None, "Another Title Altogether"), strict=True):
        track, upload = recording.tracks[0], recording.uploads[0]
        facts = {
            "id": upload.video_id, "title": upload.title, "channel": upload.channel,
            "description": upload.description, "duration_ms": upload.duration_s * 1000,
        }  # fmt: skip
        source = {
            "id": track.id, "title": title or track.title,
            "artists": [artist.name for artist in track.artists], "duration_ms": track.duration_ms,
        }  # fmt: skip
        put(maintenance, facts, maintenance.started, source=json.dumps(source), **old)
    held = well_known(1)[0].uploads[0].video_id
    for _ in range(2):
        answer = maintenance.run("matches_rescored")
        assert maintenance.youtube.calls() == {}
        assert set(ages(maintenance)) == {held}
    assert answer["left"] == []
    now = maintenance.at(23 * DAY)
    maintenance.run("matches_rescored", "matches_refreshed", "matches")
    assert ages(maintenance)[held] >= now - timedelta(minutes=1)


def test_with_nobody_to_ask_by_it_is_forgotten_in_time(maintenance: MaintenanceRunner) -> None:
    maintenance.match("x", maintenance.started)
    maintenance.match("y", maintenance.started, matcher_version=MATCHER_VERSION - 1)
    maintenance.at(28 * DAY)
    maintenance.run("matches_refreshed", "matches")
    assert len(ages(maintenance)) == 2
    maintenance.at(29 * DAY + timedelta(hours=1))
    maintenance.run("matches_refreshed", "matches", "retention_audit")
    assert ages(maintenance) == {}


def test_it_spends_its_share_of_a_day_and_no_more(
    maintenance: MaintenanceRunner, person: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A tenth of the units: of 40, four lookups, though more is due; the next day again."""
    monkeypatch.setitem(maintenance.harness.environment, "YOUTUBE_DAILY_UNITS", "40")
    maintenance.sql(
        """
        INSERT INTO providers.match_store (source_provider, source_id, target_provider, target_id, outcome,
            confirmed_by, matcher_version, source, target, fetched_at, updated_at)
        SELECT 'spotify', 's' || n, 'youtube', 'gone' || n, 'matched', 'score', %s,
               '{"id": "s", "title": "t"}', '{"id": "v", "title": "t"}', %s, %s
        FROM generate_series(1, 450) AS n""",
        MATCHER_VERSION, maintenance.started, maintenance.started,
    )  # fmt: skip
    maintenance.at(23 * DAY)
    for _ in range(3):
        maintenance.run("matches_refreshed")
    assert maintenance.youtube.calls()[VIDEOS] == 4
    assert len(ages(maintenance)) == 250
    maintenance.at(24 * DAY + timedelta(hours=12))
    maintenance.run("matches_refreshed")
    assert maintenance.youtube.calls()[VIDEOS] == 8
    ((most,),) = maintenance.sql("SELECT max(used) FROM providers.quota_usage WHERE bucket = 'general'")
    assert most <= 40


def test_a_spent_allowance_loses_nothing(
    maintenance: MaintenanceRunner, person: Person, real: list[dict[str, Any]]
) -> None:
    put(maintenance, real[0], maintenance.started)
    maintenance.at(23 * DAY)
    maintenance.youtube.fault(VIDEOS, ready_made="quota_exceeded", times=None)
    maintenance.run("matches_refreshed", "matches")
    maintenance.run("matches_refreshed", "matches")
    assert maintenance.youtube.calls()[VIDEOS] == 1  # the ledger knows by now
    assert len(ages(maintenance)) == 1
    maintenance.youtube.control("DELETE", "/faults")
    now = maintenance.at(25 * DAY)
    maintenance.run("matches_refreshed", "matches")
    assert ages(maintenance)[real[0]["id"]] > now - DAY


def test_an_account_that_is_of_no_use_is_not_the_only_one_tried(
    maintenance: MaintenanceRunner, person: Person, real: list[dict[str, Any]]
) -> None:
    """The accounts of others have no tokens left that are good."""
    for _ in range(4):
        link(new_person(maintenance.harness), "youtube")
    maintenance.sql("UPDATE providers.tokens SET refresh_token = NULL WHERE user_id <> %s", person.id)
    put(maintenance, real[0], maintenance.started)
    now = maintenance.at(23 * DAY)
    maintenance.run("matches_refreshed")
    maintenance.run("matches_refreshed")
    assert ages(maintenance)[real[0]["id"]] > now - DAY


def test_what_channels_list_goes_after_a_month(maintenance: MaintenanceRunner) -> None:
    """And a channel that is heard of again is no excuse for what it listed before."""
    for channel, uploads in (("UCold", None), ("UClisted", '[["v", "Title"]]')):
        maintenance.sql(
            "INSERT INTO providers.artist_channels (provider, channel_id, artist, uploads, fetched_at) "
            "VALUES ('youtube', %s, 'key', %s, %s)",
            channel, uploads, maintenance.started,
        )  # fmt: skip
    maintenance.at(28 * DAY)
    maintenance.run("channels")
    assert maintenance.sql("SELECT count(*) FROM providers.artist_channels") == [(2,)]
    maintenance.at(30 * DAY)
    maintenance.run("channels")
    assert maintenance.sql("SELECT count(*) FROM providers.artist_channels") == [(0,)]
