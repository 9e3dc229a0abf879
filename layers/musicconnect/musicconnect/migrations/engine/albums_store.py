"""Run the SQL of saved albums that become playlists, in the caller's transaction, as the owner."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from psycopg import Connection

from musicconnect.platform.text import storable


@dataclass(frozen=True, slots=True, kw_only=True)
class SavedAlbum:
    """An album that is to become a playlist."""

    id: str
    """Of the playlist as which it is read."""
    name: str
    marker: str


type Earlier = Mapping[str, tuple[str, str | None]]
"""Id and name of the playlist that an album became before, by the album's id as a playlist."""


def saved(connection: Connection[Any], playlist_id: int) -> list[tuple[str, dict[str, Any]]]:
    """List ids and facts of what was read as saved, in order, each once."""
    return connection.execute(
        """
        SELECT source_track_id, source FROM (
            SELECT DISTINCT ON (source_track_id) source_track_id, source, position
            FROM migrations.tracks WHERE playlist_migration_id = %s AND source_track_id IS NOT NULL
            ORDER BY source_track_id, position) t
        ORDER BY position""",
        [playlist_id],
    ).fetchall()


def earlier(
    connection: Connection[Any], playlist_id: int, ids: Sequence[str]
) -> dict[str, tuple[str, str | None]]:
    """Find what albums became when they were moved last, from and to the same services."""
    rows = connection.execute(
        """
        SELECT DISTINCT ON (p.source_playlist_id) p.source_playlist_id, p.target_playlist_id, p.target_name
        FROM migrations.playlists n
        JOIN migrations.jobs j ON j.id = n.job_id
        JOIN migrations.playlists p ON p.user_id = n.user_id AND p.source_playlist_id = ANY (%(ids)s)
            AND p.target_playlist_id IS NOT NULL AND p.part = 1 AND p.status IN ('completed', 'failed')
        JOIN migrations.jobs o ON o.id = p.job_id AND o.source_provider = j.source_provider
            AND o.target_provider = j.target_provider
        WHERE n.id = %(id)s ORDER BY p.source_playlist_id, p.id DESC""",
        {"id": playlist_id, "ids": list(ids)},
    ).fetchall()
    return {row[0]: (row[1], row[2]) for row in rows}


def add(
    connection: Connection[Any],
    playlist_id: int,
    albums: Sequence[SavedAlbum],
    before: Earlier,
    now: datetime,
) -> None:
    """Add playlists to the job of one; they are due at once."""
    connection.execute(
        """
        INSERT INTO migrations.playlists (job_id, user_id, source_playlist_id, source_name, track_count,
            marker, created_at, due_at, target_playlist_id, target_name, is_update)
        SELECT n.job_id, n.user_id, a.id, a.name, 0, a.marker, %(now)s, %(now)s, a.target, a.target_name,
               a.target IS NOT NULL
        FROM migrations.playlists n,
             unnest(%(ids)s::text[], %(names)s::text[], %(markers)s::text[], %(targets)s::text[],
                    %(target_names)s::text[])
                 WITH ORDINALITY AS a (id, name, marker, target, target_name, number)
        WHERE n.id = %(id)s ORDER BY a.number""",
        {
            "id": playlist_id,
            "now": now,
            "ids": [one.id for one in albums],
            "names": [storable(one.name) for one in albums],
            "markers": [one.marker for one in albums],
            "targets": [before.get(one.id, (None, None))[0] for one in albums],
            "target_names": [before.get(one.id, (None, None))[1] for one in albums],
        },
    )
