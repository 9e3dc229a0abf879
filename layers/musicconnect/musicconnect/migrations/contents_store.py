"""The SQL by which others read what playlists held when they were read for a migration or out of a file."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from psycopg import Connection
from psycopg.rows import class_row


@dataclass(frozen=True, slots=True)
class ReadPlaylist:
    """A playlist as it was last read to its end."""

    id: int
    source_provider: str
    source_playlist_id: str
    name: str
    description: str
    track_count: int
    read_at: datetime


# Of each playlist the newest reading that came to its end.
_NEWEST: Final = """
    SELECT DISTINCT ON (j.source_provider, l.source_playlist_id)
        l.id, j.source_provider, l.source_playlist_id, l.source_name AS name,
        l.source_description AS description,
        (SELECT sum(s.track_count)::integer FROM migrations.playlists s
         WHERE s.job_id = l.job_id AND s.source_playlist_id = l.source_playlist_id) AS track_count,
        l.created_at AS read_at
    FROM migrations.playlists l JOIN migrations.jobs j ON j.id = l.job_id
    WHERE l.user_id = (SELECT core.current_user_id()) AND l.stage <> 'read' AND l.part = 1
      AND NOT j.is_rollback
    ORDER BY j.source_provider, l.source_playlist_id, l.id DESC
"""


def count_playlists(connection: Connection[Any]) -> int:
    """Count a user's playlists that were read."""
    row = connection.execute(f"SELECT count(*) FROM ({_NEWEST}) n").fetchone()  # noqa: S608 - a constant
    return int(row[0]) if row else 0


def list_playlists(connection: Connection[Any], *, limit: int, offset: int) -> list[ReadPlaylist]:
    """List a user's playlists that were read, the newest reading first."""
    with connection.cursor(row_factory=class_row(ReadPlaylist)) as cursor:
        return cursor.execute(
            f"SELECT * FROM ({_NEWEST}) n ORDER BY id DESC LIMIT %s OFFSET %s",  # noqa: S608 - a constant
            [limit, offset],
        ).fetchall()


def find_playlist(connection: Connection[Any], playlist_id: int) -> ReadPlaylist | None:
    """Find one of a user's playlists that were read, by this reading's id."""
    with connection.cursor(row_factory=class_row(ReadPlaylist)) as cursor:
        return cursor.execute(
            f"SELECT * FROM ({_NEWEST}) n WHERE id = %s",  # noqa: S608 - a constant
            [playlist_id],
        ).fetchone()


def list_sources(connection: Connection[Any], playlist_id: int) -> list[dict[str, Any]]:
    """List what was read of a playlist's tracks, in order, as `music.codec` encodes it."""
    rows = connection.execute(
        """
        SELECT t.source || jsonb_build_object('title', t.source_title)
        FROM migrations.playlists l
        JOIN migrations.playlists s ON s.job_id = l.job_id AND s.source_playlist_id = l.source_playlist_id
        JOIN migrations.tracks t ON t.playlist_migration_id = s.id
        WHERE l.user_id = (SELECT core.current_user_id()) AND l.id = %s AND t.source_title <> ''
        ORDER BY t.position""",
        [playlist_id],
    ).fetchall()
    return [row[0] for row in rows]
