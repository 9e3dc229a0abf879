"""The SQL of polls."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from psycopg import Connection
from psycopg.rows import class_row, dict_row, tuple_row
from psycopg.types.json import Jsonb

from musicconnect.platform.status import Status


@dataclass(frozen=True, slots=True)
class PollRow:
    """A row of ``trends.polls``."""

    account_id: int
    cursor_ms: int | None
    due_at: datetime | None
    last_polled_at: datetime | None
    status_code: str
    status_params: dict[str, Any]
    attempts: int


def get_account_id(connection: Connection[Any], user_id: int) -> int | None:
    """Get the id of a user's Spotify account; None if none is linked."""
    row = connection.execute("SELECT providers.account_id(%s, 'spotify')", [user_id]).fetchone()
    return row[0] if row else None


def get_poll(connection: Connection[Any], user_id: int) -> PollRow | None:
    """Get a user's poll; None if polling was never switched on."""
    with connection.cursor(row_factory=class_row(PollRow)) as cursor:
        return cursor.execute(
            """
            SELECT account_id, cursor_ms, due_at, last_polled_at, status_code, status_params, attempts
            FROM trends.polls WHERE user_id = %s
            """,
            [user_id],
        ).fetchone()


def set_due(
    connection: Connection[Any], user_id: int, account_id: int, *, due_at: datetime | None, code: str
) -> None:
    """Switch polling on (due now) or off (None)."""
    connection.execute(
        """
        INSERT INTO trends.polls (account_id, user_id, due_at, status_code)
        VALUES (%(account_id)s, %(user_id)s, %(due_at)s, %(code)s)
        ON CONFLICT (account_id) DO UPDATE
        SET due_at = excluded.due_at, status_code = excluded.status_code, status_params = '{}', attempts = 0
        """,
        {"account_id": account_id, "user_id": user_id, "due_at": due_at, "code": code},
    )


def save_poll(
    connection: Connection[Any],
    account_id: int,
    *,
    cursor_ms: int | None,
    polled_at: datetime | None,
    due_at: datetime | None,
    status: Status,
    attempts: int,
) -> bool:
    """Save the result of a poll; False if polling has been switched off."""
    changed = connection.execute(
        """
        UPDATE trends.polls
        SET cursor_ms = greatest(cursor_ms, %(cursor_ms)s), due_at = %(due_at)s, attempts = %(attempts)s,
            last_polled_at = coalesce(%(polled_at)s, last_polled_at), status_code = %(code)s,
            status_params = %(params)s
        WHERE account_id = %(account_id)s AND due_at IS NOT NULL
        """,
        {
            "account_id": account_id, "cursor_ms": cursor_ms, "due_at": due_at, "attempts": attempts,
            "polled_at": polled_at, "code": status.code, "params": Jsonb(dict(status.params)),
        },
    )  # fmt: skip
    return changed.rowcount == 1


def insert_gap(
    connection: Connection[Any],
    user_id: int,
    account_id: int,
    *,
    from_at: datetime,
    until_at: datetime,
    noticed_at: datetime,
) -> None:
    """Record that plays may be missing."""
    connection.execute(
        """
        INSERT INTO trends.poll_gaps (account_id, user_id, from_at, until_at, noticed_at)
        VALUES (%s, %s, %s, %s, %s)
        """,
        [account_id, user_id, from_at, until_at, noticed_at],
    )


def list_gaps(connection: Connection[Any], user_id: int, *, limit: int) -> list[dict[str, datetime]]:
    """List the latest gaps, newest first: ``from_at``, ``until_at``, ``noticed_at``."""
    with connection.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(
            """
            SELECT from_at, until_at, noticed_at FROM trends.poll_gaps
            WHERE user_id = %s ORDER BY id DESC LIMIT %s
            """,
            [user_id, limit],
        ).fetchall()


def claim_due(connection: Connection[Any], at: datetime, limit: int) -> list[tuple[int, int]]:
    """Claim due polls, as pairs of account id and user id."""
    with connection.cursor(row_factory=tuple_row) as cursor:
        return cursor.execute(
            "SELECT account_id, user_id FROM trends.claim_due_polls(%s, %s)", [at, limit]
        ).fetchall()
