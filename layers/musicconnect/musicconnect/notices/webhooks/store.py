"""The SQL of webhooks, as their person."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from psycopg import Connection, sql
from psycopg.rows import class_row, scalar_row

from musicconnect.notices.webhooks.model import WebhookRow

COLUMNS = (
    "id, name, url, is_enabled, disabled_reason, disabled_at, failing_since, previous_secret_until, "
    "created_at, updated_at"
)


def insert_webhook(
    connection: Connection[Any], user_id: int, *, name: str, url: str, limit: int, at: datetime
) -> WebhookRow | None:
    """Add a webhook without a secret; None if the person has ``limit`` already."""
    # One at a time for each person, or two requests at once would both see room for one more.
    connection.execute("SELECT pg_advisory_xact_lock(hashtextextended('webhooks', %s))", [user_id])
    with connection.cursor(row_factory=class_row(WebhookRow)) as cursor:
        return cursor.execute(
            f"""
            INSERT INTO notices.webhooks (user_id, name, url, secret, created_at, updated_at)
            SELECT %(user)s, %(name)s, %(url)s, '', %(at)s, %(at)s
            WHERE (SELECT count(*) FROM notices.webhooks WHERE user_id = %(user)s) < %(limit)s
            RETURNING {COLUMNS}""",  # noqa: S608 - a constant
            {"user": user_id, "name": name, "url": url, "limit": limit, "at": at},
        ).fetchone()


def set_secret(
    connection: Connection[Any],
    webhook_id: int,
    secret: str,
    *,
    previous: str | None,
    previous_until: datetime | None,
    at: datetime,
) -> WebhookRow | None:
    """Give a webhook another secret, both encrypted; None if it is gone."""
    with connection.cursor(row_factory=class_row(WebhookRow)) as cursor:
        return cursor.execute(
            f"""
            UPDATE notices.webhooks
            SET secret = %s, previous_secret = %s, previous_secret_until = %s, updated_at = %s
            WHERE id = %s RETURNING {COLUMNS}""",  # noqa: S608 - a constant
            [secret, previous, previous_until, at, webhook_id],
        ).fetchone()


def list_webhooks(
    connection: Connection[Any], user_id: int, *, before: int | None, limit: int
) -> list[WebhookRow]:
    """List webhooks with ids below ``before``, newest first: ``limit`` and one more."""
    with connection.cursor(row_factory=class_row(WebhookRow)) as cursor:
        return cursor.execute(
            f"""
            SELECT {COLUMNS} FROM notices.webhooks
            WHERE user_id = %s AND id < coalesce(%s, 9223372036854775807) ORDER BY id DESC LIMIT %s + 1
            """,  # noqa: S608 - a constant
            [user_id, before, limit],
        ).fetchall()


def get_webhook(connection: Connection[Any], user_id: int, webhook_id: int) -> WebhookRow | None:
    """Get a webhook."""
    with connection.cursor(row_factory=class_row(WebhookRow)) as cursor:
        return cursor.execute(
            f"SELECT {COLUMNS} FROM notices.webhooks WHERE user_id = %s AND id = %s",  # noqa: S608
            [user_id, webhook_id],
        ).fetchone()


def lock_secret(connection: Connection[Any], user_id: int, webhook_id: int) -> str | None:
    """Get a webhook's encrypted secret, and let nobody change it before the transaction ends."""
    with connection.cursor(row_factory=scalar_row) as cursor:
        return cursor.execute(
            "SELECT secret FROM notices.webhooks WHERE user_id = %s AND id = %s FOR UPDATE",
            [user_id, webhook_id],
        ).fetchone()


def update_webhook(
    connection: Connection[Any], user_id: int, webhook_id: int, changes: Mapping[str, Any]
) -> WebhookRow | None:
    """Change columns of a webhook; None if it is not there."""
    assignments = sql.SQL(", ").join(
        sql.SQL("{} = {}").format(sql.Identifier(column), sql.Placeholder(column)) for column in changes
    )
    query = sql.SQL(
        "UPDATE notices.webhooks SET {} WHERE user_id = %(_user)s AND id = %(_id)s RETURNING {}"
    ).format(assignments, sql.SQL(COLUMNS))
    with connection.cursor(row_factory=class_row(WebhookRow)) as cursor:
        return cursor.execute(query, {**changes, "_user": user_id, "_id": webhook_id}).fetchone()


def delete_webhook(connection: Connection[Any], user_id: int, webhook_id: int) -> bool:
    """Delete a webhook with its deliveries; False if it is not there."""
    return (
        connection.execute(
            "DELETE FROM notices.webhooks WHERE user_id = %s AND id = %s", [user_id, webhook_id]
        ).rowcount
        == 1
    )


def list_enabled(connection: Connection[Any], user_id: int) -> list[int]:
    """List the ids of webhooks that are switched on."""
    with connection.cursor(row_factory=scalar_row) as cursor:
        return cursor.execute(
            "SELECT id FROM notices.webhooks WHERE user_id = %s AND is_enabled ORDER BY id", [user_id]
        ).fetchall()


def get_secrets(connection: Connection[Any], user_id: int, webhook_id: int) -> tuple[str, str | None] | None:
    """Get both encrypted secrets, and lock them, for a change of keys."""
    row = connection.execute(
        "SELECT secret, previous_secret FROM notices.webhooks WHERE user_id = %s AND id = %s FOR UPDATE",
        [user_id, webhook_id],
    ).fetchone()
    return None if row is None else (row[0], row[1])


def replace_secrets(connection: Connection[Any], webhook_id: int, secret: str, previous: str | None) -> None:
    """Store both secrets as they were encrypted again."""
    connection.execute(
        "UPDATE notices.webhooks SET secret = %s, previous_secret = %s WHERE id = %s",
        [secret, previous, webhook_id],
    )
