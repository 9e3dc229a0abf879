"""Search what could stand in the places of entries that play no more, a few at a time."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from itertools import batched

from musicconnect.core.preferences import load_matching
from musicconnect.matching import Outcome, candidate_search, reason_codes
from musicconnect.matching.candidate_search import CandidateSearch, Decided, Decision, Lookup, Search
from musicconnect.migrations import counterparts
from musicconnect.music.model import Track
from musicconnect.platform.database import Database
from musicconnect.providers import registry
from musicconnect.providers.errors import RejectedError
from musicconnect.providers.match_store import model, names
from musicconnect.providers.match_store import service as match_store
from musicconnect.providers.match_store.model import Finding
from musicconnect.providers.protocol import Client
from musicconnect.sync.repair.entries import DeadEntry, Proposal


def batch_size(target: Client) -> int:
    """Give how many entries are searched for together, so that lookups are sent full."""
    return max(1, target.limits.lookup_batch // _hits(target))


def propose(
    database: Database,
    user_id: int,
    dead: Sequence[DeadEntry],
    target: Client,
    *,
    gone: Collection[str],
    country: str | None,
    now: datetime,
) -> list[DeadEntry]:
    """Search for entries that are named; gives them as searched, with what was found.

    What is found for a recording of another provider is stored for everybody.

    Args:
        database: Of the worker.
        user_id: The person.
        dead: At most `batch_size`.
        target: Of the playlist's provider.
        gone: Ids that play no more: none of them is proposed.
        country: Where proposals have to be playable.
        now: The current time.

    Raises:
        ProviderError: of a search or a lookup.
    """
    sources = {one.number: _source(one, target) for one in dead if one.recording is not None}
    with database.transaction(user_id) as connection:
        preferences = load_matching(connection)
        learned = names.find(connection, list(sources.values()))
        others = [track for track in sources.values() if track.id]
        ruled = counterparts.find_rules(connection, others, target.name) if others else {}
        known = match_store.find(connection, others, target.name, now, preferences) if others else {}
        doubted = match_store.disputed(connection, others, target.name) if others else {}
    decided: dict[int, Decision] = {}
    open_searches: dict[int, CandidateSearch] = {}
    for number, track in sources.items():
        search = CandidateSearch(
            row_ids=[], source=track, preferences=preferences, learned=learned, gone=frozenset(gone),
            disputed=doubted.get(track.id, frozenset()),
        )  # fmt: skip
        decision: Decision | None = None
        if track.id in ruled and ruled[track.id]["target_id"] not in gone:
            decision = counterparts.decision(track, ruled[track.id])
        elif track.id in known:
            decision = counterparts.decide_stored(search, known[track.id])
        if decision is None or (decision.target is not None and decision.target.id in gone):
            open_searches[number] = search
        else:
            decided[number] = decision
    for number, target_id in _unplayable(decided, target, country).items():
        again = open_searches[number] = CandidateSearch(
            row_ids=[], source=sources[number], preferences=preferences, learned=learned,
            gone=frozenset(gone) | {target_id},
        )  # fmt: skip
        again.disputed = doubted.get(sources[number].id, frozenset())
        del decided[number]
    findings = _search(open_searches, target, decided, country)
    if findings:
        with database.transaction(user_id) as connection:
            match_store.upsert(connection, findings, now)
    return [
        replace(
            one,
            is_searched=True,
            proposal=_proposal(decided.get(one.number)),
            searched_at=now.isoformat(),
            is_not_in_catalogue=one.number in decided
            and reason_codes.NOT_IN_CATALOGUE in reason_codes.codes(decided[one.number].reasons),
        )
        for one in dead
    ]


def _source(dead: DeadEntry, target: Client) -> Track:
    """Give what is searched for: under no id of the target's own or of a file's, which nobody else knows."""
    assert dead.recording is not None
    if dead.recording.provider in (target.name, registry.FILE):
        return replace(dead.recording, id="")
    return dead.recording


def _unplayable(decided: Mapping[int, Decision], target: Client, country: str | None) -> dict[int, str]:
    """Give the stored counterparts that cannot be played, either, by the entries' numbers."""
    ids = {number: one.target.id for number, one in decided.items() if one.target is not None}
    playable: set[str] = set()
    for batch in batched(dict.fromkeys(ids.values()), target.limits.lookup_batch, strict=False):
        playable |= {track.id for track in target.tracks(batch) if track.absence_in(country) is None}
    return {number: target_id for number, target_id in ids.items() if target_id not in playable}


def _search(
    searches: dict[int, CandidateSearch], target: Client, decided: dict[int, Decision], country: str | None
) -> list[Finding]:
    findings: list[Finding] = []
    policy, hits = registry.get(target.name).search, _hits(target)
    while searches:
        incomplete: dict[str, Track] = {}
        waiting: dict[int, CandidateSearch] = {}
        for number, search in searches.items():
            match candidate_search.next_step(search, policy):
                case Search(query):
                    try:
                        found = target.search_tracks(query, hits)
                    except RejectedError:
                        found = []
                    search.add_hits(hit for hit in found if hit.absence_in(country) is None)
                    waiting[number] = search
                case Lookup():
                    incomplete |= {hit.id: hit for hit in search.incomplete}
                    waiting[number] = search
                case Decided(choice, shared):
                    decided[number] = candidate_search.decision(choice)
                    # What is blocked for this person may be the right one for others.
                    if shared is not None and search.source.id and country is None:
                        findings.append(model.finding_of(search.source, target.name, shared))
        for ids in batched(incomplete, target.limits.lookup_batch, strict=False):
            details = [track for track in target.tracks(ids) if track.absence_in(country) is None]
            for search in waiting.values():
                search.add_details(ids, details)
        searches = waiting
    return findings


def _proposal(decision: Decision | None) -> Proposal | None:
    if decision is None:
        return None
    if decision.target is not None:
        track = decision.target
        return Proposal(
            track.id, track.title, track.artist_line, track.duration_ms, decision.score,
            is_sure=decision.outcome is not Outcome.NEEDS_REVIEW,
        )  # fmt: skip
    if decision.outcome is Outcome.NEEDS_REVIEW and decision.candidates:
        best = decision.candidates[0]
        return Proposal(
            best["id"], best["title"], best.get("artist", ""), best.get("duration_ms"), best.get("score"),
            is_sure=False,
        )  # fmt: skip
    return None


def _hits(target: Client) -> int:
    return min(candidate_search.SEARCH_HITS, target.limits.search_limit)
