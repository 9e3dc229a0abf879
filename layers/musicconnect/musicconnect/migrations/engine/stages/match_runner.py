"""Asks a provider for the counterparts of many tracks at once.

Questions are under way in threads, what was decided is committed in another, and the caller decides: none of
them waits for the others as long as there is something to do. A worker that is killed in between loses the
answers that were not committed yet, and nothing else.
"""

from collections import deque
from collections.abc import Iterable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from queue import SimpleQueue

from musicconnect.matching import Choice
from musicconnect.migrations.engine import candidate_search
from musicconnect.migrations.engine.candidate_search import Decided, Decision, Lookup, Quest, Search
from musicconnect.migrations.engine.context import Bench
from musicconnect.migrations.engine.stages.match_tracks import GROUPS_AT_A_TIME, Finished, OpenQuests, save
from musicconnect.music.model import Track
from musicconnect.providers.errors import ProviderError, QuotaExhaustedError, RejectedError

ROUNDS_AT_A_TIME = 4
"""As many answers as may be asked for at once, times this, are decided about and committed together; as many
again are under way meanwhile."""
MAX_KEPT = 10_000
"""Details kept for others; some 700 bytes each."""

type Step = Search | Lookup | Decided


@dataclass(frozen=True, slots=True)
class _Searched:
    """A search for one quest."""

    quest: Quest
    query: str


@dataclass(frozen=True, slots=True)
class _LookedUp:
    """A lookup of hits, whosever they are."""

    ids: tuple[str, ...]


type _Question = _Searched | _LookedUp
type _Answer = list[Track] | BaseException | None
"""None: there was no time to ask, or something had failed before."""


class Hunt:
    """Searches for all open tracks of a playlist."""

    def __init__(self, bench: Bench, pool: ThreadPoolExecutor, saver: ThreadPoolExecutor) -> None:
        """Begin nothing yet.

        Args:
            bench: The worker's. Its row is the saver's business while the hunt is on.
            pool: Asks; as many threads as may ask at once.
            saver: Commits; one thread, so that commits keep their order.
        """
        limits = bench.target.limits
        self._bench = bench
        self._target = bench.row.target_provider
        self._pool = pool
        self._saver = saver
        self._saving: Future[None] | None = None
        self._open = OpenQuests(bench)
        self._at_once = ROUNDS_AT_A_TIME * limits.reads_at_once
        self._hits = min(candidate_search.SEARCH_HITS, limits.search_limit)
        self._batch = limits.lookup_batch
        self._asking: deque[tuple[Quest, str]] = deque()
        self._thin: list[Quest] = []
        """Quests with hits of which too little is known."""
        self._looking_up: set[str] = set()
        self._details: dict[str, Track] = {}
        """What lookups told: tracks of one artist have hits in common, and none is looked up twice."""
        self._landed: SimpleQueue[tuple[_Question, _Answer]] = SimpleQueue()
        self._flying = 0
        self._is_stopped = False
        self._failure: ProviderError | None = None
        self._dry: QuotaExhaustedError | None = None
        """There are no searches left. What was found is looked up all the same, so that it can be written."""

    def run(self) -> bool:
        """Work until nothing is open; False when the step has to end.

        Raises:
            ProviderError: the first call that failed. All that was under way has ended and is saved.
        """
        finished: list[Finished] = []
        try:
            while True:
                while self._needs_more() and len(finished) < GROUPS_AT_A_TIME:
                    finished += self._load()
                has_budget = self._failure is None and self._launch()
                self._save(finished)
                if self._flying == 0:
                    self._settle()
                    if self._failure is not None:
                        raise self._failure
                    if not has_budget:
                        return False
                    if self._dry is not None:
                        self._recall_the_rest()
                        raise self._dry
                    if self._open.are_all_out and not self._asking and not self._thin:
                        return True
                finished = self._take_in()
        finally:
            self._is_stopped = True

    def _recall_the_rest(self) -> None:
        """Decide what needs no search before waiting for searches: then it is known how many are left."""
        while not self._open.are_all_out:
            _, decided = self._open.take()
            save(self._bench, decided)

    def _save(self, finished: list[Finished]) -> None:
        """Have something committed, after what was to be committed before."""
        self._settle()
        if finished:
            self._saving = self._saver.submit(save, self._bench, finished)

    def _settle(self) -> None:
        """Wait until everything is committed; raises what `Bench.commit` does."""
        saving, self._saving = self._saving, None
        if saving is not None:
            saving.result()

    def _needs_more(self) -> bool:
        has_enough = len(self._asking) >= self._at_once or self._open.are_all_out
        return not has_enough and self._failure is None and self._dry is None

    def _load(self) -> list[Finished]:
        quests, decided = self._open.take()
        steps = self._sort((quest, candidate_search.next_step(quest, self._target)) for quest in quests)
        # Those that are undecided are as they were.
        return [*decided, *(entry for entry in steps if entry[1] is not None)]

    def _sort(self, steps: Iterable[tuple[Quest, Step]]) -> list[Finished]:
        """Note what each quest needs next; gives what is to be saved."""
        changed: list[Finished] = []
        for quest, step in steps:
            decision: Decision | None = None
            choice: Choice | None = None
            match step:
                case Search(query):
                    self._asking.append((quest, query))
                case Lookup():
                    self._thin.append(quest)
                case Decided(choice):
                    decision = candidate_search.decision(choice)
            changed.append((quest, decision, choice))
        return changed

    def _launch(self) -> bool:
        """Ask as much as may be under way; False when the budget ends it."""
        if self._dry is None:
            searches = self._bench.budget.take(min(len(self._asking), 2 * self._at_once - self._flying))
            # All at once, so that the first of them books for all.
            self._bench.reservation.expect(searches)
            for _ in range(searches):
                self._start(_Searched(*self._asking.popleft()))
            if self._asking and self._flying < 2 * self._at_once:
                return False
        wanted = dict.fromkeys(hit.id for quest in self._thin for hit in quest.thin)
        ids = [hit_id for hit_id in wanted if hit_id not in self._looking_up]
        # Lookups are sent full. What is left over joins the next ones, unless there are none for now.
        is_last = self._flying == 0 and (
            self._dry is not None or (self._open.are_all_out and not self._asking)
        )
        while len(ids) >= self._batch or (ids and is_last):
            if not self._bench.budget.may_call():
                return False
            self._bench.reservation.expect(1)
            self._start(_LookedUp(tuple(ids[: self._batch])))
            self._looking_up.update(ids[: self._batch])
            del ids[: self._batch]
        return True

    def _start(self, question: _Question) -> None:
        self._pool.submit(self._ask, question)
        self._flying += 1

    def _ask(self, question: _Question) -> None:
        """In a thread: ask, unless something has failed or the time is up."""
        answer: _Answer = None
        try:
            if not self._is_stopped and not self._bench.budget.is_spent():
                match question:
                    case _Searched() if self._dry is None:
                        answer = self._bench.target.search_tracks(question.query, self._hits)
                    case _LookedUp():
                        answer = self._bench.target.tracks(question.ids)
        except RejectedError as error:
            answer = error
        except QuotaExhaustedError as error:
            if isinstance(question, _Searched):
                self._dry = error
            else:
                self._is_stopped = True
            answer = error
        except BaseException as error:  # noqa: BLE001 - the caller's thread raises it
            self._is_stopped = True
            answer = error
        self._landed.put((question, answer))

    def _take_in(self) -> list[Finished]:
        """Wait for some answers; gives what is to be saved."""
        answers: list[tuple[_Question, _Answer]] = []
        while self._flying and len(answers) < self._at_once:
            answers.append(self._landed.get())
            self._flying -= 1
        # What lookups told may complete what searches found.
        answers.sort(key=lambda landed: isinstance(landed[0], _Searched))
        asked: set[str] = set()
        details: list[Track] = []
        steps: list[tuple[Quest, Step]] = []
        refused: list[Finished] = []
        for question, answer in answers:
            match question:
                case _LookedUp(ids):
                    self._looking_up.difference_update(ids)
                    if isinstance(answer, list):
                        asked.update(ids)
                        details += answer
                        self._keep(answer)
                    else:
                        self._note(answer)
                case _Searched(quest, query):
                    if isinstance(answer, RejectedError) and not quest.found:
                        refused.append((quest, candidate_search.refused(answer.message), None))
                    elif isinstance(answer, list | RejectedError):
                        quest.take_hits(answer if isinstance(answer, list) else [])
                        self._fill_in(quest)
                        steps.append((quest, candidate_search.next_step(quest, self._target)))
                    else:
                        self._asking.append((quest, query))
                        self._note(None if isinstance(answer, QuotaExhaustedError) else answer)
        return [*refused, *self._sort([*steps, *self._completed(asked, details)])]

    def _fill_in(self, quest: Quest) -> None:
        """Give a quest what was looked up for others."""
        known = {hit.id for hit in quest.thin} & self._details.keys()
        if known:
            quest.take_details(known, [self._details[hit_id] for hit_id in known])

    def _keep(self, details: Sequence[Track]) -> None:
        if self._batch > 1:  # Elsewhere a search tells everything.
            self._details |= {track.id: track for track in details}
        while len(self._details) > MAX_KEPT:
            del self._details[next(iter(self._details))]

    def _note(self, answer: BaseException | None) -> None:
        """Remember the first failure."""
        if isinstance(answer, ProviderError):
            self._failure = self._failure or answer
        elif answer is not None:
            raise answer

    def _completed(self, asked: set[str], details: Sequence[Track]) -> list[tuple[Quest, Step]]:
        """Quests that lookups have told something about."""
        touched = [quest for quest in self._thin if any(hit.id in asked for hit in quest.thin)]
        for quest in touched:
            quest.take_details(asked, details)
        done = {id(quest) for quest in touched}
        self._thin = [quest for quest in self._thin if id(quest) not in done]
        return [(quest, candidate_search.next_step(quest, self._target)) for quest in touched]
