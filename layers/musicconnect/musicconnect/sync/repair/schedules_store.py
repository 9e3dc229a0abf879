"""Run the SQL of schedules by which playlists are checked, in the caller's transaction, as their owner."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, LiteralString

from psycopg import Connection, sql
from psycopg.rows import DictRow, dict_row

_SHOWN: LiteralString = """
    SELECT s.id, s.provider, s.playlist_id, s.name, s.country, s.every_days, s.status, s.status_code,
           s.created_at, s.due_at,
           (SELECT max(r.id) FROM sync.repairs r WHERE r.schedule_id = s.id) AS repair_id
    FROM sync.repair_schedules s"""


def create(connection: Connection[Any], values: Mapping[str, Any]) -> int | None:
    """Make a schedule whose first check is due at once; None where the playlist has one."""
    row = connection.execute(
        """
        INSERT INTO sync.repair_schedules (user_id, provider, playlist_id, name, country, every_days,
            created_at, due_at)
        VALUES (%(user_id)s, %(provider)s, %(playlist_id)s, %(name)s, %(country)s, %(every_days)s, %(now)s,
            %(now)s)
        ON CONFLICT (user_id, provider, playlist_id) DO NOTHING
        RETURNING id""",
        values,
    ).fetchone()
    return None if row is None else int(row[0])


def get(connection: Connection[Any], schedule_id: int) -> DictRow | None:
    """Get a schedule and the id of its latest check; None if there is none."""
    with connection.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(_SHOWN + " WHERE s.id = %s", [schedule_id]).fetchone()


def list_all(connection: Connection[Any]) -> list[DictRow]:
    """List the person's schedules in the order in which they were made."""
    with connection.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(_SHOWN + " WHERE s.user_id = core.current_user_id() ORDER BY s.id").fetchall()


def count(connection: Connection[Any]) -> int:
    """Count the person's schedules."""
    row = connection.execute(
        "SELECT count(*) FROM sync.repair_schedules WHERE user_id = core.current_user_id()"
    ).fetchone()
    assert row is not None
    return int(row[0])


def change(connection: Connection[Any], schedule_id: int, **changes: Any) -> None:
    """Change a schedule."""
    assignments = sql.SQL(", ").join(
        sql.SQL("{} = {}").format(sql.Identifier(column), sql.Placeholder(column)) for column in changes
    )
    query = sql.SQL("UPDATE sync.repair_schedules SET {} WHERE id = %(_id)s").format(assignments)
    connection.execute(query, changes | {"_id": schedule_id})


def delete(connection: Connection[Any], schedule_id: int) -> bool:
    """Delete a schedule; its checks stay. False if there is none."""
    return connection.execute("DELETE FROM sync.repair_schedules WHERE id = %s", [schedule_id]).rowcount > 0


def begin_due(connection: Connection[Any], now: datetime, keep: timedelta, limit: int) -> int:
    """Begin the checks that are due, across people; gives how many."""
    return connection.execute("SELECT sync.begin_due_checks(%s, %s, %s)", [now, keep, limit]).rowcount


def previous_entries(
    connection: Connection[Any], schedule_id: int, repair_id: int
) -> list[dict[str, Any]] | None:
    """Give the entries that the check before a repair found; None where there was none."""
    row = connection.execute(
        """
        SELECT entries FROM sync.repairs
        WHERE schedule_id = %s AND id < %s AND entries IS NOT NULL ORDER BY id DESC LIMIT 1""",
        [schedule_id, repair_id],
    ).fetchone()
    return None if row is None else row[0]
