"""The SQL that says where playlists were moved to, with the rights of whoever lists them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from psycopg import Connection
from psycopg.rows import class_row


@dataclass(frozen=True, slots=True)
class TargetRow:
    """A playlist that another one was moved into."""

    source_provider: str
    source_playlist_id: str
    target_provider: str
    target_playlist_id: str
    target_name: str | None
    migration_id: int
    since: datetime


def find(connection: Connection[Any], sources: Sequence[tuple[str, str]]) -> list[TargetRow]:
    """List the targets of the person's playlists, given by provider and id; the oldest first."""
    with connection.cursor(row_factory=class_row(TargetRow)) as cursor:
        return cursor.execute(
            "SELECT * FROM migrations.playlist_targets(%s::text[], %s::text[]) ORDER BY since, migration_id",
            [[provider for provider, _ in sources], [playlist_id for _, playlist_id in sources]],
        ).fetchall()


def find_writer(connection: Connection[Any], provider: str, playlist_id: str) -> int | None:
    """Find the migration that is writing into a playlist, as its owner; one that is paused does not count."""
    row = connection.execute(
        """
        SELECT j.id FROM migrations.playlists p JOIN migrations.jobs j ON j.id = p.job_id
        WHERE p.user_id = core.current_user_id() AND p.target_playlist_id = %s AND j.target_provider = %s
          AND p.status IN ('pending', 'running') AND j.stop IS NULL AND NOT j.dry_run
        ORDER BY p.id LIMIT 1""",
        [playlist_id, provider],
    ).fetchone()
    return None if row is None else int(row[0])
