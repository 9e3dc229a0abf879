"""Run the SQL of playlists that become several, in the caller's transaction, as the owner."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from psycopg import Connection
from psycopg.rows import class_row


@dataclass(frozen=True, slots=True)
class EarlierPart:
    """A part of a playlist as it was moved last."""

    id: int
    part: int
    parts: int | None
    source_name: str
    source_description: str
    target_playlist_id: str
    target_name: str | None


@dataclass(frozen=True, slots=True)
class SourceTrack:
    """An entry of the source."""

    position: int
    source_track_id: str | None
    is_movable: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class NewPart:
    """A part that gets a row of its own."""

    part: int
    parts: int
    marker: str
    target_playlist_id: str | None
    """Of an earlier migration."""
    target_name: str | None
    positions: Sequence[int]
    """Of its entries in the source."""
    failed: int
    """How many of those cannot be moved."""


_COLUMNS = """p.id, p.part, p.parts, p.source_name, p.source_description, p.target_playlist_id,
    p.target_name"""


def earlier(connection: Connection[Any], playlist_id: int) -> EarlierPart | None:
    """Find what was last moved into the same target."""
    with connection.cursor(row_factory=class_row(EarlierPart)) as cursor:
        return cursor.execute(
            f"""
            SELECT {_COLUMNS}
            FROM migrations.playlists n
            JOIN migrations.playlists p ON p.user_id = n.user_id AND p.id < n.id
                AND p.target_playlist_id = n.target_playlist_id
                AND p.source_playlist_id = n.source_playlist_id
            WHERE n.id = %s ORDER BY p.id DESC LIMIT 1""",  # noqa: S608 - a constant
            [playlist_id],
        ).fetchone()


def earlier_parts(connection: Connection[Any], playlist_id: int) -> list[EarlierPart]:
    """List all parts of what was last moved into the same target, in order."""
    last = earlier(connection, playlist_id)
    if last is None:
        return []
    with connection.cursor(row_factory=class_row(EarlierPart)) as cursor:
        return cursor.execute(
            f"""
            SELECT {_COLUMNS}
            FROM migrations.playlists l
            JOIN migrations.playlists p ON p.job_id = l.job_id AND p.source_playlist_id = l.source_playlist_id
            WHERE l.id = %s AND p.target_playlist_id IS NOT NULL ORDER BY p.part""",  # noqa: S608 - a constant
            [last.id],
        ).fetchall()


def moved_ids(connection: Connection[Any], playlist_id: int) -> list[str]:
    """List the ids of the source's entries that were moved into a part."""
    rows = connection.execute(
        """
        SELECT source_track_id FROM migrations.tracks
        WHERE playlist_migration_id = %s AND status = 'matched' AND source_track_id IS NOT NULL""",
        [playlist_id],
    ).fetchall()
    return [row[0] for row in rows]


def tracks(connection: Connection[Any], playlist_id: int) -> list[SourceTrack]:
    """List a playlist's entries, in order."""
    with connection.cursor(row_factory=class_row(SourceTrack)) as cursor:
        return cursor.execute(
            """
            SELECT position, coalesce(source_track_id, '#' || position) AS source_track_id,
                   outcome IS DISTINCT FROM 'not_transferable' AS is_movable
            FROM migrations.tracks WHERE playlist_migration_id = %s ORDER BY position""",
            [playlist_id],
        ).fetchall()


def divide(connection: Connection[Any], playlist_id: int, part: NewPart, now: datetime) -> None:
    """Make a playlist of its own of some of a playlist's entries; it is due at once."""
    connection.execute(
        """
        WITH made AS (
            INSERT INTO migrations.playlists (job_id, user_id, source_playlist_id, source_name,
                source_description, source_version, track_count, read_count, failed_count, marker, created_at,
                due_at, stage, part, parts, target_playlist_id, target_name, is_update)
            SELECT job_id, user_id, source_playlist_id, source_name, source_description, source_version,
                   %(count)s, %(count)s, %(failed)s, %(marker)s, %(now)s, %(now)s, 'match', %(part)s,
                   %(parts)s, %(target)s, %(name)s, %(target)s::text IS NOT NULL
            FROM migrations.playlists WHERE id = %(id)s
            RETURNING id)
        UPDATE migrations.tracks t SET playlist_migration_id = made.id
        FROM made WHERE t.playlist_migration_id = %(id)s AND t.position = ANY (%(positions)s)""",
        {
            "id": playlist_id,
            "count": len(part.positions),
            "failed": part.failed,
            "marker": part.marker,
            "now": now,
            "part": part.part,
            "parts": part.parts,
            "target": part.target_playlist_id,
            "name": part.target_name,
            "positions": list(part.positions),
        },
    )
