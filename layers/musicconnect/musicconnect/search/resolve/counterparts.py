"""Find the counterparts of recordings at a provider, with as few calls as the matcher needs."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from musicconnect.matching import Choice, LearnedNames, Preferences, candidate_search
from musicconnect.matching.candidate_search import CandidateSearch, Decided, FoundBy
from musicconnect.music.model import Track
from musicconnect.platform import clock
from musicconnect.platform.database import Database
from musicconnect.providers import registry
from musicconnect.providers.candidates import channels
from musicconnect.providers.candidates.channels import KnownChannel, Listing
from musicconnect.providers.candidates.finder import Finder
from musicconnect.providers.errors import ProviderError, QuotaExhaustedError
from musicconnect.search import errors
from musicconnect.search.resolve.concurrent_calls import ConcurrentCalls


@dataclass(slots=True)
class SearchResult:
    """Decisions and failures, by source id."""

    choices: dict[str, Choice] = field(default_factory=dict)
    found_by: dict[str, FoundBy] = field(default_factory=dict)
    """What named the counterparts."""
    shared: dict[str, Choice] = field(default_factory=dict)
    """What is everybody's of the choices: those of somebody without preferences."""
    failures: dict[str, ProviderError] = field(default_factory=dict)
    searches: int = 0


class BudgetError(ProviderError):
    """This request has searched as often as one request may."""


def find_counterparts(
    calls: ConcurrentCalls,
    sources: Sequence[Track],
    person: tuple[Database, int, Preferences],
    learned: LearnedNames,
    disputed: Mapping[str, frozenset[str]],
) -> SearchResult:
    """Find the counterparts of recordings at a provider, as a person prefers; ``disputed``: none of these.

    What costs no search comes first. Then searches, one per recording as a rule, many at a time; then the
    details of all their hits, as many as a call takes.
    """
    database, user_id, preferences = person
    result = SearchResult()
    provider = calls.client.name
    searches = [
        CandidateSearch(
            row_ids=[],
            source=track,
            preferences=preferences,
            learned=learned,
            disputed=disputed.get(track.id, frozenset()),
        )
        for track in {track.id: track for track in sources}.values()
    ]

    def save_listing(channel: KnownChannel) -> None:
        with database.transaction(user_id) as connection:
            channels.save_listing(connection, provider, channel, clock.now())

    finder = Finder(_Calls(calls, result), save_listing=save_listing)
    with database.transaction(user_id) as connection:
        finder.prepare(connection, searches)
    for found in finder.find(searches):
        for search, decided in found:
            source_id = search.source.id
            if isinstance(decided, Decided):
                result.choices[source_id] = decided.choice
                best = decided.choice.best
                if best is not None and (found_by := search.found_by(best.track)) is not None:
                    result.found_by[source_id] = found_by
                if decided.shared is not None:
                    result.shared[source_id] = decided.shared
            else:
                result.failures[source_id] = decided
    return result


class _Calls:
    """Asks as often at a time as the provider takes, and for no more searches than one request may make."""

    def __init__(self, calls: ConcurrentCalls, result: SearchResult) -> None:
        self.client = calls.client
        self._calls = calls
        self._result = result
        self._hits = min(candidate_search.SEARCH_HITS, calls.client.limits.search_limit)

    def search(self, queries: Sequence[str]) -> list[list[Track] | ProviderError]:
        most = registry.get(self.client.name).max_searches_per_request
        asked = queries if most is None else queries[: max(0, most - self._result.searches)]
        spent: list[str] = []

        def search(query: str) -> list[Track]:
            spent.append(query)
            try:
                return self.client.search_tracks(query, self._hits)
            except QuotaExhaustedError:
                spent.remove(query)
                raise

        answers = self._calls.ask(search, asked)
        self._result.searches += len(spent)
        over = BudgetError("Too many searches.", provider=self.client.name, reason=errors.BUDGET)
        return [*answers, *[over] * (len(queries) - len(asked))]

    def look_up(self, batches: Sequence[tuple[str, ...]]) -> list[list[Track] | ProviderError]:
        return self._calls.ask(self.client.tracks, batches)

    def list_uploads(self, list_ids: Sequence[str]) -> list[Listing | ProviderError]:
        return self._calls.ask(self._list, list_ids)

    def _list(self, list_id: str) -> Listing:
        listing = channels.list_uploads(self.client, list_id, self._calls.has_time)
        if listing is None:
            raise errors.slow_provider(self.client.name)
        return listing
