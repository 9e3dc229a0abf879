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
from musicconnect.providers.errors import ProviderError, QuotaExhaustedError, RejectedError

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


type _Call = _SearchCall | _LookupCall
type _Answer = list[Track] | BaseException | None
"""None: there was no time to ask, or something had failed before."""


def find(context: StepContext) -> Advance | Continue:
    """Search, look up and decide until no track is pending. Raises `ProviderError` once all is saved."""
    split.split(context)
    try:
        with (
            context.reservation.reserve_batch(),
            ThreadPoolExecutor(context.target.limits.reads_at_once) as pool,
            ThreadPoolExecutor(1) as saver,
        ):
            if not MatchRunner(context, pool, saver).run():
                return Continue()
    except QuotaExhaustedError:
        # What is found already can be written meanwhile, up to the first track that is still open.
        row = context.row
        if row.dry_run or row.is_update or all(t.write_state != "none" for t in context.target_tracks()):
            raise
        return context.advance(to=Stage.CREATE)
    return context.advance(to=Stage.DONE if context.row.dry_run else None)


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
                        self._match_the_rest_from_store()
                        raise self._quota_error
                    if (
                        self._unmatched.is_exhausted
                        and not self._pending_searches
                        and not self._needs_details
                    ):
                        return True
                finished = self._collect()
        finally:
            self._is_stopped = True

    def _match_the_rest_from_store(self) -> None:
        """Decide what needs no search before waiting for searches: then it is known how many are left."""
        while not self._unmatched.is_exhausted:
            _, decided = self._unmatched.next_batch()
            save(self._context, decided)

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
        has_enough = len(self._pending_searches) >= self._at_once or self._unmatched.is_exhausted
        return not has_enough and self._failure is None and self._quota_error is None

    def _load(self) -> list[Finished]:
        searches, decided = self._unmatched.next_batch()
        steps = self._sort((search, candidate_search.next_step(search, self._policy)) for search in searches)
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
                    self._pending_searches.append((search, query))
                case Lookup():
                    self._needs_details.append(search)
                case Decided(made, choice):
                    decision = candidate_search.decision(made)
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
        wanted = dict.fromkeys(hit.id for search in self._needs_details for hit in search.incomplete)
        ids = [hit_id for hit_id in wanted if hit_id not in self._looking_up]
        # Lookups are sent full. What is left over joins the next ones, unless there are none for now.
        is_last = self._in_flight == 0 and (
            self._quota_error is not None or (self._unmatched.is_exhausted and not self._pending_searches)
        )
        while len(ids) >= self._batch or (ids and is_last):
            if not self._context.budget.may_call():
                return False
            self._context.reservation.expect(1)
            self._start(_LookupCall(tuple(ids[: self._batch])))
            self._looking_up.update(ids[: self._batch])
            del ids[: self._batch]
        return True

    def _start(self, call: _Call) -> None:
        self._pool.submit(self._ask, call)
        self._in_flight += 1

    def _ask(self, call: _Call) -> None:
        """In a thread: ask, unless something has failed or the time is up."""
        answer: _Answer = None
        try:
            if not self._is_stopped and not self._context.budget.is_spent():
                match call:
                    case _SearchCall() if self._quota_error is None:
                        answer = self._context.target.search_tracks(call.query, self._hits)
                    case _LookupCall():
                        answer = self._context.target.tracks(call.ids)
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
                case _SearchCall(search, query):
                    if isinstance(answer, RejectedError) and not search.found:
                        refused.append((search, candidate_search.refused(answer.message), None))
                    elif isinstance(answer, list | RejectedError):
                        search.add_hits(answer if isinstance(answer, list) else [])
                        self._add_known_details(search)
                        steps.append((search, candidate_search.next_step(search, self._policy)))
                    else:
                        self._pending_searches.append((search, query))
                        self._record_failure(None if isinstance(answer, QuotaExhaustedError) else answer)
        return [*refused, *self._sort([*steps, *self._completed(asked, details)])]

    def _add_known_details(self, search: CandidateSearch) -> None:
        known = {hit.id for hit in search.incomplete} & self._details.keys()
        if known:
            search.add_details(known, [self._details[hit_id] for hit_id in known])

    def _cache_details(self, details: Sequence[Track]) -> None:
        if self._batch > 1:  # Elsewhere a search gives all details.
            self._details |= {track.id: track for track in details}
        while len(self._details) > MAX_CACHED_DETAILS:
            del self._details[next(iter(self._details))]

    def _record_failure(self, answer: BaseException | None) -> None:
        if isinstance(answer, ProviderError):
            self._failure = self._failure or answer
        elif answer is not None:
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
        return [(search, candidate_search.next_step(search, self._policy)) for search in touched]
