"""Create, start, list, show and delete imports of histories."""

import uuid
from datetime import datetime, timedelta
from typing import Final

from musicconnect.api.binding import Caller, Repeat
from musicconnect.core import idempotency
from musicconnect.platform import clock, pagination, problems
from musicconnect.platform.database import Database
from musicconnect.platform.status import Reader, Status, render
from musicconnect.platform.storage import uploads
from musicconnect.trends.imports import jobs, status_text, store
from musicconnect.trends.imports.schemas import (
    HistoryImport,
    HistoryImportCreate,
    HistoryImportList,
    HistoryImportQuery,
    ImportLedger,
    NewHistoryImport,
    UploadLink,
)
from musicconnect.trends.plays.schemas import DeletionResult

MAX_ACTIVE: Final = 20
"""Imports of one user that may be under way."""


def create(
    database: Database, caller: Caller, body: HistoryImportCreate, repeat: Repeat | None = None
) -> NewHistoryImport:
    """Create an import and the link for its upload; too many under way are a 409.

    A repeated request gets another link to the same place.
    """
    at = clock.now()
    key = f"imports/{caller.user_id}/{uuid.uuid4()}"
    with database.transaction(caller.user_id) as connection:
        earlier = idempotency.find(connection, caller.user_id, repeat)
        if earlier is not None:
            found = store.get_import(connection, caller.user_id, earlier)
            if found is None:
                raise idempotency.gone()
            return _with_link(found, caller, at)
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
        idempotency.save(connection, caller.user_id, repeat, row.id)
    return _with_link(row, caller, at)


def start(database: Database, caller: Caller, import_id: int) -> HistoryImport:
    """Start reading the uploaded file, once; a missing file, or one of another size, is a 409."""
    row = _get_own(database, caller, import_id)
    if row.status != "awaiting_upload":
        return to_schema(row, caller)
    etag = uploads.require(row.storage_key, row.size_bytes)
    with database.transaction(caller.user_id) as connection:
        store.make_due(connection, caller.user_id, import_id, position={"etag": etag}, at=clock.now())
    jobs.enqueue(caller.user_id, import_id)
    return to_schema(_get_own(database, caller, import_id), caller)


def list_imports(database: Database, caller: Caller, query: HistoryImportQuery) -> HistoryImportList:
    """List the caller's imports, newest first."""
    key = pagination.decode(query.cursor, int)
    with database.transaction(caller.user_id) as connection:
        rows = store.list_imports(
            connection, caller.user_id, before=key[0] if key else None, limit=query.limit
        )
    rows, next_cursor = pagination.page(rows, query.limit, lambda row: [row.id])
    return HistoryImportList(items=[to_schema(row, caller) for row in rows], next_cursor=next_cursor)


def get(database: Database, caller: Caller, import_id: int) -> HistoryImport:
    """Get an import, or raise a 404."""
    return to_schema(_get_own(database, caller, import_id), caller)


def delete(database: Database, caller: Caller, import_id: int) -> DeletionResult:
    """Delete an import with the plays that only it reports; the worker finishes what takes long."""
    row = _get_own(database, caller, import_id)
    with database.transaction(caller.user_id) as connection:
        store.start_deleting(connection, caller.user_id, import_id, clock.now())
    result = jobs.revert_import(database, caller.user_id, import_id)
    if not result.complete:
        jobs.enqueue(caller.user_id, import_id)
    uploads.discard(row.storage_key)
    return DeletionResult.model_validate(result)


def to_schema(row: store.ImportRow, caller: Caller) -> HistoryImport:
    """Convert an import, with its state in words."""
    status = Status(row.status_code, row.status_params)
    return HistoryImport(
        id=row.id,
        status=row.status,
        code=status.code,
        params=row.status_params,
        status_message=render(status_text.TEXTS, status, Reader.of(caller.time_zone, clock.now())),
        file_name=row.file_name,
        size_bytes=row.size_bytes,
        formats=row.formats,
        ignored_files=row.position.get("ignored", []),
        unread_files=row.position.get("unread", []),
        ledger=ImportLedger.model_validate(row),
        first_played_at=row.first_played_at,
        last_played_at=row.last_played_at,
        created_at=row.created_at,
        started_at=row.started_at,
        finished_at=row.finished_at,
    )


def _with_link(row: store.ImportRow, caller: Caller, at: datetime) -> NewHistoryImport:
    return NewHistoryImport(
        **dict(to_schema(row, caller)),
        upload=UploadLink(
            url=uploads.presign_put(row.storage_key, row.size_bytes),
            headers={"Content-Length": str(row.size_bytes), "Content-Type": "application/octet-stream"},
            expires_at=at + timedelta(seconds=uploads.LINK_SECONDS),
        ),
    )


def _get_own(database: Database, caller: Caller, import_id: int) -> store.ImportRow:
    with database.transaction(caller.user_id) as connection:
        row = store.get_import(connection, caller.user_id, import_id)
    if row is None:
        raise problems.not_found("import")
    return row
