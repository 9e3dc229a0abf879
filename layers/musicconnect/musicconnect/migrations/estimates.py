"""Estimate when a migration will be done, and what writing the result of a dry run costs. Pure."""

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from musicconnect.migrations.schemas import Cost, Migration
from musicconnect.providers import registry
from musicconnect.providers.candidates.channels import MEAN_PAGES
from musicconnect.providers.quota import fair_share, ledger
from musicconnect.providers.quota.ledger import BucketStatus
from musicconnect.providers.registry import NEW_PLAYLISTS, Provider

MAX_DAYS = 3650
WRITE_UNITS = 50
"""Of one write where writes are paid for one by one (YouTube)."""
MIN_SECONDS = 30.0

type Ahead = tuple[int, int, int, int, int]
"""Of one migration that waits: user, job, searches, tracks to write, playlists to make."""


@dataclass(frozen=True, slots=True)
class Estimator:
    """What estimates about one user's migrations to one provider are made from."""

    user_id: int
    ahead: Sequence[Ahead]
    """What everybody waits for."""
    left: Mapping[str, BucketStatus]
    """The provider's allowances, by name, the user's own among them."""
    now: datetime

    def expected_at(self, migration: Migration) -> datetime | None:
        """Estimate when a migration will be done; None: it rests, or nobody knows yet how much it is."""
        tracks, progress = migration.progress.tracks, migration.progress
        if migration.status not in ("pending", "running") or migration.is_paused:
            return None
        if progress.stages.get("read") or not tracks.total:
            return None
        entry = registry.get(migration.target_provider)
        since = progress.progressed_at or migration.created_at
        seconds = MIN_SECONDS + entry.seconds_per_track * (tracks.total - tracks.failed - tracks.written)
        if entry.day_zone is None:
            since = max(since, progress.waiting_until) if progress.waiting_until else since
            return finish(self.now, 0, since=since, seconds=seconds)
        # A person's own migrations share that person's part; those that began earlier come first.
        before = [work for work in self.ahead if work[0] != self.user_id or work[1] <= migration.id]
        searches = Counter[int]()
        for user, _, unsearched, _, _ in before:
            searches[user] += unsearched
        days = max(
            self._days("search", searches, 1, migration.target_provider),
            self._days("general", _writes(before, entry), WRITE_UNITS, migration.target_provider),
            self._days(NEW_PLAYLISTS, self._new_playlists(before), 1, migration.target_provider),
        )
        return finish(ledger.next_reset(entry, self.now), days, since=since, seconds=seconds)

    def cost(self, migration: Migration) -> Cost | None:
        """Estimate what writing the result of a dry run takes; None: it is none, or not done.

        Its searches are made already: what they found is stored.
        """
        if not migration.dry_run or migration.status != "completed":
            return None
        tracks, target = migration.progress.tracks, migration.target_provider
        entry = registry.get(target)
        seconds = MIN_SECONDS + entry.seconds_per_track * tracks.matched
        if entry.day_zone is None:
            at = finish(self.now, 0, since=self.now, seconds=seconds)
            return Cost(units=None, days=1, done_at=at, sharers=1)
        matched = tracks.matched
        playlists = migration.progress.playlists.get("completed", 0) if matched else 0
        ahead = [*self.ahead, (self.user_id, migration.id, 0, matched, playlists)]
        days = max(
            self._days("general", _writes(ahead, entry), WRITE_UNITS, target),
            self._days(NEW_PLAYLISTS, self._new_playlists(ahead), 1, target),
        )
        at = finish(ledger.next_reset(entry, self.now), days, since=self.now, seconds=seconds)
        sharers = len({work[0] for work in ahead if work[3] > 0} | {self.user_id})
        return Cost(units=_units(matched, playlists), days=1 + days, done_at=at, sharers=sharers)

    def _new_playlists(self, ahead: Sequence[Ahead]) -> dict[int, int]:
        """Count the user's own: others' take nothing of their allowance."""
        return {self.user_id: sum(work[4] for work in ahead if work[0] == self.user_id)}

    def _days(self, bucket: str, needs: Mapping[int, int], cost: int, target: str) -> int:
        state = self.left.get(bucket)
        if state is None or state.limit is None:
            return 0
        return days_needed(
            self.user_id,
            needs,
            daily=state.limit // cost,
            left_today=(state.remaining or 0) // cost,
            today=ledger.day_of(registry.get(target), self.now).toordinal(),
        )


def playlist_units(target: str, matched: int) -> int | None:
    """Give what writing one playlist takes of the target's allowance; None where there is none."""
    return _units(matched, 1) if matched and registry.get(target).day_zone is not None else None


def days_needed(me: int, needs: Mapping[int, int], *, daily: int, left_today: int, today: int) -> int:
    """Give the day on which what I need is there, 0 for today, if days are shared as `fair_share` does.

    ``needs`` are the calls that each user needs who waits, me among them; ``today`` is the day's number.
    """
    waiting = {user: calls for user, calls in sorted(needs.items()) if calls > 0}
    available = left_today
    for day in range(MAX_DAYS):
        _share(waiting, available, today + day)
        if me not in waiting:
            return day
        available = daily
    return MAX_DAYS


def _share(waiting: dict[int, int], available: int, day: int) -> None:
    """Share one day: everybody gets an equal part until they have enough or nothing is left."""
    while available > 0 and waiting:
        for user, part in fair_share.equal_parts(list(waiting), available, day).items():
            granted = min(part, waiting[user])
            available -= granted
            waiting[user] -= granted
            if not waiting[user]:
                del waiting[user]


def finish(midnight: datetime, days: int, *, since: datetime, seconds: float) -> datetime:
    """Give when the last of it is done: ``days`` from `days_needed`, and the seconds of the work itself."""
    begin = since if days == 0 else midnight + timedelta(days=days - 1)
    return begin + timedelta(seconds=seconds)


def _units(unwritten: int, playlists: int) -> int:
    """Give what is still to be paid for writing and reading back."""
    return WRITE_UNITS * (unwritten + playlists) + math.ceil(unwritten / 50)


def _writes(ahead: Sequence[Ahead], entry: Provider) -> Counter[int]:
    """Count writes by user, with what listing artists' channels takes; reading back costs next to nothing."""
    pages = 0 if entry.search.channels is None else MEAN_PAGES
    writes = Counter[int]()
    for user, _, unsearched, unwritten, uncreated in ahead:
        writes[user] += (_units(unwritten, uncreated) + pages * unsearched) // WRITE_UNITS
    return writes
