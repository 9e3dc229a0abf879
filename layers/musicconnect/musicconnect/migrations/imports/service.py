"""Create, start, show and delete imports of playlist files."""

import uuid
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Final

from musicconnect.api.binding import Caller, Repeat
from musicconnect.core import idempotency
from musicconnect.migrations import status_text
from musicconnect.migrations.imports import store
from musicconnect.migrations.imports.messages import ImportMessage, send
from musicconnect.migrations.imports.schemas import (
    NewPlaylistImport,
    PlaylistImport,
    PlaylistImportCreate,
    PlaylistImportList,
    PlaylistImportQuery,
    PlaylistUploadLink,
)
from musicconnect.platform import clock, pagination, problems
from musicconnect.platform.database import Database
from musicconnect.platform.status import Reader, Status
from musicconnect.platform.storage import uploads
from musicconnect.providers.accounts.clients import require_access

MAX_AT_ONCE: Final = 20
"""Imports of one person that may be under way."""
PREFIX: Final = "playlist-imports"
"""Of the keys in the bucket for uploads."""


def create(
    database: Database, caller: Caller, body: PlaylistImportCreate, repeat: Repeat | None = None
) -> NewPlaylistImport:
    """Give a link to upload a file with; to a repeated request another link to the same place.

    Raises `Problem` 409 if too many are under way, `ProviderError` if the target's account is not ready.
    """
    at = clock.now()
    key = f"{PREFIX}/{caller.user_id}/{uuid.uuid4()}"
    with database.transaction(caller.user_id) as connection:
        earlier = idempotency.find(connection, caller.user_id, repeat)
        if earlier is not None:
            row = store.get_import(connection, earlier)
            if row is None:
                raise idempotency.gone()
            return _with_link(row, caller, at)
        require_access(connection, body.target_provider, "write")
        if store.count_unfinished(connection, at - timedelta(seconds=uploads.LINK_SECONDS)) >= MAX_AT_ONCE:
            raise problems.conflict(
                "too-many-imports",
                "Too many imports are under way",
                f"Wait for one of the {MAX_AT_ONCE}, or delete one.",
            )
        import_id = store.insert_import(connection, {**body.model_dump(), "storage_key": key, "at": at})
        row = store.get_import(connection, import_id)
        assert row is not None
        idempotency.save(connection, caller.user_id, repeat, row.id)
    return _with_link(row, caller, at)


def start(database: Database, caller: Caller, import_id: int) -> PlaylistImport:
    """Read the file that was uploaded, and migrate its playlists. Asking twice changes nothing.

    Raises `Problem` 404, or 409 if the file is not there or not of the size that was agreed on.
    """
    row = _own(database, caller, import_id)
    if row.status != "awaiting_upload":
        return to_schema(row, caller)
    etag = uploads.require(row.storage_key, row.size_bytes)
    with database.transaction(caller.user_id) as connection:
        is_new = store.make_due(connection, import_id, etag, clock.now())
    if is_new:
        send(ImportMessage(import_id=import_id, user_id=caller.user_id))
    return to_schema(_own(database, caller, import_id), caller)


def list_imports(database: Database, caller: Caller, query: PlaylistImportQuery) -> PlaylistImportList:
    """List the caller's imports, newest first. Raises `Problem` 400 for a cursor that is not one of ours."""
    key = pagination.decode(query.cursor, int)
    with database.transaction(caller.user_id) as connection:
        rows = store.list_imports(connection, before=key[0] if key else None, limit=query.limit)
    rows, next_cursor = pagination.page(rows, query.limit, lambda row: [row.id])
    return PlaylistImportList(items=[to_schema(row, caller) for row in rows], next_cursor=next_cursor)


def get(database: Database, caller: Caller, import_id: int) -> PlaylistImport:
    """Show an import. Raises `Problem` 404."""
    return to_schema(_own(database, caller, import_id), caller)


def delete(database: Database, caller: Caller, import_id: int) -> None:
    """Delete an import and its file. What came of it stays. Raises `Problem` 404."""
    with database.transaction(caller.user_id) as connection:
        key = store.delete_import(connection, import_id)
    if key is None:
        raise problems.not_found("import")
    uploads.discard(key)


def to_schema(row: store.ImportRow, caller: Caller) -> PlaylistImport:
    """Turn an import into what its person sees."""
    reader = Reader.of(caller.time_zone, clock.now())
    message = status_text.render(Status(row.code, row.params), reader)
    return PlaylistImport.model_validate({**asdict(row), "status_message": message})


def _with_link(row: store.ImportRow, caller: Caller, at: datetime) -> NewPlaylistImport:
    return NewPlaylistImport(
        **dict(to_schema(row, caller)),
        upload=PlaylistUploadLink(
            url=uploads.presign_put(row.storage_key, row.size_bytes),
            headers={"Content-Length": str(row.size_bytes), "Content-Type": "application/octet-stream"},
            expires_at=at + timedelta(seconds=uploads.LINK_SECONDS),
        ),
    )


def _own(database: Database, caller: Caller, import_id: int) -> store.ImportRow:
    with database.transaction(caller.user_id) as connection:
        row = store.get_import(connection, import_id)
    if row is None:
        raise problems.not_found("import")
    return row
