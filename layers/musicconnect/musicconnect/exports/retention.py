"""Delete files that have expired, and what is left of exports that are gone.

An account that is deleted takes its exports with it, and each of them leaves a record of what it has in
object storage; so `clear_leftovers` right after is all that has to be done for its files to be gone at once.
"""

from datetime import timedelta
from typing import Final

from musicconnect.exports import store
from musicconnect.platform import clock, config
from musicconnect.platform.config import ObjectStorageSettings
from musicconnect.platform.database import Database
from musicconnect.platform.logging import logger
from musicconnect.platform.storage.bucket import Bucket, StorageError

PREFIX: Final = "exports/"
MAX_PER_RUN: Final = 500
"""Files, and exports, per run."""
LAST_WRITE: Final = timedelta(minutes=20)
"""A worker that does not know yet that its export is gone may store something for as long."""


def bucket() -> Bucket:
    """Get the bucket that new files go to."""
    return Bucket(config.require("EXPORT_BUCKET"), ObjectStorageSettings.from_environment())


def prefix_of(storage_token: str) -> str:
    """Give what the keys of an export's files begin with."""
    return f"{PREFIX}{storage_token}/"


def delete_files(storage_token: str) -> bool:
    """Delete all that an export has stored; False if the storage does not answer, to be tried again later."""
    try:
        bucket().delete_below(prefix_of(storage_token))
    except StorageError:
        logger.warning("files not deleted", exc_info=True)
        return False
    return True


def sweep(database: Database) -> int:
    """Delete files that have expired, anybody's, and what is left of exports that are gone.

    For a role that may do what `mc_exports` may. No row goes before its file, so a run that is
    killed or finds the storage away is made good by the next one.

    Returns:
        How many files expired.
    """
    at = clock.now()
    with database.transaction() as connection:
        expired = store.list_expired_files(connection, at, MAX_PER_RUN)
    storage, deleted = ObjectStorageSettings.from_environment(), []
    for file_id, bucket_name, key in expired:
        try:
            Bucket(bucket_name, storage).delete([key])
        except StorageError:
            logger.warning("expired file not deleted", exc_info=True)
            break
        deleted.append(file_id)
    if deleted:
        with database.transaction() as connection:
            store.delete_expired_files(connection, deleted, at)
    clear_leftovers(database)
    return len(deleted)


def clear_leftovers(database: Database) -> int:
    """Delete what exports that are gone have left in object storage; gives how many of them were cleared.

    The record stays for a while after: a worker may have been writing when its export went.
    """
    at = clock.now()
    with database.transaction() as connection:
        recorded = store.list_leftovers(connection, MAX_PER_RUN)
    cleared = 0
    for token, recorded_at in recorded:
        if not delete_files(token):
            break
        cleared += 1
        if recorded_at < at - LAST_WRITE:
            with database.transaction() as connection:
                store.delete_leftover(connection, token)
    return cleared
