"""Hand recorded events on to whoever tells people of them."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from psycopg import Connection

from musicconnect.outbox import relay_store


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened."""

    code: str
    params: dict[str, Any]
    key: str
    occurred_at: datetime


def people(connection: Connection[Any], limit: int) -> list[int]:
    """List people, by id, of whom something is recorded; nobody who is suspended."""
    return relay_store.list_people(connection, limit)


def take(connection: Connection[Any], user_id: int, limit: int) -> list[Event]:
    """Take a person's oldest events, at most so many: once the transaction is committed they are gone.

    What another transaction is taking is waited for, and is not given twice.
    """
    return [Event(*row) for row in relay_store.delete_oldest(connection, user_id, limit)]
