"""Eight months pass, run by run: nothing is kept past its limit, and nothing goes before."""

import json
from datetime import datetime, timedelta

import boto3
import pytest

from tests.integration.maintenance.runner import MaintenanceRunner
from tests.support.functions import Person, new_person
from tests.support.oauth import link

DAY = timedelta(days=1)
STEP = timedelta(days=8)
MONTHS = timedelta(days=240)


class Inflow:
    """Puts one row of every kind in at a time, each named for when that was."""

    def __init__(self, maintenance: MaintenanceRunner, person: Person, accounts: dict[str, int]) -> None:
        self.maintenance = maintenance
        self.person = person
        self.accounts = accounts

    def at(self, label: str, now: datetime) -> None:
        """One of each."""
        put, user = self.maintenance.sql, self.person.id
        put(
            "INSERT INTO core.user_sessions (user_id, session_token, expires_at) VALUES (%s, %s, %s)",
            user, label, now + 30 * DAY,
        )  # fmt: skip
        put(
            "INSERT INTO core.personal_tokens (user_id, name, token_hash, created_at, expires_at) "
            "VALUES (%s, %s, %s, %s, %s), (%s, 'for ever', 'ever' || %s, %s, NULL)",
            user, label, label, now, now + 12 * DAY, user, label, now,
        )  # fmt: skip
        put("INSERT INTO core.known_sources VALUES (%s, %s, %s)", user, label, now)
        put("INSERT INTO core.sign_in_limits VALUES (%s, 1, %s, %s)", label, now, now + 2 * DAY)
        put(
            "INSERT INTO providers.link_states VALUES (%s, %s, 'youtube', 'read', 'x', 'x', %s)",
            label, user, now + timedelta(minutes=10),
        )  # fmt: skip
        put(
            "INSERT INTO search.queries (user_id, query_text, provider_filter, created_at, results_count) "
            "VALUES (%s, %s, 'both', %s, 1)",
            user, label, now,
        )  # fmt: skip
        put(
            "INSERT INTO search.cache (key, provider, words, types, is_first, expires_at) "
            "VALUES (%s, 'youtube', 'w', '{}', true, %s)",
            label.encode(), now + DAY,
        )  # fmt: skip
        for provider in ("spotify", "youtube"):
            put(
                "INSERT INTO search.pinned_items (user_id, provider, item_type, provider_item_id, title, "
                "fetched_at) VALUES (%s, %s, 'playlist', %s, %s, %s)",
                user, provider, label, label, now,
            )  # fmt: skip
            put(
                "INSERT INTO providers.playlist_snapshots (account_id, user_id, provider_playlist_id, name, "
                "track_count, last_synced_at) VALUES (%s, %s, %s, %s, 1, %s)",
                self.accounts[provider], user, f"{provider}-{label}", label, now,
            )  # fmt: skip
        put(
            "INSERT INTO migrations.rules (user_id, source_provider, source_id, source_title, "
            "target_provider, target_id, target_title, created_at) "
            "VALUES (%s, 'spotify', %s, %s, 'youtube', 'v', %s, %s)",
            user, label, label, label, now,
        )  # fmt: skip
        self._migration("spotify", "youtube", label, now)
        self._migration("youtube", "spotify", label, now)
        self.maintenance.match("goneVideo00", now, source_id=f"gone-{label}", confirmed_by="person")
        put(
            "INSERT INTO providers.match_store (source_provider, source_id, target_provider, outcome, "
            "confirmed_by, matcher_version, fetched_at, expires_at) "
            "VALUES ('spotify', %s, 'youtube', 'no_match', 'score', 1, %s, %s)",
            f"miss-{label}", now, now + DAY,
        )  # fmt: skip
        put(
            "INSERT INTO providers.name_reports (user_id, kind, subject, artist, recording, reported_at) "
            "VALUES (%s, 'channel', %s, 'a', 'r', %s)",
            user, label, now,
        )  # fmt: skip
        put("INSERT INTO providers.learned_names VALUES ('channel', %s, 'a', %s, %s)", label, now, now)
        put(
            "INSERT INTO trends.imports (user_id, storage_key, created_at) VALUES (%s, %s, %s)",
            user, f"imports/{user}/{label}", now,
        )  # fmt: skip

    def _migration(self, source: str, target: str, label: str, now: datetime) -> None:
        """One that has ended: a track that was found, and one of which a person has to decide."""
        put, user = self.maintenance.sql, self.person.id
        ((job,),) = put(
            "INSERT INTO migrations.jobs (user_id, source_provider, target_provider, status, status_message, "
            "status_params, created_at, finished_at) "
            "VALUES (%s, %s, %s, 'failed', %s, %s, %s, %s) RETURNING id",
            user, source, target, f"1 of 1 playlist failed. “{label}”: why",
            json.dumps({"failures": [{"name": label, "status": {"code": "failed", "params": {}}}]}), now, now,
        )  # fmt: skip
        ((playlist,),) = put(
            "INSERT INTO migrations.playlists (job_id, user_id, source_playlist_id, source_name, "
            "target_name, source_description, target_read, status, stage, marker, created_at, finished_at, "
            "due_at) VALUES (%s, %s, %s, %s, %s, %s, '{}', 'failed', 'done', 'm', %s, %s, NULL) RETURNING id",
            job, user, label, label, label, label, now, now,
        )  # fmt: skip
        facts = json.dumps({"id": "sid", "title": label})
        put(
            "INSERT INTO migrations.tracks (playlist_migration_id, user_id, position, source_track_id, "
            "source_title, source_artist, source, target_track_id, target_title, target_artist, status, "
            "outcome, created_at, target_fetched_at) "
            "VALUES (%s, %s, 0, 'sid', %s, 'a', %s, 'tid', %s, 'a', 'matched', 'matched', %s, %s)",
            playlist, user, label, facts, label, now, now,
        )  # fmt: skip
        put(
            "INSERT INTO migrations.tracks (playlist_migration_id, user_id, position, source_track_id, "
            "source_title, source_artist, source, candidates, status, outcome, created_at, "
            "target_fetched_at) "
            "VALUES (%s, %s, 1, 'sid', %s, 'a', %s, '[]', 'failed', 'needs_review', %s, %s)",
            playlist, user, label, facts, now, now,
        )  # fmt: skip


TRACKS = """migrations.tracks t JOIN migrations.playlists p ON p.id = t.playlist_migration_id
    JOIN migrations.jobs j ON j.id = p.job_id WHERE"""
TO, FROM = f"{TRACKS} j.target_provider = 'youtube' AND", f"{TRACKS} j.source_provider = 'youtube' AND"

KEPT: dict[str, tuple[timedelta | None, str, str]] = {
    "sessions": (30 * DAY, "session_token", "core.user_sessions WHERE session_token LIKE 'd___'"),
    "personal tokens": (12 * DAY, "token_hash", "core.personal_tokens WHERE token_hash LIKE 'd%%'"),
    "endless personal tokens": (
        None, "right(token_hash, 4)", "core.personal_tokens WHERE token_hash LIKE 'ever%%'"),
    "known sources": (180 * DAY, "source", "core.known_sources"),
    "attempts": (2 * DAY, "key", "core.sign_in_limits"),
    "consents under way": (timedelta(minutes=10), "state_hash", "providers.link_states"),
    "searches": (90 * DAY, "query_text", "search.queries"),
    "search pages": (DAY, "convert_from(key, 'UTF8')", "search.cache"),
    "pins": (None, "provider_item_id", "search.pinned_items WHERE provider = 'youtube'"),
    "titles of pins": (
        29 * DAY, "title", "search.pinned_items WHERE provider = 'youtube' AND title <> ''"),
    "Spotify's titles": (
        None, "title", "search.pinned_items WHERE provider = 'spotify' AND title <> ''"),
    "YouTube's playlists": (
        29 * DAY, "name", "providers.playlist_snapshots WHERE provider_playlist_id LIKE 'youtube%%'"),
    "Spotify's playlists": (
        None, "name", "providers.playlist_snapshots WHERE provider_playlist_id LIKE 'spotify%%'"),
    "choices": (None, "source_title", "migrations.rules"),
    "titles in choices": (29 * DAY, "target_title", "migrations.rules WHERE target_title <> ''"),
    "titles that migrations found": (29 * DAY, "t.target_title", f"{TO} t.target_title IS NOT NULL"),
    "candidates": (29 * DAY, "t.source_title", f"{TO} t.candidates IS NOT NULL"),
    "titles that migrations read": (29 * DAY, "t.source_title", f"{FROM} t.source_title <> ''"),
    "facts that migrations read": (29 * DAY, "t.source ->> 'title'", f"{FROM} t.source ->> 'title' <> ''"),
    "names in migrations": (29 * DAY, "p.source_name", f"{FROM} p.source_name LIKE 'd%%'"),
    "descriptions in migrations": (29 * DAY, "p.source_description", f"{FROM} p.source_description <> ''"),
    "names in messages": (
        29 * DAY, "substring(j.status_message from '“(d[0-9]+)')", f"{FROM} j.status_message LIKE '%%“d%%'"),
    "names in states": (
        29 * DAY, "j.status_params #>> '{failures,0,name}'",
        f"{FROM} j.status_params #>> '{{failures,0,name}}' <> ''"),
    "what a target was called": (29 * DAY, "p.target_name", f"{TO} p.target_name IS NOT NULL"),
    "targets as they were read": (29 * DAY, "p.source_name", f"{TO} p.target_read IS NOT NULL"),
    "migrations": (None, "source_playlist_id", "migrations.playlists"),
    "Spotify's side of migrations": (None, "t.source_title", f"{TRACKS} j.source_provider = 'spotify'"),
    "ids that migrations found": (None, "p.source_playlist_id", f"{TO} t.target_track_id = 'tid'"),
    "misses": (8 * DAY, "substr(source_id, 6)", "providers.match_store WHERE source_id LIKE 'miss%%'"),
    "what matches teach about names": (180 * DAY, "subject", "providers.name_reports"),
    "what was learned about names": (180 * DAY, "subject", "providers.learned_names"),
    "imports without a file": (DAY, "right(storage_key, 4)", "trends.imports"),
}  # fmt: skip
"""What is kept for how long, counted from when it came in: by what it is named, and where it stands."""


@pytest.fixture
def person(maintenance: MaintenanceRunner) -> Person:
    return new_person(maintenance.harness)


def expected(moments: dict[str, datetime], now: datetime, limit: timedelta | None) -> set[str]:
    return {label for label, came in moments.items() if limit is None or came > now - limit}


def test_months_go_by(maintenance: MaintenanceRunner, person: Person) -> None:
    accounts = {name: link(person, name)["account_id"] for name in ("spotify", "youtube")}
    inflow, moments = Inflow(maintenance, person, accounts), {}
    bucket, s3 = maintenance.harness.environment["UPLOAD_BUCKET"], boto3.client("s3")
    for number in range(int(MONTHS / STEP)):
        now = maintenance.at(number * STEP)
        label = f"d{number:03}"
        moments[label] = now
        if number == MONTHS / STEP // 2:
            link(person, "spotify")  # its consents last for six months
        inflow.at(label, now)
        s3.put_object(Bucket=bucket, Key=f"imports/{person.id}/{label}", Body=b"x")
        maintenance.run()

        for what, (limit, name, table) in KEPT.items():
            # Of what is due to the minute either is right.
            found = {label for (label,) in maintenance.sql(f"SELECT DISTINCT {name} FROM {table}")}
            assert found <= expected(moments, now - timedelta(minutes=1), limit), (what, number)
            assert found >= expected(moments, now + timedelta(minutes=1), limit), (what, number)
        oldest = maintenance.sql("SELECT min(checked_at) FROM providers.accounts")[0][0]
        assert oldest > now - 30 * DAY
        stale = "SELECT count(*) FROM providers.match_store WHERE fetched_at <= %s AND target IS NOT NULL"
        assert maintenance.sql(stale, now - 29 * DAY) == [(0,)]
    # Files are as old as the real clock says; a sweep a day later finds those without a row.
    maintenance.at(MONTHS + 2 * DAY)
    maintenance.run("abandoned_uploads", "orphaned_uploads")
    assert s3.list_objects_v2(Bucket=bucket).get("KeyCount") == 0
