"""The SQL of verifications."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from psycopg import Connection
from psycopg.rows import class_row


@dataclass(frozen=True, slots=True)
class Found:
    """A verification that somebody wants to use."""

    verification_id: int
    user_id: int | None
    address: str
    code_hash: str | None
    password_hash: str | None
    display_name: str | None
    time_zone: str | None


@dataclass(frozen=True, slots=True)
class Pending:
    """A verification whose mail is to be sent."""

    id: int
    kind: str
    user_id: int | None
    address: str
    base_url: str
    time_zone: str | None
    expires_at: datetime


def insert(connection: Connection[Any], values: dict[str, Any]) -> int:
    """Add a verification; return its id."""
    row = connection.execute(
        """
        INSERT INTO core.verifications
            (kind, user_id, address, handle_hash, password_hash, display_name, time_zone, base_url,
             created_at, expires_at)
        VALUES (%(kind)s, %(user_id)s, %(address)s, %(handle_hash)s, %(password_hash)s, %(display_name)s,
                %(time_zone)s, %(base_url)s, %(at)s, %(expires_at)s)
        RETURNING id""",
        values,
    ).fetchone()
    assert row is not None  # INSERT without a conflict clause returns its row
    return int(row[0])


def get(connection: Connection[Any], verification_id: int) -> Pending | None:
    """Get a verification to send the mail of; None if it was used or is old."""
    with connection.cursor(row_factory=class_row(Pending)) as cursor:
        return cursor.execute(
            """
            SELECT id, kind, user_id, address, base_url, time_zone, expires_at FROM core.verifications
            WHERE id = %s""",
            [verification_id],
        ).fetchone()


def set_secrets(connection: Connection[Any], verification_id: int, token_hash: str, code_hash: str) -> None:
    """Record what is being sent; what was sent before is good no more."""
    connection.execute(
        "UPDATE core.verifications SET token_hash = %s, code_hash = %s WHERE id = %s",
        [token_hash, code_hash, verification_id],
    )


def find(
    connection: Connection[Any], kind: str, *, token_hash: str | None, handle_hash: str | None, at: datetime
) -> Found | None:
    """Find a verification, whoever's; looking one up by its handle counts as a try of its code."""
    with connection.cursor(row_factory=class_row(Found)) as cursor:
        return cursor.execute(
            """
            SELECT verification_id, user_id, address, code_hash, password_hash, display_name, time_zone
            FROM core.find_verification(%s, %s, %s, %s)""",
            [kind, token_hash, handle_hash, at],
        ).fetchone()


def take(connection: Connection[Any], verification_id: int, at: datetime) -> bool:
    """Use a verification up; False if somebody else just did."""
    row = connection.execute("SELECT core.take_verification(%s, %s)", [verification_id, at]).fetchone()
    return row is not None and bool(row[0])
