"""Record what a person is to be told, in the transaction that makes it so."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from psycopg import Connection

from musicconnect.outbox import store


def record(
    connection: Connection[Any], user_id: int, code: str, params: Mapping[str, Any], *, key: str, at: datetime
) -> None:
    """Record an event; recorded again under the same key, it is the same one.

    Nothing is sent here: the dispatcher of notices finds the event once the transaction is committed, and
    there is none if it is rolled back.

    Args:
        connection: Of a transaction as that person.
        user_id: Whom it is about.
        code: One of `musicconnect.notices.codes`.
        params: JSON values only, with ids and numbers; nothing that a provider said, which may be stored for
            a limited time only and is not to be mailed.
        key: Tells this event from others of the person: ``migration-completed:12:2026-11-30T08:00:00+00:00``.
        at: When it happened.
    """
    store.insert(connection, user_id, code, params, key=key, at=at)
