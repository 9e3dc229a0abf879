"""The SQL of notices and of what people chose about them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from psycopg import Connection
from psycopg.rows import class_row, scalar_row, tuple_row
from psycopg.types.json import Jsonb

from musicconnect.notices.codes import Choice


@dataclass(frozen=True, slots=True)
class NoticeRow:
    """A notice as it is stored."""

    id: int
    code: str
    params: dict[str, Any]
    occurred_at: datetime
    read_at: datetime | None


COLUMNS = "id, code, params, occurred_at, read_at"


def insert_notice(
    connection: Connection[Any],
    user_id: int,
    *,
    code: str,
    params: Mapping[str, Any],
    key: str,
    occurred_at: datetime,
    at: datetime,
    digest_at: datetime | None,
) -> int | None:
    """Add a notice; None if the person was told the same before."""
    with connection.cursor(row_factory=scalar_row) as cursor:
        return cursor.execute(
            """
            INSERT INTO notices.notices (user_id, code, params, key, occurred_at, created_at, digest_at)
            VALUES (%s, %s, %s, %s, %s, %s, %s) ON CONFLICT DO NOTHING RETURNING id""",
            [user_id, code, Jsonb(dict(params)), key, occurred_at, at, digest_at],
        ).fetchone()


def list_notices(
    connection: Connection[Any], user_id: int, *, is_unread: bool, before: int | None, limit: int
) -> list[NoticeRow]:
    """List notices with ids below ``before``, newest first: ``limit`` and one more."""
    with connection.cursor(row_factory=class_row(NoticeRow)) as cursor:
        return cursor.execute(
            f"""
            SELECT {COLUMNS} FROM notices.notices
            WHERE user_id = %(user)s AND id < coalesce(%(before)s, 9223372036854775807)
              AND (read_at IS NULL OR NOT %(unread)s)
            ORDER BY id DESC LIMIT %(limit)s + 1""",  # noqa: S608 - a constant
            {"user": user_id, "before": before, "unread": is_unread, "limit": limit},
        ).fetchall()


def get_notice(connection: Connection[Any], user_id: int, notice_id: int) -> NoticeRow | None:
    """Get a notice."""
    with connection.cursor(row_factory=class_row(NoticeRow)) as cursor:
        return cursor.execute(
            f"SELECT {COLUMNS} FROM notices.notices WHERE user_id = %s AND id = %s",  # noqa: S608
            [user_id, notice_id],
        ).fetchone()


def count_unread(connection: Connection[Any], user_id: int) -> int:
    """Count the notices that the person has not read."""
    with connection.cursor(row_factory=scalar_row) as cursor:
        count = cursor.execute(
            "SELECT count(*) FROM notices.notices WHERE user_id = %s AND read_at IS NULL", [user_id]
        ).fetchone()
    return int(count or 0)


def mark_read(connection: Connection[Any], user_id: int, notice_id: int, at: datetime) -> NoticeRow | None:
    """Mark a notice as read, once; None if there is none."""
    with connection.cursor(row_factory=class_row(NoticeRow)) as cursor:
        return cursor.execute(
            f"""
            UPDATE notices.notices SET read_at = coalesce(read_at, %s) WHERE user_id = %s AND id = %s
            RETURNING {COLUMNS}""",  # noqa: S608 - a constant
            [at, user_id, notice_id],
        ).fetchone()


def mark_unread(connection: Connection[Any], user_id: int, notice_id: int) -> NoticeRow | None:
    """Mark a notice as not read; None if there is none."""
    with connection.cursor(row_factory=class_row(NoticeRow)) as cursor:
        return cursor.execute(
            f"""
            UPDATE notices.notices SET read_at = NULL WHERE user_id = %s AND id = %s
            RETURNING {COLUMNS}""",  # noqa: S608 - a constant
            [user_id, notice_id],
        ).fetchone()


def mark_all_read(connection: Connection[Any], user_id: int, until_id: int, at: datetime) -> int:
    """Mark everything up to a notice as read; gives how many were not."""
    return connection.execute(
        "UPDATE notices.notices SET read_at = %s WHERE user_id = %s AND id <= %s AND read_at IS NULL",
        [at, user_id, until_id],
    ).rowcount


def time_zone(connection: Connection[Any], user_id: int) -> str | None:
    """Get a person's time zone, an IANA name; None if they are gone."""
    with connection.cursor(row_factory=scalar_row) as cursor:
        return cursor.execute(
            "SELECT time_zone FROM core.time_zones(ARRAY[%s::bigint])", [user_id]
        ).fetchone()


def people_with_digests(connection: Connection[Any], at: datetime, limit: int) -> list[int]:
    """List people whose digest is to be sent, by id."""
    with connection.cursor(row_factory=scalar_row) as cursor:
        return cursor.execute(
            "SELECT user_id FROM notices.people_with_digests(%s, %s)", [at, limit]
        ).fetchall()


def take_digest(connection: Connection[Any], user_id: int, at: datetime) -> list[NoticeRow]:
    """Take the notices of a person's due digest, in their order: they are in no other."""
    with connection.cursor(row_factory=class_row(NoticeRow)) as cursor:
        return cursor.execute(
            f"""
            WITH taken AS (
                UPDATE notices.notices SET digest_at = NULL WHERE user_id = %s AND digest_at <= %s
                RETURNING {COLUMNS})
            SELECT {COLUMNS} FROM taken ORDER BY id""",  # noqa: S608 - a constant
            [user_id, at],
        ).fetchall()


def clear_digest(connection: Connection[Any], user_id: int) -> None:
    """Take everything out of a person's next digest."""
    connection.execute(
        "UPDATE notices.notices SET digest_at = NULL WHERE user_id = %s AND digest_at IS NOT NULL", [user_id]
    )


def list_choices(connection: Connection[Any], user_id: int) -> dict[str, Choice]:
    """List what a person chose, by code."""
    with connection.cursor(row_factory=tuple_row) as cursor:
        rows = cursor.execute(
            "SELECT code, mail, webhook FROM notices.settings WHERE user_id = %s", [user_id]
        ).fetchall()
    return {code: Choice(mail, webhook) for code, mail, webhook in rows}


def save_choice(connection: Connection[Any], user_id: int, code: str, choice: Choice, at: datetime) -> None:
    """Save what a person chose about a kind."""
    connection.execute(
        """
        INSERT INTO notices.settings (user_id, code, mail, webhook, updated_at) VALUES (%s, %s, %s, %s, %s)
        ON CONFLICT (user_id, code) DO UPDATE
        SET mail = excluded.mail, webhook = excluded.webhook, updated_at = excluded.updated_at""",
        [user_id, code, choice.mail, choice.webhook, at],
    )
