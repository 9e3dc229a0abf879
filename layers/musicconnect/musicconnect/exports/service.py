"""Start, list, download, cancel and delete a user's exports."""

import secrets
from collections.abc import Sequence
from typing import Any, Final

from psycopg import Connection

from musicconnect.api.binding import Caller, Repeat
from musicconnect.api.responses import Reply
from musicconnect.core import idempotency
from musicconnect.exports import retention, status_text, store
from musicconnect.exports.messages import ExportMessage, send
from musicconnect.exports.model import File, Job
from musicconnect.exports.schemas import (
    APPLIES,
    DownloadQuery,
    Export,
    ExportCreate,
    ExportFile,
    ExportList,
    ExportProgress,
    ExportQuery,
)
from musicconnect.platform import clock, pagination, problems
from musicconnect.platform.config import ObjectStorageSettings
from musicconnect.platform.database import Database
from musicconnect.platform.problems import Problem
from musicconnect.platform.status import Reader
from musicconnect.platform.storage.bucket import Bucket
from musicconnect.providers.errors import NotLinkedError
from musicconnect.providers.registry import title

MAX_AT_ONCE: Final = 3
"""Exports of one person that may be under way."""
LINK_LIFETIME_S: Final = 300
"""Seconds that a link to a file is good for: long enough to follow it, too short to be worth passing on."""


def create(database: Database, caller: Caller, order: ExportCreate, repeat: Repeat | None) -> Export:
    """Ask for an export, or find the one that the same request asked for before.

    Raises:
        Problem: 409 if too many are under way, no account is linked that could be read, or the key was used
            for another request.
    """
    wanted = order.model_dump(mode="json", by_alias=True)
    at = clock.now()
    with database.transaction(caller.user_id) as connection:
        store.lock_user(connection, caller.user_id)
        earlier = store.find_by_key(connection, caller.user_id, repeat.key) if repeat else None
        if repeat is not None and earlier is not None:
            if earlier.request_hash != repeat.request_hash:
                raise idempotency.reused()
            return _to_schema(earlier, store.files_of(connection, [earlier.id], at), caller)
        if store.count_unfinished(connection, caller.user_id) >= MAX_AT_ONCE:
            raise problems.conflict(
                "too-many-exports",
                "Too many exports are under way",
                f"Wait for one of the {MAX_AT_ONCE}, or cancel one.",
            )
        if order.type.startswith("playlists_"):
            _check_linked(connection, order.filters.provider)
        filters = {name: value for name, value in wanted["filters"].items() if value is not None}
        if order.type in APPLIES["filters.time_zone"]:
            filters.setdefault("time_zone", caller.time_zone)
        job = store.insert_job(
            connection,
            caller.user_id,
            export_type=order.type,
            filters=filters,
            options=wanted["options"],
            key=repeat.key if repeat else None,
            request_hash=repeat.request_hash if repeat else None,
            storage_token=secrets.token_hex(20),
            at=at,
        )
    send(ExportMessage(user_id=caller.user_id, export_id=job.id))
    return _to_schema(job, [], caller)


def list_exports(database: Database, caller: Caller, query: ExportQuery) -> ExportList:
    """List the caller's exports, newest first.

    Raises:
        Problem: 400 if the cursor is not one of ours.
    """
    key = pagination.decode(query.cursor, int)
    with database.transaction(caller.user_id) as connection:
        jobs = store.list_jobs(connection, caller.user_id, before=key[0] if key else None, limit=query.limit)
        jobs, next_cursor = pagination.page(jobs, query.limit, lambda job: [job.id])
        files = store.files_of(connection, [job.id for job in jobs], clock.now())
    return ExportList(
        items=[
            _to_schema(job, [one for one in files if one.export_job_id == job.id], caller) for job in jobs
        ],
        next_cursor=next_cursor,
    )


def get(database: Database, caller: Caller, export_id: int) -> Export:
    """Get an export.

    Raises:
        Problem: 404.
    """
    return _to_schema(*_own(database, caller, export_id), caller)


def cancel(database: Database, caller: Caller, export_id: int) -> Export:
    """End an export that is under way. What it has stored is deleted.

    Raises:
        Problem: 404, 409 if it is not under way.
    """
    with database.transaction(caller.user_id) as connection:
        token = store.cancel(connection, caller.user_id, export_id, clock.now())
        job = store.get_job(connection, caller.user_id, export_id)
    if job is None:
        raise problems.not_found("export")
    if token is None:
        raise problems.conflict("not-under-way", "The export is not under way", "It has ended already.")
    retention.delete_files(token)
    return _to_schema(job, [], caller)


def delete(database: Database, caller: Caller, export_id: int) -> None:
    """Delete an export and its files.

    Raises:
        Problem: 404.
    """
    with database.transaction(caller.user_id) as connection:
        token = store.delete_job(connection, caller.user_id, export_id)
    if token is None:
        raise problems.not_found("export")
    retention.delete_files(token)


def download(database: Database, caller: Caller, export_id: int, query: DownloadQuery) -> Reply:
    """Redirect to a link that is signed now.

    Raises:
        Problem: 404, 409 if there is no file yet, 410 if the files have expired, 422 if there are several and
            none is named.
    """
    job, files = _own(database, caller, export_id)
    if query.file is not None:
        files = [file for file in files if file.id == query.file]
        if not files:
            raise problems.not_found("file")
    elif not files:
        if job.status == "completed":
            raise Problem(410, "expired", "The files have expired", "Ask for a new export.")
        raise problems.conflict("not-ready", "There is no file yet", _text(job, caller))
    elif len(files) > 1:
        raise problems.invalid("query.file", f"Name one of the {len(files)} files of the export by its id.")
    file = files[0]
    bucket = Bucket(file.storage_bucket, ObjectStorageSettings.from_environment())
    link = bucket.download_link(
        file.storage_key, name=file.name, mime_type=file.mime_type, seconds=LINK_LIFETIME_S
    )
    return Reply(status=302, headers={"Location": link, "Referrer-Policy": "no-referrer"})


def _own(database: Database, caller: Caller, export_id: int) -> tuple[Job, list[File]]:
    with database.transaction(caller.user_id) as connection:
        job = store.get_job(connection, caller.user_id, export_id)
        if job is None:
            raise problems.not_found("export")
        # Several files come into being one after the other, and are shown when all are there.
        files = store.files_of(connection, [job.id], clock.now()) if job.status == "completed" else []
    return job, files


def _check_linked(connection: Connection[Any], provider: str | None) -> None:
    from musicconnect.providers.accounts.clients import linked_providers  # noqa: PLC0415 - only a new one needs it

    linked = linked_providers(connection)
    if provider is not None and provider not in linked:
        raise NotLinkedError(f"No {title(provider)} account is linked.", provider=provider)
    if not linked:
        raise problems.conflict("not-linked", "No account is linked", "Link an account first.", action="link")


def _text(job: Job, caller: Caller) -> str:
    return status_text.text_of(job.state, Reader.of(caller.time_zone, clock.now()))


def _to_schema(job: Job, files: Sequence[File], caller: Caller) -> Export:
    expected = job.rows_expected
    if job.status == "completed":
        percent = 100
    else:
        percent = min(99, 100 * job.rows_done // expected) if expected else 0
    names = (
        "id", "status", "status_code", "status_params", "filters", "options", "notes", "requested_at",
        "started_at", "completed_at",
    )  # fmt: skip
    return Export.model_validate(
        {
            **{name: getattr(job, name) for name in names},
            "type": job.export_type,
            "status_message": _text(job, caller),
            "progress": ExportProgress(
                rows_done=job.rows_done, rows_expected=expected, bytes=job.bytes_done, percent=percent
            ),
            "files": [
                ExportFile(
                    id=file.id,
                    name=file.name,
                    mime_type=file.mime_type,
                    size_bytes=file.size_bytes,
                    row_count=file.row_count,
                    created_at=file.created_at,
                    expires_at=file.expires_at,
                    download=f"/v1/exports/{job.id}/download?file={file.id}",
                )
                for file in (files if job.status == "completed" else ())
            ],
        }
    )
