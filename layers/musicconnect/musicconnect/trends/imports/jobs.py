"""What API, worker and maintenance do with imports besides reading them."""

from musicconnect.platform import config
from musicconnect.platform.database import Database
from musicconnect.platform.work import queue
from musicconnect.trends.imports import store
from musicconnect.trends.plays.deletion import Deletion, SourceFilter, delete_reports


def enqueue(user_id: int, import_id: int) -> bool:
    """Wake the worker for an import, after the commit; False if the queue is away."""
    url = config.require("TRENDS_IMPORT_QUEUE_URL")
    return queue.enqueue(url, {"import_id": import_id, "user_id": user_id}, group=str(user_id))


def abandon(database: Database, user_id: int, import_id: int) -> bool:
    """Delete an import whose file was never uploaded; False if it has been started."""
    with database.transaction(user_id) as connection:
        return store.delete_awaiting(connection, user_id, import_id)


def revert_import(database: Database, user_id: int, import_id: int) -> Deletion:
    """Delete an import with its reports. The same file can be imported again."""
    deletion = delete_reports(database, user_id, SourceFilter(import_id=import_id), for_good=False)
    if deletion.complete:
        with database.transaction(user_id) as connection:
            store.delete_import(connection, user_id, import_id)
    return deletion
