"""Decide the counterparts of a pair's new tracks: the person's rules, the match store, then the search."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import batched
from typing import Any

from musicconnect.core.preferences import load_matching
from musicconnect.matching import Outcome, candidate_search, reason_codes
from musicconnect.matching.candidate_search import CandidateSearch, Decided, Decision, Lookup, Search
from musicconnect.migrations import counterparts
from musicconnect.music.model import Track
from musicconnect.platform.database import Database
from musicconnect.providers import registry
from musicconnect.providers.candidates import seeds
from musicconnect.providers.errors import RejectedError
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
    for chunk in batched(wanted, 100, strict=False):
        with database.transaction(user_id) as connection:
            preferences = load_matching(connection)
            ruled = counterparts.find_rules(connection, chunk, provider)
            known = match_store.find(connection, chunk, provider, now, preferences)
            learned = names.find(connection, chunk)
            named = seeds.find(connection, provider, chunk)
        searches: list[CandidateSearch] = []
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
                search.offer(seeds.candidates(provider, named.get(track.id, ())), "seed")
                searches.append(search)
            else:
                _record(found, track, decision)
        _search(
            database,
            user_id,
            searches,
            target,
            found,
            now=now,
            most=min(candidate_search.SEARCH_HITS, limits.search_limit),
        )
    return found


def _search(
    database: Database,
    user_id: int,
    searches: list[CandidateSearch],
    target: Client,
    found: Decisions,
    *,
    now: datetime,
    most: int,
) -> None:
    """Search for what is not known, some at a time so that lookups are sent full."""
    batch = max(1, target.limits.lookup_batch // most)
    for group in batched(searches, batch, strict=False):
        open_searches = list(group)
        while open_searches:
            incomplete: dict[str, Track] = {}
            waiting: list[CandidateSearch] = []
            findings: list[Finding] = []
            for search in open_searches:
                match candidate_search.next_step(search, registry.get(target.name).search):
                    case Search(query):
                        try:
                            search.add_hits(target.search_tracks(query, most))
                        except RejectedError:
                            search.add_hits([])
                        waiting.append(search)
                    case Lookup():
                        incomplete |= {hit.id: hit for hit in search.incomplete}
                        waiting.append(search)
                    case Decided(choice, shared):
                        _record(found, search.source, candidate_search.decision(choice))
                        if shared is not None:
                            findings.append(model.finding_of(search.source, target.name, shared))
            for ids in batched(incomplete, target.limits.lookup_batch, strict=False):
                details = target.tracks(ids)
                for search in waiting:
                    search.add_details(ids, details)
            if findings:
                with database.transaction(user_id) as connection:
                    match_store.upsert(connection, findings, now)
            open_searches = waiting


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
