"""The second stage: find each track's counterpart in the target's catalogue."""

from collections.abc import Sequence
from itertools import islice
from typing import Any

from musicconnect.matching import MATCHER_VERSION, Outcome
from musicconnect.migrations import counterparts, store
from musicconnect.migrations.bench import Bench
from musicconnect.migrations.counterparts import Decided, Decision, Lookup, Quest, Search
from musicconnect.migrations.stages import Advance, Pause
from musicconnect.migrations.store import Change
from musicconnect.providers.base import RejectedError
from musicconnect.providers.track_json import decode

GROUPS_AT_A_TIME = 100


def find(bench: Bench) -> Advance | Pause:
    """Search, look up and decide until no track is pending.

    Raises:
        ProviderError: a call failed; what was found so far is kept.
    """
    while quests := _load(bench):
        if not _search_all(bench, quests):
            return Pause()
    bench.advance()
    return Advance(bench.row.stage)


def _load(bench: Bench) -> list[Quest]:
    row, quests = bench.row, []
    with bench.database.transaction(row.user_id) as connection:
        groups = store.open_groups(connection, row.id, GROUPS_AT_A_TIME)
    for group in groups:
        quest = Quest(row_ids=group["ids"], source=decode(row.source_provider, group["source"]))
        if group["search"] is not None:
            quest.restore(group["search"], row.target_provider)
        quests.append(quest)
    return quests


def _search_all(bench: Bench, quests: Sequence[Quest]) -> bool:
    """Work through some quests; False when the step has to end."""
    thin: list[Quest] = []
    batch = bench.target.limits.lookup_batch
    for quest in quests:
        step = counterparts.next_step(quest, bench.row.target_provider)
        if isinstance(step, Decided):
            _save(bench, [(quest, counterparts.decision(step.choice))])
        while isinstance(step, Search):
            if not bench.budget.may_call():
                return False
            step = _search(bench, quest, step.query)
        if isinstance(step, Lookup):
            thin.append(quest)
        while sum(len(entry.thin) for entry in thin) >= batch:
            if not bench.budget.may_call():
                return False
            _look_up(bench, thin)
    # Lookups are sent full. What is left over joins the next quests, unless there are none.
    while thin and len(quests) < GROUPS_AT_A_TIME:
        if not bench.budget.may_call():
            return False
        _look_up(bench, thin)
    return True


def _search(bench: Bench, quest: Quest, query: str) -> Search | Lookup | Decided:
    limit = min(counterparts.SEARCH_HITS, bench.target.limits.search_limit)
    try:
        quest.take_hits(bench.target.search_tracks(query, limit))
    except RejectedError as error:
        if not quest.found:
            refused = counterparts.refused(error.message)
            _save(bench, [(quest, refused)])
            return Decided(counterparts.nothing())
        quest.take_hits([])
    step = counterparts.next_step(quest, bench.row.target_provider)
    _save(bench, [(quest, counterparts.decision(step.choice) if isinstance(step, Decided) else None)])
    return step


def _look_up(bench: Bench, thin: list[Quest]) -> None:
    """One lookup, as full as it can be; takes the quests that need no further one off the list."""
    ids = list(
        islice(
            dict.fromkeys(hit.id for quest in thin for hit in quest.thin), bench.target.limits.lookup_batch
        )
    )
    details = bench.target.tracks(ids)
    asked = set(ids)
    changed: list[tuple[Quest, Decision | None]] = []
    for quest in thin:
        if any(hit.id in asked for hit in quest.thin):
            quest.take_details(asked, details)
            step = counterparts.next_step(quest, bench.row.target_provider)
            changed.append((quest, counterparts.decision(step.choice) if isinstance(step, Decided) else None))
    _save(bench, changed)
    thin[:] = [quest for quest in thin if quest.thin]


def _save(bench: Bench, changed: Sequence[tuple[Quest, Decision | None]]) -> None:
    """Write down what one call brought: decisions, and what undecided quests have found so far."""
    rows: list[dict[str, Any]] = []
    matched = failed = review = 0
    for quest, decision in changed:
        if decision is None:
            rows.append({"id": quest.row_ids[0], "status": "pending", "search": quest.state()})
            continue
        rows += [{"id": row_id, **_columns(decision)} for row_id in quest.row_ids]
        matched += len(quest.row_ids) * (decision.target is not None)
        failed += len(quest.row_ids) * (decision.target is None)
        review += len(quest.row_ids) * (decision.outcome is Outcome.NEEDS_REVIEW)
    bench.commit(
        Change(store.SAVE_SEARCHES, rows),
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
    }
