"""Decide the counterparts of a pair's new tracks: the person's rules, the match store, then the search."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import batched
from typing import Any

from musicconnect.core.preferences import load_matching
from musicconnect.matching import Outcome, candidate_search, reason_codes
from musicconnect.matching.candidate_search import CandidateSearch, Decided, Decision
from musicconnect.migrations import counterparts
from musicconnect.music.model import ProviderName, Track
from musicconnect.platform.database import Database
from musicconnect.providers.candidates import channels
from musicconnect.providers.candidates.channels import KnownChannel, Listing
from musicconnect.providers.candidates.finder import Finder, Found
from musicconnect.providers.errors import ProviderError, RejectedError
from musicconnect.providers.match_store import model, names
from musicconnect.providers.match_store import service as match_store
from musicconnect.providers.match_store.model import Finding
from musicconnect.providers.protocol import Client


@dataclass(slots=True)
class Decisions:
    """What was decided about tracks of one side, by their ids."""

    targets: dict[str, str | None] = field(default_factory=dict)
    for_review: set[str] = field(default_factory=set)
    not_in_catalogue: set[str] = field(default_factory=set)
    """What an open catalogue does not have yet."""


def decide(
    database: Database, user_id: int, tracks: Sequence[Track], target: Client, now: datetime
) -> Decisions:
    """Find the counterparts of tracks on another provider; what needs a review is no counterpart.

    Findings are stored for everybody as soon as they are made: what quota or a fault ends goes on from there.

    Raises:
        ProviderError: of a search or a lookup.
    """
    found = Decisions()
    limits, provider = target.limits, target.name
    wanted = list({track.id: track for track in tracks if track.id}.values())

    def save_listing(channel: KnownChannel) -> None:
        with database.transaction(user_id) as connection:
            channels.save_listing(connection, provider, channel, now)

    calls = _Calls(target)
    # Some at a time, so that lookups are sent full and what was searched for is soon stored.
    at_once = max(1, limits.lookup_batch // min(candidate_search.SEARCH_HITS, limits.search_limit))
    finder = Finder(calls, save_listing=save_listing, searches_at_once=at_once)
    for chunk in batched(wanted, 100, strict=False):
        searches: list[CandidateSearch] = []
        with database.transaction(user_id) as connection:
            preferences = load_matching(connection)
            ruled = counterparts.find_rules(connection, chunk, provider)
            known = match_store.find(connection, chunk, provider, now, preferences)
            learned = names.find(connection, chunk)
            for track in chunk:
                search = CandidateSearch(row_ids=[], source=track, preferences=preferences, learned=learned)
                decision: Decision | None = None
                if track.id in ruled:
                    decision = counterparts.decision(track, ruled[track.id])
                elif track.provider == provider:
                    found.targets[track.id] = track.id
                    continue
                elif track.id in known:
                    decision = counterparts.decide_stored(search, known[track.id])
                if decision is None:
                    searches.append(search)
                else:
                    _record(found, track, decision)
            finder.prepare(connection, searches)
        for some in finder.find(searches):
            _save(database, user_id, some, found, now=now, provider=provider)
        if calls.failure is not None:
            raise calls.failure
    return found


def _save(
    database: Database,
    user_id: int,
    some: Sequence[Found],
    found: Decisions,
    *,
    now: datetime,
    provider: ProviderName,
) -> None:
    """Record decisions, and store for everybody what they tell."""
    findings: list[Finding] = []
    for search, decided in some:
        if isinstance(decided, Decided):
            _record(found, search.source, candidate_search.decision(decided.choice))
            if decided.shared is not None:
                findings.append(model.finding_of(search.source, provider, decided.shared))
    if findings:
        with database.transaction(user_id) as connection:
            match_store.upsert(connection, findings, now)


class _Calls:
    """Asks one after the other; what fails is not asked for any more, but what was found is looked up."""

    def __init__(self, client: Client) -> None:
        self.client = client
        self.failure: ProviderError | None = None
        """The first that a search or a lookup met."""
        self._hits = min(candidate_search.SEARCH_HITS, client.limits.search_limit)
        self._failures: dict[str, ProviderError] = {}

    def search(self, queries: Sequence[str]) -> list[list[Track] | ProviderError]:
        return [self._ask("search", self._search, query) for query in queries]

    def look_up(self, batches: Sequence[tuple[str, ...]]) -> list[list[Track] | ProviderError]:
        return [self._ask("look up", self.client.tracks, batch) for batch in batches]

    def list_uploads(self, list_ids: Sequence[str]) -> list[Listing | ProviderError]:
        return [self._ask("list", self._list, list_id) for list_id in list_ids]

    def _search(self, query: str) -> list[Track]:
        try:
            return self.client.search_tracks(query, self._hits)
        except RejectedError:
            return []

    def _list(self, list_id: str) -> Listing:
        found = channels.list_uploads(self.client, list_id, lambda: True)
        assert found is not None
        return found

    def _ask[Question, Answer](
        self, kind: str, call: Callable[[Question], Answer], question: Question
    ) -> Answer | ProviderError:
        if kind in self._failures:
            return self._failures[kind]
        try:
            return call(question)
        except ProviderError as error:
            self._failures[kind] = error
            if kind != "list":
                self.failure = self.failure or error
            return error


def _record(found: Decisions, track: Track, decision: Decision) -> None:
    found.targets[track.id] = None if decision.target is None else decision.target.id
    if decision.outcome is Outcome.NEEDS_REVIEW:
        found.for_review.add(track.id)
    if reason_codes.NOT_IN_CATALOGUE in reason_codes.codes(decision.reasons):
        found.not_in_catalogue.add(track.id)


def rules_of(
    database: Database, user_id: int, tracks: Collection[Track], provider: str
) -> dict[str, str | None]:
    """Give what the person has decided about tracks in the meantime."""
    if not tracks:
        return {}
    with database.transaction(user_id) as connection:
        found: dict[str, Any] = counterparts.find_rules(connection, tracks, provider)
    return {track_id: rule["target_id"] for track_id, rule in found.items()}
