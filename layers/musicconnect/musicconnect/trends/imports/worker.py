"""Read uploads into plays, batch by batch.

A batch is one transaction: its plays, their dirty marks, its counts and the position after it. A worker
killed at any point leaves true counts, and the next one resumes exactly there. So does the one that gets the
message at the end of a step: no upload holds a worker for longer, and other people's come between.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from musicconnect.files.archives import Upload
from musicconnect.files.budget import Budget
from musicconnect.files.errors import BudgetError, StepOverError, UnreadableError
from musicconnect.outbox import service as outbox
from musicconnect.platform import clock
from musicconnect.platform.database import Database
from musicconnect.platform.logging import logger
from musicconnect.platform.status import Status
from musicconnect.platform.storage import uploads
from musicconnect.platform.thread_switches import fast_thread_switches
from musicconnect.platform.work import worker
from musicconnect.platform.work.deadline import STEP_MARGIN_S, Deadline
from musicconnect.platform.work.lease import Lease, LeaseLostError
from musicconnect.platform.work.message import Message
from musicconnect.trends.imports import jobs, status_text, store
from musicconnect.trends.imports.batches import MAX_FAILURES, Batch, read_batches
from musicconnect.trends.imports.formats.base import LOCAL_TIMES, ParseContext
from musicconnect.trends.imports.formats.detection import EMPTY, FORMATS, DetectedFormat
from musicconnect.trends.imports.records import LIMITS, detect_member, open_archive, read_records
from musicconnect.trends.plays import ingest
from musicconnect.trends.plays.model import to_ms, to_time

if TYPE_CHECKING:
    from musicconnect.trends.imports.schemas import HistoryImportStatus

GRANTED_S: Final = 1 / 500
"""Seconds of reading that a report of a play grants: what brings nothing in holds no worker for long."""
MAX_ATTEMPTS: Final = 5
"""Of steps in a row that die on the same batch, or whose time is over before they have read any of it."""
MAX_IGNORED: Final = 100
BUCKETS: Final = ("accepted", "duplicate", "skipped", "failed")
MAX_TOLD: Final = 20
"""Files that are not read of which it is said why."""
READABLE_FORMATS: Final = sorted({format_.title for format_ in FORMATS.values() if format_ is not EMPTY})


class ImportMessage(Message):
    """Names the import to work on."""

    import_id: int


class _FailedError(Exception):
    def __init__(self, status: Status) -> None:
        super().__init__(status.code)
        self.status = status


def dispatch(database: Database) -> int:
    """Claim due imports and enqueue them; gives how many."""
    return worker.dispatch(
        database, store.claim_due, lambda due: jobs.enqueue(due[1], due[0]), work="history imports"
    )


def advance(database: Database, message: ImportMessage, deadline: Deadline) -> None:
    """Work on an import until it is done, or the time of the step is over."""
    user_id, import_id, lease = message.user_id, message.import_id, Lease.on(message.import_id)
    with database.transaction(user_id) as connection:
        row = store.claim(connection, user_id, lease, clock.now())
    if row is None:
        # Done, deleted, or leased to a worker that will send the next message; or another one of the person's
        # is being read, whose worker will.
        logger.info("nothing to import", import_id=import_id)
        return
    try:
        _work(database, row, lease, user_id, deadline)
    except LeaseLostError:
        logger.info("import lease lost", import_id=import_id)
    _wake_next(database, user_id)


def _work(database: Database, row: store.ImportRow, lease: Lease, user_id: int, deadline: Deadline) -> None:
    run = _Run(database, user_id, row, lease)
    if row.status == "deleting":
        if not jobs.revert_import(database, user_id, row.id).complete:
            run.end(None, None)
    elif row.attempts > MAX_ATTEMPTS:
        run.end("failed", Status("too-many-attempts"))
    else:
        run.work(deadline)


def _wake_next(database: Database, user_id: int) -> None:
    """Send the message of the import that goes on, or whose turn it is."""
    with database.transaction(user_id) as connection:
        waiting = store.find_waiting(connection, user_id, clock.now())
    if waiting is not None:
        jobs.enqueue(user_id, waiting)


class _Run:
    def __init__(self, database: Database, user_id: int, row: store.ImportRow, lease: Lease) -> None:
        self._database = database
        self._user_id = user_id
        self._row = row
        self._lease = lease
        self._position = dict(row.position)
        self._reasons = {bucket: Counter(row.reasons.get(bucket, {})) for bucket in BUCKETS}
        self._failures = list(row.failures)
        self._formats = list(row.formats)
        self._first, self._last = row.first_played_at, row.last_played_at
        self._budget = Budget(LIMITS, packed_bytes=row.size_bytes)
        self._has_committed = False
        """In this step."""

    def work(self, deadline: Deadline) -> None:
        """Read until the end of the upload or of the step."""
        context = ParseContext(to_ms(clock.now()), self._zone(), {}, set(self._position.get("notes", ())))
        try:
            file = uploads.open_upload(self._row.storage_key, self._row.size_bytes, self._position["etag"])
            self._budget = Budget(
                LIMITS,
                packed_bytes=self._row.size_bytes,
                spent=self._position.get("spent"),
                step_s=deadline.step_s(),
            )
            before = (self._budget.unpacked_bytes, self._budget.rows)
            with file, open_archive(file, self._budget) as upload:
                if any(before):  # an earlier step's way through the archive has counted
                    self._budget.forgive(*before)
                for member in range(self._position.get("member", 0), len(upload.members)):
                    if not self._read(upload, member, context, deadline):
                        self._hand_over()
                        return
                    if self._position.get("is_over"):
                        break
                for unread in upload.unread:
                    self._tell_unread(unread.name, unread.reason)
        except StepOverError:
            self._hand_over()
            return
        except uploads.ReplacedError:
            self.end("failed", Status("file-replaced"))
        except UnreadableError as error:
            self._fail(str(error))
        except _FailedError as error:
            self.end("failed", error.status)
        else:
            self._conclude(context.zone)
        uploads.discard(self._row.storage_key)

    def _hand_over(self) -> None:
        """End the step where the last batch ended; the time since then is spent, too."""
        spent = self._position.get("spent", {}) | {"seconds": self._budget.spent["seconds"]}
        logger.info("step over", import_id=self._row.id, has_committed=self._has_committed)
        self.end(None, None, spent)

    def end(
        self,
        status: "HistoryImportStatus | None",
        detail: Status | None,
        spent: Mapping[str, float] | None = None,
    ) -> None:
        """Release the lease; None: unfinished, what was spent: as it was saved with the last batch."""
        at = clock.now()
        with self._database.transaction(self._user_id) as connection:
            due_at = at if status is None else None
            if not store.release_lease(
                connection, self._lease, status=status, detail=detail, at=at, due_at=due_at, spent=spent
            ):
                raise LeaseLostError
            if status == "completed":
                params = {
                    "kind": "plays",
                    "import_id": self._row.id,
                    "accepted": self._reasons["accepted"].total(),
                    "failed": self._reasons["failed"].total(),
                }
                key = f"import-ready:plays:{self._row.id}"
                outbox.record(connection, self._user_id, "import-ready", params, key=key, at=at)

    def _read(self, upload: Upload, member: int, context: ParseContext, deadline: Deadline) -> bool:
        """Read one file to its end; False if the step is over before. Raises `StepOverError` for the same."""
        found = self._found(upload, member)
        if found is None:
            self._commit_batch(Batch(spent=self._budget.spent), member + 1, 0, 0)
            return True
        context = replace(context, facts=found.facts)
        name = upload.members[member].name
        offset, line = self._position.get("offset", 0), self._position.get("line", 0)
        source = read_records(upload, member, found, offset=offset, line=line)
        read = read_batches(source, found, context, name, offset=offset, line=line)
        with closing(source), fast_thread_switches(), ThreadPoolExecutor(1) as reader:
            # While Postgres writes one batch, the next one is read.
            coming = reader.submit(self._next_batch, read)
            while (batch := coming.result()) is not None:
                coming = reader.submit(self._next_batch, read)
                if batch.is_cut and (self._has_committed or not batch.size):
                    # Read again by the next step: a batch is full where repeats of one minute do not need
                    # it whole. One that a whole step has not filled is taken as it is.
                    return False
                self._position["notes"] = sorted(context.notes)
                if batch.stopped:
                    self._position |= {
                        "stopped": {"message": batch.stopped, "file": name[:200], "line": batch.line},
                        "is_over": batch.is_over,
                    }
                if batch.is_last:
                    self._commit_batch(batch, member + 1, 0, 0, is_own=found.is_own)
                else:
                    self._commit_batch(batch, member, batch.offset, batch.line, is_own=found.is_own)
                    if batch.is_cut or deadline.remaining_s < STEP_MARGIN_S:
                        return False
        return True

    def _next_batch(self, read: Iterator[Batch]) -> Batch | None:
        batch = next(read, None)
        if batch is not None:
            batch.spent = self._budget.spent
        return batch

    def _found(self, upload: Upload, member: int) -> DetectedFormat | None:
        """Detect a file's format, once; None if it is ignored."""
        if "format" in self._position:
            return DetectedFormat(self._position["format"], self._position["facts"])
        name = upload.members[member].name
        found: DetectedFormat | str | None
        try:
            found = detect_member(upload, member)
        except BudgetError:
            raise
        except UnreadableError as error:
            if not upload.is_archive:
                raise
            self._tell_unread(name, str(error))
            return None
        if isinstance(found, DetectedFormat):
            self._position |= {"format": found.key, "facts": found.facts}
            self._position["files"] = self._position.get("files", 0) + 1
            if found.format is not EMPTY and found.format.name not in self._formats:
                self._formats.append(found.format.name)
            return found
        if not upload.is_archive:
            file_name = self._row.file_name
            raise _FailedError(
                Status(found, {"file": file_name})
                if found
                else Status("unknown-format", {"formats": READABLE_FORMATS, "file": file_name})
            )
        ignored = self._position.setdefault("ignored", [])
        if len(ignored) < MAX_IGNORED:
            ignored.append(name[:200])
        if found in status_text.HISTORIES:
            self._tell_unread(name, status_text.advice(found))
        return None

    def _tell_unread(self, name: str, reason: str) -> None:
        """Remember a file of an archive that may be a history and cannot be read."""
        unread = self._position.setdefault("unread", [])
        if len(unread) < MAX_TOLD:
            unread.append({"name": name[:200], "reason": reason[:500]})

    def _commit_batch(
        self, batch: Batch, member: int, offset: int, line: int, *, is_own: bool = False
    ) -> None:
        place = {"member": member, "offset": offset, "line": line}
        failures = (self._failures + batch.failures)[:MAX_FAILURES]
        ingest.ensure_partitions(self._database, batch.listens)
        with self._database.transaction(self._user_id) as connection:
            store.commit_lazily(connection)
            result = ingest.ingest(
                connection,
                self._user_id,
                batch.listens,
                import_id=self._row.id,
                at=clock.now(),
                is_own=is_own,
            )
            self._budget.grant(result.stored * GRANTED_S)
            # The bytes and rows up to its end, and not those of the next batch, which is being read.
            spent = batch.spent | {name: self._budget.spent[name] for name in ("seconds", "granted")}
            position = self._position | place | {"spent": spent}
            if offset == 0:
                position = {name: one for name, one in position.items() if name not in {"format", "facts"}}
            reasons = _add_counts(self._reasons, result, batch)
            played = [listen.played_at for listen in batch.listens]
            times = [to_time(min(played)), to_time(max(played))] if played else []
            first = min([*times, *filter(None, [self._first])], default=None)
            last = max([*times, *filter(None, [self._last])], default=None)
            progress = store.ImportProgress(
                formats=self._formats,
                accepted=reasons["accepted"].total(),
                duplicate=reasons["duplicate"].total(),
                skipped=reasons["skipped"].total(),
                failed=reasons["failed"].total(),
                reasons={bucket: dict(counts) for bucket, counts in reasons.items() if counts},
                failures=failures,
                first_played_at=first,
                last_played_at=last,
                position=position,
            )
            if not store.save_progress(connection, self._lease.extended(), progress):
                raise LeaseLostError
        self._position, self._reasons, self._failures = position, reasons, failures
        self._first, self._last = first, last
        self._has_committed = True

    def _conclude(self, zone: str) -> None:
        position = self._position
        told: dict[str, Any] = {"unread": position.get("unread", [])}
        if not position.get("files"):
            self.end("failed", Status("nothing-readable", told | {"formats": READABLE_FORMATS}))
            return
        accepted = self._reasons["accepted"]
        told |= {bucket: counts.total() for bucket, counts in self._reasons.items()}
        told |= {
            "plays": accepted["play"],
            "skips": accepted["skip"],
            "starts": accepted["start"],
            "files": position["files"],
        }
        if LOCAL_TIMES in position.get("notes", ()):
            told["zone"] = zone
        if "apple_activity" in self._formats:
            told["without_artist"] = self._reasons["failed"]["no_title_or_artist"]
        stopped = position.get("stopped")
        if stopped:
            self.end("failed", Status("stopped-early", told | stopped))
        else:
            self.end("completed", Status("completed", told))

    def _fail(self, message: str) -> None:
        """End because the upload cannot be read, or not to its end; what was read before stays."""
        if self._position.get("files"):
            self._position.setdefault("stopped", {"message": message, "file": "", "line": 0})
            self._conclude("")
        else:
            self.end("failed", Status("unreadable-file", {"message": message}))

    def _zone(self) -> str:
        with self._database.transaction(self._user_id) as connection:
            return ingest.lock(connection, self._user_id)


def _add_counts(
    before: dict[str, Counter[str]], result: ingest.IngestResult, batch: Batch
) -> dict[str, Counter[str]]:
    added = {
        "accepted": result.kinds,
        "duplicate": result.duplicate,
        "skipped": result.skipped.copy(),
        "failed": Counter[str](),
    }
    for (bucket, reason), count in batch.refused.items():
        added[bucket][reason] += count
    return {bucket: before[bucket] + counts for bucket, counts in added.items()}
