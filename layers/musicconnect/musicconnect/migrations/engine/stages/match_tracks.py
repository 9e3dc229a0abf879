"""Load unmatched tracks for the search for counterparts, and save what came of it."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from musicconnect.core.preferences import load_matching
from musicconnect.matching import (
    DEFAULT_PREFERENCES,
    MATCHER_VERSION,
    Choice,
    Outcome,
    Preferences,
    candidate_search,
    reason_codes,
)
from musicconnect.matching.candidate_search import CandidateSearch, Decision
from musicconnect.migrations import file_tracks, rules
from musicconnect.migrations import rules_store as api_store
from musicconnect.migrations.engine import store
from musicconnect.migrations.engine.context import StepContext
from musicconnect.migrations.engine.store import TrackChange
from musicconnect.music.codec import decode, encode_shown
from musicconnect.music.model import Track
from musicconnect.platform.status import Status
from musicconnect.providers import registry
from musicconnect.providers.candidates import channels, seeds
from musicconnect.providers.candidates.channels import KnownChannel
from musicconnect.providers.match_store import model, names
from musicconnect.providers.match_store import service as match_store
from musicconnect.providers.match_store.model import StoredMatch
from musicconnect.providers.registry import FILE

MAX_GROUPS = 250

type Finished = tuple[CandidateSearch, Decision | None, Choice | None]
"""A search, what was decided about it, and the matcher's choice where that is news for the store."""


class UnmatchedTracks:
    """The tracks that are still unmatched, in order, some at a time."""

    def __init__(self, context: StepContext) -> None:
        self._context = context
        self._after = -1
        self._is_from_file = context.row.source_provider == FILE
        self._seen: set[str] = set()
        """Sources that were given out: equal tracks further on belong to them."""
        self._preferences: Preferences | None = None
        self.is_exhausted = False

    def next_batch(self) -> tuple[list[CandidateSearch], list[Finished]]:
        """Load the next ones: those to search for, and those that a rule or the match store decides."""
        context, row = self._context, self._context.row
        with context.database.transaction(row.user_id) as connection:
            if self._preferences is None:
                self._preferences = load_matching(connection)
            groups = store.open_groups(connection, row.id, MAX_GROUPS, self._after)
            searches = [search for group in groups if (search := self._search_of(group)) is not None]
            learned = names.find(connection, [search.source for search in searches])
            for search in searches:
                search.learned = learned
            fresh = [search for search in searches if search.is_fresh]
            sources = [search.source for search in fresh]
            ruled = api_store.find_rules(connection, sources, row.target_provider) if sources else {}
            asked = [*sources, *map(file_tracks.anonymous_track, sources)] if self._is_from_file else sources
            known = (
                match_store.find(connection, asked, row.target_provider, context.now(), self._preferences)
                if asked
                else {}
            )
            doubted = match_store.disputed(connection, asked, row.target_provider) if asked else {}
        for search in fresh:
            search.disputed = doubted.get(search.source.id, frozenset())
        self.is_exhausted = len(groups) < MAX_GROUPS
        decided: list[Finished] = []
        undecided: list[CandidateSearch] = []
        for search in fresh:
            decision: Decision | None = None
            rule = ruled.get(search.source.id)
            if rule is not None and (rule["target_id"] is None or rule["target_id"] not in search.gone):
                decision = rules.decision(search.source, rule)
            elif search.source.provider == row.target_provider:
                # It is there already, unless a lookup says that it is not.
                search.incomplete.append(search.source)
            elif (stored := self._stored(search.source, known)) is not None:
                decision = decide_stored(search, stored)
            if decision is not None:
                decided.append((search, decision, None))
            else:
                undecided.append(search)
        if undecided:
            with context.database.transaction(row.user_id) as connection:
                seeds.offer(connection, row.target_provider, undecided)
        done = {id(search) for search, _, _ in decided}
        return [search for search in searches if id(search) not in done], decided

    def known_channels(self, searches: Sequence[CandidateSearch]) -> list[KnownChannel]:
        """Give what everybody knows of the channels of the artists that are searched for."""
        context = self._context
        if not searches:
            return []
        with context.database.transaction(context.row.user_id) as connection:
            return channels.find_of(connection, context.row.target_provider, searches, context.now())

    def _stored(self, source: Track, known: Mapping[str, StoredMatch]) -> StoredMatch | None:
        """Give what the store knows about a track; by its provider's id, or else by the file's."""
        found = known.get(source.id)
        return (
            known.get(file_tracks.anonymous_track(source).id)
            if found is None and self._is_from_file
            else found
        )

    def _search_of(self, group: dict[str, Any]) -> CandidateSearch | None:
        row = self._context.row
        self._after = group["first"]
        search = CandidateSearch(
            row_ids=group["ids"],
            source=decode(row.source_provider, group["source"]),
            preferences=self._preferences or DEFAULT_PREFERENCES,
        )
        if search.source.id in self._seen:
            return None
        if search.source.id:
            self._seen.add(search.source.id)
        if group["search"] is not None:
            search.restore(group["search"], row.target_provider)
        return search


def save(context: StepContext, changed: Sequence[Finished]) -> None:
    """Save decisions, and what undecided searches have found so far."""
    rows: list[dict[str, Any]] = []
    matched = failed = review = 0
    for search, decision, _ in changed:
        if decision is None:
            rows.append({"id": search.row_ids[0], "status": "pending", "search": search.state()})
            continue
        found_by = decision.found_by or search.found_by(decision.target)
        columns = _columns(decision) | {"found_by": found_by}
        if search.gone:
            told = replace(decision, reasons=[TARGET_GONE, *decision.reasons])
            columns = _columns(told) | {"search": search.state(), "found_by": found_by}
        rows += [{"id": row_id, **columns} for row_id in search.row_ids]
        matched += len(search.row_ids) * (decision.target is not None)
        failed += len(search.row_ids) * (decision.target is None)
        review += len(search.row_ids) * (decision.outcome is Outcome.NEEDS_REVIEW)
    if not rows:
        return
    findings = [
        model.finding_of(search.source, context.row.target_provider, choice)
        for search, _, choice in changed
        if choice is not None and search.source.id
    ]
    if context.row.source_provider == FILE:
        findings = file_tracks.shareable(findings)
    context.commit(
        TrackChange(store.SAVE_SEARCHES, rows),
        findings=findings,
        attempts=0,
        matched_count=context.row.matched_count + matched,
        failed_count=context.row.failed_count + failed,
        review_count=context.row.review_count + review,
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
        "match_codes": reason_codes.codes(decision.reasons),
        "target": None if target is None else encode_shown(target),
        "matcher_version": MATCHER_VERSION,
        "candidates": decision.candidates,
        **store.error_columns(_error(decision)),
        "fetched_at": decision.fetched_at and decision.fetched_at.isoformat(),
    }


TARGET_GONE = "what was found before is no longer there"
"""The reason that stands first where a counterpart had to be looked for again."""
FROM_MATCH_STORE = "found before, for this recording"
"""The reason that stands with a match out of the store."""


def decide_stored(search: CandidateSearch, stored: StoredMatch) -> Decision | None:
    """Decide from the match store; None where it has only a hint, which the search then gets."""
    if not stored.settled:
        candidates = [track for track in stored.candidates if track.id not in search.gone]
        if search.disputed and any(track.id in search.disputed for track in candidates):
            # It is known already, and only a person can decide.
            chosen = candidate_search.decision(search.choose(candidates))
            return replace(chosen, fetched_at=stored.fetched_at)
        search.found += [track for track in stored.candidates if track.duration_ms is not None]
        return None
    if stored.target_id is None:
        policy = registry.get(stored.target_provider).search
        chosen = candidate_search.decision(
            candidate_search.explained(search.choose(stored.candidates), policy)
        )
        return replace(chosen, fetched_at=stored.fetched_at)
    if stored.target_id in search.gone:
        return None
    source = search.source
    # Where only the id may be stored, the source's own names replace the target's.
    target = stored.target or Track(
        provider=stored.target_provider, id=stored.target_id, title=source.title, artists=source.artists
    )
    return Decision(
        outcome=Outcome.MATCHED,
        target=target,
        score=stored.score,
        parts=stored.parts,
        reasons=[*stored.reasons, FROM_MATCH_STORE],
        candidates=None,
        found_by="match_store",
        fetched_at=stored.fetched_at,
    )


def _error(decision: Decision) -> Status | None:
    if decision.is_left_out:
        return Status("left-out")
    if decision.target is not None:
        return None
    code = "needs-review" if decision.outcome is Outcome.NEEDS_REVIEW else "no-match"
    return Status(code, {"reasons": list(decision.reasons)})
