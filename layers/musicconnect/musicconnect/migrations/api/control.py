"""The life of a migration after its start: pause, resume, cancel, retry, rollback, and a person's choices.

None of these works on a playlist itself. They say what is wanted and ask for a step; a worker that is at a
playlist sees it with its next commit. What a worker has under way is never taken out of its hands.
"""

import re
from datetime import datetime
from itertools import islice
from typing import Any

from psycopg import Connection
from psycopg.rows import dict_row

from musicconnect.matching import Outcome
from musicconnect.migrations.api import queries, rules
from musicconnect.migrations.api.create import SENT_AT_ONCE
from musicconnect.migrations.api.schemas import Migration, Resolution, RuleCreate
from musicconnect.migrations.engine import store
from musicconnect.migrations.engine.messages import StepMessage, new_correlation_id, send
from musicconnect.migrations.imports import tracks
from musicconnect.music.codec import decode
from musicconnect.music.model import Track
from musicconnect.platform import clock, problems
from musicconnect.platform.database import Database
from musicconnect.platform.problems import Problem
from musicconnect.providers.match_store import service as match_store
from musicconnect.providers.match_store.model import Finding
from musicconnect.providers.registry import FILE, title

_LINKS = {
    "spotify": re.compile(r"(?:^spotify:track:|open\.spotify\.com/(?:intl-\w+/)?track/)([0-9A-Za-z]{22})"),
    "youtube": re.compile(r"(?:[?&]v=|youtu\.be/|/shorts/)([0-9A-Za-z_-]{11})"),
}


def pause(database: Database, user_id: int, migration_id: int) -> Migration:
    """Stop working until it is resumed. Raises `Problem` 404, or 409 when it has ended."""
    return _stop(database, user_id, migration_id, "pause")


def cancel(database: Database, user_id: int, migration_id: int) -> Migration:
    """End it where it stands. Raises `Problem` 404, or 409 when it has ended."""
    return _stop(database, user_id, migration_id, "cancel")


def resume(database: Database, user_id: int, migration_id: int, *, queue_url: str) -> Migration:
    """Go on with a paused migration. Raises `Problem` 404, or 409 when it is not paused."""
    now = clock.now()
    with database.transaction(user_id) as connection:
        job = _locked(connection, migration_id)
        if job["stop"] != "pause" or job["status"] not in ("pending", "running"):
            raise _not_now("not-paused", "The migration is not paused", "There is nothing to resume.")
        connection.execute(
            "UPDATE migrations.jobs SET stop = NULL, correlation_id = %s WHERE id = %s",
            [new_correlation_id(), migration_id],
        )
        due = _wake(connection, migration_id, now)
        store.refresh_job(connection, migration_id, now)
        shown = queries.find(connection, migration_id)
    _send(due, user_id, queue_url)
    return shown


def retry(database: Database, user_id: int, migration_id: int, *, queue_url: str) -> Migration:
    """Try again what failed: playlists that ended early, and tracks that found no counterpart.

    Raises `Problem` 404, or 409 when it has not ended or nothing failed.
    """
    now = clock.now()
    with database.transaction(user_id) as connection:
        _ended(_locked(connection, migration_id))
        connection.execute(_CLEAR_REFUSALS, [migration_id])
        connection.execute(_CLEAR_MISSES, [migration_id])
        again = connection.execute(_BEGIN_AGAIN, {"job": migration_id, "now": now}).fetchall()
        if not again:
            raise _not_now("nothing-failed", "Nothing has failed", "There is nothing to try again.")
        _open(connection, migration_id)
        store.refresh_job(connection, migration_id, now)
        shown = queries.find(connection, migration_id)
    _send([int(row[0]) for row in again], user_id, queue_url)
    return shown


def roll_back(database: Database, user_id: int, migration_id: int, *, queue_url: str) -> Migration:
    """Take out what it wrote, and nothing else. Raises `Problem` 404, or 409 when it has not ended."""
    now = clock.now()
    with database.transaction(user_id) as connection:
        _ended(_locked(connection, migration_id))
        rows = connection.execute(
            """
            UPDATE migrations.playlists
            SET stage = 'undo', status = 'running', due_at = %(now)s, enqueued_at = %(now)s, attempts = 0,
                error_message = NULL, finished_at = NULL, target_read = NULL
            WHERE job_id = %(job)s AND target_playlist_id IS NOT NULL
            RETURNING id
            """,
            {"job": migration_id, "now": now},
        ).fetchall()
        if not rows:
            raise _not_now("nothing-written", "Nothing was written", "There is nothing to take out again.")
        _open(connection, migration_id)
        connection.execute("UPDATE migrations.jobs SET is_rollback = true WHERE id = %s", [migration_id])
        store.refresh_job(connection, migration_id, now)
        shown = queries.find(connection, migration_id)
    _send([int(row[0]) for row in rows], user_id, queue_url)
    return shown


def resolve(
    database: Database, user_id: int, migration_id: int, track_id: int, choice: Resolution, *, queue_url: str
) -> Migration:
    """Decide about a track. The choice becomes a rule, and the track is written at its place.

    Raises:
        Problem: 404; 409 while a worker is at the playlist; 422 for a link that names no track.
    """
    now = clock.now()
    with database.transaction(user_id) as connection:
        track = _track(connection, migration_id, track_id, now)
        target = _chosen(track, choice)
        _save_rule(connection, track, target, now)
        _decide(connection, track, target)
        writes = target is not None and not track["dry_run"]
        due = _recount(connection, track["playlist_id"], now, writes=writes)
        if due:
            _open(connection, migration_id)
        store.refresh_job(connection, migration_id, now)
        shown = queries.find(connection, migration_id)
    _send([track["playlist_id"]] if due else [], user_id, queue_url)
    return shown


_CLEAR_REFUSALS = """
    UPDATE migrations.tracks t SET status = 'matched', write_state = 'none', error_message = NULL
    FROM migrations.playlists p
    WHERE p.job_id = %s AND t.playlist_migration_id = p.id AND t.write_state = 'refused'"""
_CLEAR_MISSES = """
    UPDATE migrations.tracks t SET status = 'pending', outcome = NULL, search = NULL, error_message = NULL,
        candidates = NULL
    FROM migrations.playlists p
    WHERE p.job_id = %s AND t.playlist_migration_id = p.id AND t.status = 'failed'
      AND t.outcome IN ('no_match', 'needs_review')"""
# What is pending has to be matched first; the rest goes on where it stood.
_BEGIN_AGAIN = """
    UPDATE migrations.playlists p
    SET status = 'running', due_at = %(now)s, enqueued_at = %(now)s, attempts = 0, look_count = 0,
        repair_count = 0, error_message = NULL, finished_at = NULL, target_read = NULL,
        stage = CASE WHEN p.stage = 'read' THEN 'read' WHEN c.pending > 0 OR j.dry_run THEN 'match'
                     WHEN p.stage IN ('done', 'verify') THEN 'create' ELSE p.stage END,
        matched_count = c.matched, failed_count = c.failed, review_count = c.review
    FROM (
        SELECT l.id, count(t.id) FILTER (WHERE t.status = 'pending') AS pending,
               count(t.id) FILTER (WHERE t.status = 'matched') AS matched,
               count(t.id) FILTER (WHERE t.status = 'matched' AND t.write_state = 'none') AS unwritten,
               count(t.id) FILTER (WHERE t.status = 'failed') AS failed,
               count(t.id) FILTER (WHERE t.outcome = 'needs_review') AS review
        FROM migrations.playlists l LEFT JOIN migrations.tracks t ON t.playlist_migration_id = l.id
        WHERE l.job_id = %(job)s GROUP BY l.id) c, migrations.jobs j
    WHERE c.id = p.id AND j.id = p.job_id
      AND (p.status = 'failed' OR c.pending > 0 OR (c.unwritten > 0 AND NOT j.dry_run))
    RETURNING p.id"""


def _stop(database: Database, user_id: int, migration_id: int, kind: str) -> Migration:
    now = clock.now()
    with database.transaction(user_id) as connection:
        job = _locked(connection, migration_id)
        if job["status"] not in ("pending", "running"):
            raise _not_now("migration-ended", "The migration has ended", "There is nothing to stop.")
        connection.execute(
            "UPDATE migrations.jobs SET stop = CASE WHEN stop = 'cancel' THEN stop ELSE %s END WHERE id = %s",
            [kind, migration_id],
        )
        store.refresh_job(connection, migration_id, now)
        return queries.find(connection, migration_id)


def _locked(connection: Connection[Any], migration_id: int) -> dict[str, Any]:
    with connection.cursor(row_factory=dict_row) as cursor:
        job = cursor.execute(
            "SELECT status, stop FROM migrations.jobs WHERE id = %s FOR UPDATE", [migration_id]
        ).fetchone()
    if job is None:
        raise problems.not_found("migration")
    return job


def _ended(job: dict[str, Any]) -> None:
    if job["status"] not in ("completed", "failed"):
        raise _not_now(
            "migration-running", "The migration has not ended", "Wait until it has ended, or cancel it first."
        )


def _open(connection: Connection[Any], migration_id: int) -> None:
    """Let an ended migration go on."""
    connection.execute(
        "UPDATE migrations.jobs SET stop = CASE WHEN stop = 'cancel' THEN NULL ELSE stop END, "
        "is_rollback = false, correlation_id = %s WHERE id = %s",
        [new_correlation_id(), migration_id],
    )


def _wake(connection: Connection[Any], migration_id: int, now: datetime) -> list[int]:
    rows = connection.execute(
        """
        UPDATE migrations.playlists SET due_at = %(now)s, enqueued_at = %(now)s
        WHERE job_id = %(job)s AND status IN ('pending', 'running') RETURNING id
        """,
        {"job": migration_id, "now": now},
    ).fetchall()
    return [int(row[0]) for row in rows]


def _track(connection: Connection[Any], migration_id: int, track_id: int, now: datetime) -> dict[str, Any]:
    with connection.cursor(row_factory=dict_row) as cursor:
        # The playlist's row is held, so that no worker begins meanwhile.
        track = cursor.execute(
            """
            SELECT t.id, t.source_track_id, t.source_title, t.source_artist, t.source, t.candidates, t.status,
                   t.write_state, p.id AS playlist_id, p.lease_until, j.source_provider, j.target_provider,
                   j.dry_run
            FROM migrations.tracks t
            JOIN migrations.playlists p ON p.id = t.playlist_migration_id
            JOIN migrations.jobs j ON j.id = p.job_id
            WHERE t.id = %s AND j.id = %s FOR UPDATE OF p, t
            """,
            [track_id, migration_id],
        ).fetchone()
    if track is None:
        raise problems.not_found("track")
    if track["lease_until"] is not None and track["lease_until"] > now:
        raise _not_now(
            "playlist-busy",
            "The playlist is being worked on",
            "Pause the migration, or try again in a minute.",
        )
    if track["write_state"] in ("written", "intended"):
        raise _not_now(
            "track-written", "The track has been written", "Roll back, or change it at the provider."
        )
    return track


def _chosen(track: dict[str, Any], choice: Resolution) -> Track | None:
    """What the person chose; None: to be left out."""
    provider = track["target_provider"]
    if choice.leave_out:
        return None
    if choice.candidate is not None:
        for entry in track["candidates"] or ():
            if entry["id"] == choice.candidate:
                kept = {name: value for name, value in entry.items() if name not in _NOT_OF_TRACKS}
                return decode(provider, kept)
        raise problems.invalid("body.candidate", "None of the track's candidates has this id.")
    found = _LINKS[provider].search(choice.link or "")
    if found is None:
        raise problems.invalid("body.link", f"This is no link to a track on {title(provider)}.")
    return Track(provider=provider, id=found[1], title="")


_NOT_OF_TRACKS = {"artist", "score", "parts", "reasons"}


def _save_rule(
    connection: Connection[Any], track: dict[str, Any], target: Track | None, now: datetime
) -> None:
    if track["source_track_id"] is None:
        return
    source = decode(track["source_provider"], track["source"])
    rules.save(
        connection,
        RuleCreate(
            source_provider=source.provider,
            source_id=track["source_track_id"],
            source_title=track["source_title"][:500],
            source_artist=track["source_artist"][:500],
            target_provider=track["target_provider"],
            target_id=target.id if target else None,
            target_title=target.title[:500] if target else "",
            target_artist=target.artist_line[:500] if target else "",
        ),
        now,
    )
    if target is not None and target.title:
        finding = Finding(
            source=source,
            target_provider=track["target_provider"],
            outcome=Outcome.MATCHED,
            target=target,
            score=None,
            reasons=[rules.CHOSEN],
            confirmed_by="person",
        )
        is_from_file = track["source_provider"] == FILE
        match_store.upsert(connection, tracks.shareable([finding]) if is_from_file else [finding], now)


def _decide(connection: Connection[Any], track: dict[str, Any], target: Track | None) -> None:
    connection.execute(
        """
        UPDATE migrations.tracks
        SET status = %(status)s, outcome = %(outcome)s, target_track_id = %(id)s, target_title = %(title)s,
            target_artist = %(artist)s, match_reasons = %(reasons)s::jsonb, error_message = %(error)s,
            write_state = 'none', search = NULL
        WHERE id = %(track)s
        """,
        {
            "track": track["id"],
            "status": "failed" if target is None else "matched",
            "outcome": "no_match" if target is None else "matched",
            "id": target and target.id,
            "title": target and (target.title or track["source_title"]),
            "artist": target and (target.artist_line or track["source_artist"]),
            "reasons": f'["{rules.LEFT_OUT if target is None else rules.CHOSEN}"]',
            "error": rules.LEFT_OUT if target is None else None,
        },
    )


def _recount(connection: Connection[Any], playlist_id: int, now: datetime, *, writes: bool) -> bool:
    """Count a playlist's tracks again; whether there is something to be done about it now."""
    row = connection.execute(
        """
        UPDATE migrations.playlists p
        SET matched_count = c.matched, failed_count = c.failed, review_count = c.review,
            status = CASE WHEN %(writes)s AND p.status = 'completed' THEN 'running' ELSE p.status END,
            finished_at = CASE WHEN %(writes)s AND p.status = 'completed' THEN NULL ELSE p.finished_at END,
            due_at = CASE WHEN %(writes)s AND p.status = 'completed' THEN %(now)s ELSE p.due_at END,
            look_count = 0, repair_count = 0, target_read = NULL,
            stage = CASE WHEN %(writes)s AND p.stage IN ('write', 'verify', 'done') THEN 'create'
                         ELSE p.stage END
        FROM (
            SELECT count(*) FILTER (WHERE status = 'matched') AS matched,
                   count(*) FILTER (WHERE status = 'failed') AS failed,
                   count(*) FILTER (WHERE outcome = 'needs_review') AS review
            FROM migrations.tracks WHERE playlist_migration_id = %(id)s) c
        WHERE p.id = %(id)s
        RETURNING p.status = 'running' AND p.stage = 'create' AND p.due_at <= %(now)s
        """,
        {"id": playlist_id, "now": now, "writes": writes},
    ).fetchone()
    return bool(row and row[0])


def _send(playlist_ids: list[int], user_id: int, queue_url: str) -> None:
    correlation_id = new_correlation_id()
    for playlist_id in islice(playlist_ids, SENT_AT_ONCE):
        message = StepMessage(
            playlist_migration_id=playlist_id, user_id=user_id, correlation_id=correlation_id
        )
        send(queue_url, message)


def _not_now(slug: str, what: str, detail: str) -> Problem:
    return problems.conflict(slug, what, detail)
