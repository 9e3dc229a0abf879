"""Read uploads into plays, batch by batch.

A batch is one transaction: its plays, their dirty marks, its counts and the position after it. A worker
killed at any point leaves true counts, and the next one resumes exactly there.
"""

import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from musicconnect.files.archives import Upload
from musicconnect.files.budget import Budget
from musicconnect.files.errors import BudgetError, UnreadableError
from musicconnect.platform import clock
from musicconnect.platform.database import Database
from musicconnect.platform.logging import logger
from musicconnect.platform.status import Status
from musicconnect.platform.storage import uploads
from musicconnect.platform.work import worker
from musicconnect.platform.work.deadline import Deadline
from musicconnect.platform.work.lease import Lease, LeaseLostError
from musicconnect.platform.work.message import Message
from musicconnect.trends.imports import jobs, store
from musicconnect.trends.imports.formats.base import MALFORMED, ParseContext, Parsed
from musicconnect.trends.imports.formats.detection import FORMATS, DetectedFormat
from musicconnect.trends.imports.records import LIMITS, Record, detect_member, open_archive, read_records
from musicconnect.trends.plays import ingest
from musicconnect.trends.plays.model import Listen, to_ms, to_time

if TYPE_CHECKING:
    from musicconnect.trends.imports.schemas import HistoryImportStatus

BATCH_SIZE: Final = 10_000
GRANTED_S: Final = 1 / 500
"""Seconds of reading that a play grants: what brings nothing in holds no worker for long."""
SHUTDOWN_MARGIN_MS: Final = 15_000
"""Time that must be left to begin another batch."""
MAX_ATTEMPTS: Final = 5
"""Of workers in a row that die on the same batch."""
MAX_FAILURES: Final = 100
MAX_IGNORED: Final = 100
BUCKETS: Final = ("accepted", "duplicate", "skipped", "failed")
READABLE_FORMATS: Final = sorted({format_.title for format_ in FORMATS.values()})


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
    """Work on an import until the function has hardly any time left."""
    user_id, import_id, lease = message.user_id, message.import_id, Lease.on(message.import_id)
    with database.transaction(user_id) as connection:
        row = store.claim(connection, user_id, lease, clock.now())
    if row is None:
        # Done, deleted, or leased to a worker that will send the next message.
        logger.info("nothing to import", import_id=import_id)
        return
    if row.status == "deleting":
        if not jobs.revert_import(database, user_id, import_id).complete:
            jobs.enqueue(user_id, import_id)
        return
    run = _Run(database, user_id, row, lease)
    try:
        if row.attempts > MAX_ATTEMPTS:
            run.end("failed", Status("too-many-attempts"))
        else:
            run.work(deadline)
    except LeaseLostError:
        logger.info("import lease lost", import_id=import_id)


@dataclass(slots=True)
class _Batch:
    """What was read since the last commit."""

    listens: list[Listen] = field(default_factory=list)
    refused: Counter[tuple[str, str]] = field(default_factory=Counter)
    """By bucket and reason."""
    failures: list[dict[str, Any]] = field(default_factory=list)
    offset: int = 0
    line: int = 0
    is_last: bool = False
    size: int = 0

    def add(self, parsed: Sequence[Parsed], name: str, line: int) -> None:
        """Add what was parsed of one record."""
        for one in parsed:
            self.size += 1
            if isinstance(one, Listen):
                self.listens.append(one)
                continue
            self.refused[one] += 1
            if one.bucket == "failed" and len(self.failures) < MAX_FAILURES:
                self.failures.append({"file": name[:200], "line": line, "reason": one.reason})


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
        self._accepted = row.accepted
        self._budget = Budget(LIMITS, packed_bytes=row.size_bytes)

    def work(self, deadline: Deadline) -> None:
        """Read until the end of the upload or of the time."""
        context = ParseContext(to_ms(clock.now()), self._zone(), {})
        try:
            file = uploads.open_upload(self._row.storage_key, self._row.size_bytes, self._position["etag"])
            self._budget = Budget(
                LIMITS, packed_bytes=self._row.size_bytes, spent=self._position.get("spent")
            )
            with file, open_archive(file, self._budget) as upload:
                for member in range(self._position.get("member", 0), len(upload.members)):
                    if not self._read(upload, member, context, deadline):
                        self.end(None, None)
                        jobs.enqueue(self._user_id, self._row.id)
                        return
        except uploads.ReplacedError:
            self.end("failed", Status("file-replaced"))
        except UnreadableError as error:
            self.end("failed", Status("unreadable-file", {"message": str(error)}))
        except _FailedError as error:
            self.end("failed", error.status)
        else:
            self._conclude()
        uploads.discard(self._row.storage_key)

    def end(self, status: "HistoryImportStatus | None", detail: Status | None) -> None:
        """Release the lease; None: unfinished."""
        at = clock.now()
        with self._database.transaction(self._user_id) as connection:
            due_at = at if status is None else None
            if not store.release_lease(
                connection, self._lease, status=status, detail=detail, at=at, due_at=due_at
            ):
                raise LeaseLostError

    def _read(self, upload: Upload, member: int, context: ParseContext, deadline: Deadline) -> bool:
        """Read one file to its end; False if the time is up before."""
        found = self._found(upload, member)
        if found is None:
            self._commit_batch(_Batch(), member + 1, 0, 0)
            return True
        context = ParseContext(context.now_ms, context.zone, found.facts)
        offset, line = self._position.get("offset", 0), self._position.get("line", 0)
        source = read_records(upload, member, found, offset=offset, line=line)
        read = batches(source, found, context, upload.members[member].name, offset=offset, line=line)
        with closing(source), _fast_thread_switches(), ThreadPoolExecutor(1) as reader:
            # While Postgres writes one batch, the next one is read.
            coming = reader.submit(next, read, None)
            while (batch := coming.result()) is not None:
                coming = reader.submit(next, read, None)
                if batch.is_last:
                    self._commit_batch(batch, member + 1, 0, 0)
                else:
                    self._commit_batch(batch, member, batch.offset, batch.line)
                    if deadline.remaining_ms < SHUTDOWN_MARGIN_MS:
                        return False
        return True

    def _found(self, upload: Upload, member: int) -> DetectedFormat | None:
        """Detect a file's format, once; None if it is ignored."""
        if "format" in self._position:
            return DetectedFormat(self._position["format"], self._position["facts"])
        found: DetectedFormat | str | None
        try:
            found = detect_member(upload, member)
        except BudgetError:
            raise
        except UnreadableError:
            if self._is_single(upload):
                raise
            found = None
        if isinstance(found, DetectedFormat):
            self._position |= {"format": found.key, "facts": found.facts}
            self._formats += [found.format.name] if found.format.name not in self._formats else []
            return found
        if self._is_single(upload):
            raise _FailedError(
                Status(found) if found else Status("unknown-format", {"formats": READABLE_FORMATS})
            )
        ignored = self._position.setdefault("ignored", [])
        if len(ignored) < MAX_IGNORED:
            ignored.append(upload.members[member].name[:200])
        return None

    @staticmethod
    def _is_single(upload: Upload) -> bool:
        return not upload.is_archive

    def _commit_batch(self, batch: _Batch, member: int, offset: int, line: int) -> None:
        self._budget.grant(len(batch.listens) * GRANTED_S)
        position = self._position | {
            "member": member, "offset": offset, "line": line, "spent": self._budget.spent
        }  # fmt: skip
        if offset == 0:
            position = {name: value for name, value in position.items() if name not in {"format", "facts"}}
        failures = (self._failures + batch.failures)[:MAX_FAILURES]
        ingest.ensure_partitions(self._database, batch.listens)
        with self._database.transaction(self._user_id) as connection:
            store.commit_lazily(connection)
            result = ingest.ingest(
                connection, self._user_id, batch.listens, import_id=self._row.id, at=clock.now()
            )
            reasons = _add_counts(self._reasons, result, batch)
            played = [listen.played_at for listen in batch.listens]
            times = [to_time(min(played)), to_time(max(played))] if played else []
            first = min([*times, *filter(None, [self._first])], default=None)
            last = max([*times, *filter(None, [self._last])], default=None)
            progress = store.ImportProgress(
                formats=self._formats,
                accepted=self._accepted + result.accepted,
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
        self._first, self._last, self._accepted = first, last, progress.accepted

    def _conclude(self) -> None:
        if not self._formats:
            self.end("failed", Status("nothing-readable", {"formats": READABLE_FORMATS}))
        else:
            counts = {bucket: counts.total() for bucket, counts in self._reasons.items()}
            self.end("completed", Status("completed", counts | {"accepted": self._accepted}))

    def _zone(self) -> str:
        with self._database.transaction(self._user_id) as connection:
            return ingest.lock(connection, self._user_id)


@contextmanager
def _fast_thread_switches() -> Iterator[None]:
    """Let the thread that waits for Postgres resume within 0.3 ms, and not after 5 ms of the other thread."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(0.0003)
    try:
        yield
    finally:
        sys.setswitchinterval(before)


def batches(
    source: Iterator[Record],
    found: DetectedFormat,
    context: ParseContext,
    name: str,
    *,
    offset: int,
    line: int,
) -> Iterator[_Batch]:
    """Read a file in batches; the last one may be empty."""
    parse = found.format.parse
    wanted = list if found.format.shape in {"csv", "tsv"} else dict
    batch = _Batch()
    try:
        for record in source:
            parsed = parse(record.value, context) if isinstance(record.value, wanted) else (MALFORMED,)
            if batch.size >= BATCH_SIZE and _ends_before(batch, parsed):
                batch.offset, batch.line = offset, line
                yield batch
                batch = _Batch()
            line, _, offset = record
            batch.add(parsed, name, line)
    except BudgetError:
        raise
    except UnreadableError:
        batch.add([MALFORMED._replace(reason="damaged_file")], name, line + 1)
    batch.is_last = True
    yield batch


def _ends_before(batch: _Batch, parsed: Sequence[Parsed]) -> bool:
    """Whether a full batch ends before this record. Repeats are decided within a minute: it stays whole."""
    if not batch.listens or batch.size >= 2 * BATCH_SIZE:
        return True
    last, first = batch.listens[-1], next((one for one in parsed if isinstance(one, Listen)), None)
    return first is None or first.precision_s == 1 or _minute(first) != _minute(last)


def _minute(listen: Listen) -> int:
    return (listen.played_at + (listen.ms_played or 0)) // 60_000


def _add_counts(
    before: dict[str, Counter[str]], result: ingest.IngestResult, batch: _Batch
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
