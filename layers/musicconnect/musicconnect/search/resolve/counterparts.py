"""Searching a catalogue for recordings, with as few calls as the matcher needs."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from musicconnect.matching import Choice, candidate_search
from musicconnect.matching.candidate_search import CandidateSearch, Decided, Lookup, Search
from musicconnect.music.model import ProviderName, Track
from musicconnect.providers.errors import ProviderError, QuotaExhaustedError, RejectedError
from musicconnect.search import errors
from musicconnect.search.resolve.concurrent_calls import ConcurrentCalls

MAX_SEARCHES = {"youtube": 20}
"""Per request: YouTube's hundred searches a day are everybody's."""


@dataclass(slots=True)
class Result:
    """What came of it."""

    choices: dict[str, Choice] = field(default_factory=dict)
    """By source id: what the matcher decided."""
    failures: dict[str, ProviderError] = field(default_factory=dict)
    """By source id: why it could not decide."""
    searches: int = 0


class BudgetError(ProviderError):
    """This request has searched as often as one request may."""


def find_counterparts(together: ConcurrentCalls, sources: Sequence[Track]) -> Result:
    """Find the counterparts of recordings in a catalogue.

    Searches come first, one per recording as a rule, many at a time; details of their hits are looked up
    together, as many as a call takes.

    Args:
        together: Asks the catalogue.
        sources: What is looked for.
    """
    result = Result()
    searches = {track.id: CandidateSearch(row_ids=[], source=track) for track in sources}
    under_way = list(searches)
    while under_way:
        queries: dict[str, str] = {}
        incomplete: list[str] = []
        for source_id in under_way:
            match candidate_search.next_step(searches[source_id], together.client.name):
                case Decided(choice):
                    result.choices[source_id] = choice
                case Lookup():
                    incomplete.append(source_id)
                case Search(query):
                    queries[source_id] = query
        if queries:
            under_way = incomplete + _search(together, searches, queries, result)
        else:
            under_way = _look_up(together, searches, incomplete, result)
    return result


def _search(
    together: ConcurrentCalls, searches: dict[str, CandidateSearch], queries: dict[str, str], result: Result
) -> list[str]:
    """One search for each of some searches; gives those that can go on."""
    client = together.client
    most = MAX_SEARCHES.get(client.name)
    asked = list(queries) if most is None else list(queries)[: max(0, most - result.searches)]
    result.failures |= dict.fromkeys(queries.keys() - set(asked), _budget(client.name))
    limit = min(candidate_search.SEARCH_HITS, client.limits.search_limit)
    spent: set[str] = set()

    def call(source_id: str) -> list[Track]:
        spent.add(source_id)
        try:
            return client.search_tracks(queries[source_id], limit)
        except QuotaExhaustedError:
            spent.discard(source_id)
            raise

    answers = together.ask(call, asked)
    result.searches += len(spent)
    going_on: list[str] = []
    for source_id, answer in zip(asked, answers, strict=True):
        search = searches[source_id]
        # Where a query is refused, the next one may be one that the provider takes.
        is_refused = isinstance(answer, RejectedError)
        if isinstance(answer, ProviderError) and not (
            is_refused and search.tried + 1 < candidate_search.MAX_QUERIES_ELSEWHERE
        ):
            result.failures[source_id] = answer
            continue
        search.add_hits([] if isinstance(answer, ProviderError) else answer)
        going_on.append(source_id)
    return going_on


def _look_up(
    together: ConcurrentCalls, searches: dict[str, CandidateSearch], incomplete: Sequence[str], result: Result
) -> list[str]:
    """Complete the hits of all searches, full batches at a time; gives those that can go on."""
    client = together.client
    wanted = list(dict.fromkeys(hit.id for source_id in incomplete for hit in searches[source_id].incomplete))
    size = client.limits.lookup_batch
    batches = [wanted[start : start + size] for start in range(0, len(wanted), size)]
    details: list[Track] = []
    missing: dict[str, ProviderError] = {}
    for batch, answer in zip(batches, together.ask(client.tracks, batches), strict=True):
        if isinstance(answer, ProviderError):
            missing |= dict.fromkeys(batch, answer)
        else:
            details += answer
    going_on: list[str] = []
    for source_id in incomplete:
        error = next((missing[hit.id] for hit in searches[source_id].incomplete if hit.id in missing), None)
        if error is not None:
            result.failures[source_id] = error
            continue
        searches[source_id].add_details(wanted, details)
        going_on.append(source_id)
    return going_on


def _budget(provider: ProviderName) -> BudgetError:
    return BudgetError(
        "One request may search only so often. Send what is unanswered again.",
        provider=provider,
        reason=errors.BUDGET,
    )
