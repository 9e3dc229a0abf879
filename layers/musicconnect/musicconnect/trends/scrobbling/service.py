"""Let a user say whether others may read their plays."""

from musicconnect.api.binding import Caller
from musicconnect.core.client_names import client_name
from musicconnect.platform import clock
from musicconnect.platform.database import Database
from musicconnect.trends.plays import store as plays_store
from musicconnect.trends.scrobbling import store
from musicconnect.trends.scrobbling.schemas import Sharing, SharingUpdate


def get_sharing(database: Database, caller: Caller) -> Sharing:
    """Get whether others may read the caller's plays."""
    with database.transaction(caller.user_id) as connection:
        row = store.get_sharing(connection, caller.user_id)
        name = client_name(plays_store.get_display_name(connection, caller.user_id), caller.user_id)
    is_public, changed_at = row or (False, None)
    return Sharing(is_public=is_public, changed_at=changed_at, user_name=name)


def set_sharing(database: Database, caller: Caller, body: SharingUpdate) -> Sharing:
    """Say whether others may read the caller's plays."""
    with database.transaction(caller.user_id) as connection:
        store.set_sharing(connection, caller.user_id, is_public=body.is_public, at=clock.now())
    return get_sharing(database, caller)
