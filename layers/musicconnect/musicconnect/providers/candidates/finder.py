"""Find the counterparts of tracks, cheapest first: open data, what artists' own channels list, searches.

For a request, and for a run of a pair, which ask in rounds. A migration, which keeps a provider busy for
hours, has a runner of its own over the same sources (`migrations/engine/stages/match.py`).
"""

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from itertools import batched
from typing import Any, Protocol

from psycopg import Connection

from musicconnect.matching import candidate_search
from musicconnect.matching.candidate_search import CandidateSearch, Decided, Lookup, Search
from musicconnect.music.model import ProviderName, Track
from musicconnect.platform import clock
from musicconnect.providers import registry
from musicconnect.providers.candidates import channels, seeds
from musicconnect.providers.candidates.channels import KnownChannel, Listing
from musicconnect.providers.candidates.routing import ChannelCandidates
from musicconnect.providers.errors import ProviderError, RejectedError
from musicconnect.providers.protocol import Client

type Answers[Answer] = Sequence[Answer | ProviderError]
type Found = tuple[CandidateSearch, Decided | ProviderError]
"""What was decided about a track, or why nothing could be."""


class Calls(Protocol):
    """Asks a provider; in place of an answer its failure."""

    client: Client

    def search(self, queries: Sequence[str]) -> Answers[list[Track]]:
        """Search for each query."""

    def look_up(self, batches: Sequence[tuple[str, ...]]) -> Answers[list[Track]]:
        """Give the details of ids."""

    def list_uploads(self, list_ids: Sequence[str]) -> Answers[Listing]:
        """Give what channels list."""


class Finder:
    """Finds counterparts at one provider."""

    def __init__(
        self,
        calls: Calls,
        *,
        save_listing: Callable[[KnownChannel], None],
        searches_at_once: int | None = None,
    ) -> None:
        """Begin nothing yet.

        Args:
            calls: How the provider is asked.
            save_listing: Stores what a channel lists, for everybody.
            searches_at_once: Searches before their hits are looked up; None: all there are.
        """
        self._calls = calls
        self._provider: ProviderName = calls.client.name
        self._policy = registry.get(self._provider).search
        self._routes = ChannelCandidates.of(self._provider, self._policy)
        self._save_listing = save_listing
        self._searches_at_once = searches_at_once
        self._queue: deque[tuple[CandidateSearch, str]] = deque()
        self._incomplete: list[CandidateSearch] = []
        self._found: list[Found] = []

    def prepare(self, connection: Connection[Any], searches: Sequence[CandidateSearch]) -> None:
        """Take in what is known of tracks without asking anybody; call it once before `find`."""
        seeds.offer(connection, self._provider, searches)
        if self._routes is not None:
            known = channels.find_of(connection, self._provider, searches, clock.now())
            self._routes.learn(searches, known)

    def find(self, searches: Sequence[CandidateSearch]) -> Iterator[list[Found]]:
        """Decide about tracks; gives some at a time, each once."""
        self._sort(searches)
        while True:
            self._list_channels()
            self._search()
            self._list_channels()  # what searches have named, so that lookups are sent full
            if self._incomplete and (self._searches_at_once is not None or not self._queue):
                self._look_up()
            if self._found:
                yield self._found
                self._found = []
            if not self._queue and not self._incomplete and not (self._routes and self._routes.held_count):
                return

    def _sort(self, searches: Sequence[CandidateSearch]) -> None:
        """Decide how each goes on. What is looked up goes first: it may name a channel for the others."""
        steps = [(search, candidate_search.next_step(search, self._policy)) for search in searches]
        for search, step in sorted(steps, key=lambda pair: isinstance(pair[1], Search)):
            match step:
                case Decided():
                    self._found.append((search, step))
                    if self._routes is not None:
                        self._routes.decided(search)
                case Lookup():
                    self._incomplete.append(search)
                    if self._routes is not None and search.is_fresh:
                        self._routes.expect(search)
                case Search(query):
                    route = "search" if self._routes is None else self._routes.route(search)
                    if route == "search":
                        self._queue.append((search, query))
                    elif route == "offered":
                        self._incomplete.append(search)

    def _list_channels(self) -> None:
        if self._routes is None or not (wanted := self._routes.next_listings()):
            return
        answers = self._calls.list_uploads([self._routes.list_id(channel_id) for channel_id in wanted])
        for channel_id, answer in zip(wanted, answers, strict=True):
            # What cannot be listed now is searched for: a listing only spares searches.
            is_known = isinstance(answer, Listing)
            listing = answer if isinstance(answer, Listing) else Listing([], is_complete=False)
            artist, released = self._routes.listed(channel_id, listing)
            if is_known:
                self._save_listing(KnownChannel(channel_id, artist, listing))
            self._sort(released)

    def _search(self) -> None:
        count = len(self._queue)
        if self._searches_at_once is not None:
            count = min(count, self._searches_at_once)
        asked = [self._queue.popleft() for _ in range(count)]
        answers = self._calls.search([query for _, query in asked]) if asked else []
        for (search, _), answer in zip(asked, answers, strict=True):
            # Where a query is refused, the next one may be one that the provider takes.
            is_refused = isinstance(answer, RejectedError) and search.tried + 1 < candidate_search.MAX_QUERIES
            if isinstance(answer, ProviderError) and not is_refused:
                self._fail(search, answer)
                continue
            hits = [] if isinstance(answer, ProviderError) else answer
            search.add_hits(hits)
            self._sort([search])
            self._release(search, hits)

    def _look_up(self) -> None:
        """Look up the incomplete hits of all, in full batches."""
        searches, self._incomplete = self._incomplete, []
        wanted = list(dict.fromkeys(hit.id for search in searches for hit in search.incomplete))
        batches = list(batched(wanted, self._calls.client.limits.lookup_batch, strict=False))
        details: list[Track] = []
        failed: dict[str, ProviderError] = {}
        for batch, answer in zip(batches, self._calls.look_up(batches), strict=True):
            if isinstance(answer, ProviderError):
                failed |= dict.fromkeys(batch, answer)
            else:
                details += answer
        for search in searches:
            error = next((failed[hit.id] for hit in search.incomplete if hit.id in failed), None)
            if error is not None:
                self._fail(search, error)
                continue
            search.add_details(wanted, details)
            is_fresh = search.is_fresh
            self._sort([search])
            if is_fresh:
                self._release(search, search.found)

    def _fail(self, search: CandidateSearch, error: ProviderError) -> None:
        self._found.append((search, error))
        self._release(search, [])

    def _release(self, search: CandidateSearch, hits: Sequence[Track]) -> None:
        """Go on with the tracks that waited for what was found for this one."""
        if self._routes is not None:
            self._sort(self._routes.answered(search, hits))
