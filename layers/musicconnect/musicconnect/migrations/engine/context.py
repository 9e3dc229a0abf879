"""What a worker has at hand while it holds the lease on a playlist: row, clients, budget, commits."""

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from musicconnect.migrations import status_text
from musicconnect.migrations.engine import store
from musicconnect.migrations.engine.store import Lease, LeaseLostError, PlaylistRow, StoppedError, TrackChange
from musicconnect.migrations.engine.transitions import following
from musicconnect.platform import clock
from musicconnect.platform.database import Database
from musicconnect.providers.accounts.clients import client_for
from musicconnect.providers.match_store import service as match_store
from musicconnect.providers.match_store.model import Finding
from musicconnect.providers.protocol import Client
from musicconnect.providers.quota.reservations import QuotaReservation

MAX_STEP_S = 45.0
"""Of one step: then it is the next playlist's turn."""
MAX_CALLS = 4000
"""Provider calls of one step."""
MIN_LEASE_LEFT = timedelta(seconds=15)
"""A write that begins this long before the lease runs out has ended by then, one way or another."""


@dataclass(slots=True)
class StepBudget:
    """How much one step may still do."""

    ends: float
    """On `time.monotonic`'s clock, in seconds."""
    calls: int = MAX_CALLS

    @classmethod
    def of(cls, seconds: float, calls: int = MAX_CALLS) -> "StepBudget":
        """A budget of so many seconds from now."""
        return cls(time.monotonic() + min(seconds, MAX_STEP_S), calls)

    def is_spent(self) -> bool:
        """Whether no call may begin any more, booked or not."""
        return time.monotonic() >= self.ends

    def reserve(self, most: int) -> int:
        """Book as many of ``most`` provider calls as may be made; 0 when the step has to end instead."""
        if self.is_spent():
            return 0
        reserved = min(most, self.calls)
        self.calls -= reserved
        return reserved

    def may_call(self) -> bool:
        """Book one provider call; False when the step has to end instead."""
        return self.reserve(1) == 1


@dataclass(slots=True)
class StepContext:
    """The worker's table."""

    database: Database
    lease: Lease
    row: PlaylistRow
    budget: StepBudget
    _clients: dict[tuple[str, str], Client] = field(default_factory=dict)
    _reservation: QuotaReservation | None = None

    @property
    def source(self) -> Client:
        """Reads the source."""
        return self._client(self.row.source_provider, "read")

    @property
    def target(self) -> Client:
        """Searches, writes and checks the target."""
        return self._client(self.row.target_provider, "write")

    @property
    def reservation(self) -> QuotaReservation:
        """Pays for the target's calls."""
        if self._reservation is None:
            self._reservation = QuotaReservation(self.database, self.row.target_provider, self.row.user_id)
        return self._reservation

    def may_continue(self) -> bool:
        """Book one more call of a write that was intended before, if the lease surely outlasts it.

        Raises:
            LeaseLostError: somebody else may be at work by now.
        """
        if self.now() >= self.lease.until - MIN_LEASE_LEFT:
            raise LeaseLostError(f"The lease on playlist {self.lease.playlist_id} has run out.")
        return self.budget.may_call()

    @property
    def seed(self) -> str:
        """Of the jitter of this playlist's waits."""
        return self.row.marker

    def now(self) -> datetime:
        """The current time."""
        return clock.now()

    def commit(
        self, tracks: TrackChange | None = None, *, findings: Sequence[Finding] = (), **changes: Any
    ) -> None:
        """Write the playlist's row, its tracks, and news for the match store, in one transaction.

        The row at hand follows, and so does the message that tells people how far it is.

        Raises:
            LeaseLostError: nothing was written.
            StoppedError: it was written, and the person wants no more.
        """
        columns = set(PlaylistRow.__dataclass_fields__)
        after = {name: getattr(self.row, name) for name in columns} | {
            name: value for name, value in changes.items() if name in columns
        }
        row = PlaylistRow(**after)
        changes.setdefault("stage_message", status_text.progress(row.stage, row.counts))
        with self.database.transaction(self.lease.user_id) as connection:
            now = self.now()
            stop = store.write(
                connection, self.lease, now=now, changes={**changes, "progressed_at": now}, tracks=tracks
            )
            if findings:
                match_store.upsert(connection, findings, now)
        self.row = row
        if stop is not None:
            raise StoppedError(stop)

    def advance(
        self, tracks: TrackChange | None = None, *, findings: Sequence[Finding] = (), **changes: Any
    ) -> None:
        """Commit, and go on to the next stage."""
        stage = following(self.row.stage, self.row.counts)
        self.commit(tracks, findings=findings, stage=stage, attempts=0, **changes)

    def _client(self, provider: str, access: Any) -> Client:
        key = (provider, access)
        if key not in self._clients:
            reservation = self.reservation if access == "write" else None
            self._clients[key] = client_for(
                self.database, self.row.user_id, provider, access=access, reservation=reservation
            )
        return self._clients[key]
