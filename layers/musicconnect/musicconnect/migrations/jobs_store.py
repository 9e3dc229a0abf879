"""Add migrations, in transactions of their owner."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from psycopg import Connection

from musicconnect.migrations import status_text
from musicconnect.migrations.engine.messages import MAX_SENT_AT_ONCE
from musicconnect.music.model import ListKind, Playlist
from musicconnect.platform.logging import correlation_id
from musicconnect.platform.status import Reader, Status
from musicconnect.platform.text import storable
from musicconnect.providers import registry


@dataclass(frozen=True, slots=True)
class MigrationRequest:
    """What a migration is to do, whatever its source is."""

    source_provider: str
    """Registry key; ``registry.FILE`` of an uploaded file."""
    target_provider: str
    as_copy: bool
    remove_missing: bool
    dry_run: bool
    privacy: str = "private"
    liked_as: str = "playlist"
    preview_id: int | None = None
    import_id: int | None = None
    source_file: str | None = None
    """Name of the uploaded file."""


def insert_job(
    connection: Connection[Any],
    request: MigrationRequest,
    now: datetime,
    *,
    key: str | None = None,
    request_hash: str | None = None,
) -> int | None:
    """Add a job; None if there is one with this key, or of this file, already."""
    state = Status("waiting-to-start")
    row = connection.execute(
        """
        INSERT INTO migrations.jobs (user_id, source_provider, target_provider, status_code, status_message,
            created_at, idempotency_key, request_hash, remove_missing, dry_run, import_id, source_file,
            correlation_id, privacy, liked_as, preview_id)
        VALUES (core.current_user_id(), %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)
        ON CONFLICT DO NOTHING
        RETURNING id
        """,
        [
            request.source_provider, request.target_provider, state.code,
            status_text.render(state, Reader(now)), now, key, key and request_hash, request.remove_missing,
            request.dry_run, request.import_id, request.source_file, correlation_id(),
            request.privacy,
            request.liked_as,
            request.preview_id,
        ],
    ).fetchone()  # fmt: skip
    return None if row is None else int(row[0])


def insert_playlists(
    connection: Connection[Any],
    job_id: int,
    playlists: Sequence[Playlist],
    request: MigrationRequest,
    now: datetime,
) -> list[int]:
    """Add a job's playlists; those whose message is sent at once are marked as sent.

    A playlist that was moved before is to be updated where it went, unless a copy is asked for. Where saved
    albums become playlists, that holds for each of them.
    """
    rows = connection.execute(
        """
        INSERT INTO migrations.playlists
            (job_id, user_id, source_playlist_id, source_name, track_count, marker, created_at, due_at,
             enqueued_at, into_likes, kind, target_playlist_id, target_name, is_update)
        SELECT %(job)s, core.current_user_id(), c.id, c.name, c.tracks, c.marker, %(now)s, %(now)s,
               CASE WHEN c.number <= %(sent)s THEN %(now)s::timestamptz END,
               c.likes, c.kind, e.target_playlist_id, e.target_name,
               e.target_playlist_id IS NOT NULL OR (c.kind = 'albums' AND %(each_updates)s)
        FROM unnest(%(ids)s::text[], %(names)s::text[], %(counts)s::int[], %(markers)s::text[],
                    %(likes)s::bool[], %(kinds)s::text[])
             WITH ORDINALITY AS c (id, name, tracks, marker, likes, kind, number)
        LEFT JOIN LATERAL (
            SELECT p.target_playlist_id, p.target_name
            FROM migrations.playlists p JOIN migrations.jobs j ON j.id = p.job_id
            WHERE p.user_id = core.current_user_id() AND p.source_playlist_id = c.id
              AND p.target_playlist_id IS NOT NULL AND p.into_likes = c.likes AND p.part = 1
              AND p.status IN ('completed', 'failed') AND j.source_provider = %(source)s
              AND j.target_provider = %(target)s AND %(updates)s
            ORDER BY p.id DESC LIMIT 1
        ) e ON true
        ORDER BY c.number
        RETURNING id
        """,
        {
            "job": job_id,
            "now": now,
            "source": request.source_provider,
            "target": request.target_provider,
            "updates": not request.as_copy and not request.dry_run,
            "each_updates": not request.as_copy
            and not request.dry_run
            and not registry.get(request.target_provider).has_library(ListKind.ALBUMS),
            "sent": MAX_SENT_AT_ONCE,
            "ids": [entry.id for entry in playlists],
            "names": [storable(entry.name) for entry in playlists],
            "counts": [entry.track_count for entry in playlists],
            "likes": [
                entry.kind is not ListKind.PLAYLIST or (entry.is_liked and request.liked_as == "likes")
                for entry in playlists
            ],
            "kinds": [entry.kind.value for entry in playlists],
            "markers": [f"mc-{secrets.token_hex(8)}" for _ in playlists],
        },
    ).fetchall()
    return [row[0] for row in rows]
