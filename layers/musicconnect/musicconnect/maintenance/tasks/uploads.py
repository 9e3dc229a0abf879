"""Uploads that nobody wants any more. Expired exports are taken away by ExportsWorkerFunction's own timer."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Final

from musicconnect.maintenance import store
from musicconnect.maintenance.task import Done, Work
from musicconnect.platform.storage import uploads
from musicconnect.trends.imports import service

LONGEST_UPLOAD: Final = timedelta(days=1)
"""The link to upload with is good for an hour."""
IMPORTS_AT_A_TIME: Final = 100


def uploads_that_never_came(work: Work) -> Done:
    """Imports that wait for their file since yesterday."""
    count = 0
    while work.may_go_on():
        with work.database.transaction() as connection:
            found = store.abandoned_imports(connection, work.at - LONGEST_UPLOAD, IMPORTS_AT_A_TIME)
        for one in found:
            # The file first: without its row nobody would know of it but the sweep below.
            uploads.delete(one.storage_key)
            count += service.abandon(work.database, one.user_id, one.import_id)
        with work.database.transaction() as connection:
            keys = store.delete_abandoned_imports(connection, work.at - LONGEST_UPLOAD, IMPORTS_AT_A_TIME)
        for key in keys:
            uploads.delete(key)
        count += len(keys)
        if max(len(found), len(keys)) < IMPORTS_AT_A_TIME:
            return Done(count)
    return Done(count, left=True)


def strays(work: Work) -> Done:
    """Uploads that were read, or whose person or import is gone; parts of uploads that never ended."""

    def is_wanted(keys: Sequence[str]) -> set[str]:
        with work.database.transaction() as connection:
            return store.wanted_uploads(connection, keys)

    count = 0
    with work.database.transaction() as connection:
        position = store.position(connection, "stray_files")
    while work.may_go_on():
        swept = uploads.delete_strays(is_wanted, work.at - LONGEST_UPLOAD, position)
        count, position = count + swept.deleted + swept.aborted, swept.position
        with work.database.transaction() as connection:
            store.keep_position(connection, "stray_files", position)
        if position is None:
            return Done(count)
    return Done(count, left=True)
