"""Give a step its row, clients, budget and commits while it holds the lease on a playlist."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from psycopg import Connection

from musicconnect.migrations.engine import store
from musicconnect.migrations.engine.store import PlaylistRow, StoppedError, TargetTrack, TrackChange
from musicconnect.migrations.engine.transitions import Advance, Stage, following, progress
from musicconnect.platform import clock
from musicconnect.platform.database import Database
from musicconnect.platform.work.budget import StepBudget
from musicconnect.platform.work.lease import MIN_LEASE_LEFT, Lease, LeaseLostError
from musicconnect.providers import library
from musicconnect.providers.accounts.clients import client_for
from musicconnect.providers.match_store import service as match_store
from musicconnect.providers.match_store.model import Finding
from musicconnect.providers.protocol import Client
from musicconnect.providers.quota.reservations import QuotaReservation


@dataclass(slots=True)
class StepContext:
    """What one step works with."""

    database: Database
    lease: Lease
    row: PlaylistRow
    budget: StepBudget
    _clients: dict[tuple[str, str], Client] = field(default_factory=dict)
    _reservation: QuotaReservation | None = None

    @property
    def source(self) -> Client:
        """Give the client that reads the source."""
        return self._client(self.row.source_provider, "read")

    def reader(self, provider: str) -> Client:
        """Give the client that reads another provider, which entries of a file name."""
        return self._client(provider, "read")

    @property
    def target(self) -> Client:
        """Give the client that searches, writes and checks the target."""
        return self._client(self.row.target_provider, "write")

    @property
    def target_playlist_id(self) -> str:
        """Give the id of the target, which has been made."""
        assert self.row.target_playlist_id is not None
        return self.row.target_playlist_id

    @property
    def add_batch(self) -> int:
        """Give how many tracks one write into the target takes."""
        limits = self.target.limits
        return limits.likes_batch if self.row.into_likes else limits.add_batch

    @property
    def remove_batch(self) -> int:
        """Give how many entries one removal from the target takes."""
        limits = self.target.limits
        return limits.likes_batch if self.row.into_likes else limits.remove_batch

    @property
    def reservation(self) -> QuotaReservation:
        """Give the reservation that pays for the target's calls."""
        if self._reservation is None:
            self._reservation = QuotaReservation(self.database, self.row.target_provider, self.row.user_id)
        return self._reservation

    def may_continue(self) -> bool:
        """Reserve a call of an intended write. Raises `LeaseLostError` if the lease may not outlast it."""
        if self.now() >= self.lease.until - MIN_LEASE_LEFT:
            raise LeaseLostError
        return self.budget.may_call()

    def target_tracks(self) -> list[TargetTrack]:
        """Read the matched tracks, in the order in which they are to be written."""
        with self.database.transaction(self.row.user_id) as connection:
            return store.target_tracks(connection, self.row.id)

    def now(self) -> datetime:
        """Give the current time."""
        return clock.now()

    def commit(
        self,
        tracks: TrackChange | None = None,
        *,
        findings: Sequence[Finding] = (),
        also: Callable[[Connection[Any]], None] | None = None,
        **changes: Any,
    ) -> None:
        """Write the playlist's row, its tracks, findings and a longer lease, in one transaction.

        ``also`` runs in it last; what it raises undoes all of it. The row and the lease at hand follow.
        Raises `LeaseLostError` when nothing was written, and `StoppedError` when it was, and the person wants
        no more.
        """
        fields = PlaylistRow.__dataclass_fields__
        row = replace(self.row, **{name: value for name, value in changes.items() if name in fields})
        changes |= store.status_columns(progress(row.stage, row.counts, row.kind))
        with self.database.transaction(row.user_id) as connection:
            now, lease = self.now(), self.lease.extended()
            changes |= {"progressed_at": now, "lease_until": lease.until}
            stop = store.write(connection, lease, now=now, changes=changes, tracks=tracks)
            if findings:
                match_store.upsert(connection, findings, now)
            if also is not None:
                also(connection)
        self.row, self.lease = row, lease
        if stop is not None:
            raise StoppedError(stop)

    def advance(
        self,
        tracks: TrackChange | None = None,
        *,
        to: Stage | None = None,
        findings: Sequence[Finding] = (),
        **changes: Any,
    ) -> Advance:
        """Commit, and go on to the next stage, or to another one."""
        stage = to or following(self.row.stage, self.row.counts)
        self.commit(tracks, findings=findings, stage=stage, attempts=0, **changes)
        return Advance(stage)

    def _client(self, provider: str, access: Any) -> Client:
        key = (provider, access)
        if key not in self._clients:
            reservation = self.reservation if access == "write" else None
            client = client_for(
                self.database, self.row.user_id, provider, access=access, reservation=reservation
            )
            self._clients[key] = (
                library.view(client, self.row.kind)
                if access == "write"
                else library.source_view(client, self.row.kind, self.row.source_playlist_id)
            )
        return self._clients[key]
