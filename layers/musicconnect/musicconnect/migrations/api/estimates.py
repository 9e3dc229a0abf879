"""When a migration will be done, what a dry run would cost, and both in plain words."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from psycopg import Connection

from musicconnect.migrations import estimates, status_text
from musicconnect.migrations.api.schemas import Cost, Migration
from musicconnect.platform import clock
from musicconnect.platform.database import Database
from musicconnect.providers import registry
from musicconnect.providers.quota import ledger
from musicconnect.providers.quota.ledger import BucketStatus

WRITE_UNITS = 50
"""What one write costs where writes are paid for one by one (YouTube)."""

type Ahead = tuple[int, int, int, int, int]
"""Of one migration that waits: whose, which, searches, tracks to write, playlists to make."""


def work_ahead(connection: Connection[Any], shown: Migration) -> list[Ahead]:
    """What everybody waits for on a migration's target, where that gives so much a day."""
    is_asked_for = shown.status in ("pending", "running") or shown.dry_run
    if not is_asked_for or registry.get(shown.target_provider).day_zone is None:
        return []
    return connection.execute(
        "SELECT user_id, job_id, searches, unwritten, uncreated FROM migrations.work_ahead(%s)",
        [shown.target_provider],
    ).fetchall()


def told(database: Database, user_id: int, shown: Migration, ahead: Sequence[Ahead]) -> Migration:
    """The migration with its finish date, or with what it would cost, in its fields and in its message."""
    if shown.dry_run and shown.status == "completed":
        cost = _cost(database, user_id, shown, ahead)
        message = status_text.with_cost(shown.status_message, cost.units, cost.days, shown.target_provider)
        return shown.model_copy(update={"would_cost": cost, "status_message": message})
    if shown.status not in ("pending", "running") or shown.is_paused:
        return shown
    if shown.progress.stages.get("read") or not shown.progress.tracks.total:
        return shown  # Nobody knows how much it is, nor what of it is known already.
    expected_at = _expected(database, user_id, shown, ahead)
    message = status_text.with_finish(shown.status_message, expected_at, clock.now())
    return shown.model_copy(update={"expected_at": expected_at, "status_message": message})


def _expected(database: Database, user_id: int, shown: Migration, ahead: Sequence[Ahead]) -> datetime:
    """When a migration will be done, from the ledger and what waits ahead."""
    entry, now = registry.get(shown.target_provider), clock.now()
    tracks = shown.progress.tracks
    rest = tracks.total - tracks.failed - tracks.written
    since = shown.progress.progressed_at or shown.created_at
    seconds = estimates.seconds_of(rest, shown.target_provider)
    if entry.day_zone is None:
        waits = shown.progress.waiting_until
        return estimates.finish(now, 0, since=max(since, waits) if waits else since, seconds=seconds)
    left = {bucket.bucket: bucket for bucket in ledger.status(database, shown.target_provider)}
    # A person's own migrations share that person's part; those that began earlier come first.
    before = [entry for entry in ahead if entry[0] != user_id or entry[1] <= shown.id]
    searches, writes = Counter[int](), Counter[int]()
    for holder, _, unsearched, unwritten, uncreated in before:
        searches[holder] += int(unsearched)
        writes[holder] += _writes(int(unwritten), int(uncreated))
    today = ledger.day_of(entry, now).toordinal()
    days = max(
        _days(left.get("search"), user_id, searches, 1, today),
        _days(left.get("general"), user_id, writes, WRITE_UNITS, today),
    )
    return estimates.finish(ledger.next_reset(entry, now), days, since=since, seconds=seconds)


def _cost(database: Database, user_id: int, shown: Migration, ahead: Sequence[Ahead]) -> Cost:
    """What writing a dry run would take. Its searches are made: what they found is kept."""
    tracks, entry = shown.progress.tracks, registry.get(shown.target_provider)
    if entry.day_zone is None:
        return Cost(units=None, days=1)
    playlists = shown.progress.playlists.get("completed", 0)
    units = estimates.units(tracks.matched, playlists, WRITE_UNITS) if tracks.matched else 0
    writes = Counter[int]()
    for holder, _, _, unwritten, uncreated in ahead:
        writes[holder] += _writes(int(unwritten), int(uncreated))
    writes[user_id] += _writes(tracks.matched, playlists) if tracks.matched else 0
    left = {bucket.bucket: bucket for bucket in ledger.status(database, shown.target_provider)}
    today = ledger.day_of(entry, clock.now()).toordinal()
    return Cost(units=units, days=1 + _days(left.get("general"), user_id, writes, WRITE_UNITS, today))


def _writes(unwritten: int, playlists: int) -> int:
    """Writing and reading back, in calls of the price of a write; what reading costs is next to nothing."""
    return estimates.units(unwritten, playlists, WRITE_UNITS) // WRITE_UNITS


def _days(state: BucketStatus | None, me: int, needs: Mapping[int, int], cost: int, today: int) -> int:
    if state is None or state.limit is None:
        return 0
    left_today = (state.remaining or 0) // cost
    return estimates.days_needed(me, needs, daily=state.limit // cost, left_today=left_today, today=today)
