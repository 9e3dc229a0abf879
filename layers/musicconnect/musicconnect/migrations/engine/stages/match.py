"""Find each track's counterpart in the target's catalogue: the second stage.

Calls run in threads, decisions are committed in another, and the caller decides: none waits for the others as
long as there is something to do. A worker that is killed loses the answers that were not committed yet.
"""

from collections import deque
from collections.abc import Iterable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from queue import SimpleQueue

from musicconnect.matching import Choice, candidate_search
from musicconnect.matching.candidate_search import CandidateSearch, Decided, Decision, Lookup, Search
from musicconnect.migrations.engine.context import StepContext
from musicconnect.migrations.engine.stages import split
from musicconnect.migrations.engine.stages.match_tracks import MAX_GROUPS, Finished, UnmatchedTracks, save
from musicconnect.migrations.engine.transitions import Advance, Continue, Stage
from musicconnect.music.model import Track
from musicconnect.providers import registry
from musicconnect.providers.candidates import channels
from musicconnect.providers.candidates.channels import KnownChannel, Listing
from musicconnect.providers.candidates.routing import MAX_HELD, ChannelCandidates
from musicconnect.providers.errors import (
    ProviderError,
    QuotaExhaustedError,
    RejectedError,
)

ROUNDS_PER_COMMIT = 4
"""As many answers as may be asked for at once, times this, are decided about and committed together; as many
again are under way meanwhile."""
MAX_CACHED_DETAILS = 10_000
"""Details cached for other searches; some 700 bytes each."""

type NextStep = Search | Lookup | Decided


@dataclass(frozen=True, slots=True)
class _SearchCall:
    search: CandidateSearch
    query: str


@dataclass(frozen=True, slots=True)
class _LookupCall:
    """A call that completes hits of any searches."""

    ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _ListingCall:
    """Calls that list an artist's channel, one page after the other."""

    channel_id: str
    list_id: str


type _Call = _SearchCall | _LookupCall | _ListingCall
type _Answer = list[Track] | Listing | BaseException | None
"""None: there was no time to ask, or something had failed before."""


def find(context: StepContext) -> Advance | Continue:
    """Search, look up and decide until no track is pending. Raises `ProviderError` once all is saved."""
    split.split(context)
    runner: MatchRunner | None = None
    try:
        with (
            context.reservation.reserve_batch(),
            ThreadPoolExecutor(context.target.limits.reads_at_once) as pool,
            ThreadPoolExecutor(1) as saver,
        ):
            runner = MatchRunner(context, pool, saver)
            if not runner.run():
                return Continue()
    except QuotaExhaustedError:
        left = None if runner is None else runner.expected_searches()
        # What is found already can be written meanwhile, up to the first track that is still open.
        row = context.row
        if row.dry_run or row.is_update or all(t.write_state != "none" for t in context.target_tracks()):
            if left is not None:
                context.commit(searches_left=left)
            raise
        return context.advance(to=Stage.CREATE, searches_left=left)
    return context.advance(to=Stage.DONE if context.row.dry_run else None, searches_left=None)


class MatchRunner:
    """Searches for all unmatched tracks of a playlist."""

    def __init__(self, context: StepContext, pool: ThreadPoolExecutor, saver: ThreadPoolExecutor) -> None:
        """Begin nothing yet. ``saver`` is one thread, which alone touches the row meanwhile."""
        limits = context.target.limits
        self._context = context
        self._policy = registry.get(context.row.target_provider).search
        self._pool = pool
        self._saver = saver
        self._saving: Future[None] | None = None
        self._unmatched = UnmatchedTracks(context)
        self._at_once = ROUNDS_PER_COMMIT * limits.reads_at_once
        self._hits = min(candidate_search.SEARCH_HITS, limits.search_limit)
        self._batch = limits.lookup_batch
        self._channels = ChannelCandidates.of(context.row.target_provider, self._policy)
        self._pending_searches: deque[tuple[CandidateSearch, str]] = deque()
        self._needs_details: list[CandidateSearch] = []
        """Searches with hits of which too little is known."""
        self._looking_up: set[str] = set()
        self._details: dict[str, Track] = {}
        """Results of lookups: tracks of one artist have hits in common, and none is looked up twice."""
        self._results: SimpleQueue[tuple[_Call, _Answer]] = SimpleQueue()
        self._in_flight = 0
        self._is_stopped = False
        self._failure: ProviderError | None = None
        self._quota_error: QuotaExhaustedError | None = None
        """There are no searches left. What was found is looked up all the same, so that it can be written."""

    def run(self) -> bool:
        """Work until nothing is open; False when the step has to end. Raises the first `ProviderError`."""
        finished: list[Finished] = []
        try:
            while True:
                while self._needs_more() and len(finished) < MAX_GROUPS:
                    finished += self._load()
                has_budget = self._failure is None and self._launch()
                self._save(finished)
                if self._in_flight == 0:
                    self._wait_for_save()
                    if self._failure is not None:
                        raise self._failure
                    if not has_budget:
                        return False
                    if self._quota_error is not None:
                        if self._unmatched.is_exhausted:
                            raise self._quota_error
                        # What needs no search is decided before waiting for searches: then it is known how
                        # many are left.
                        self._pending_searches.clear()
                        finished = self._load()
                        continue
                    if (
                        self._unmatched.is_exhausted
                        and not self._pending_searches
                        and not self._needs_details
                    ):
                        assert self._channels is None or self._channels.held_count == 0
                        return True
                finished = self._collect()
        finally:
            self._is_stopped = True

    def expected_searches(self) -> int | None:
        """Estimate the searches that are still needed; None: as many as there are tracks, or unknown."""
        if self._channels is None or self._quota_error is None or not self._unmatched.is_exhausted:
            return None
        return self._channels.expected_searches()

    def _save(self, finished: list[Finished]) -> None:
        """Have something committed, after what was to be committed before."""
        self._wait_for_save()
        if finished:
            self._saving = self._saver.submit(save, self._context, finished)

    def _wait_for_save(self) -> None:
        """Wait until everything is committed; raises what `StepContext.commit` does."""
        saving, self._saving = self._saving, None
        if saving is not None:
            saving.result()

    def _needs_more(self) -> bool:
        has_enough = len(self._pending_searches) >= self._at_once or self._has_all()
        return not has_enough and self._failure is None and self._quota_error is None

    def _has_all(self) -> bool:
        """Tell whether no more are loaded for now: there are none, or too many wait."""
        is_full = self._channels is not None and self._channels.held_count >= MAX_HELD
        return is_full or self._unmatched.is_exhausted

    def _load(self) -> list[Finished]:
        """Load tracks; what is looked up goes first: it may name a channel that spares others a search."""
        searches, decided = self._unmatched.next_batch()
        if self._channels is not None:
            self._channels.learn(searches, self._unmatched.known_channels(searches))
        wanted = [(search, candidate_search.next_step(search, self._policy)) for search in searches]
        steps = self._sort(sorted(wanted, key=lambda step: isinstance(step[1], Search)))
        # Those that are undecided are as they were.
        return [*decided, *(entry for entry in steps if entry[1] is not None)]

    def _sort(self, steps: Iterable[tuple[CandidateSearch, NextStep]]) -> list[Finished]:
        """Record what each search needs next; gives what is to be saved."""
        changed: list[Finished] = []
        for search, step in steps:
            decision: Decision | None = None
            choice: Choice | None = None
            match step:
                case Search(query):
                    route = "search" if self._channels is None else self._channels.route(search)
                    if route == "search":
                        self._pending_searches.append((search, query))
                    elif route == "offered":
                        self._needs_details.append(search)
                case Lookup():
                    self._needs_details.append(search)
                    if self._channels is not None and search.is_fresh:
                        self._channels.expect(search)
                case Decided(made, choice):
                    decision = candidate_search.decision(made)
                    if self._channels is not None:
                        self._channels.decided(search)
            changed.append((search, decision, choice))
        return changed

    def _launch(self) -> bool:
        """Ask as much as may be under way; False when the budget ends it."""
        if self._quota_error is None:
            searches = self._context.budget.reserve(
                min(len(self._pending_searches), 2 * self._at_once - self._in_flight)
            )
            # All at once, so that the first of them books for all.
            self._context.reservation.expect(searches)
            for _ in range(searches):
                self._start(_SearchCall(*self._pending_searches.popleft()))
            if self._pending_searches and self._in_flight < 2 * self._at_once:
                return False
        if not self._launch_listings():
            return False
        wanted = dict.fromkeys(hit.id for search in self._needs_details for hit in search.incomplete)
        ids = [hit_id for hit_id in wanted if hit_id not in self._looking_up]
        # Lookups are sent full. What is left over joins the next ones, unless there are none for now.
        is_last = self._in_flight == 0 and (
            self._quota_error is not None or (self._has_all() and not self._pending_searches)
        )
        while len(ids) >= self._batch or (ids and is_last):
            if not self._context.budget.may_call():
                return False
            self._context.reservation.expect(1)
            self._start(_LookupCall(tuple(ids[: self._batch])))
            self._looking_up.update(ids[: self._batch])
            del ids[: self._batch]
        return True

    def _launch_listings(self) -> bool:
        """List the channels that tracks wait for; False when the budget ends it."""
        found = self._channels
        for channel_id in [] if found is None else found.next_listings():
            assert found is not None
            if self._context.budget.may_call():
                self._context.reservation.expect(1)
                self._start(_ListingCall(channel_id, found.list_id(channel_id)))
            else:
                found.not_listed(channel_id)
        return not self._context.budget.is_spent()

    def _start(self, call: _Call) -> None:
        self._pool.submit(self._ask, call)
        self._in_flight += 1

    def _ask(self, call: _Call) -> None:
        """In a thread: ask, unless something has failed or the time is up."""
        answer: _Answer = None
        try:
            if self._may_go_on():
                match call:
                    case _SearchCall() if self._quota_error is None:
                        answer = self._context.target.search_tracks(call.query, self._hits)
                    case _LookupCall():
                        answer = self._context.target.tracks(call.ids)
                    case _ListingCall():
                        answer = channels.list_uploads(self._context.target, call.list_id, self._may_go_on)
        except RejectedError as error:
            answer = error
        except QuotaExhaustedError as error:
            if isinstance(call, _SearchCall):
                self._quota_error = error
            else:
                self._is_stopped = True
            answer = error
        except BaseException as error:  # noqa: BLE001 - the caller's thread raises it
            self._is_stopped = True
            answer = error
        self._results.put((call, answer))

    def _may_go_on(self) -> bool:
        return not (self._is_stopped or self._context.budget.is_spent())

    def _collect(self) -> list[Finished]:
        answers: list[tuple[_Call, _Answer]] = []
        while self._in_flight and len(answers) < self._at_once:
            answers.append(self._results.get())
            self._in_flight -= 1
        # Results of lookups may complete those of searches.
        answers.sort(key=lambda result: isinstance(result[0], _SearchCall))
        asked: set[str] = set()
        details: list[Track] = []
        steps: list[tuple[CandidateSearch, NextStep]] = []
        refused: list[Finished] = []
        for call, answer in answers:
            match call:
                case _LookupCall(ids):
                    self._looking_up.difference_update(ids)
                    if isinstance(answer, list):
                        asked.update(ids)
                        details += answer
                        self._cache_details(answer)
                    else:
                        self._record_failure(answer)
                case _ListingCall(channel_id):
                    steps += self._listed(channel_id, answer)
                case _SearchCall(search, query):
                    if isinstance(answer, RejectedError) and not search.found:
                        refused.append((search, candidate_search.refused(answer.message), None))
                        steps += self._released_by(search, [])
                    elif isinstance(answer, list | RejectedError):
                        hits = answer if isinstance(answer, list) else []
                        search.add_hits(hits)
                        self._add_known_details(search)
                        steps.append((search, candidate_search.next_step(search, self._policy)))
                        steps += self._released_by(search, hits)
                    else:
                        self._pending_searches.append((search, query))
                        self._record_failure(None if isinstance(answer, QuotaExhaustedError) else answer)
        return [*refused, *self._sort([*steps, *self._completed(asked, details)])]

    def _released_by(
        self, search: CandidateSearch, hits: Sequence[Track]
    ) -> list[tuple[CandidateSearch, NextStep]]:
        """Give the tracks that waited for the answer to a search, with their next steps."""
        released = [] if self._channels is None else self._channels.answered(search, hits)
        return [(one, candidate_search.next_step(one, self._policy)) for one in released]

    def _listed(self, channel_id: str, answer: _Answer) -> list[tuple[CandidateSearch, NextStep]]:
        """Store what a channel lists; gives the tracks that waited for it, with their next steps."""
        assert self._channels is not None
        if not isinstance(answer, Listing):
            self._channels.not_listed(channel_id)
            self._record_failure(answer)
            return []
        context = self._context
        artist, released = self._channels.listed(channel_id, answer)
        with context.database.transaction(context.row.user_id) as connection:
            channel = KnownChannel(channel_id, artist, answer)
            channels.save_listing(connection, context.row.target_provider, channel, context.now())
        return [(one, candidate_search.next_step(one, self._policy)) for one in released]

    def _add_known_details(self, search: CandidateSearch) -> None:
        known = {hit.id for hit in search.incomplete} & self._details.keys()
        if known:
            search.add_details(known, [self._details[hit_id] for hit_id in known])

    def _cache_details(self, details: Sequence[Track]) -> None:
        if self._batch > 1:  # Elsewhere a search gives all details.
            self._details |= {track.id: track for track in details}
        while len(self._details) > MAX_CACHED_DETAILS:
            del self._details[next(iter(self._details))]

    def _record_failure(self, answer: _Answer) -> None:
        if isinstance(answer, ProviderError):
            self._failure = self._failure or answer
        elif isinstance(answer, BaseException):
            raise answer

    def _completed(self, asked: set[str], details: Sequence[Track]) -> list[tuple[CandidateSearch, NextStep]]:
        """Add details to the searches that wait for them; gives those with their next steps."""
        touched = [
            search for search in self._needs_details if any(hit.id in asked for hit in search.incomplete)
        ]
        for search in touched:
            search.add_details(asked, details)
        done = {id(search) for search in touched}
        self._needs_details = [search for search in self._needs_details if id(search) not in done]
        steps = [(search, candidate_search.next_step(search, self._policy)) for search in touched]
        return steps + [
            step for search in touched if search.is_fresh for step in self._released_by(search, search.found)
        ]
