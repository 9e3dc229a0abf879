"""The open tracks of a playlist on their way between the database and the search for counterparts."""

from collections.abc import Mapping, Sequence
from typing import Any

from musicconnect.matching import MATCHER_VERSION, Choice, Outcome
from musicconnect.migrations.api import rules
from musicconnect.migrations.engine import candidate_search, store
from musicconnect.migrations.engine.candidate_search import Decision, Quest
from musicconnect.migrations.engine.context import Bench
from musicconnect.migrations.engine.store import Change
from musicconnect.migrations.imports import tracks
from musicconnect.music.codec import decode
from musicconnect.music.model import Track
from musicconnect.providers.match_store import model
from musicconnect.providers.match_store import store as match_store
from musicconnect.providers.match_store.model import StoredMatch
from musicconnect.providers.registry import FILE

GROUPS_AT_A_TIME = 250

type Finished = tuple[Quest, Decision | None, Choice | None]
"""A quest, what was decided about it, and the matcher's choice where that is news for the store."""


class OpenQuests:
    """The tracks that are still open, in order, some at a time."""

    def __init__(self, bench: Bench) -> None:
        self._bench = bench
        self._after = -1
        self._is_from_file = bench.row.source_provider == FILE
        self._taken: set[str] = set()
        """Sources that were given out: equal tracks further on belong to them."""
        self.are_all_out = False

    def take(self) -> tuple[list[Quest], list[Finished]]:
        """The next ones: those to search for, and those that a rule or the match store decides."""
        bench, row = self._bench, self._bench.row
        with bench.database.transaction(row.user_id) as connection:
            groups = store.open_groups(connection, row.id, GROUPS_AT_A_TIME, self._after)
            quests = [quest for group in groups if (quest := self._quest_of(group)) is not None]
            fresh = [quest for quest in quests if quest.tried == 0 and not quest.thin and not quest.found]
            sources = [quest.source for quest in fresh]
            ruled = rules.find(connection, sources, row.target_provider) if sources else {}
            asked = [*sources, *map(tracks.as_told, sources)] if self._is_from_file else sources
            known = match_store.find(connection, asked, row.target_provider, bench.now()) if asked else {}
        self.are_all_out = len(groups) < GROUPS_AT_A_TIME
        decided: list[Finished] = []
        for quest in fresh:
            decision: Decision | None = None
            if quest.source.id in ruled:
                decision = rules.decision(quest.source, ruled[quest.source.id])
            elif quest.source.provider == row.target_provider:
                quest.thin.append(quest.source)  # It is there already, unless a lookup says that it is not.
            elif (stored := self._stored(quest.source, known)) is not None:
                decision = candidate_search.recall(quest, stored)
            if decision is not None:
                decided.append((quest, decision, None))
        done = {id(quest) for quest, _, _ in decided}
        return [quest for quest in quests if id(quest) not in done], decided

    def _stored(self, source: Track, known: Mapping[str, StoredMatch]) -> StoredMatch | None:
        """What the store knows about a track; of a file's, first as its provider's, then as the file's."""
        found = known.get(source.id)
        return known.get(tracks.as_told(source).id) if found is None and self._is_from_file else found

    def _quest_of(self, group: dict[str, Any]) -> Quest | None:
        row = self._bench.row
        self._after = group["first"]
        quest = Quest(row_ids=group["ids"], source=decode(row.source_provider, group["source"]))
        if quest.source.id in self._taken:
            return None
        if quest.source.id:
            self._taken.add(quest.source.id)
        if group["search"] is not None:
            quest.restore(group["search"], row.target_provider)
        return quest


def save(bench: Bench, changed: Sequence[Finished]) -> None:
    """Write down what came of quests: decisions, and what undecided ones have found so far."""
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
        model.finding_of(quest.source, bench.row.target_provider, choice)
        for quest, _, choice in changed
        if choice is not None and quest.source.id
    ]
    if bench.row.source_provider == FILE:
        findings = tracks.for_everybody(findings)
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
