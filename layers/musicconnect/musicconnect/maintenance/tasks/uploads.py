"""Delete uploads that nobody needs any more. Expired exports are ExportsWorkerFunction's."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Final

from musicconnect.core import cursors
from musicconnect.maintenance import store
from musicconnect.maintenance.task import TaskContext, TaskResult, repeat
from musicconnect.platform.storage import uploads
from musicconnect.trends.imports import jobs

MAX_UPLOAD_TIME: Final = timedelta(days=1)
"""The link to upload with is good for an hour."""
IMPORTS_AT_A_TIME: Final = 100


def abandoned_uploads(context: TaskContext) -> TaskResult:
    """Delete imports that wait for their file since yesterday."""
    before = context.at - MAX_UPLOAD_TIME

    def step() -> tuple[int, int]:
        with context.database.transaction() as connection:
            found = store.abandoned_imports(connection, before, IMPORTS_AT_A_TIME)
        count = 0
        for one in found:
            # The file first: without its row nobody would know of it but the sweep below.
            uploads.delete(one.storage_key)
            count += jobs.abandon(context.database, one.user_id, one.import_id)
        with context.database.transaction() as connection:
            keys = store.delete_abandoned_imports(connection, before, IMPORTS_AT_A_TIME)
        for key in keys:
            uploads.delete(key)
        return max(len(found), len(keys)), count + len(keys)

    return repeat(context, step, batch_size=IMPORTS_AT_A_TIME)


def orphaned_uploads(context: TaskContext) -> TaskResult:
    """Delete uploads that were read, or whose person or import is gone; abort those that never ended."""

    def is_wanted(keys: Sequence[str]) -> set[str]:
        with context.database.transaction() as connection:
            return store.wanted_uploads(connection, keys)

    count = 0
    with context.database.transaction() as connection:
        position = cursors.position(connection, "orphaned_uploads")
    while context.has_time():
        swept = uploads.delete_orphans(is_wanted, context.at - MAX_UPLOAD_TIME, position)
        count, position = count + swept.deleted + swept.aborted, swept.position
        with context.database.transaction() as connection:
            cursors.save_position(connection, "orphaned_uploads", position)
        if position is None:
            return TaskResult(count)
    return TaskResult(count, left=True)
