"""The SQL of polling Spotify's recently played."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from psycopg import Connection
from psycopg.rows import class_row, tuple_row


@dataclass(frozen=True, slots=True)
class PollRow:
    """Where polling an account stands."""

    account_id: int
    cursor_ms: int | None
    due_at: datetime | None
    last_polled_at: datetime | None
    status_message: str
    attempts: int


@dataclass(frozen=True, slots=True)
class GapRow:
    """A time of which plays may be missing."""

    from_at: datetime
    until_at: datetime
    noticed_at: datetime


def linked_account(connection: Connection[Any], user_id: int) -> int | None:
    """The person's Spotify account."""
    row = connection.execute(
        "SELECT id FROM providers.accounts WHERE user_id = %s AND provider = 'spotify'", [user_id]
    ).fetchone()
    return row[0] if row else None


def get_poll(connection: Connection[Any], user_id: int) -> PollRow | None:
    """How it stands; None if the person never switched it on."""
    with connection.cursor(row_factory=class_row(PollRow)) as cursor:
        return cursor.execute(
            """
            SELECT account_id, cursor_ms, due_at, last_polled_at, status_message, attempts
            FROM trends.polls WHERE user_id = %s
            """,
            [user_id],
        ).fetchone()


def set_due(
    connection: Connection[Any], user_id: int, account_id: int, *, due_at: datetime | None, message: str
) -> None:
    """Switch polling on (due now) or off (None)."""
    connection.execute(
        """
        INSERT INTO trends.polls (account_id, user_id, due_at, status_message)
        VALUES (%(account_id)s, %(user_id)s, %(due_at)s, %(message)s)
        ON CONFLICT (account_id) DO UPDATE
        SET due_at = excluded.due_at, status_message = excluded.status_message, attempts = 0
        """,
        {"account_id": account_id, "user_id": user_id, "due_at": due_at, "message": message},
    )


def save_poll(
    connection: Connection[Any],
    account_id: int,
    *,
    cursor_ms: int | None,
    polled_at: datetime | None,
    due_at: datetime | None,
    message: str,
    attempts: int,
) -> bool:
    """Write down how a poll went; False if polling was switched off meanwhile."""
    return (
        connection.execute(
            """
            UPDATE trends.polls
            SET cursor_ms = greatest(cursor_ms, %(cursor_ms)s), due_at = %(due_at)s, attempts = %(attempts)s,
                last_polled_at = coalesce(%(polled_at)s, last_polled_at), status_message = %(message)s
            WHERE account_id = %(account_id)s AND due_at IS NOT NULL
            """,
            {
                "account_id": account_id, "cursor_ms": cursor_ms, "due_at": due_at, "attempts": attempts,
                "polled_at": polled_at, "message": message,
            },
        ).rowcount
        == 1
    )  # fmt: skip


def insert_gap(
    connection: Connection[Any],
    user_id: int,
    account_id: int,
    *,
    from_at: datetime,
    until_at: datetime,
    noticed_at: datetime,
) -> None:
    """Write down that plays may be missing."""
    connection.execute(
        """
        INSERT INTO trends.poll_gaps (account_id, user_id, from_at, until_at, noticed_at)
        VALUES (%s, %s, %s, %s, %s)
        """,
        [account_id, user_id, from_at, until_at, noticed_at],
    )


def list_gaps(connection: Connection[Any], user_id: int, *, limit: int) -> list[GapRow]:
    """The latest gaps, the newest first."""
    with connection.cursor(row_factory=class_row(GapRow)) as cursor:
        return cursor.execute(
            """
            SELECT from_at, until_at, noticed_at FROM trends.poll_gaps
            WHERE user_id = %s ORDER BY id DESC LIMIT %s
            """,
            [user_id, limit],
        ).fetchall()


def claim_due(connection: Connection[Any], at: datetime, most: int) -> list[tuple[int, int]]:
    """Whose turn it is, as pairs of account id and user id."""
    with connection.cursor(row_factory=tuple_row) as cursor:
        return cursor.execute(
            "SELECT account_id, user_id FROM trends.claim_due_polls(%s, %s)", [at, most]
        ).fetchall()
