"""Say which of a person's unfinished playlists come first while an allowance is waited for."""

from typing import Any

from psycopg import Connection

from musicconnect.api.binding import Caller
from musicconnect.migrations import status_text
from musicconnect.migrations.api import order_store, queries
from musicconnect.migrations.schemas import WaitingOrder, WaitingPlaylist, WaitingPlaylistList
from musicconnect.platform import problems
from musicconnect.platform.database import Database
from musicconnect.platform.status import Reader, Status


def show(database: Database, caller: Caller) -> WaitingPlaylistList:
    """List the caller's unfinished playlists in their order."""
    with database.transaction(caller.user_id) as connection:
        return _listed(connection, queries.reader_of(caller))


def change(database: Database, caller: Caller, body: WaitingOrder) -> WaitingPlaylistList:
    """Put playlists before all others, in this order.

    Raises:
        Problem: 404, one of them is none of the caller's; 409, one of them is finished.
    """
    ids = list(dict.fromkeys(body.playlists))
    with database.transaction(caller.user_id) as connection:
        states = order_store.lock(connection, ids)
        if len(states) < len(ids):
            raise problems.not_found("playlist")
        if any(status not in ("pending", "running") for status in states.values()):
            raise problems.conflict(
                "playlist-ended", "A playlist is finished", "Name only playlists that are not finished yet."
            )
        order_store.put_first(connection, ids)
        return _listed(connection, queries.reader_of(caller))


def _listed(connection: Connection[Any], reader: Reader) -> WaitingPlaylistList:
    return WaitingPlaylistList(
        items=[
            WaitingPlaylist.model_validate(
                {**row, "status_message": status_text.render(Status(row["code"], row["params"]), reader)}
            )
            for row in order_store.list_waiting(connection)
        ]
    )
