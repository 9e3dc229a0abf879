"""The worker that makes a migration out of an uploaded file.

A file becomes a migration in one transaction, or nothing at all: a worker that is killed anywhere leaves the
file as it was, for the next one. A job knows its import, and no import has two.
"""

import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

from psycopg import Connection

from musicconnect.migrations.api.create import SelectedPlaylist, SourceFile, insert_job, insert_playlists
from musicconnect.migrations.api.schemas import MAX_PLAYLISTS
from musicconnect.migrations.engine.messages import StepMessage, new_correlation_id, send
from musicconnect.migrations.engine.stages.read import rows_of
from musicconnect.migrations.imports import service, store, tracks
from musicconnect.migrations.imports.store import ImportRow, Result
from musicconnect.migrations.status_text import plural
from musicconnect.music.model import PlaylistItem
from musicconnect.platform import clock
from musicconnect.platform.database import Database
from musicconnect.platform.logging import logger
from musicconnect.platform.storage import uploads
from musicconnect.platform.storage.archives import UnreadableError
from musicconnect.platform.text import storable
from musicconnect.playlist_files import readers
from musicconnect.playlist_files.model import Entry, PlaylistHeader
from musicconnect.providers.registry import FILE, title

MAX_ENTRIES: Final = 100_000
"""Of all playlists of a file together."""
BATCH: Final = 1_000
"""Entries per statement."""
MAX_ATTEMPTS: Final = 5
MAX_FAILURES: Final = 100
MAX_CLAIMED: Final = 100
UNNAMED: Final = "Imported playlist"


class LeaseLostError(Exception):
    """Somebody else reads the file, or the import was deleted."""


def dispatch(database: Database) -> int:
    """Send a message for every import that was forgotten; gives their number."""
    with database.transaction() as connection:
        due = store.claim_due(connection, clock.now(), MAX_CLAIMED)
    for import_id, user_id in due:
        service.enqueue(user_id, import_id)
    return len(due)


def parse_message(body: dict[str, Any]) -> tuple[int, int]:
    """User id and import id of a queue message."""
    return int(body["user_id"]), int(body["import_id"])


def read(
    database: Database, user_id: int, import_id: int, *, queue_url: str, remaining_ms: Callable[[], int]
) -> None:
    """Make a migration out of a file.

    Args:
        database: The service's.
        user_id: Whose import.
        import_id: Which one.
        queue_url: Where the migration's steps are asked for.
        remaining_ms: Milliseconds until the function would be ended.
    """
    token, at = uuid.uuid4(), clock.now()
    until = at + timedelta(milliseconds=remaining_ms() + 1000)
    with database.transaction(user_id) as connection:
        row = store.claim(connection, import_id, token=token, at=at, until=until)
    if row is None:
        # Done, deleted, or in the hands of somebody else.
        logger.info("nothing to read", import_id=import_id)
        return
    try:
        _read(database, user_id, row, token, queue_url)
    except LeaseLostError:
        logger.info("import taken away", import_id=import_id)
        return
    except Exception:
        with database.transaction(user_id) as connection:
            store.release(connection, import_id, token, clock.now())
        raise
    service.delete_file(row.storage_key)


def _read(database: Database, user_id: int, row: ImportRow, token: uuid.UUID, queue_url: str) -> None:
    try:
        if row.attempts > MAX_ATTEMPTS:
            raise UnreadableError("The file could not be read after several attempts.")
        with (
            uploads.open_upload(row.storage_key, row.size_bytes, row.etag or "") as file,
            database.transaction(user_id) as connection,
        ):
            writer = _ImportWriter(connection, row, clock.now())
            result = writer.write(readers.sources(file, row.file_name))
            if not store.end(connection, row.id, token, result, clock.now()):
                raise LeaseLostError
    except (UnreadableError, uploads.ReplacedError) as error:
        message = (
            "The file was replaced or deleted while it was read."
            if isinstance(error, uploads.ReplacedError)
            else str(error)
        )
        with database.transaction(user_id) as connection:
            if not store.end(
                connection, row.id, token, Result(status="failed", message=message), clock.now()
            ):
                raise LeaseLostError from None
        return
    correlation_id = new_correlation_id()
    for playlist_id in writer.playlist_ids:
        send(
            queue_url,
            StepMessage(playlist_migration_id=playlist_id, user_id=user_id, correlation_id=correlation_id),
        )


@dataclass(frozen=True, slots=True)
class _ImportRequest:
    """What the migration is told."""

    target_provider: str
    as_copy: bool
    remove_missing: bool
    dry_run: bool
    source_provider: str = FILE


@dataclass(slots=True)
class _Playlist:
    """One of the playlists on their way in."""

    id: int
    head: PlaylistHeader
    entries: int = 0
    failed: int = 0


@dataclass(slots=True)
class _Contents:
    """What was read so far, of the whole file or of one in a zip."""

    playlists: list[_Playlist] = field(default_factory=list)
    entries: int = 0
    names: set[str] = field(default_factory=set)
    """Source ids of playlists that are taken."""


class _ImportWriter:
    """Puts what is read where the engine expects it."""

    def __init__(self, connection: Connection[Any], row: ImportRow, now: datetime) -> None:
        self._connection = connection
        self._row = row
        self._now = now
        self._order = _ImportRequest(row.target_provider, row.as_copy, row.remove_missing, row.dry_run)
        self._formats: list[str] = []
        self._failures: list[dict[str, Any]] = []
        self._failed = 0
        self._kept = _Contents()
        self._rows: list[dict[str, Any]] = []

    @property
    def playlist_ids(self) -> list[int]:
        """Of the migrations that were made."""
        return [playlist.id for playlist in self._kept.playlists]

    def write(self, sources: list[readers.Source]) -> Result:
        """Read everything.

        Raises:
            UnreadableError: nothing in it is a playlist, or there is too much.
        """
        name = self._row.file_name
        file = SourceFile(self._row.id, name)
        job_id = insert_job(
            self._connection, self._order, key=None, fingerprint=None, now=self._now, file=file
        )
        if job_id is None:
            raise LeaseLostError
        for source in sources:
            self._add_file(job_id, source)
        kept = self._kept
        if not kept.playlists:
            why = self._failures[0]["reason"] if len(self._failures) == 1 else readers.NOT_KNOWN
            raise UnreadableError(f"Nothing in the file can be read as a playlist. {why}")
        message = (
            f"{plural(len(kept.playlists), 'playlist')} with {plural(kept.entries, 'entry', 'entries')}, "
            f"on the way to {title(self._row.target_provider)}."
        )
        if self._failed:
            message += f" {self._failed:,} could not be read."
        return Result(
            status="completed",
            message=message,
            formats=self._formats,
            playlists=len(kept.playlists),
            entries=kept.entries,
            failed=self._failed,
            failures=self._failures,
        )

    def _add_file(self, job_id: int, source: readers.Source) -> None:
        """Read one file, all of it or, if it is damaged, nothing."""
        is_alone = source.upload.archive is None
        before = _Contents(list(self._kept.playlists), self._kept.entries, set(self._kept.names))
        try:
            recognised = readers.detect_format(source)
            if not isinstance(recognised, readers.DetectedFormat):
                raise UnreadableError(recognised or readers.NOT_KNOWN)
            with self._connection.transaction():
                self._add_playlists(job_id, source, recognised)
        except _TooLargeError:
            raise
        except UnreadableError as error:
            if is_alone:
                raise
            self._kept = before
            self._rows.clear()
            self._report(readers.ReadError(source.name, 0, str(error)))
            return
        if recognised.format not in self._formats:
            self._formats.append(recognised.format)

    def _add_playlists(self, job_id: int, source: readers.Source, recognised: readers.DetectedFormat) -> None:
        heads: dict[int, _Playlist] = {}
        current: _Playlist | None = None
        for part in readers.read_source(source, recognised, self._report):
            if isinstance(part, PlaylistHeader):
                # The very same object again: its playlist goes on. It is kept, so that no other is it.
                current = heads.get(id(part)) or self._begin(job_id, part)
                heads[id(part)] = current
            elif current is not None:
                self._add(current, part)
        self._flush()
        for playlist in heads.values():
            store.make_read(
                self._connection,
                playlist.id,
                description=playlist.head.description or "",
                entries=playlist.entries,
                failed=playlist.failed,
            )

    def _begin(self, job_id: int, head: PlaylistHeader) -> _Playlist:
        kept = self._kept
        if len(kept.playlists) == MAX_PLAYLISTS:
            raise _TooLargeError(f"The file has more than {MAX_PLAYLISTS} playlists. Send it in parts.")
        source_id, copies = tracks.playlist_id_of(head), 1
        while source_id in kept.names:
            copies += 1
            source_id = f"{tracks.playlist_id_of(head)}#{copies}"
        kept.names.add(source_id)
        name = storable(head.name).strip()[: tracks.MAX_TEXT_LENGTH] or UNNAMED
        (playlist_id,) = insert_playlists(
            self._connection, job_id, [SelectedPlaylist(source_id, name, 0)], self._order, self._now
        )
        playlist = _Playlist(playlist_id, head)
        kept.playlists.append(playlist)
        return playlist

    def _add(self, playlist: _Playlist, entry: Entry) -> None:
        if self._kept.entries == MAX_ENTRIES:
            raise _TooLargeError(f"The file has more than {MAX_ENTRIES:,} entries. Send it in parts.")
        track = tracks.track_of(entry)
        (row,) = rows_of([PlaylistItem(position=entry.position, track=track)], entry.position)
        row["playlist_migration_id"] = playlist.id
        row["source"]["provider"] = track.provider
        self._rows.append(row)
        playlist.entries += 1
        playlist.failed += row["status"] == "failed"
        self._kept.entries += 1
        if len(self._rows) >= BATCH:
            self._flush()

    def _flush(self) -> None:
        if self._rows:
            store.add_tracks(self._connection, self._rows, self._now)
            self._rows.clear()

    def _report(self, fault: readers.ReadError) -> None:
        self._failed += 1
        if len(self._failures) < MAX_FAILURES:
            self._failures.append(
                {"file": fault.file[:200], "line": fault.line, "reason": fault.reason[:300]}
            )


class _TooLargeError(UnreadableError):
    """The whole of the file is more than can be taken."""
