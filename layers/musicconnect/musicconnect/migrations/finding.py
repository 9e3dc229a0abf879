"""The second stage: find each track's counterpart in the target's catalogue.

Searches and lookups of many tracks are under way together, as many as the provider allows, and what a round
of them brought is committed in one transaction. A worker that is killed in between loses a round of searches
and nothing else.
"""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from musicconnect.matching import MATCHER_VERSION, Choice, Outcome
from musicconnect.migrations import counterparts, rules, store
from musicconnect.migrations.bench import Bench
from musicconnect.migrations.counterparts import Decided, Decision, Lookup, Quest, Search
from musicconnect.migrations.stages import Advance, Pause, Stage
from musicconnect.migrations.store import Change
from musicconnect.providers import match_model, matchstore
from musicconnect.providers.base import ProviderError, QuotaExhaustedError, RejectedError, Track
from musicconnect.providers.track_json import decode

GROUPS_AT_A_TIME = 250
ROUNDS_AT_A_TIME = 4
"""Searches under way together, times this, are booked and committed together."""

type Step = Search | Lookup | Decided
type Finished = tuple[Quest, Decision | None, Choice | None]
"""A quest, what was decided about it, and the matcher's choice where that is news for the store."""


def find(bench: Bench) -> Advance | Pause:
    """Search, look up and decide until no track is pending.

    Raises:
        ProviderError: a call failed; what was found so far is kept.
    """
    try:
        with ThreadPoolExecutor(bench.target.limits.reads_at_once) as pool:
            while quests := _load(bench):
                if not _Round(bench, pool, quests).run():
                    return Pause()
    except QuotaExhaustedError:
        # What is found already can be written meanwhile, up to the first place that is still open.
        if not _can_write(bench):
            raise
        bench.commit(stage=Stage.CREATE, attempts=0)
        return Advance(Stage.CREATE)
    if bench.row.is_dry_run:
        bench.commit(stage=Stage.DONE, attempts=0)
    else:
        bench.advance()
    return Advance(bench.row.stage)


def _can_write(bench: Bench) -> bool:
    row = bench.row
    if row.is_dry_run or row.is_update:
        return False
    with bench.database.transaction(row.user_id) as connection:
        return any(place.write_state == "none" for place in store.places(connection, row.id))


def _load(bench: Bench) -> list[Quest]:
    """Some quests; those that a rule or the match store decides are decided at once."""
    row, quests = bench.row, []
    with bench.database.transaction(row.user_id) as connection:
        groups = store.open_groups(connection, row.id, GROUPS_AT_A_TIME)
        for group in groups:
            quest = Quest(row_ids=group["ids"], source=decode(row.source_provider, group["source"]))
            if group["search"] is not None:
                quest.restore(group["search"], row.target_provider)
            quests.append(quest)
        fresh = [quest for quest in quests if quest.tried == 0 and not quest.thin and not quest.found]
        sources = [quest.source for quest in fresh]
        ruled = rules.find(connection, sources, row.target_provider) if sources else {}
        known = matchstore.find(connection, sources, row.target_provider, bench.now()) if sources else {}
    decided: list[Finished] = []
    for quest in fresh:
        decision: Decision | None = None
        if quest.source.id in ruled:
            decision = rules.decision(quest.source, ruled[quest.source.id])
        elif quest.source.id in known:
            decision = counterparts.recall(quest, known[quest.source.id])
        if decision is not None:
            decided.append((quest, decision, None))
    if decided:
        _save(bench, decided)
        done = {id(quest) for quest, _, _ in decided}
        quests = [quest for quest in quests if id(quest) not in done]
        return quests or _load(bench)
    return quests


class _Round:
    """Works through some quests, each step of theirs together with the same step of the others."""

    def __init__(self, bench: Bench, pool: ThreadPoolExecutor, quests: Sequence[Quest]) -> None:
        self._bench = bench
        self._pool = pool
        self._is_last = len(quests) < GROUPS_AT_A_TIME
        self._at_once = ROUNDS_AT_A_TIME * bench.target.limits.reads_at_once
        self._asking: list[tuple[Quest, str]] = []
        self._thin: list[Quest] = []
        provider = bench.row.target_provider
        steps = self._sort([(quest, counterparts.next_step(quest, provider)) for quest in quests])
        self._decided = [entry for entry in steps if entry[1] is not None]

    def run(self) -> bool:
        """Work until nothing is left to ask; False when the step has to end."""
        _save(self._bench, self._decided)
        while self._asking:
            if not self._search() or not self._look_up(all_of_it=False):
                return False
        # Lookups are sent full. What is left over joins the next quests, unless there are none.
        return self._look_up(all_of_it=self._is_last)

    def _sort(self, steps: Sequence[tuple[Quest, Step]]) -> list[Finished]:
        """Note what each quest needs next; gives what is to be saved."""
        changed: list[Finished] = []
        for quest, step in steps:
            match step:
                case Search(query):
                    self._asking.append((quest, query))
                    changed.append((quest, None, None))
                case Lookup():
                    self._thin.append(quest)
                    changed.append((quest, None, None))
                case Decided(choice):
                    changed.append((quest, counterparts.decision(choice), choice))
        return changed

    def _search(self) -> bool:
        """As many searches as may be booked at once."""
        bench = self._bench
        count = bench.budget.take(min(self._at_once, len(self._asking)))
        if count == 0:
            return False
        batch, self._asking = self._asking[:count], self._asking[count:]
        limit = min(counterparts.SEARCH_HITS, bench.target.limits.search_limit)

        def search(query: str) -> list[Track]:
            return bench.target.search_tracks(query, limit)

        steps: list[tuple[Quest, Step]] = []
        refused: list[Finished] = []
        failure: ProviderError | None = None
        with bench.purse.ahead(count):
            answers = self._ask(search, [query for _, query in batch])
            for (quest, query), answer in zip(batch, answers, strict=True):
                if isinstance(answer, RejectedError) and not quest.found:
                    refused.append((quest, counterparts.refused(answer.message), None))
                    continue
                if answer is None or (
                    isinstance(answer, ProviderError) and not isinstance(answer, RejectedError)
                ):
                    failure = failure or answer
                    self._asking.append((quest, query))
                    continue
                quest.take_hits([] if isinstance(answer, ProviderError) else answer)
                steps.append((quest, counterparts.next_step(quest, bench.row.target_provider)))
        _save(bench, [*self._sort(steps), *refused])
        if failure is not None:
            raise failure
        return True

    def _look_up(self, *, all_of_it: bool) -> bool:
        """Lookups, as full as they can be."""
        bench, size = self._bench, self._bench.target.limits.lookup_batch
        while self._thin:
            ids = list(dict.fromkeys(hit.id for quest in self._thin for hit in quest.thin))
            batches = [ids[start : start + size] for start in range(0, len(ids), size)]
            if not all_of_it and len(batches[-1]) < size:
                del batches[-1]
            if not batches:
                break
            count = bench.budget.take(min(len(batches), self._at_once))
            if count == 0:
                return False
            with bench.purse.ahead(count):
                answers = list(self._ask(bench.target.tracks, batches[:count]))
            self._take_details(batches[:count], answers)
        return True

    def _take_details(
        self, batches: Sequence[Sequence[str]], answers: Sequence[list[Track] | ProviderError | None]
    ) -> None:
        asked: set[str] = set()
        details: list[Track] = []
        failure: ProviderError | None = None
        for batch, answer in zip(batches, answers, strict=True):
            if answer is None or isinstance(answer, ProviderError):
                failure = failure or answer
                continue
            asked.update(batch)
            details += answer
        touched = [quest for quest in self._thin if any(hit.id in asked for hit in quest.thin)]
        for quest in touched:
            quest.take_details(asked, details)
        waiting = {id(quest) for quest in touched}
        self._thin = [quest for quest in self._thin if id(quest) not in waiting]
        provider = self._bench.row.target_provider
        changed = self._sort([(quest, counterparts.next_step(quest, provider)) for quest in touched])
        if changed:
            _save(self._bench, changed)
        if failure is not None:
            raise failure

    def _ask[Question, Answer](
        self, ask: Callable[[Question], Answer], questions: Sequence[Question]
    ) -> "list[Answer | ProviderError | None]":
        """Ask all of them together; what fails gives its error, what there was no time for gives None.

        After the first error that is not about its own question, no further one is asked.
        """
        stopped = False

        def one(question: Question) -> Answer | ProviderError | None:
            nonlocal stopped
            if stopped or self._bench.budget.is_spent():
                return None
            try:
                return ask(question)
            except RejectedError as error:
                return error
            except ProviderError as error:
                stopped = True
                return error

        if len(questions) == 1:
            return [one(questions[0])]
        return list(self._pool.map(one, questions))


def _save(bench: Bench, changed: Sequence[Finished]) -> None:
    """Write down what a round brought: decisions, and what undecided quests have found so far."""
    rows: list[dict[str, Any]] = []
    matched = failed = review = 0
    for quest, decision, _ in changed:
        if decision is None:
            rows.append({"id": quest.row_ids[0], "status": "pending", "search": quest.state()})
            continue
        rows += [{"id": row_id, **_columns(decision)} for row_id in quest.row_ids]
        matched += len(quest.row_ids) * (decision.target is not None)
        failed += len(quest.row_ids) * (decision.target is None)
        review += len(quest.row_ids) * (decision.outcome is Outcome.NEEDS_REVIEW)
    if not rows:
        return
    findings = [
        match_model.finding_of(quest.source, bench.row.target_provider, choice)
        for quest, _, choice in changed
        if choice is not None and quest.source.id
    ]
    bench.commit(
        Change(store.SAVE_SEARCHES, rows),
        findings=findings,
        attempts=0,
        matched_count=bench.row.matched_count + matched,
        failed_count=bench.row.failed_count + failed,
        review_count=bench.row.review_count + review,
    )


def _columns(decision: Decision) -> dict[str, Any]:
    target = decision.target
    return {
        "status": "failed" if target is None else "matched",
        "outcome": decision.outcome.value,
        "target_track_id": None if target is None else target.id,
        "target_title": None if target is None else target.title,
        "target_artist": None if target is None else target.artist_line,
        "match_score": decision.score,
        "match_parts": decision.parts,
        "match_reasons": decision.reasons,
        "matcher_version": MATCHER_VERSION,
        "candidates": decision.candidates,
        "error_message": decision.error_message,
        "fetched_at": decision.fetched_at and decision.fetched_at.isoformat(),
    }
