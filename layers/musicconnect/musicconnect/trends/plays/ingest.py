"""Listens into plays: decide, write, mark, in the caller's transaction."""

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
from musicconnect.trends.plays.model import Listen

MS_PER_DAY: Final = 86_400_000


@dataclass(slots=True)
class IngestResult:
    """What became of some listens: accepted + duplicate + skipped = how many there were."""

    kinds: Counter[str] = field(default_factory=Counter)
    """What was accepted, by kind: play, skip, start."""
    duplicate: Counter[str] = field(default_factory=Counter)
    """By reason."""
    skipped: Counter[str] = field(default_factory=Counter)
    """By reason."""

    @property
    def accepted(self) -> int:
        """How many were new."""
        return self.kinds.total()


_existing_months: WeakKeyDictionary[Database, set[int]] = WeakKeyDictionary()
"""Months (counted from the year 0) that have a partition: this process made or saw them."""


def ensure_partitions(database: Database, listens: Sequence[Listen]) -> None:
    """Make the partitions that listens will need, in a transaction of its own: others wait for it."""
    made = _existing_months.setdefault(database, set())
    days = {listen.played_at // MS_PER_DAY for listen in listens}
    missing = {
        day.year * 12 + day.month - 1 for day in (store.to_time(day * MS_PER_DAY) for day in days)
    } - made
    if missing:
        months = [datetime(month // 12, month % 12 + 1, 1, tzinfo=UTC) for month in sorted(missing)]
        with database.transaction() as connection:
            store.make_partitions(connection, months)
        made |= missing


def ingest(
    connection: Connection[Any],
    user_id: int,
    listens: Sequence[Listen],
    *,
    import_id: int | None,
    at: datetime,
) -> IngestResult:
    """Take in listens of one source, in the order in which it tells them.

    Everything that depends on them is written in this transaction: plays, witnesses, dirty marks.

    Args:
        connection: An open transaction of the person.
        user_id: Whose.
        listens: At most a few thousand, of one source.
        import_id: The import that brings them; None for those submitted or polled.
        at: The time to be written down.

    Raises:
        Problem: 404 if the account was deleted meanwhile.
    """
    zone = lock(connection, user_id)
    outcome = IngestResult()
    if not listens:
        return outcome
    first, last = min(one.played_at for one in listens), max(one.played_at for one in listens)
    keys = list({one.track_key for one in listens})
    decision = decide(
        listens,
        store.list_reports(connection, user_id, first=first, last=last, track_keys=keys),
        store.list_tombstones(connection, user_id, first=first, last=last, track_keys=keys),
        import_id,
    )
    if decision.new:
        store.insert_plays(
            connection,
            user_id,
            zone,
            [listens[index] for index, _ in decision.new],
            [ordinal for _, ordinal in decision.new],
            import_id=import_id,
            at=at,
        )
    if decision.alternates:
        ids = store.insert_alternates(
            connection,
            user_id,
            [listens[index] for index, _ in decision.alternates],
            [ref for _, ref in decision.alternates],
            import_id=import_id,
            at=at,
        )
        if decision.better:
            better = {index for index, _ in decision.better}
            store.demote(connection, user_id, zone, [ref for _, ref in decision.better])
            store.promote(
                connection,
                user_id,
                zone,
                [
                    witness
                    for witness, (index, _) in zip(ids, decision.alternates, strict=True)
                    if index in better
                ],
            )
    outcome.kinds = Counter(listens[index].kind for index, _ in decision.new)
    outcome.duplicate = +Counter(
        already_here=len(decision.already_here),
        other_source=len(decision.other_source),
        repeated=len(decision.repeated),
    )
    outcome.skipped = +Counter(deleted=len(decision.deleted))
    return outcome


def lock(connection: Connection[Any], user_id: int) -> str:
    """Begin changing a person's plays; gives their time zone.

    Raises:
        Problem: 404 if the account was deleted meanwhile.
    """
    zone = store.lock_user(connection, user_id)
    if zone is None:
        raise problems.not_found("account")
    return zone
