"""Build the files of an export: rows in, parts of objects out, the progress saved after each part.

Progress is saved when a part has arrived, and says at which row the next part begins. So whoever comes after
a worker that was killed, wherever that was, sends the same parts or later ones; and since an object appears
only when all its parts are put together, there is the whole of it or nothing.
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Final

from psycopg import Connection

from musicconnect.exports import retention, store
from musicconnect.exports.build.containers import ByteBuffer, ContainerWriter, ZipWriter, container_writer
from musicconnect.exports.build.multipart import MultipartUpload
from musicconnect.exports.content.filters import Cursor, Source
from musicconnect.exports.content.registry import source_of
from musicconnect.exports.model import Job, OutOfTimeError, check_time
from musicconnect.exports.plan import Document, PlannedFile, numbered
from musicconnect.platform import clock, config
from musicconnect.platform.database import Database
from musicconnect.platform.status import Status
from musicconnect.platform.storage.bucket import MIN_PART, Part, UploadLostError
from musicconnect.platform.work.deadline import Deadline
from musicconnect.platform.work.lease import DURATION, Lease

PART_SIZE: Final = MIN_PART + MIN_PART // 10
"""Bytes of a part. Two of them are in memory at a time, and an object has 10,000 at most."""
MAX_DOCUMENT_ROWS: Final = 100_000
"""Rows of a file in a zip, which is written in one go; what has more goes on in another file."""
MAX_RESTARTS: Final = 3
"""Of one file, whose upload somebody else keeps aborting."""


@dataclass(slots=True)
class FileProgress:
    """How far a file is."""

    document: int = 0
    number: int = 1
    """Which file of the document in a zip, from 1."""
    cursor: Cursor = None
    is_begun: bool = False
    rows: int = 0
    writer_state: dict[str, Any] = field(default_factory=dict)
    upload_id: str | None = None
    parts: list[Part] = field(default_factory=list)
    is_complete: bool = False
    """Whether all parts have arrived, and only have to be put together."""

    @classmethod
    def from_json(cls, value: dict[str, Any]) -> "FileProgress":
        """Read what `to_json` gave."""
        return cls(**{**value, "parts": [Part(*part) for part in value.get("parts", [])]})

    def to_json(self) -> dict[str, Any]:
        """Give it as JSON can hold it."""
        return {name: getattr(self, name) for name in self.__slots__} | {
            "parts": [list(part) for part in self.parts]
        }


class Build:
    """One worker's share of building an export."""

    def __init__(
        self, database: Database, job: Job, lease: Lease, files: list[PlannedFile], deadline: Deadline
    ) -> None:
        self.database = database
        self.job = job
        self._lease = lease
        self._files = files
        self.deadline = deadline
        self._bucket = retention.bucket()
        position = job.position
        self._file: int = position.get("file", 0)
        self.progress = FileProgress.from_json(position.get("file_progress", {}))
        # Of the files before this one.
        self._rows: int = position.get("rows", 0)
        self._bytes: int = position.get("bytes", 0)
        self._restarts = 0

    def run(self) -> int:
        """Build what is left; gives how many rows there are in all.

        Raises:
            OutOfTimeError: something is left.
            LeaseLostError: it is not ours any more.
            StorageError: object storage does not answer.
        """
        if (self.job.attempts > 1 or self.job.position) and self.progress.upload_id is None:
            # Whoever was here before may have begun an upload that nobody knows of.
            self._bucket.abort_uploads(self._key())
        while self._file < len(self._files):
            try:
                self._build_file(self._files[self._file])
            except UploadLostError:
                self._restarts += 1
                if self._restarts > MAX_RESTARTS:
                    raise
                self._bucket.abort_uploads(self._key())
                self.progress = FileProgress()
                self._save()
        return self._rows

    def _build_file(self, planned: PlannedFile) -> None:
        progress = self.progress
        with MultipartUpload(
            self._bucket, self._key(), planned.mime_type, progress.upload_id, list(progress.parts)
        ) as upload:
            if not progress.is_complete:
                buffer = ByteBuffer(upload.size)
                writer = container_writer(planned.form, buffer, progress.writer_state, self.job.requested_at)
                try:
                    rows = _FileBuild(self, planned, upload, buffer, writer).run()
                finally:
                    writer.abandon()
                if upload.upload_id is None:
                    data, self.progress.rows = buffer.take(), rows
                    self._bucket.put(self._key(), data, planned.mime_type)
                    self._done(planned, len(data))
                    return
                if buffer.waiting:
                    upload.send(buffer.take(), lambda: None)
                upload.settle()
                self.progress.rows = rows
                self.record(upload, writer_state={}, is_complete=True)
            self._done(planned, self._completed(upload))

    def _completed(self, upload: MultipartUpload) -> int:
        try:
            upload.complete()
        except UploadLostError:
            # Perhaps whoever was here before has completed it, and died before saying so.
            found = self._bucket.stat(self._key())
            if found is None or found[0] != upload.size:
                raise
        # A request to begin one that was repeated, since its answer got lost, has begun two.
        self._bucket.abort_uploads(self._key())
        return upload.size

    def _done(self, planned: PlannedFile, size: int) -> None:
        at = clock.now()
        rows = self.progress.rows
        self._rows, self._bytes, self._file = self._rows + rows, self._bytes + size, self._file + 1
        key, self.progress = self._key(self._file - 1), FileProgress()
        with self.database.transaction(self.job.user_id) as connection:
            store.extend_lease(connection, self._lease)
            store.add_file(
                connection,
                self.job,
                bucket=self._bucket.name,
                key=key,
                mime_type=planned.mime_type,
                size_bytes=size,
                name=planned.name,
                row_count=rows,
                at=at,
                expires_at=at + config.export_lifetime(),
            )
            self._write(connection, rows=self._rows, size=self._bytes)

    def record(
        self, upload: MultipartUpload, *, writer_state: dict[str, Any], is_complete: bool = False
    ) -> None:
        """Write down how far the file is, now that its parts have arrived."""
        progress = self.progress
        progress.writer_state, progress.is_complete = writer_state, is_complete
        progress.upload_id, progress.parts = upload.upload_id, list(upload.parts)
        self._save()

    @contextmanager
    def transaction(self) -> Iterator[Connection[Any]]:
        """Read, and extend the lease where much of it has passed."""
        with self.database.transaction(self.job.user_id) as connection:
            if self._lease.until < clock.now() + DURATION / 2:
                self._lease = self._lease.extended()
                store.extend_lease(connection, self._lease)
            yield connection

    def _save(self) -> None:
        progress = self.progress
        size = self._bytes + sum(part.size for part in progress.parts)
        with self.database.transaction(self.job.user_id) as connection:
            self._write(connection, rows=self._rows + progress.rows, size=size)

    def _write(self, connection: Connection[Any], *, rows: int, size: int) -> None:
        self._lease = self._lease.extended()
        self.job.position.update(
            file=self._file, rows=self._rows, bytes=self._bytes, file_progress=self.progress.to_json()
        )
        state = Status("writing", {"rows": rows, "expected": self.job.rows_expected or rows})
        store.save_progress(connection, self._lease, self.job, state, rows_done=rows, bytes_done=size)

    def _key(self, number: int | None = None) -> str:
        return f"{retention.prefix_of(self.job.storage_token)}{self._file if number is None else number}"


class _FileBuild:
    """Writes the documents of one file."""

    def __init__(
        self,
        build: Build,
        planned: PlannedFile,
        upload: MultipartUpload,
        buffer: ByteBuffer,
        writer: ContainerWriter,
    ) -> None:
        self._build = build
        self._planned = planned
        self._upload = upload
        self._buffer = buffer
        self._writer = writer
        start = build.progress
        self._at = FileProgress(start.document, start.number, start.cursor, start.is_begun, start.rows)

    def run(self) -> int:
        """Write all that is left; gives how many rows the file has."""
        at = self._at
        while at.document < len(self._planned.documents):
            document = self._planned.documents[at.document]
            if document.kind == "manifest":
                self._write_manifest(document)
            else:
                self._write(document)
            at.document, at.number, at.cursor, at.is_begun = at.document + 1, 1, None, False
            if not self._writer.can_pause_inside and self._buffer.waiting >= MIN_PART:
                self._part()
        self._writer.finish()
        return at.rows

    def _write(self, document: Document) -> None:
        at, writer = self._at, self._writer
        source = source_of(self._build.job, document)
        written, is_last = 0, False
        writer.begin(numbered(document.name, at.number))
        if not (at.is_begun and writer.can_pause_inside):
            self._begin(source)
        while not is_last:
            with self._build.transaction() as connection:
                data, rows, cursor = source.read(connection, at.cursor)
            if rows and written >= MAX_DOCUMENT_ROWS and not writer.can_pause_inside:
                writer.write(source.end())
                writer.end(written)
                at.number, written = at.number + 1, 0
                if self._buffer.waiting >= MIN_PART:
                    self._part()
                # What goes on in another file is whole there: it begins with what every one begins with.
                writer.begin(numbered(document.name, at.number))
                self._begin(source)
            writer.write(data)
            at.rows, written, at.cursor, is_last = at.rows + rows, written + rows, cursor, cursor is None
            if is_last:
                break
            if writer.can_pause_inside:
                if self._buffer.waiting >= PART_SIZE:
                    self._part()
            elif self._buffer.waiting >= PART_SIZE + MIN_PART:
                # Too early to go on from here; but what is left is enough for a part at the next opportunity.
                self._upload.send(self._buffer.take(PART_SIZE), lambda: None)
        writer.write(source.end())
        writer.end(written)

    def _begin(self, source: Source) -> None:
        with self._build.transaction() as connection:
            self._writer.write(source.begin(connection))
        self._at.is_begun = True

    def _write_manifest(self, document: Document) -> None:
        assert isinstance(self._writer, ZipWriter)  # nothing else has room for a manifest
        job = self._build.job
        manifest = {
            "format": "MusicConnect account archive",
            "version": 1,
            "export_id": job.id,
            "requested_at": job.requested_at.isoformat(),
            "time_zone": job.filters.get("time_zone"),
            "notes": job.notes,
            "files": self._writer.listed,
        }
        self._writer.begin(document.name)
        self._writer.write((json.dumps(manifest, ensure_ascii=False, indent=1) + "\n").encode())
        self._writer.end(len(self._writer.listed))

    def _part(self) -> None:
        """Send what there is, and note that the file can be gone on with behind it, once it has arrived."""
        state = self._writer.pause()
        at = self._at
        progress = FileProgress(at.document, at.number, at.cursor, at.is_begun, at.rows)

        def arrived() -> None:
            self._build.progress = progress
            self._build.record(self._upload, writer_state=state)

        self._upload.send(self._buffer.take(), arrived)
        try:
            check_time(self._build.deadline)
        except OutOfTimeError:
            self._upload.settle()
            raise
