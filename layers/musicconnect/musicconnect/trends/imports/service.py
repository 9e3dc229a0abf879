"""Imports as their person sees them: ask for one, start it, watch it, delete it."""

import uuid
from datetime import timedelta
from typing import Final

from musicconnect.api.binding import Caller
from musicconnect.platform import clock, config, pagination, problems
from musicconnect.platform.database import Database
from musicconnect.platform.logging import logger
from musicconnect.platform.storage import uploads
from musicconnect.platform.work import queue
from musicconnect.trends.imports import store
from musicconnect.trends.imports.schemas import (
    DeletionResult,
    HistoryImport,
    HistoryImportList,
    HistoryImportQuery,
    ImportCounts,
    ImportCreate,
    NewHistoryImport,
    UploadLink,
)
from musicconnect.trends.plays import deletion

MAX_ACTIVE: Final = 20
"""Imports of one person that may be under way."""


def create(database: Database, caller: Caller, body: ImportCreate) -> NewHistoryImport:
    """Give a link to upload a file with.

    Raises:
        Problem: 409 if too many are under way.
    """
    at = clock.now()
    key = f"imports/{caller.user_id}/{uuid.uuid4()}"
    with database.transaction(caller.user_id) as connection:
        if store.count_active(connection, caller.user_id) >= MAX_ACTIVE:
            raise problems.conflict(
                "too-many-imports",
                "Too many imports are under way",
                f"Wait for one of the {MAX_ACTIVE}, or delete one.",
            )
        row = store.insert_import(
            connection,
            caller.user_id,
            file_name=body.file_name,
            size_bytes=body.size_bytes,
            storage_key=key,
            at=at,
        )
    return NewHistoryImport(
        **dict(to_schema(row)),
        upload=UploadLink(
            url=uploads.presign_put(key, body.size_bytes),
            headers={
                "Content-Length": str(body.size_bytes),
                "Content-Type": "application/octet-stream",
            },
            expires_at=at + timedelta(seconds=uploads.LINK_SECONDS),
        ),
    )


def start(database: Database, caller: Caller, import_id: int) -> HistoryImport:
    """Read the file that was uploaded. Asking twice changes nothing.

    Raises:
        Problem: 404, 409 if the file is not there or not of the size that was agreed on.
    """
    row = _get_own(database, caller, import_id)
    if row.status != "awaiting_upload":
        return to_schema(row)
    uploaded = uploads.stat(row.storage_key)
    if uploaded is None:
        raise problems.conflict("not-uploaded", "The file is not there", "PUT it to the link first.")
    size, etag = uploaded
    if size != row.size_bytes:
        raise problems.conflict(
            "wrong-size",
            "The file has another size",
            f"It has {size:,} bytes, and {row.size_bytes:,} were announced. Ask for a new import.",
        )
    with database.transaction(caller.user_id) as connection:
        store.make_due(
            connection,
            caller.user_id,
            import_id,
            status="pending",
            message="Waiting for its turn.",
            position={"etag": etag},
            at=clock.now(),
        )
    enqueue(caller.user_id, import_id)
    return to_schema(_get_own(database, caller, import_id))


def list_imports(database: Database, caller: Caller, query: HistoryImportQuery) -> HistoryImportList:
    """The caller's imports, newest first.

    Raises:
        Problem: 400 if the cursor is not one of ours.
    """
    key = pagination.decode(query.cursor, int)
    with database.transaction(caller.user_id) as connection:
        rows = store.list_imports(
            connection, caller.user_id, before=key[0] if key else None, limit=query.limit
        )
    rows, next_cursor = pagination.page(rows, query.limit, lambda row: [row.id])
    return HistoryImportList(items=[to_schema(row) for row in rows], next_cursor=next_cursor)


def get(database: Database, caller: Caller, import_id: int) -> HistoryImport:
    """One import.

    Raises:
        Problem: 404.
    """
    return to_schema(_get_own(database, caller, import_id))


def delete(database: Database, caller: Caller, import_id: int) -> DeletionResult:
    """Take back exactly what an import alone brought, and forget it.

    What there is no time for now, the worker finishes.

    Raises:
        Problem: 404.
    """
    row = _get_own(database, caller, import_id)
    with database.transaction(caller.user_id) as connection:
        store.start_deleting(connection, caller.user_id, import_id, clock.now())
    removal = deletion.revert_import(database, caller.user_id, import_id)
    if not removal.complete:
        enqueue(caller.user_id, import_id)
    delete_upload(row.storage_key)
    return removal


def abandon(database: Database, user_id: int, import_id: int) -> bool:
    """Forget an import whose file never came; False where it has come after all."""
    with database.transaction(user_id) as connection:
        return store.delete_awaiting(connection, user_id, import_id)


def delete_upload(key: str) -> None:
    """Delete an upload, which holds more than we keep. If that fails, the bucket's own expiry does it."""
    try:
        uploads.delete(key)
    except Exception:  # noqa: BLE001 - whatever it is, the import itself is done
        logger.warning("upload not deleted", exc_info=True)


def enqueue(user_id: int, import_id: int) -> None:
    """Send the message that makes a worker look at an import. After the commit."""
    queue.enqueue(
        config.require("TRENDS_IMPORT_QUEUE_URL"),
        {"import_id": import_id, "user_id": user_id},
        group=str(user_id),
    )


def to_schema(row: store.ImportRow) -> HistoryImport:
    """An import as its person sees it."""
    return HistoryImport(
        id=row.id,
        status=row.status,
        status_message=row.status_message,
        file_name=row.file_name,
        size_bytes=row.size_bytes,
        formats=row.formats,
        ignored_files=row.position.get("ignored", []),
        counts=ImportCounts.model_validate(row),
        first_played_at=row.first_played_at,
        last_played_at=row.last_played_at,
        created_at=row.created_at,
        started_at=row.started_at,
        finished_at=row.finished_at,
    )


def _get_own(database: Database, caller: Caller, import_id: int) -> store.ImportRow:
    with database.transaction(caller.user_id) as connection:
        row = store.get_import(connection, caller.user_id, import_id)
    if row is None:
        raise problems.not_found("import")
    return row
