"""Make migrations of uploaded files.

A file becomes a migration in one transaction, or nothing at all: a worker that is killed anywhere leaves the
file as it was, for the next one. A job knows its import, and no import has two. So it is read in one step.
One that takes longer begins again behind other people's, and is refused when that happens too often.
"""

from typing import Final

from musicconnect.files.errors import BudgetError, OutOfTimeError, UnreadableError
from musicconnect.migrations.engine.messages import send_first
from musicconnect.migrations.imports import store
from musicconnect.migrations.imports.messages import ImportMessage, send
from musicconnect.migrations.imports.store import ImportRow, Result
from musicconnect.outbox import service as outbox
from musicconnect.platform import clock
from musicconnect.platform.database import Database
from musicconnect.platform.logging import logger
from musicconnect.platform.status import Status
from musicconnect.platform.storage import uploads
from musicconnect.platform.work import worker
from musicconnect.platform.work.deadline import Deadline
from musicconnect.platform.work.lease import Lease, LeaseLostError

MAX_ATTEMPTS: Final = 5
MAX_STEPS: Final = 3
"""Attempts for which a step may be too short: the largest files take a third of one, but a database may be
slow for a while."""


def dispatch(database: Database) -> int:
    """Send a message for every import whose message was lost; gives their number."""
    return worker.dispatch(
        database,
        store.claim_due,
        lambda due: send(ImportMessage(import_id=due[0], user_id=due[1])),
        work="playlist imports",
    )


def read(database: Database, message: ImportMessage, _deadline: Deadline) -> None:
    """Make a migration of a file, and ask for its steps."""
    lease = Lease.on(message.import_id)
    with database.transaction(message.user_id) as connection:
        row = store.claim(connection, lease, clock.now())
    if row is None:
        # Done, deleted, or claimed by another worker; or another one of the person's is being read, whose
        # worker will send this one's message.
        logger.info("nothing to read", import_id=lease.id)
        return
    try:
        _read(database, message.user_id, row, lease)
    except LeaseLostError:
        logger.info("import lease lost", import_id=lease.id)
        return
    except OutOfTimeError:
        logger.info("step over", import_id=lease.id, attempts=row.attempts)
        with database.transaction(message.user_id) as connection:
            store.release(connection, lease, clock.now())
        _wake_next(database, message.user_id)
        return
    except Exception:
        with database.transaction(message.user_id) as connection:
            store.release(connection, lease, clock.now())
        raise
    uploads.discard(row.storage_key)
    _wake_next(database, message.user_id)


def _wake_next(database: Database, user_id: int) -> None:
    """Send the message of the import whose turn it is."""
    with database.transaction(user_id) as connection:
        waiting = store.find_waiting(connection, clock.now())
    if waiting is not None:
        send(ImportMessage(import_id=waiting, user_id=user_id))


def _read(database: Database, user_id: int, row: ImportRow, lease: Lease) -> None:
    """Read a file, all of it or nothing. Raises `OutOfTimeError` if another step shall try."""
    # A start of the function, and a run of its timer, does without them.
    from musicconnect.migrations.imports.writer import ImportWriter  # noqa: PLC0415
    from musicconnect.playlist_files import readers  # noqa: PLC0415

    writer: ImportWriter | None = None
    try:
        if row.attempts > MAX_ATTEMPTS:
            raise _TooManyAttemptsError
        with (
            uploads.open_upload(row.storage_key, row.size_bytes, row.etag or "") as file,
            readers.open_upload(file, row.file_name) as upload,
            database.transaction(user_id) as connection,
        ):
            writer = ImportWriter(connection, user_id, row, lease)
            result = writer.write(upload)
            at = clock.now()
            store.finish(connection, lease, result, at)
            params = {
                "kind": "playlists",
                "import_id": row.id,
                "target": row.target_provider,
                "playlists": result.playlists,
                "failed": result.failed,
            }
            key = f"import-ready:playlists:{row.id}"
            outbox.record(connection, user_id, "import-ready", params, key=key, at=at)
    except (UnreadableError, uploads.ReplacedError) as error:
        if isinstance(error, OutOfTimeError) and row.attempts < MAX_STEPS:
            raise
        result = Result(
            status="failed",
            state=_failure(error),
            failed=writer.failed if writer else 0,
            failures=writer.failures if writer else (),
        )
        with database.transaction(user_id) as connection:
            store.finish(connection, lease, result, clock.now())
        return
    assert writer is not None
    send_first(user_id, writer.playlist_ids)


class _TooManyAttemptsError(UnreadableError):
    """Workers that read the file did not come to an end."""


def _failure(error: UnreadableError | uploads.ReplacedError) -> Status:
    if not isinstance(error, UnreadableError):
        return Status("file-replaced")
    if isinstance(error, _TooManyAttemptsError):
        return Status("too-many-attempts")
    code = "file-too-large" if isinstance(error, BudgetError) else "file-unreadable"
    return Status(code, {"message": str(error)})
