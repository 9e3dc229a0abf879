"""The SQL of playlists that have been read for an export and wait to be written."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from psycopg import Connection
from psycopg.rows import class_row
from psycopg.types.json import Jsonb

from musicconnect.exports.plan import StagedPlaylist
from musicconnect.platform.text import storable


@dataclass(frozen=True, slots=True)
class PendingPlaylist:
    """A playlist that is to be read, as far as it has been."""

    id: int
    provider: str
    provider_playlist_id: str
    head: dict[str, Any] | None
    version: str | None
    cursor: str | None
    read_count: int
    reread_count: int


def add_playlists(
    connection: Connection[Any], user_id: int, export_id: int, provider: str, ids: Sequence[str]
) -> None:
    """Add playlists, in this order, of which nothing is known yet; those that are there stay as they are."""
    connection.execute(
        """
        INSERT INTO exports.playlists (export_job_id, user_id, provider, provider_playlist_id)
        SELECT %s, %s, %s, i.id FROM unnest(%s::text[]) WITH ORDINALITY AS i (id, place) ORDER BY i.place
        ON CONFLICT DO NOTHING
        """,
        [export_id, user_id, provider, list(ids)],
    )


def save_header(
    connection: Connection[Any], user_id: int, export_id: int, provider: str, playlist_id: str,
    *, head: dict[str, Any], version: str | None,
) -> None:  # fmt: skip
    """Save what a provider says of a playlist, before it is read."""
    connection.execute(
        """
        INSERT INTO exports.playlists (export_job_id, user_id, provider, provider_playlist_id, head, version)
        VALUES (%(job)s, %(user)s, %(provider)s, %(id)s, %(head)s, %(version)s)
        ON CONFLICT (export_job_id, provider, provider_playlist_id) DO UPDATE
        SET head = excluded.head, version = excluded.version
        WHERE playlists.state = 'pending' AND playlists.read_count = 0
        """,
        {
            "job": export_id, "user": user_id, "provider": provider, "id": playlist_id,
            "head": Jsonb(clean(head)), "version": version,
        },
    )  # fmt: skip


def next_pending(connection: Connection[Any], export_id: int, provider: str) -> PendingPlaylist | None:
    """Get the next playlist of a provider that is to be read (on)."""
    with connection.cursor(row_factory=class_row(PendingPlaylist)) as cursor:
        return cursor.execute(
            """
            SELECT id, provider, provider_playlist_id, head, version, cursor, read_count, reread_count
            FROM exports.playlists WHERE export_job_id = %s AND state = 'pending' AND provider = %s
            ORDER BY id LIMIT 1
            """,
            [export_id, provider],
        ).fetchone()


def add_entries(
    connection: Connection[Any],
    user_id: int,
    wanted: PendingPlaylist,
    entries: Sequence[dict[str, Any]],
    cursor: str | None,
) -> None:
    """Add a page of entries behind those before."""
    connection.execute(
        """
        INSERT INTO exports.entries (playlist_id, user_id, position, entry)
        SELECT %s, %s, %s + e.place - 1, e.entry
        FROM unnest(%s::jsonb[]) WITH ORDINALITY AS e (entry, place)
        """,
        [wanted.id, user_id, wanted.read_count, [Jsonb(clean(entry)) for entry in entries]],
    )
    connection.execute(
        "UPDATE exports.playlists SET cursor = %s, read_count = read_count + %s WHERE id = %s",
        [cursor, len(entries), wanted.id],
    )


def finish(connection: Connection[Any], wanted: PendingPlaylist, at: datetime) -> None:
    """Mark a playlist as read."""
    connection.execute(
        """
        UPDATE exports.playlists
        SET state = 'read', cursor = NULL, captured_at = %(at)s,
            head = head || jsonb_build_object('item_count', read_count, 'captured_at', %(at)s::timestamptz)
        WHERE id = %(id)s
        """,
        {"at": at, "id": wanted.id},
    )


def restart(
    connection: Connection[Any], wanted: PendingPlaylist, *, head: dict[str, Any], version: str | None
) -> None:
    """Delete the pages of a playlist that changed while it was read, to begin again."""
    connection.execute("DELETE FROM exports.entries WHERE playlist_id = %s", [wanted.id])
    connection.execute(
        """
        UPDATE exports.playlists SET cursor = NULL, read_count = 0, reread_count = reread_count + 1,
            head = %s, version = %s WHERE id = %s
        """,
        [Jsonb(clean(head)), version, wanted.id],
    )


def skip(
    connection: Connection[Any], export_id: int, reason: str, *, playlist: int | None, provider: str
) -> None:
    """Do without a playlist, or without all of a provider's that are still to be read."""
    connection.execute(
        """
        DELETE FROM exports.entries WHERE playlist_id IN (
            SELECT id FROM exports.playlists
            WHERE export_job_id = %(job)s AND state = 'pending' AND provider = %(provider)s
              AND (%(id)s::bigint IS NULL OR id = %(id)s))
        """,
        {"job": export_id, "provider": provider, "id": playlist},
    )
    connection.execute(
        """
        UPDATE exports.playlists SET state = 'left_out', reason = %(reason)s, cursor = NULL, read_count = 0
        WHERE export_job_id = %(job)s AND state = 'pending' AND provider = %(provider)s
          AND (%(id)s::bigint IS NULL OR id = %(id)s)
        """,
        {"job": export_id, "provider": provider, "id": playlist, "reason": reason},
    )


def list_read(connection: Connection[Any], export_id: int) -> list[StagedPlaylist]:
    """List the playlists that were read, in their order."""
    with connection.cursor(row_factory=class_row(StagedPlaylist)) as cursor:
        return cursor.execute(
            """
            SELECT id, provider, coalesce(head ->> 'name', '') AS name FROM exports.playlists
            WHERE export_job_id = %s AND state = 'read' ORDER BY id
            """,
            [export_id],
        ).fetchall()


def get_head(connection: Connection[Any], playlist_id: int) -> dict[str, Any] | None:
    """Get what a playlist's provider says of it."""
    row = connection.execute("SELECT head FROM exports.playlists WHERE id = %s", [playlist_id]).fetchone()
    return row[0] if row else None


def count_entries(connection: Connection[Any], playlist_id: int) -> int:
    """Count a playlist's entries."""
    row = connection.execute(
        "SELECT count(*) FROM exports.entries WHERE playlist_id = %s", [playlist_id]
    ).fetchone()
    return int(row[0]) if row else 0


def list_entries(
    connection: Connection[Any], playlist_id: int, *, after: int, limit: int
) -> list[tuple[int, dict[str, Any]]]:
    """List the next entries: position, entry."""
    return connection.execute(
        "SELECT position, entry FROM exports.entries WHERE playlist_id = %s AND position > %s "
        "ORDER BY position LIMIT %s",
        [playlist_id, after, limit],
    ).fetchall()


def progress(connection: Connection[Any], export_id: int) -> tuple[int, int, int]:
    """Count playlists done, playlists wanted, entries read."""
    row = connection.execute(
        """
        SELECT count(*) FILTER (WHERE state <> 'pending'), count(*), coalesce(sum(read_count), 0)::bigint
        FROM exports.playlists WHERE export_job_id = %s
        """,
        [export_id],
    ).fetchone()
    return (0, 0, 0) if row is None else (row[0], row[1], row[2])


def clean(value: Any) -> Any:
    """Make JSON that Postgres can hold."""
    match value:
        case str():
            return storable(value)
        case list():
            return [clean(part) for part in value]
        case dict():
            return {name: clean(part) for name, part in value.items()}
        case _:
            return value
