"""Request that the worker reads an account's playlists."""

from datetime import datetime
from typing import Any

from psycopg import Connection

from musicconnect.platform import config
from musicconnect.platform.status import Status
from musicconnect.platform.work import queue
from musicconnect.providers.accounts.store import AccountRow
from musicconnect.providers.playlists import store


def request(connection: Connection[Any], account: AccountRow, now: datetime) -> bool:
    """Request the reading of an account's playlists, in the caller's transaction.

    Call `enqueue` after the commit if this gives True; what is forgotten, the timer finds.
    """
    return store.request_sync(
        connection, account_id=account.id, user_id=account.user_id, state=Status("waiting"), now=now
    )


def enqueue(user_id: int, account_id: int, *, delay: float = 0) -> bool:
    """Send the message that wakes the worker, after the commit; False if the queue is away."""
    message = {"account_id": account_id, "user_id": user_id}
    return queue.enqueue(config.require("PROVIDERS_SYNC_QUEUE_URL"), message, group=str(user_id), delay=delay)
