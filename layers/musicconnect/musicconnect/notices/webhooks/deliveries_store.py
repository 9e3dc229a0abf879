"""The SQL of deliveries, as the person whose they are."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from psycopg import Connection
from psycopg.rows import class_row, scalar_row, tuple_row
from psycopg.types.json import Jsonb

from musicconnect.notices.webhooks.model import (
    MAX_LOG,
    ClaimedDelivery,
    Decision,
    DeliveryRow,
    DisabledReason,
)
from musicconnect.platform.work.lease import Lease, LeaseLostError

COLUMNS = (
    "id, webhook_id, message_id, code, body, is_test, status, status_code, status_params, log, attempts, "
    "created_at, due_at, finished_at"
)


def insert_deliveries(
    connection: Connection[Any],
    user_id: int,
    webhook_ids: Sequence[int],
    *,
    message_id: str,
    code: str,
    body: str,
    at: datetime,
    notice_id: int | None = None,
    is_test: bool = False,
    correlation_id: str = "",
) -> list[DeliveryRow]:
    """Add a message for each of some webhooks, due at once; of a test, the caller wakes the worker."""
    with connection.cursor(row_factory=class_row(DeliveryRow)) as cursor:
        return cursor.execute(
            f"""
            INSERT INTO notices.deliveries (user_id, webhook_id, notice_id, message_id, code, body, is_test,
                created_at, due_at, enqueued_at, correlation_id)
            SELECT %(user)s, w.id, %(notice)s, %(message)s, %(code)s, %(body)s, %(test)s, %(at)s, %(at)s,
                %(sent)s, %(cause)s
            FROM unnest(%(webhooks)s::bigint[]) AS w (id)
            ON CONFLICT DO NOTHING
            RETURNING {COLUMNS}""",  # noqa: S608 - a constant
            {
                "user": user_id, "notice": notice_id, "message": message_id, "code": code, "body": body,
                "test": is_test, "at": at, "sent": at if is_test else None, "cause": correlation_id,
                "webhooks": list(webhook_ids),
            },
        ).fetchall()  # fmt: skip


def count_tests(connection: Connection[Any], webhook_id: int, since: datetime) -> int:
    """Count the tests of a webhook since a time."""
    with connection.cursor(row_factory=scalar_row) as cursor:
        count = cursor.execute(
            "SELECT count(*) FROM notices.deliveries WHERE webhook_id = %s AND is_test AND created_at > %s",
            [webhook_id, since],
        ).fetchone()
    return int(count or 0)


def list_deliveries(
    connection: Connection[Any], webhook_id: int, *, before: int | None, limit: int
) -> list[DeliveryRow]:
    """List deliveries with ids below ``before``, newest first: ``limit`` and one more."""
    with connection.cursor(row_factory=class_row(DeliveryRow)) as cursor:
        return cursor.execute(
            f"""
            SELECT {COLUMNS} FROM notices.deliveries
            WHERE webhook_id = %s AND id < coalesce(%s, 9223372036854775807) ORDER BY id DESC LIMIT %s + 1
            """,  # noqa: S608 - a constant
            [webhook_id, before, limit],
        ).fetchall()


def get_delivery(connection: Connection[Any], webhook_id: int, delivery_id: int) -> DeliveryRow | None:
    """Get a delivery, and lock it."""
    with connection.cursor(row_factory=class_row(DeliveryRow)) as cursor:
        return cursor.execute(
            f"""
            SELECT {COLUMNS} FROM notices.deliveries WHERE webhook_id = %s AND id = %s FOR UPDATE
            """,  # noqa: S608 - a constant
            [webhook_id, delivery_id],
        ).fetchone()


def restart(connection: Connection[Any], delivery_id: int, at: datetime, correlation_id: str) -> DeliveryRow:
    """Make a delivery due as if it was new; what was logged stays."""
    with connection.cursor(row_factory=class_row(DeliveryRow)) as cursor:
        row = cursor.execute(
            f"""
            UPDATE notices.deliveries
            SET status = 'pending', status_code = 'waiting', status_params = '{{}}', attempts = 0,
                first_attempt_at = NULL, finished_at = NULL, due_at = %(at)s, enqueued_at = %(at)s,
                lease_token = NULL, lease_until = NULL, correlation_id = %(cause)s
            WHERE id = %(id)s RETURNING {COLUMNS}""",  # noqa: S608 - a constant
            {"id": delivery_id, "at": at, "cause": correlation_id},
        ).fetchone()
    assert row is not None
    return row


def claim(connection: Connection[Any], user_id: int, lease: Lease, now: datetime) -> ClaimedDelivery | None:
    """Claim a due delivery; None if it is not due, in other hands, gone, or its person is suspended."""
    with connection.cursor(row_factory=class_row(ClaimedDelivery)) as cursor:
        return cursor.execute(
            """
            UPDATE notices.deliveries d
            SET lease_token = %(token)s, lease_until = %(until)s, attempts = d.attempts + 1,
                first_attempt_at = coalesce(d.first_attempt_at, %(now)s)
            FROM notices.webhooks w
            WHERE d.id = %(id)s AND d.user_id = %(user)s AND w.id = d.webhook_id AND d.due_at <= %(now)s
              AND (d.lease_until IS NULL OR d.lease_until < %(now)s)
              AND (w.is_enabled OR d.is_test) AND core.is_active(%(user)s)
            RETURNING d.id, d.user_id, d.webhook_id, d.message_id, d.body, d.is_test, d.attempts,
                d.first_attempt_at, w.url, w.secret, w.previous_secret, w.previous_secret_until
            """,
            {"id": lease.id, "user": user_id, "token": lease.token, "until": lease.until, "now": now},
        ).fetchone()


def lock_failing_since(
    connection: Connection[Any], webhook_id: int
) -> tuple[bool, datetime | None, str] | None:
    """Lock a webhook before its delivery is finished: whether it is on, since when it fails, its name."""
    with connection.cursor(row_factory=tuple_row) as cursor:
        return cursor.execute(
            "SELECT is_enabled, failing_since, name FROM notices.webhooks WHERE id = %s FOR UPDATE",
            [webhook_id],
        ).fetchone()


def finish(
    connection: Connection[Any],
    lease: Lease,
    decision: Decision,
    entry: dict[str, Any],
    now: datetime,
    *,
    is_sent: bool,
) -> None:
    """Write what became of an attempt, and release the lease.

    Args:
        connection: As the person.
        lease: On the delivery.
        decision: What comes next.
        entry: For the log.
        now: The current time.
        is_sent: Whether the next message is sent to the queue by whoever calls.

    Raises:
        LeaseLostError: somebody else has the delivery, or it was replayed meanwhile.
    """
    done = connection.execute(
        """
        UPDATE notices.deliveries
        SET status = %(status)s, status_code = %(code)s, status_params = %(params)s, due_at = %(due)s,
            enqueued_at = %(sent)s,
            finished_at = CASE WHEN %(status)s <> 'pending' THEN %(now)s::timestamptz END,
            lease_token = NULL, lease_until = NULL,
            log = CASE WHEN jsonb_array_length(log) >= %(most)s THEN log - 0 ELSE log END || %(entry)s
        WHERE id = %(id)s AND lease_token = %(token)s
        """,
        {
            "id": lease.id, "token": lease.token, "status": decision.status, "code": decision.code,
            "params": Jsonb(decision.params), "due": decision.due_at,
            "sent": decision.due_at if is_sent else None, "now": now, "most": MAX_LOG,
            "entry": Jsonb([entry]),
        },
    ).rowcount  # fmt: skip
    if done != 1:
        raise LeaseLostError


def set_failing(connection: Connection[Any], webhook_id: int, since: datetime | None) -> None:
    """Write since when every attempt of a webhook has failed; None: the last one arrived."""
    connection.execute(
        "UPDATE notices.webhooks SET failing_since = %s WHERE id = %s AND failing_since IS DISTINCT FROM %s",
        [since, webhook_id, since],
    )


def switch_off(connection: Connection[Any], webhook_id: int, reason: DisabledReason, now: datetime) -> None:
    """Switch a webhook off, and give up what waits to be delivered to it, but for tests."""
    connection.execute(
        """
        UPDATE notices.webhooks
        SET is_enabled = false, disabled_reason = %s, disabled_at = %s, updated_at = %s
        WHERE id = %s""",
        [reason, now, now, webhook_id],
    )
    connection.execute(
        """
        UPDATE notices.deliveries
        SET status = 'failed', status_code = 'switched-off', status_params = '{}', due_at = NULL,
            enqueued_at = NULL, finished_at = %s, lease_token = NULL, lease_until = NULL
        WHERE webhook_id = %s AND status = 'pending' AND NOT is_test""",
        [now, webhook_id],
    )


def claim_due(connection: Connection[Any], at: datetime, limit: int) -> list[tuple[int, int, str]]:
    """Claim anybody's due deliveries: delivery id, user id, correlation id."""
    with connection.cursor(row_factory=tuple_row) as cursor:
        return cursor.execute(
            "SELECT delivery_id, user_id, correlation_id FROM notices.claim_due_deliveries(%s, %s)",
            [at, limit],
        ).fetchall()
