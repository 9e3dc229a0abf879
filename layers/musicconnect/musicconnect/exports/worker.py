"""The worker that brings an export from being asked for to its files.

A message says only which export to look at. A worker takes a lease on it, does as much as fits into its time,
notes every step of the way, and sends the next message. Lost, doubled and reordered messages change nothing;
the timer sends what is due and in nobody's hands.
"""

import uuid
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, Final

import psycopg

from musicconnect.exports import messages, retention, store
from musicconnect.exports.build import builder
from musicconnect.exports.content import registry
from musicconnect.exports.model import Job, OutOfTimeError
from musicconnect.exports.plan import PlannedFile, plan
from musicconnect.exports.playlists import staging_store
from musicconnect.exports.store import LeaseLostError
from musicconnect.platform import clock
from musicconnect.platform.database import Database
from musicconnect.platform.logging import logger
from musicconnect.platform.status import Status
from musicconnect.platform.storage.bucket import StorageError
from musicconnect.platform.work.queue import MAX_DELAY
from musicconnect.providers.errors import ProviderError, QuotaExhaustedError, RetryableError

MAX_ATTEMPTS: Final = 8
"""Workers in a row that may get nowhere."""
MAX_PROVIDER_ATTEMPTS: Final = 5
"""Of them, those after which a playlist is left out whose provider keeps failing."""
MAX_CLAIMED: Final = 100
INITIAL_BACKOFF_S: Final = 15.0
"""Seconds until something that failed is tried again; twice as long each time."""


def dispatch(database: Database) -> int:
    """Send a message for every export that is due and in nobody's hands; gives their number."""
    with database.transaction() as connection:
        due = store.claim_due(connection, clock.now(), MAX_CLAIMED)
    for export_id, user_id, cause in due:
        messages.enqueue(user_id, export_id, cause=cause)
    return len(due)


def parse_message(body: dict[str, Any]) -> tuple[int, int]:
    """User id and export id of a queue message."""
    return int(body["user_id"]), int(body["export_id"])


def advance(database: Database, user_id: int, export_id: int, remaining_ms: Callable[[], int]) -> None:
    """Do as much of an export as fits into the time that is left.

    Args:
        database: The service's.
        user_id: Whose export.
        export_id: Which one.
        remaining_ms: Milliseconds until the function would be ended.

    Raises:
        psycopg.OperationalError: the database was lost; what was noted stands.
        Exception: a bug of ours; what was noted stands.
    """
    token, at = uuid.uuid4(), clock.now()
    until = at + timedelta(milliseconds=remaining_ms() + 1000)
    with database.transaction(user_id) as connection:
        job = store.acquire_lease(connection, user_id, export_id, token=token, at=at, until=until)
    if job is None:
        # Done, cancelled, not due yet, or in the hands of somebody who will send the next message.
        logger.info("nothing to export", export_id=export_id)
        return
    run = _Run(database, job, token, remaining_ms)
    try:
        run.work()
    except LeaseLostError:
        # What this worker may have stored since is among the leftovers, which are looked for more than once.
        logger.info("export taken away", export_id=export_id)
    except Exception:
        # Without a database nothing can be said; the lease ends by itself.
        with suppress(psycopg.Error, LeaseLostError):
            run.wait(clock.now() + timedelta(seconds=_pause(job.attempts)), None)
        raise


class _Run:
    """One worker's share of an export."""

    def __init__(
        self, database: Database, job: Job, token: uuid.UUID, remaining_ms: Callable[[], int]
    ) -> None:
        self._database = database
        self._job = job
        self._token = token
        self._remaining_ms = remaining_ms

    def work(self) -> None:
        """Read, count, build, as far as it goes."""
        job = self._job
        if job.attempts > MAX_ATTEMPTS:
            self._fail(Status("too-many-attempts"))
            return
        try:
            self._prepare()
            with self._database.transaction(job.user_id) as connection:
                files = plan(job, staging_store.list_read(connection, job.id))
            rows = builder.Build(self._database, self._job, self._token, files, self._remaining_ms).run()
        except OutOfTimeError:
            self._pass_on()
        except QuotaExhaustedError as error:
            self._retry("waiting-for-quota", error.until, provider=error.provider)
        except RetryableError as error:
            pause = max(error.retry_after or 0.0, _pause(job.attempts))
            self._retry("waiting-for-provider", _in(pause), provider=error.provider)
        except ProviderError as error:
            self._fail(error.status)
        except StorageError as error:
            logger.warning("object storage failed", reason=str(error), export_id=job.id)
            self._retry("waiting-for-storage", _in(_pause(job.attempts)))
        else:
            self._complete(rows, len(files))

    def _retry(self, code: str, at: datetime, **params: Any) -> None:
        self.wait(at, Status(code, params | {"until": at.isoformat()}))

    def wait(self, until: datetime, state: Status | None) -> None:
        """Give the export back until then; what waits longer than a message can, the timer sends."""
        delay = (until - clock.now()).total_seconds()
        sent = delay <= MAX_DELAY
        with self._database.transaction(self._job.user_id) as connection:
            store.release(
                connection,
                self._job.id,
                self._token,
                due_at=until,
                enqueued_at=until if sent else None,
                state=state,
            )
        if sent:
            messages.enqueue(self._job.user_id, self._job.id, delay=max(0.0, delay) + 1)

    def _prepare(self) -> None:
        """Read playlists, where they are wanted, and count what is to be written."""
        job = self._job
        if job.position.get("stage") == "build":
            return
        if job.export_type.startswith("playlists_") or job.export_type == "account_archive":
            from musicconnect.exports.playlists import reader  # noqa: PLC0415

            reader.PlaylistReader(
                self._database,
                job,
                self._hold,
                self._save,
                self._remaining_ms,
                job.attempts > MAX_PROVIDER_ATTEMPTS,
            ).run()
        with self._database.transaction(job.user_id) as connection:
            files = plan(job, readable := staging_store.list_read(connection, job.id))
            if job.export_type.startswith("playlists_") and not readable and job.notes:
                raise NothingReadError(job.notes[0], provider=job.filters.get("provider") or "spotify")
            expected = registry.expected_rows(connection, job, _documents(files))
            job.position["stage"] = "build"
            self._job = replace(job, rows_expected=expected)
            self._store(connection, Status("counted"))

    def _pass_on(self) -> None:
        at = clock.now()
        with self._database.transaction(self._job.user_id) as connection:
            store.release(connection, self._job.id, self._token, due_at=at, enqueued_at=at)
        messages.enqueue(self._job.user_id, self._job.id)

    def _complete(self, rows: int, files: int) -> None:
        notes = len(self._job.notes)
        params = {"type": self._job.export_type, "rows": rows, "files": files, "notes": notes}
        with self._database.transaction(self._job.user_id) as connection:
            store.finish(
                connection,
                self._job.id,
                self._token,
                status="completed",
                state=Status("completed", params),
                at=clock.now(),
            )

    def _fail(self, state: Status) -> None:
        at = clock.now()
        with self._database.transaction(self._job.user_id) as connection:
            store.finish(connection, self._job.id, self._token, status="failed", state=state, at=at)
            store.discard(connection, self._job.id, self._job.storage_token, at)
        retention.delete_files(self._job.storage_token)

    def _hold(self, connection: Any) -> None:
        store.check_lease(connection, self._job.id, self._token)

    def _save(self, position: dict[str, Any], notes: list[str], state: Status) -> None:
        with self._database.transaction(self._job.user_id) as connection:
            store.save_progress(
                connection, self._job.id, self._token, position=position, rows_done=0, rows_expected=None,
                bytes_done=0, notes=notes, state=state,
            )  # fmt: skip

    def _store(self, connection: Any, state: Status) -> None:
        job = self._job
        store.save_progress(
            connection, job.id, self._token, position=job.position, rows_done=0,
            rows_expected=job.rows_expected, bytes_done=0, notes=job.notes, state=state,
        )  # fmt: skip


class NothingReadError(ProviderError):
    """None of the playlists could be read, for a reason that stays."""

    @property
    def status(self) -> Status:
        """The status of the export."""
        return Status("nothing-read", {"note": self.message})


def _documents(files: list[PlannedFile]) -> list[Any]:
    return [document for file in files for document in file.documents]


def _pause(attempts: int) -> float:
    return min(900.0, INITIAL_BACKOFF_S * 2.0 ** max(0, attempts - 1))


def _in(seconds: float) -> datetime:
    return clock.now() + timedelta(seconds=seconds)
