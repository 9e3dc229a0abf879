"""Search a provider for recordings, with as few calls as the matcher needs."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import batched

from musicconnect.matching import Choice, LearnedNames, Preferences, candidate_search
from musicconnect.matching.candidate_search import CandidateSearch, Decided, Lookup, Search
from musicconnect.music.model import Track
from musicconnect.providers import registry
from musicconnect.providers.errors import ProviderError, QuotaExhaustedError, RejectedError
from musicconnect.search import errors
from musicconnect.search.resolve.concurrent_calls import ConcurrentCalls


@dataclass(slots=True)
class SearchResult:
    """Decisions and failures, by source id."""

    choices: dict[str, Choice] = field(default_factory=dict)
    shared: dict[str, Choice] = field(default_factory=dict)
    """What is everybody's of the choices: those of somebody without preferences."""
    failures: dict[str, ProviderError] = field(default_factory=dict)
    searches: int = 0


class BudgetError(ProviderError):
    """This request has searched as often as one request may."""


def find_counterparts(
    calls: ConcurrentCalls,
    sources: Sequence[Track],
    preferences: Preferences,
    learned: LearnedNames,
    disputed: Mapping[str, frozenset[str]],
) -> SearchResult:
    """Find the counterparts of recordings at a provider, as a person prefers; ``disputed``: none of these.

    Searches come first, one per recording as a rule, many at a time; then the details of all their hits, as
    many as a call takes.
    """
    result = SearchResult()
    searches = {
        track.id: CandidateSearch(
            row_ids=[],
            source=track,
            preferences=preferences,
            learned=learned,
            disputed=disputed.get(track.id, frozenset()),
        )
        for track in sources
    }
    policy = registry.get(calls.client.name).search
    pending = list(searches)
    while pending:
        queries: dict[str, str] = {}
        incomplete: list[str] = []
        for source_id in pending:
            match candidate_search.next_step(searches[source_id], policy):
                case Decided(choice, shared):
                    result.choices[source_id] = choice
                    if shared is not None:
                        result.shared[source_id] = shared
                case Lookup():
                    incomplete.append(source_id)
                case Search(query):
                    queries[source_id] = query
        if queries:
            pending = incomplete + _search(calls, searches, queries, result)
        else:
            pending = _look_up(calls, searches, incomplete, result)
    return result


def _search(
    calls: ConcurrentCalls,
    searches: dict[str, CandidateSearch],
    queries: dict[str, str],
    result: SearchResult,
) -> list[str]:
    """Search once for each query; give the ids of those that go on."""
    client = calls.client
    most = registry.get(client.name).max_searches_per_request
    asked = list(queries)[: None if most is None else max(0, most - result.searches)]
    over_budget = BudgetError("Too many searches.", provider=client.name, reason=errors.BUDGET)
    result.failures |= dict.fromkeys(queries.keys() - set(asked), over_budget)
    limit = min(candidate_search.SEARCH_HITS, client.limits.search_limit)
    spent: set[str] = set()

    def search(source_id: str) -> list[Track]:
        spent.add(source_id)
        try:
            return client.search_tracks(queries[source_id], limit)
        except QuotaExhaustedError:
            spent.discard(source_id)
            raise

    answers = calls.ask(search, asked)
    result.searches += len(spent)
    pending: list[str] = []
    for source_id, answer in zip(asked, answers, strict=True):
        candidates = searches[source_id]
        # Where a query is refused, the next one may be one that the provider takes.
        is_refused = isinstance(answer, RejectedError)
        if isinstance(answer, ProviderError) and not (
            is_refused and candidates.tried + 1 < candidate_search.MAX_QUERIES
        ):
            result.failures[source_id] = answer
            continue
        candidates.add_hits([] if isinstance(answer, ProviderError) else answer)
        pending.append(source_id)
    return pending


def _look_up(
    calls: ConcurrentCalls,
    searches: dict[str, CandidateSearch],
    incomplete: Sequence[str],
    result: SearchResult,
) -> list[str]:
    """Look up incomplete hits of all searches in full batches; give the ids of those that go on."""
    client = calls.client
    wanted = list(dict.fromkeys(hit.id for source_id in incomplete for hit in searches[source_id].incomplete))
    batches = list(batched(wanted, client.limits.lookup_batch, strict=False))
    details: list[Track] = []
    failed: dict[str, ProviderError] = {}
    for batch, answer in zip(batches, calls.ask(client.tracks, batches), strict=True):
        if isinstance(answer, ProviderError):
            failed |= dict.fromkeys(batch, answer)
        else:
            details += answer
    pending: list[str] = []
    for source_id in incomplete:
        error = next((failed[hit.id] for hit in searches[source_id].incomplete if hit.id in failed), None)
        if error is not None:
            result.failures[source_id] = error
            continue
        searches[source_id].add_details(wanted, details)
        pending.append(source_id)
    return pending
