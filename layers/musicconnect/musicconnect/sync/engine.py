"""Work on one pair under its lease: read, merge, store what is to be written, write it, verify."""

from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, Final

from psycopg import Connection

from musicconnect.changes import service as change_sets
from musicconnect.changes.applier import SELF_SORTED, Applied, Applier, Waiting
from musicconnect.changes.journal import LeasedJournal
from musicconnect.changes.listing import read_items
from musicconnect.changes.model import ChangeSet, Draft, Entry, Kind, Operation, State, entries
from musicconnect.changes.undo import UNDONE, plan_undo
from musicconnect.migrations import targets
from musicconnect.outbox import service as outbox
from musicconnect.platform import clock
from musicconnect.platform.database import Database
from musicconnect.platform.status import Status
from musicconnect.platform.work.budget import StepBudget
from musicconnect.platform.work.lease import MIN_LEASE_LEFT, Lease, LeaseLostError
from musicconnect.providers.accounts.clients import client_for
from musicconnect.providers.protocol import Client
from musicconnect.sync import counterparts, guards, names, resumption, schedule, store
from musicconnect.sync.allowance import CountedReservation
from musicconnect.sync.merge.merge import merge
from musicconnect.sync.merge.plan import operations_of, record, record_undo, verify
from musicconnect.sync.merge.result import Merged
from musicconnect.sync.merge.settings import Mode, Settings
from musicconnect.sync.merge.state import LEFT, RIGHT, SIDES, PairState
from musicconnect.sync.names import Named
from musicconnect.sync.outcomes import ASKING, FIRST, Continue, Done
from musicconnect.sync.reading import SideReader
from musicconnect.sync.store import PairRow

WAIT_FOR_MIGRATION: Final = timedelta(minutes=5)
"""Until a look whether a migration is done that writes into one of the playlists."""


class PairStep:
    """One step of one pair."""

    def __init__(self, database: Database, row: PairRow, lease: Lease, budget: StepBudget) -> None:
        self._database = database
        self._row = row
        self._lease = replace(lease, id=row.id)
        self._budget = budget
        self._by_hand = row.is_watched
        self._reservations: dict[str, CountedReservation] = {}
        self._clients: dict[str, Client] = {}
        self._reader = SideReader(row, self.client, budget)

    @property
    def lease(self) -> Lease:
        """Give the lease as it was last extended."""
        return self._lease

    @property
    def attempts(self) -> int:
        """Give the failures in a row before this step; none once it wrote something."""
        return self._row.attempts

    def client(self, side: int) -> Client:
        """Give the client of a side."""
        name = self._row.sides[side][0]
        if name not in self._clients:
            reservation = CountedReservation(
                self._database, name, self._row.user_id, is_scheduled=not self._by_hand
            )
            self._reservations[name] = reservation
            # The source of a one-way pair is only read, and may be linked for no more than that.
            written = SIDES if self._row.mode == Mode.TWO_WAY else (RIGHT,)
            is_written = name in {self._row.sides[one][0] for one in written}
            self._clients[name] = client_for(
                self._database, self._row.user_id, name,
                access="write" if is_written else "read", reservation=reservation,
            )  # fmt: skip
        return self._clients[name]

    def advance(self, versions: tuple[str | None, str | None]) -> Done | Continue:
        """Do what is due. ``versions``: of both sides, as a look has just shown them.

        Raises:
            ProviderError: a call failed.
            LeaseLostError: somebody else works on it, or its person has changed it.
        """
        with ExitStack() as stack:
            for side in SIDES:
                self.client(side)
            for reservation in self._reservations.values():
                stack.enter_context(reservation.reserve_batch())
            run = None
            with self._database.transaction(self._row.user_id) as connection:
                state = PairState.from_json(store.load_state(connection, self._row.id))
                if self._row.run_id is not None:
                    run = store.get_run(connection, self._row.id, self._row.run_id)
                writer = self._find_writer(connection)
            if writer is not None:
                return Continue(clock.now() + WAIT_FOR_MIGRATION, Status("waiting-for-migration", writer))
            if run is not None and run["status"] == "running":
                sets = self._load_sets(run)
                if run["cause"] == "undo" or not resumption.is_outdated(sets, clock.now()):
                    return self._write(run, state)
                state, run = self._give_up(run, state, sets), None
            if run is None and self._row.is_approved and not state.has_base:
                # What is known of it is gone: as if it began, it is shown before it is written.
                self._row = replace(self._row, is_approved=False)
            return self._plan(run, state, versions)

    def _find_writer(self, connection: Connection[Any]) -> dict[str, Any] | None:
        """Find a migration that writes into one of the playlists; None: there is none."""
        for provider, playlist_id in self._row.sides:
            migration_id = targets.find_writer(connection, provider, playlist_id)
            if migration_id is not None:
                return {"provider": provider, "migration_id": migration_id}
        return None

    def _load_sets(self, run: dict[str, Any]) -> list[ChangeSet]:
        with self._database.transaction(self._row.user_id) as connection:
            return self._sets(connection, run["id"])

    def _give_up(self, run: dict[str, Any], state: PairState, sets: Sequence[ChangeSet]) -> PairState:
        """End a run whose plan has grown old: what is written of it stays, the rest is planned anew."""
        now, row = clock.now(), self._row
        for change_set in sets:
            record(state, self._side_of(change_set), change_set.operations, change_set.expected())
        counts = resumption.written(sets, self._side_of)
        with self._database.transaction(row.user_id) as connection:
            for change_set in sets:
                change_sets.discard(connection, change_set.id, now, resumption.PLANNED_ANEW)
            store.update_run(
                connection, run["id"], status="completed", finished_at=now, cost=self._cost(run),
                counts={**run["counts"], **counts}, status_code="given-up", status_params=counts,
            )  # fmt: skip
            store.save_state(connection, row.id, row.user_id, state.to_json(), now)
            self._extend(connection, {"run_id": None, "wrote_at": now})
        return state

    # --- planning -------------------------------------------------------------------------------------

    def _plan(
        self, run: dict[str, Any] | None, state: PairState, versions: tuple[str | None, str | None]
    ) -> Done | Continue:
        read = self._reader.read_both(versions)
        if read is None:
            return Continue(clock.now())
        items, read_versions = read
        for side in SIDES:
            if self._row.is_liked(side):
                items[side].reverse()  # A provider lists the newest first: what is new belongs at the end.
        looks = (entries(items[LEFT]), entries(items[RIGHT]))
        prints = tuple(schedule.fingerprint(look) for look in looks)
        seen = {
            "left_version": read_versions[LEFT], "right_version": read_versions[RIGHT],
            "left_fingerprint": prints[LEFT], "right_fingerprint": prints[RIGHT], "read_at": clock.now(),
            "left_name": self._reader.shown[LEFT].name, "right_name": self._reader.shown[RIGHT].name,
        }  # fmt: skip
        if run is not None and run["cause"] == "undo":
            return self._plan_undo(run, state, looks, seen)
        is_same = prints == self._row.fingerprints and state.has_base and self._row.is_approved
        is_same = is_same and state.names == self._reader.names()
        if is_same and run is None and not guards.has_open(state) and not self._by_hand:
            return Done(Status("in-step"), schedule.next_due(self._row.schedule, clock.now()), changes=seen)
        matches = counterparts.find(
            self._database, self._row, state, items, (self.client(LEFT), self.client(RIGHT))
        )
        settings = self._settings()
        now = clock.now()
        merged = merge(state, looks, matches, settings, now)
        planned = operations_of(merged, looks, settings)
        is_dear = tuple(self.client(side).limits.move_batch == 1 for side in SIDES)
        planned, held = guards.apply(merged, planned, self._row, is_dear=(is_dear[LEFT], is_dear[RIGHT]))
        self._plan_names(state, merged.state, planned)
        return self._store(run, merged, looks, planned=planned, held=held, seen=seen, versions=read_versions)

    def _plan_names(
        self, state: PairState, merged: PairState, planned: tuple[list[Operation], list[Operation]]
    ) -> None:
        """Plan what sides are called anew. What they showed becomes the base once that is written."""
        shown = self._reader.shown
        merged.shown_names = self._reader.names()
        if any(map(self._row.is_liked, SIDES)):
            return
        before = [Named(*one) for one in state.names]
        limits = [self.client(side).limits for side in SIDES]
        wanted = names.plan(before, shown, Mode(self._row.mode), limits)
        for side, named in wanted.items():
            number = len(planned[side]) + 1
            planned[side].append(names.operation(number, named, shown[side], names.RENAMED))
        if not wanted:
            merged.names = merged.shown_names

    def _settings(self) -> Settings:
        row = self._row
        is_order_kept = row.keeps_order and not any(map(self._row.is_liked, SIDES))
        return Settings(
            mode=Mode(row.mode), is_order_kept=(is_order_kept, is_order_kept),
            looks=1 if self._by_hand else 2, max_out=row.max_removals, max_out_share=row.max_removal_share,
            is_approved=row.allows_removals, takes_foreign=row.removes_foreign,
        )  # fmt: skip

    def _store(
        self,
        run: dict[str, Any] | None,
        merged: Merged,
        looks: tuple[list[Entry], list[Entry]],
        *,
        planned: tuple[list[Operation], list[Operation]],
        held: list[dict[str, Any]],
        seen: dict[str, Any],
        versions: tuple[str, str],
    ) -> Done | Continue:
        """Store what is to be written before any of it is."""
        now, row = clock.now(), self._row
        has_work = any(planned)
        counts, told = guards.counts(planned, merged, row), guards.told(merged)
        is_silent = not (has_work or held or told) and run is None and row.is_approved
        due_at = schedule.next_due(row.schedule, now, has_suspects=bool(merged.suspects))
        status = Status("in-step", counts)
        with self._database.transaction(row.user_id) as connection:
            changes = {**seen, "is_approved": row.is_approved}
            if not is_silent:
                run_id = (
                    run["id"]
                    if run
                    else store.create_run(
                        connection, row.id, row.user_id, "hand" if row.is_watched else "schedule", now
                    )
                )
                changes["run_id"] = run_id
                run_status = "running" if row.is_approved else "asking"
                if row.is_approved and not has_work:
                    run_status = "completed"
                store.update_run(
                    connection, run_id, guards=[*held, *told], counts=counts, status=run_status,
                    finished_at=now if run_status == "completed" else None, cost=self._cost(run),
                    status_code=FIRST if run_status == "asking" else "writing", status_params=counts,
                )  # fmt: skip
                if run_status == "completed":
                    changes["run_id"] = None
                for one in told:
                    params, key = {"pair_id": row.id, "count": one["count"]}, f"pair-contested:{run_id}"
                    outbox.record(connection, row.user_id, "pair-contested", params, key=key, at=now)
                for side in SIDES:
                    if planned[side]:
                        provider, playlist_id = row.sides[side]
                        draft = Draft(provider, playlist_id, looks[side], planned[side], versions[side])
                        change_sets.create(
                            connection,
                            user_id=row.user_id,
                            owner="sync",
                            owner_id=run_id,
                            draft=draft,
                            now=now,
                        )
            store.save_state(connection, row.id, row.user_id, merged.state.to_json(), now)
            self._extend(connection, changes)
        if is_silent:
            return Done(status, due_at)
        if not row.is_approved:
            return Done(Status(FIRST, counts), None, "asking")
        if not has_work:
            return self._ended(held, status, due_at)
        with self._database.transaction(row.user_id) as connection:
            stored = store.get_run(connection, row.id, self._row.run_id or 0)
        assert stored is not None
        return self._write(stored, merged.state)

    def _plan_undo(
        self,
        run: dict[str, Any],
        state: PairState,
        looks: tuple[list[Entry], list[Entry]],
        seen: dict[str, Any],
    ) -> Done | Continue:
        now, row = clock.now(), self._row
        with self._database.transaction(row.user_id) as connection:
            sets: list[list[ChangeSet]] = [[], []]
            for run_id in store.runs_from(connection, row.id, run["undoes"]):
                for change_set in self._sets(connection, run_id):
                    sets[self._side_of(change_set)].append(change_set)
            planned = tuple(plan_undo(sets[side], looks[side]) for side in SIDES)
            for side in SIDES:
                shown = self._reader.shown[side]
                if (named := names.plan_undo(sets[side], shown)) is not None:
                    number = len(planned[side]) + 1
                    planned[side].append(names.operation(number, named, shown, UNDONE))
                if planned[side]:
                    provider, playlist_id = row.sides[side]
                    draft = Draft(provider, playlist_id, looks[side], planned[side])
                    change_sets.create(
                        connection, user_id=row.user_id, owner="sync", owner_id=run["id"], draft=draft,
                        now=now, undo_of=run["undoes"],
                    )  # fmt: skip
            counts = {
                name: dict(Counter(one.kind.value for one in planned[side]))
                for side, name in enumerate(("left", "right"))
            }
            store.update_run(connection, run["id"], status="running", counts=counts, status_code="writing")
            state.shown_names = self._reader.names()
            store.save_state(connection, row.id, row.user_id, state.to_json(), now)
            self._extend(connection, seen)
        return self._write({**run, "status": "running"}, state)

    # --- writing --------------------------------------------------------------------------------------

    def _write(self, run: dict[str, Any], state: PairState) -> Done | Continue:
        row = self._row
        with self._database.transaction(row.user_id) as connection:
            sets = self._sets(connection, run["id"])
        journal = LeasedJournal(commit=self._commit, reserve=self._reserve)
        for change_set in sets:
            side = self._side_of(change_set)
            outcome = Applier(self.client(side), journal, change_set).run(self._reader.still_shown(side))
            if isinstance(outcome, Waiting):
                return Continue(outcome.until)
            if not isinstance(outcome, Applied):
                return Continue(clock.now())
            if run["cause"] == "undo":
                record_undo(state, side, outcome.change_set, outcome.listed)
            else:
                record(state, side, outcome.change_set.operations, outcome.listed)
        return self._finish(run, state, sets)

    def _finish(self, run: dict[str, Any], state: PairState, sets: Sequence[ChangeSet]) -> Done | Continue:
        """Read back what was written, and end the run. Recording twice comes to the same."""
        row, now = self._row, clock.now()
        seen: dict[str, Any] = {"wrote_at": now} if sets else {}
        looks: list[Sequence[Entry]] = [[], []]
        state.names = list(state.shown_names)
        for change_set in sets:
            side = self._side_of(change_set)
            items = read_items(self.client(side), row.sides[side][1], self._budget)
            if items is None:
                return Continue(now)
            looks[side] = entries(items)
            playlist = self.client(side).playlist(row.sides[side][1])
            name = ("left", "right")[side]
            seen |= {
                f"{name}_version": schedule.version_of(playlist), f"{name}_name": playlist.name,
                f"{name}_fingerprint": schedule.fingerprint(looks[side]),
            }  # fmt: skip
            if state.names:
                state.names[side] = (playlist.name, playlist.description)
        verify(state, looks)
        is_undo = run["cause"] == "undo"
        with self._database.transaction(row.user_id) as connection:
            operations = [
                one for change_set in self._sets(connection, run["id"]) for one in change_set.operations
            ]
            refused = sum(one.state is State.REFUSED for one in operations)
            if any(one.is_misplaced or one.error == SELF_SORTED for one in operations):
                seen["keeps_order"] = False  # It sorts itself: to ask for an order would never end.
            counts = {**run["counts"], "refused": refused}
            code = "undone" if is_undo else "written"
            store.update_run(
                connection, run["id"], status="completed", finished_at=now, counts=counts,
                cost=self._cost(run), status_code=code, status_params=counts,
            )  # fmt: skip
            if is_undo:
                for run_id in store.runs_from(connection, row.id, run["undoes"]):
                    if run_id != run["id"]:
                        store.update_run(connection, run_id, undone_by=run["id"])
            store.save_state(connection, row.id, row.user_id, state.to_json(), now)
            self._extend(connection, seen | {"run_id": None, "allows_removals": False})
        if is_undo:
            changes = {"is_approved": False, "keeps_order": self._row.keeps_order and not _has_moves(sets)}
            return Done(Status("undone"), None, "paused", changes)
        return self._ended(run["guards"], Status("in-step", counts), schedule.next_due(row.schedule, now))

    def _ended(self, guarded: Sequence[dict[str, Any]], status: Status, due_at: datetime) -> Done:
        held = [one for one in guarded if one["code"] != guards.CONTESTED]
        if held:
            first = {key: value for key, value in held[0].items() if key != "tracks"}
            return Done(Status(f"{ASKING}{first.pop('code')}", first), None, "asking")
        return Done(status, due_at)

    # --- what a step works with -----------------------------------------------------------------------

    def _sets(self, connection: Connection[Any], run_id: int) -> list[ChangeSet]:
        found = (
            change_sets.load(connection, set_id)
            for set_id in change_sets.of_owner(connection, "sync", run_id)
        )
        return [one for one in found if one is not None]

    def _side_of(self, change_set: ChangeSet) -> int:
        place = (change_set.provider, change_set.playlist_id)
        return LEFT if place == self._row.sides[LEFT] else RIGHT

    def _cost(self, run: dict[str, Any] | None) -> dict[str, Any]:
        before = run["cost"] if run else {}
        return {
            name: dict(Counter(before.get(name, {})) + reservation.used)
            for name, reservation in self._reservations.items()
        }

    def _reserve(self, most: int) -> int:
        if clock.now() >= self._lease.until - MIN_LEASE_LEFT:
            raise LeaseLostError
        return self._budget.reserve(most)

    def _commit(self, also: Callable[[Connection[Any]], None], is_progress: bool) -> None:
        with self._database.transaction(self._row.user_id) as connection:
            self._extend(connection, {"attempts": 0} if is_progress else {})
            also(connection)

    def _extend(self, connection: Connection[Any], changes: dict[str, Any]) -> None:
        lease = self._lease.extended()
        store.write(connection, lease, now=clock.now(), changes={**changes, "lease_until": lease.until})
        self._lease = lease
        fields = PairRow.__dataclass_fields__
        self._row = replace(self._row, **{key: value for key, value in changes.items() if key in fields})


def _has_moves(sets: Sequence[ChangeSet]) -> bool:
    return any(one.kind is Kind.MOVE for change_set in sets for one in change_set.operations)
