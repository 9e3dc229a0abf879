"""The SQL of what accepted matches teach about names. Each function is one statement."""

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from psycopg import Connection
from psycopg.rows import scalar_row


def find(
    connection: Connection[Any], keys: Sequence[str], channels: Sequence[str]
) -> list[tuple[str, str, str]]:
    """Get kind, subject and artist of what was learned about names and channels."""
    return connection.execute(
        """
        SELECT kind, subject, artist FROM providers.learned_names WHERE artist = ANY(%(keys)s)
        UNION
        SELECT kind, subject, artist FROM providers.learned_names
        WHERE kind = 'alias' AND subject = ANY(%(keys)s)
        UNION
        SELECT kind, subject, artist FROM providers.learned_names
        WHERE kind = 'channel' AND subject = ANY(%(channels)s)""",
        {"keys": list(keys), "channels": list(channels)},
    ).fetchall()


def report(
    connection: Connection[Any], rows: Sequence[dict[str, Any]], now: datetime, *, is_denied: bool = False
) -> None:
    """Note lessons under the transaction's person; ``is_denied``: that they are none."""
    connection.execute(
        """
        INSERT INTO providers.name_reports AS n (user_id, kind, subject, artist, recording, is_denied,
            reported_at)
        SELECT DISTINCT core.current_user_id(), r.kind, r.subject, r.artist, r.recording,
            %(is_denied)s::boolean, %(now)s::timestamptz
        FROM jsonb_to_recordset(%(rows)s) AS r (kind text, subject text, artist text, recording text)
        WHERE core.current_user_id() IS NOT NULL
        ORDER BY 2, 3, 4, 5 -- two at once of one person do not wait in a circle
        ON CONFLICT (user_id, kind, subject, artist, recording)
        DO UPDATE SET reported_at = excluded.reported_at, is_denied = excluded.is_denied
        WHERE n.reported_at < excluded.reported_at OR n.is_denied <> excluded.is_denied""",
        {"rows": json.dumps(rows), "now": now, "is_denied": is_denied},
    )


def learn(
    connection: Connection[Any], now: datetime, *, since: datetime, people: int, recordings: int, limit: int
) -> int:
    """Learn what so many people with so many recordings have reported; give how many facts."""
    with connection.cursor(row_factory=scalar_row) as cursor:
        cursor.execute(
            "SELECT providers.learn_names(%s, %s, %s, %s, %s)", [now, since, people, recordings, limit]
        )
        return int(cursor.fetchone() or 0)


def forget(
    connection: Connection[Any], *, reported_before: datetime, confirmed_before: datetime, limit: int
) -> int:
    """Delete old reports and facts; give how many."""
    with connection.cursor(row_factory=scalar_row) as cursor:
        cursor.execute(
            "SELECT providers.delete_names(%s, %s, %s)", [reported_before, confirmed_before, limit]
        )
        return int(cursor.fetchone() or 0)
