"""Tell a repeated request from a new one, by the key that its client gave it.

A client whose connection broke does not know whether its request arrived. With an ``Idempotency-Key`` it
sends the request again and gets what the first one made (the IETF's draft of the header, section 2).
"""

from datetime import timedelta
from typing import Any, Final

from psycopg import Connection

from musicconnect.api.binding import Repeat
from musicconnect.core import idempotency_store as store
from musicconnect.platform import clock, problems
from musicconnect.platform.database import Database
from musicconnect.platform.problems import Problem

KEY_LIFETIME: Final = timedelta(days=7)
"""After this time a key is as good as new. Whoever uses keys deletes their own old ones along the way."""


def find(connection: Connection[Any], user_id: int, repeat: Repeat | None) -> int | None:
    """Find the id of what the same request made before; None without a key, or for a new one.

    A request that has the same key at the same time waits here until this transaction ends.

    Raises:
        Problem: 409 if the key was used for another request.
    """
    if repeat is None:
        return None
    store.lock(connection, user_id, repeat)
    store.delete_old(connection, user_id, clock.now() - KEY_LIFETIME)
    found = store.find(connection, user_id, repeat)
    if found is None:
        return None
    request_hash, resource_id = found
    if request_hash != repeat.request_hash:
        raise reused()
    return resource_id


def save(connection: Connection[Any], user_id: int, repeat: Repeat | None, resource_id: int) -> None:
    """Save what a request made, in the transaction that makes it."""
    if repeat is not None:
        store.insert(connection, user_id, repeat, resource_id, at=clock.now())


def refuse_reuse(database: Database, user_id: int, repeat: Repeat | None) -> None:
    """Refuse another request under a key that was used: for what may be repeated without making it twice.

    Raises:
        Problem: 409.
    """
    if repeat is not None:
        with database.transaction(user_id) as connection:
            if find(connection, user_id, repeat) is None:
                save(connection, user_id, repeat, 0)


def reused() -> Problem:
    """Make the 409 for a key that was used for another request."""
    return problems.conflict(
        "idempotency-key-reused",
        "The Idempotency-Key was used for another request",
        "Use a new key for a new request.",
    )


def gone() -> Problem:
    """Make the 409 for a key whose request made something that has been deleted since."""
    return problems.conflict(
        "idempotency-key-spent",
        "What this request made has been deleted",
        "Use a new key to make it again.",
    )
