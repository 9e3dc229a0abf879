"""Work on one repair under its lease: look, name, search, propose; replace; undo."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import astuple, replace
from datetime import datetime
from itertools import batched
from typing import Any

from psycopg import Connection

from musicconnect.changes import service as change_sets
from musicconnect.changes.applier import Applied, Applier, Waiting
from musicconnect.changes.journal import LeasedJournal
from musicconnect.changes.listing import read_items
from musicconnect.changes.model import ChangeSet, Draft, Entry, Kind, Operation, State, entries
from musicconnect.changes.undo import plan_undo
from musicconnect.migrations import origins
from musicconnect.music.model import Absence, PlaylistItem, Track
from musicconnect.platform import clock
from musicconnect.platform.database import Database
from musicconnect.platform.status import Status
from musicconnect.platform.work.budget import StepBudget
from musicconnect.platform.work.lease import MIN_LEASE_LEFT, Lease, LeaseLostError
from musicconnect.providers.accounts.clients import client_for
from musicconnect.providers.match_store import service as match_store
from musicconnect.providers.protocol import Client
from musicconnect.sync import store as pairs_store
from musicconnect.sync.allowance import CountedReservation
from musicconnect.sync.merge.state import PairState
from musicconnect.sync.repair import paired, proposals, schedules_store, store
from musicconnect.sync.repair.entries import (
    OWNER,
    DeadEntry,
    Finding,
    carried_over,
    find_dead,
    is_news,
    name_by_neighbours,
    named,
    plan_replacements,
)
from musicconnect.sync.repair.outcomes import Continue, Done
from musicconnect.sync.repair.store import RepairRow
from musicconnect.trends.plays import played_tracks

GONE = frozenset({Absence.DELETED, Absence.PRIVATE})
"""What nobody can play any more; all else may be playable for others."""


class RepairStep:
    """One step of one repair."""

    def __init__(self, database: Database, row: RepairRow, lease: Lease, budget: StepBudget) -> None:
        self._database = database
        self._row = row
        self._lease = lease
        self._budget = budget
        is_scheduled = row.schedule_id is not None and row.status == "checking"
        self._reservation = CountedReservation(database, row.provider, row.user_id, is_scheduled=is_scheduled)

    @property
    def lease(self) -> Lease:
        """Give the lease as it was last extended."""
        return self._lease

    @property
    def attempts(self) -> int:
        """Give the failures in a row before this step; none once something came of it."""
        return self._row.attempts

    def cost(self) -> dict[str, int]:
        """Give the units by allowance that the repair has cost up to now."""
        return dict(Counter(self._row.cost) + self._reservation.used)

    def advance(self) -> Done | Continue:
        """Do what is due.

        Raises:
            ProviderError: a call failed.
            LeaseLostError: somebody else works on it, or it is gone.
        """
        row = self._row
        access: Any = "read" if row.status == "checking" else "write"
        client = client_for(
            self._database, row.user_id, row.provider, access=access, reservation=self._reservation
        )
        with self._reservation.reserve_batch():
            match row.status:
                case "checking":
                    return self._check(client)
                case "applying":
                    return self._apply(client)
                case _:
                    return self._undo(client)

    # --- looking --------------------------------------------------------------------------------------

    def _check(self, client: Client) -> Done | Continue:
        if self._row.entries is None:
            finding = self._look(client)
            if finding is None:
                return Continue(clock.now())
            forgotten = self._gone(client, finding.dead)
            dead = carried_over(self._name(finding), self._before(), clock.now())

            def forget(connection: Connection[Any]) -> None:
                match_store.drop_dead(connection, self._row.provider, forgotten)

            self._commit(
                {
                    "entries": [one.to_json() for one in dead],
                    "before": _listed(finding.before),
                    "attempts": 0,
                },
                forget if forgotten else None,
            )
        dead = [DeadEntry.from_json(one) for one in self._row.entries or []]
        while todo := [one for one in dead if one.recording is not None and not one.is_searched]:
            if self._budget.is_spent():
                return Continue(clock.now())
            batch = todo[: proposals.batch_size(client)]
            gone = {one.track_id for one in dead if one.track_id}
            found = {
                one.number: one
                for one in proposals.propose(
                    self._database, self._row.user_id, batch, client, gone=gone, country=self._row.country,
                    now=clock.now(),
                )
            }  # fmt: skip
            dead = [found.get(one.number, one) for one in dead]
            state = Status("looking", _counts(dead))
            self._commit(
                {
                    "entries": [one.to_json() for one in dead],
                    "status_code": state.code,
                    "status_params": dict(state.params),
                    "attempts": 0,
                }
            )
        return self._propose(dead)

    def _before(self) -> list[DeadEntry]:
        """Give what the schedule's check before found."""
        if self._row.schedule_id is None:
            return []
        with self._database.transaction(self._row.user_id) as connection:
            found = schedules_store.previous_entries(connection, self._row.schedule_id, self._row.id)
        return [DeadEntry.from_json(one) for one in found or []]

    def _look(self, client: Client) -> Finding | None:
        """Read the playlist whole, and ask about what its list does not tell; None when the step ends."""
        items = read_items(client, self._row.playlist_id, self._budget)
        if items is None:
            return None
        looked_up: dict[str, Track | None] = {}
        if not client.limits.lists_absence:
            asked = dict.fromkeys(item.track.id for item in items if item.track.id)
            for batch in batched(asked, client.limits.lookup_batch, strict=False):
                if not self._budget.may_call():
                    return None
                found = {track.id: track for track in client.tracks(batch)}
                looked_up |= {one: found.get(one) for one in batch}
        return find_dead(items, looked_up, self._row.country)

    def _name(self, finding: Finding) -> list[DeadEntry]:
        """Name what stood there: by the person's migrations, the match store, their pairs, their plays."""
        dead, provider = finding.dead, self._row.provider
        ids = list(dict.fromkeys(one.track_id for one in dead if one.track_id))
        if not dead:
            return []
        with self._database.transaction(self._row.user_id) as connection:
            moved = origins.find(connection, provider, ids)
            written = origins.list_written(connection, provider, self._row.playlist_id)
            known = dict(reversed(match_store.find_origins(connection, provider, ids, clock.now())))
            paired = self._paired(connection)
        dead = named(dead, "migration", _by_number(dead, moved))
        dead = named(dead, "migration", name_by_neighbours(finding, written))
        dead = named(dead, "match_store", _by_number(dead, known))
        dead = named(dead, "pair", _by_number(dead, paired))
        nameless = [one.track_id for one in dead if one.recording is None and one.track_id]
        if not nameless:
            return dead
        with self._database.transaction(self._row.user_id) as connection:
            played = played_tracks.find(connection, provider, nameless)
        return named(dead, "plays", _by_number(dead, played))

    def _pairs(self, connection: Connection[Any]) -> list[tuple[int, int, PairState]]:
        """List the person's pairs with the playlist: id, its side, state."""
        found = pairs_store.load_states_of(connection, self._row.provider, self._row.playlist_id)
        return [(pair_id, side, PairState.from_json(state)) for pair_id, side, state in found]

    def _paired(self, connection: Connection[Any]) -> dict[str, Track]:
        """Give what the person's pairs know of the playlist's tracks, by their ids."""
        found = {}
        for _, side, state in self._pairs(connection):
            for row in state.rows:
                if track_id := row.slots[side].track_id:
                    artists = (row.artist,) if row.artist else ()
                    found[track_id] = Track(provider="", id="", title=row.title, artists=artists)
        return found

    def _tell_pairs(self, substitutions: Sequence[paired.Substitution]) -> None:
        """Tell pairs with the playlist that what stands there now is the same song: nothing goes over."""

        def tell(connection: Connection[Any]) -> None:
            pairs_store.lock_pairs(connection, self._row.user_id)
            for pair_id, side, state in self._pairs(connection):
                if paired.substitute(state, side, substitutions):
                    pairs_store.save_state(
                        connection, pair_id, self._row.user_id, state.to_json(), clock.now()
                    )

        self._commit({}, tell)

    def _busy_until(self) -> datetime | None:
        """Give until when a worker has a pair with the playlist; none begins while a repair writes."""
        with self._database.transaction(self._row.user_id) as connection:
            return pairs_store.lease_of(connection, self._row.provider, self._row.playlist_id, clock.now())

    def _gone(self, client: Client, dead: Sequence[DeadEntry]) -> list[str]:
        """Give the ids of what is gone for everybody: so says the provider, and shows none when asked."""
        suspects = dict.fromkeys(one.track_id for one in dead if one.cause in GONE and one.track_id)
        gone: set[str] = set()
        for batch in batched(suspects, client.limits.lookup_batch, strict=False):
            gone |= set(batch) - {track.id for track in client.tracks(batch)}
        return sorted(gone)

    def _propose(self, dead: Sequence[DeadEntry]) -> Done:
        """Store what would be replaced; nothing is written."""
        counts = _counts(dead)
        if not dead:
            # The list is needed no more, and a schedule would keep one of every day.
            return Done("completed", Status("nothing-dead"), {"counts": counts, "before": None})
        set_id = None
        if any(one.proposal for one in dead):
            before = [Entry(*one) for one in self._row.before or []]
            set_id = self._create_set(before, plan_replacements(dead))
        changes = {"counts": counts, "set_id": set_id}
        news = self._row.schedule_id is not None and is_news(dead, self._before())
        return Done("proposed", Status("proposed", counts), changes, is_news=news)

    def _create_set(
        self, before: Sequence[Entry], operations: Sequence[Operation], *, undo_of: int | None = None
    ) -> int:
        row, made = self._row, list[int]()

        def also(connection: Connection[Any]) -> None:
            draft = Draft(row.provider, row.playlist_id, before, operations)
            made.append(
                change_sets.create(
                    connection, user_id=row.user_id, owner=OWNER, owner_id=row.id, draft=draft,
                    now=clock.now(), undo_of=undo_of,
                )
            )  # fmt: skip
            column = "set_id" if undo_of is None else "undo_set_id"
            store.change(connection, row.id, **{column: made[0]})

        self._commit({}, also)
        return made[0]

    # --- writing --------------------------------------------------------------------------------------

    def _apply(self, client: Client) -> Done | Continue:
        if (until := self._busy_until()) is not None:
            return Continue(until)
        outcome = self._write(client, self._row.set_id)
        if isinstance(outcome, Continue):
            return outcome
        self._tell_pairs(paired.of_repair(outcome))
        operations = outcome.operations
        counts = {
            "replaced": sum(one.kind is Kind.ADD and one.state is State.DONE for one in operations),
            "refused": sum(one.state is State.REFUSED for one in operations),
        }
        return Done("completed", Status("repaired", counts), {"counts": {**self._row.counts, **counts}})

    def _undo(self, client: Client) -> Done | Continue:
        if (until := self._busy_until()) is not None:
            return Continue(until)
        set_id = self._row.undo_set_id
        if set_id is None:
            items = read_items(client, self._row.playlist_id, self._budget)
            if items is None:
                return Continue(clock.now())
            set_id = self._plan_undo(items)
        outcome = self._write(client, set_id)
        if isinstance(outcome, Continue):
            return outcome
        with self._database.transaction(self._row.user_id) as connection:
            done = change_sets.load(connection, self._row.set_id or 0)
        if done is not None:
            self._tell_pairs(paired.of_undo(paired.of_repair(done), outcome))
        refused = sum(one.kind is Kind.ADD and one.state is State.REFUSED for one in outcome.operations)
        return Done("undone", Status("undone", {"refused": refused}))

    def _plan_undo(self, items: Sequence[PlaylistItem]) -> int:
        with self._database.transaction(self._row.user_id) as connection:
            done = change_sets.load(connection, self._row.set_id or 0)
        if done is None:
            raise LeaseLostError  # It has expired, and the repair with it.
        found = entries(items)
        return self._create_set(found, plan_undo([done], found), undo_of=self._row.id)

    def _write(self, client: Client, set_id: int | None) -> ChangeSet | Continue:
        with self._database.transaction(self._row.user_id) as connection:
            change_set = change_sets.load(connection, set_id or 0)
        if change_set is None:
            raise LeaseLostError  # It has expired, and the repair with it.

        def commit(also: Callable[[Connection[Any]], None], is_progress: bool) -> None:
            self._commit({"attempts": 0} if is_progress else {}, also)

        journal = LeasedJournal(commit, self._reserve)
        outcome = Applier(client, journal, change_set).run()
        if isinstance(outcome, Waiting):
            return Continue(outcome.until)
        if not isinstance(outcome, Applied):
            return Continue(clock.now())
        return outcome.change_set

    # --- what a step works with -----------------------------------------------------------------------

    def _reserve(self, most: int) -> int:
        if clock.now() >= self._lease.until - MIN_LEASE_LEFT:
            raise LeaseLostError
        return self._budget.reserve(most)

    def _commit(
        self, changes: Mapping[str, Any], also: Callable[[Connection[Any]], None] | None = None
    ) -> None:
        """Change the row and extend the lease, in one transaction; the row at hand follows."""
        lease = self._lease.extended()
        with self._database.transaction(self._row.user_id) as connection:
            store.write(
                connection, self._lease, now=clock.now(), changes={**changes, "lease_until": lease.until}
            )
            if also is not None:
                also(connection)
        self._lease = lease
        fields = RepairRow.__dataclass_fields__
        self._row = replace(self._row, **{key: value for key, value in changes.items() if key in fields})


def _by_number(dead: Sequence[DeadEntry], tracks: Mapping[str, Track]) -> dict[int, Track]:
    return {one.number: tracks[one.track_id] for one in dead if one.track_id in tracks}


def _counts(dead: Sequence[DeadEntry]) -> dict[str, int]:
    return {
        "dead": len(dead),
        "named": sum(one.recording is not None for one in dead),
        "searched": sum(one.is_searched for one in dead),
        "sure": sum(one.proposal is not None and one.proposal.is_sure for one in dead),
        "unsure": sum(one.proposal is not None and not one.proposal.is_sure for one in dead),
    }


def _listed(before: Sequence[Entry]) -> list[list[Any]]:
    return [list(astuple(entry)) for entry in before]
