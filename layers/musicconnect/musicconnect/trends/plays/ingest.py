"""Add listens to a user's plays, in the caller's transaction."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final
from weakref import WeakKeyDictionary

from psycopg import Connection

from musicconnect.platform import problems
from musicconnect.platform.database import Database
from musicconnect.trends.plays import store
from musicconnect.trends.plays.deduplication import decide
from musicconnect.trends.plays.model import Listen, to_time

MS_PER_DAY: Final = 86_400_000


@dataclass(slots=True)
class IngestResult:
    """Counts of ingested listens; accepted, duplicate and skipped add up to all of them."""

    kinds: Counter[str] = field(default_factory=Counter)
    """Of new plays, by kind: play, skip, start."""
    duplicate: Counter[str] = field(default_factory=Counter)
    skipped: Counter[str] = field(default_factory=Counter)
    stored: int = 0
    """Reports that are kept: of new plays, and others of known plays. None for a listen that is repeated."""

    @property
    def accepted(self) -> int:
        """Count the new plays."""
        return self.kinds.total()


_existing_months: WeakKeyDictionary[Database, set[int]] = WeakKeyDictionary()
"""Months (counted from the year 0) whose partitions this process has ensured."""


def ensure_partitions(database: Database, listens: Sequence[Listen]) -> None:
    """Create the partitions that listens need, in a transaction of its own: other writers wait for it."""
    existing = _existing_months.setdefault(database, set())
    days = {listen.played_at // MS_PER_DAY for listen in listens}
    missing = {
        day.year * 12 + day.month - 1 for day in (to_time(day * MS_PER_DAY) for day in days)
    } - existing
    if missing:
        months = [datetime(month // 12, month % 12 + 1, 1, tzinfo=UTC) for month in sorted(missing)]
        with database.transaction() as connection:
            store.make_partitions(connection, months)
        existing |= missing


def ingest(
    connection: Connection[Any],
    user_id: int,
    listens: Sequence[Listen],
    *,
    import_id: int | None,
    at: datetime,
    is_own: bool = False,
) -> IngestResult:
    """Add some ten thousand listens of one source at most, in its order, and mark what they change.

    ``is_own``: they are of an export of this service, and of any sources; see `decide`.
    """
    zone = lock(connection, user_id)
    result = IngestResult()
    if not listens:
        return result
    first, last = min(one.played_at for one in listens), max(one.played_at for one in listens)
    keys = list({one.track_key for one in listens})
    decision = decide(
        listens,
        store.list_reports(connection, user_id, first=first, last=last, track_keys=keys),
        store.list_tombstones(connection, user_id, first=first, last=last, track_keys=keys),
        import_id,
        is_own=is_own,
    )
    if decision.new:
        store.insert_plays(
            connection, user_id, zone, *_chosen(listens, decision.new), import_id=import_id, at=at
        )
    if decision.alternates:
        ids = store.insert_alternates(
            connection, user_id, *_chosen(listens, decision.alternates), import_id=import_id, at=at
        )
        if decision.better:
            better = {index for index, _ in decision.better}
            store.demote(connection, user_id, zone, [ref for _, ref in decision.better])
            promoted = [
                one for one, (index, _) in zip(ids, decision.alternates, strict=True) if index in better
            ]
            store.promote(connection, user_id, zone, promoted)
    result.kinds = Counter(listens[index].kind for index, _ in decision.new)
    result.duplicate = +Counter(
        already_here=len(decision.already_here),
        other_source=len(decision.other_source),
        repeated=len(decision.repeated),
    )
    result.skipped = +Counter(deleted=len(decision.deleted))
    result.stored = len(decision.new) + len(decision.alternates)
    return result


def _chosen[T](listens: Sequence[Listen], pairs: Sequence[tuple[int, T]]) -> tuple[list[Listen], list[T]]:
    return [listens[index] for index, _ in pairs], [what for _, what in pairs]


def lock(connection: Connection[Any], user_id: int) -> str:
    """Lock a user's plays for changes; gives the time zone, or raises a 404 if the account was deleted."""
    zone = store.lock_user(connection, user_id)
    if zone is None:
        raise problems.not_found("account")
    return zone
