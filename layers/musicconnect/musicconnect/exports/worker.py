"""The worker that brings an export from being asked for to its files.

A message says only which export to look at. A worker takes a lease on it, does as much as fits into its time,
commits every step of the way, and sends the next message. Lost, doubled and reordered messages change
nothing; the timer sends what is due and in nobody's hands.
"""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, Final

import psycopg

from musicconnect.exports import retention, store
from musicconnect.exports.build import builder
from musicconnect.exports.content import registry
from musicconnect.exports.messages import ExportMessage, send
from musicconnect.exports.model import ExportStatus, Job, OutOfTimeError
from musicconnect.exports.plan import plan
from musicconnect.exports.playlists import staging_store
from musicconnect.outbox import service as outbox
from musicconnect.platform import clock, config
from musicconnect.platform.database import Database
from musicconnect.platform.logging import logger
from musicconnect.platform.status import Status
from musicconnect.platform.storage.bucket import StorageError
from musicconnect.platform.work import queue, worker
from musicconnect.platform.work.backoff import exponential
from musicconnect.platform.work.deadline import Deadline
from musicconnect.platform.work.lease import Lease, LeaseLostError
from musicconnect.providers.errors import ProviderError, QuotaExhaustedError, RetryableError

MAX_ATTEMPTS: Final = 8
"""Workers in a row that may get nowhere."""
MAX_PROVIDER_ATTEMPTS: Final = 5
"""Of them, those after which a playlist is left out whose provider keeps failing."""
INITIAL_BACKOFF_S: Final = 15.0
MAX_BACKOFF_S: Final = 900.0


def on_timer(database: Database, _event: Mapping[str, Any], _deadline: Deadline) -> dict[str, Any]:
    """Send a message for every due export, and delete what has expired; gives how many of each."""
    sent = worker.dispatch(
        database,
        store.claim_due,
        lambda due: send(ExportMessage(export_id=due[0], user_id=due[1], correlation_id=due[2])),
        work="exports",
    )
    return {"sent": sent, "expired": retention.sweep(database)}


def advance(database: Database, message: ExportMessage, deadline: Deadline) -> None:
    """Do as much of an export as fits into the time that is left.

    Raises:
        psycopg.OperationalError: the database was lost; what was committed stands.
        Exception: a bug of ours; what was committed stands.
    """
    lease = Lease.on(message.export_id)
    with database.transaction(message.user_id) as connection:
        job = store.claim(connection, message.user_id, lease, clock.now())
    if job is None:
        # Done, cancelled, not due yet, or in the hands of somebody who will send the next message.
        logger.info("nothing to export", export_id=message.export_id)
        return
    run = _Run(database, job, lease, deadline)
    try:
        run.work()
    except LeaseLostError:
        # What this worker may have stored since is among the leftovers, which are looked for more than once.
        logger.info("export lease lost", export_id=job.id)
    except Exception:
        # Without a database nothing can be said; the lease ends by itself.
        with suppress(psycopg.Error, LeaseLostError):
            run.release(run.retry_at())
        raise


class _Run:
    """One worker's share of an export."""

    def __init__(self, database: Database, job: Job, lease: Lease, deadline: Deadline) -> None:
        self._database = database
        self._job = job
        self._lease = lease
        self._deadline = deadline

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
            rows = builder.Build(self._database, self._job, self._lease, files, self._deadline).run()
        except OutOfTimeError:
            self.release(clock.now())
        except QuotaExhaustedError as error:
            self._retry("waiting-for-quota", error.until, provider=error.provider)
        except RetryableError as error:
            at = max(self.retry_at(), clock.now() + timedelta(seconds=error.retry_after or 0.0))
            self._retry("waiting-for-provider", at, provider=error.provider)
        except ProviderError as error:
            self._fail(error.status)
        except StorageError as error:
            logger.warning("object storage failed", reason=str(error), export_id=job.id)
            self._retry("waiting-for-storage", self.retry_at())
        else:
            params: dict[str, Any] = {
                "type": job.export_type, "rows": rows, "files": len(files), "notes": len(job.notes),
            }  # fmt: skip
            if "kinds" in job.position:
                params["kinds"] = job.position["kinds"]
            self._finish("completed", Status("completed", params))

    def retry_at(self) -> datetime:
        """When to try again what failed."""
        attempts = self._job.attempts
        return clock.now() + exponential(attempts, initial_s=INITIAL_BACKOFF_S, max_s=MAX_BACKOFF_S)

    def release(self, due_at: datetime, state: Status | None = None) -> None:
        """Give the export back until then; what waits longer than a message can, the timer sends."""
        delay = queue.delay_until(due_at)
        with self._database.transaction(self._job.user_id) as connection:
            store.release(
                connection,
                self._lease,
                due_at=due_at,
                enqueued_at=None if delay is None else due_at,
                state=state,
            )
        if delay is not None:
            send(ExportMessage(user_id=self._job.user_id, export_id=self._job.id), delay=delay)

    def _retry(self, code: str, at: datetime, **params: Any) -> None:
        self.release(at, Status(code, params | {"until": at.isoformat()}))

    def _prepare(self) -> None:
        """Read playlists, where they are wanted, and count what is to be written."""
        job = self._job
        if job.position.get("stage") == "build":
            return
        is_of_playlists = job.export_type.startswith("playlists_")
        if is_of_playlists or job.export_type == "account_archive":
            from musicconnect.exports.playlists import reader  # noqa: PLC0415

            gives_up = job.attempts > MAX_PROVIDER_ATTEMPTS
            reader.PlaylistReader(self._database, job, self._lease, self._deadline, gives_up).run()
        with self._database.transaction(job.user_id) as connection:
            files = plan(job, readable := staging_store.list_read(connection, job.id))
            if is_of_playlists and not readable and job.notes:
                raise NothingReadError(job.notes[0], provider=job.filters.get("provider") or "spotify")
            job.position["stage"] = "build"
            if job.export_type.startswith("history_"):
                from musicconnect.exports.content import plays  # noqa: PLC0415 - only histories need it

                # One look at all plays tells both: how many there are, and of which kinds.
                job.position["kinds"] = plays.count_kinds(connection, job)
                expected = sum(job.position["kinds"].values())
            else:
                documents = [document for file in files for document in file.documents]
                expected = registry.expected_rows(connection, job, documents)
            self._job = replace(job, rows_expected=expected)
            store.save_progress(connection, self._lease, self._job, Status("counted"))

    def _finish(self, status: ExportStatus, state: Status) -> None:
        at = clock.now()
        with self._database.transaction(self._job.user_id) as connection:
            store.finish(connection, self._lease, status=status, state=state, at=at)
            if status == "completed":
                params = {
                    "export_id": self._job.id,
                    "type": self._job.export_type,
                    "expires_at": (at + config.export_lifetime()).isoformat(),
                }
                key = f"export-ready:{self._job.id}"
                outbox.record(connection, self._job.user_id, "export-ready", params, key=key, at=at)
            if status == "failed":
                store.discard(connection, self._job.id, self._job.storage_token, at)

    def _fail(self, state: Status) -> None:
        self._finish("failed", state)
        retention.delete_files(self._job.storage_token)


class NothingReadError(ProviderError):
    """None of the playlists could be read, for a reason that stays."""

    @property
    def status(self) -> Status:
        """The status of the export."""
        return Status("nothing-read", {"note": self.message})
