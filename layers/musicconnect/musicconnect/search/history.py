"""List and delete what the user searched for."""

from dataclasses import asdict

from musicconnect.api import binding
from musicconnect.platform import clock, pagination, problems
from musicconnect.platform.config import SearchSettings
from musicconnect.platform.database import Database
from musicconnect.providers import registry
from musicconnect.providers.schemas import EVERY
from musicconnect.search import store
from musicconnect.search.schemas import Cleared, History, HistoryQuery, PastQuery, PastStatus


def list_queries(database: Database, caller: binding.Caller, query: HistoryQuery) -> History:
    """List the user's searches, the latest first, as far back as they are stored."""
    key = pagination.decode(query.cursor, int)
    with database.transaction(caller.user_id) as connection:
        rows = store.list_queries(
            connection,
            since=clock.now() - SearchSettings.from_environment().history_for,
            before_id=key[0] if key else None,
            limit=query.limit + 1,
        )
    rows, cursor = pagination.page(rows, query.limit, lambda row: (row.id,))
    items = [PastQuery.model_validate(asdict(row) | {"status": _status(row)}) for row in rows]
    return History(items=items, next_cursor=cursor)


def _status(row: store.QueryRow) -> PastStatus:
    if not row.failures:
        return "answered"
    asked = {row.provider} - {EVERY} or {
        name for name, entry in registry.PROVIDERS.items() if not entry.is_optional
    }
    return "failed" if asked <= set(row.failures) and not row.results_count else "partly"


def delete_query(database: Database, caller: binding.Caller, query_id: int) -> None:
    """Delete one of the user's searches; one that they do not have is a 404."""
    with database.transaction(caller.user_id) as connection:
        if not store.delete_query(connection, query_id):
            raise problems.not_found("search")


def delete_queries(database: Database, caller: binding.Caller) -> Cleared:
    """Delete the user's searches."""
    with database.transaction(caller.user_id) as connection:
        return Cleared(deleted=store.delete_queries(connection))
