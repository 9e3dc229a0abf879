"""The SQL of operators: their record, and the functions of the database that act on the account at hand."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, LiteralString

from psycopg import Connection
from psycopg.rows import class_row, scalar_row, tuple_row

REQUEUE: Final[Mapping[str, LiteralString]] = {
    "migrations": "SELECT migrations.requeue_stuck(%s, %s)",
    "play_imports": "SELECT trends.requeue_stuck_imports(%s, %s)",
    "playlist_syncs": "SELECT providers.release_stuck_syncs(%s, %s)",
}
"""Make unfinished work due that nobody has in hand."""


@dataclass(frozen=True, slots=True)
class AccountRow:
    """An account, as an operator sees it."""

    user_id: int
    email: str
    display_name: str
    time_zone: str
    is_active: bool
    created_at: datetime


def find_account(connection: Connection[Any], address: str | None, user_id: int | None) -> AccountRow | None:
    """Find an account by its address or its id."""
    with connection.cursor(row_factory=class_row(AccountRow)) as cursor:
        return cursor.execute(
            "SELECT user_id, email, display_name, time_zone, is_active, created_at "
            "FROM operators.find_account(%s, %s)",
            [address, user_id],
        ).fetchone()


def set_active(connection: Connection[Any], *, is_active: bool) -> bool:
    """Suspend or restore the account at hand; False if it is so already."""
    with connection.cursor(row_factory=scalar_row) as cursor:
        return bool(cursor.execute("SELECT operators.set_active(%s)", [is_active]).fetchone())


def end_sessions(connection: Connection[Any]) -> int:
    """End the sessions of the account at hand; gives how many."""
    with connection.cursor(row_factory=scalar_row) as cursor:
        return int(cursor.execute("SELECT operators.end_sessions()").fetchone() or 0)


def holdings(connection: Connection[Any]) -> dict[str, int]:
    """Count what the account at hand holds."""
    with connection.cursor(row_factory=tuple_row) as cursor:
        return dict(cursor.execute("SELECT what, found FROM operators.holdings()").fetchall())


def requeue(connection: Connection[Any], work: str, at: datetime, limit: int) -> int:
    """Make stuck work of a kind due, anybody's; gives how much."""
    with connection.cursor(row_factory=scalar_row) as cursor:
        return int(cursor.execute(REQUEUE[work], [at, limit]).fetchone() or 0)


def insert_act(
    connection: Connection[Any],
    *,
    user_id: int | None,
    operator: str,
    action: str,
    reason: str,
    request_id: str,
    outcome: str,
    at: datetime,
) -> None:
    """Record what was done, and by whom."""
    connection.execute(
        """
        INSERT INTO operators.acts (user_id, operator, action, reason, request_id, outcome, at)
        VALUES (%s, %s, %s, %s, %s, %s, %s)""",
        [user_id, operator, action, reason, request_id, outcome, at],
    )


def list_acts(connection: Connection[Any], user_id: int, limit: int) -> list[dict[str, Any]]:
    """List the latest acts on an account."""
    with connection.cursor(row_factory=tuple_row) as cursor:
        rows = cursor.execute(
            """
            SELECT at, operator, action, reason, outcome FROM operators.acts
            WHERE user_id = %s ORDER BY id DESC LIMIT %s""",
            [user_id, limit],
        ).fetchall()
    return [
        {"at": at.isoformat(), "operator": operator, "action": action, "reason": reason, "outcome": outcome}
        for at, operator, action, reason, outcome in rows
    ]
