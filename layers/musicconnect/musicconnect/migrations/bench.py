"""What a worker has at hand while it holds the lease on a playlist: row, clients, budget, commits."""

import time
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from musicconnect import clock
from musicconnect.db import Database
from musicconnect.migrations import store, wording
from musicconnect.migrations.stages import following
from musicconnect.migrations.store import Change, Lease, PlaylistRow
from musicconnect.providers.acting import client_for
from musicconnect.providers.base import Client

MOST_SECONDS = 45.0
"""Of one step: then it is the next playlist's turn."""
MOST_CALLS = 1000
"""Provider calls of one step."""


@dataclass(slots=True)
class Budget:
    """How much one step may still do."""

    ends: float
    """On `time.monotonic`'s clock, in seconds."""
    calls: int = MOST_CALLS

    @classmethod
    def of(cls, seconds: float, calls: int = MOST_CALLS) -> "Budget":
        """A budget of so many seconds from now."""
        return cls(time.monotonic() + min(seconds, MOST_SECONDS), calls)

    def may_call(self) -> bool:
        """Book one provider call; False when the step has to end instead."""
        if self.calls <= 0 or time.monotonic() >= self.ends:
            return False
        self.calls -= 1
        return True


@dataclass(slots=True)
class Bench:
    """The worker's table."""

    database: Database
    lease: Lease
    row: PlaylistRow
    budget: Budget
    _clients: dict[tuple[str, str], Client] = field(default_factory=dict)

    @property
    def source(self) -> Client:
        """Reads the source."""
        return self._client(self.row.source_provider, "read")

    @property
    def target(self) -> Client:
        """Searches, writes and checks the target."""
        return self._client(self.row.target_provider, "write")

    @property
    def seed(self) -> str:
        """Of the jitter of this playlist's waits."""
        return self.row.marker

    def now(self) -> datetime:
        """The current time."""
        return clock.now()

    def commit(self, tracks: Change | None = None, **changes: Any) -> None:
        """Write the playlist's row, and its tracks, in a transaction of their own.

        The row at hand follows, and so does the message that tells people how far it is.

        Raises:
            LeaseLostError: nothing was written.
        """
        columns = set(PlaylistRow.__dataclass_fields__)
        after = {name: getattr(self.row, name) for name in columns} | {
            name: value for name, value in changes.items() if name in columns
        }
        row = PlaylistRow(**after)
        changes.setdefault("stage_message", wording.progress(row.stage, row.counts))
        with self.database.transaction(self.lease.user_id) as connection:
            store.write(connection, self.lease, now=self.now(), changes=changes, tracks=tracks)
        self.row = row

    def advance(self, tracks: Change | None = None, **changes: Any) -> None:
        """Commit, and go on to the next stage."""
        self.commit(tracks, stage=following(self.row.stage, self.row.counts), attempts=0, **changes)

    def _client(self, provider: str, access: Any) -> Client:
        key = (provider, access)
        if key not in self._clients:
            self._clients[key] = client_for(self.database, self.row.user_id, provider, access=access)
        return self._clients[key]
