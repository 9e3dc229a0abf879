"""Find a track's counterpart: what to ask the target's catalogue next, and the decision. Pure."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from musicconnect import matching
from musicconnect.matching import (
    DEFAULT_PREFERENCES,
    NOTHING_LEARNED,
    Choice,
    LearnedNames,
    Outcome,
    Preferences,
    Score,
    Scored,
)
from musicconnect.music.codec import decode, encode
from musicconnect.music.model import Track
from musicconnect.music.search_policy import SearchPolicy

NAMED_BY_SOURCE = "the file names it"
"""The reason that stands with an entry of the target's catalogue that the source names itself."""
REPLACED_BY_SOMEBODY = "somebody replaced this match"
"""The reason that stands with the best candidate where a person replaced it."""
SEARCH_HITS = 10
"""Hits asked for per search: five searches fill one batched lookup on YouTube."""
MAX_QUERIES = 3
"""Searches per track that may find nothing at all, however dear they are."""
MAX_CANDIDATES = 5

type FoundBy = Literal["rule", "match_store", "source", "seed", "channel", "search"]
"""What named a counterpart: the person's rule, what was found before, the source itself, open data, the
artist's own channel, or the provider's search."""


@dataclass(frozen=True, slots=True)
class Search:
    """Ask the provider's search."""

    query: str


@dataclass(frozen=True, slots=True)
class Lookup:
    """Ask for everything about hits of which the search says too little."""

    ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Decided:
    """Nothing more to ask."""

    choice: Choice
    shared: Choice | None
    """The choice of somebody without preferences, for everybody; None where it would take more searches."""


@dataclass(slots=True, kw_only=True)
class CandidateSearch:
    """One source track that is being looked for, and what was found so far. Equal tracks are one search."""

    row_ids: list[int]
    """Ids of the rows that it decides, by position."""
    source: Track
    preferences: Preferences = DEFAULT_PREFERENCES
    """Of the person for whom it is looked for."""
    learned: LearnedNames = NOTHING_LEARNED
    """What is known about the names of its artist."""
    disputed: frozenset[str] = frozenset()
    """Ids of counterparts that somebody replaced: one of them is never taken without asking."""
    gone: frozenset[str] = frozenset()
    """Ids of counterparts that turned out to be no longer there."""
    tried: int = 0
    """Queries that were asked."""
    found: list[Track] = field(default_factory=list)
    """Candidates of which enough is known."""
    incomplete: list[Track] = field(default_factory=list)
    """Search hits without a duration, which a lookup has to complete."""
    offered: dict[str, FoundBy] = field(default_factory=dict)
    """Ids of candidates that came without a search, and what named them."""

    def choose(self, candidates: Sequence[Track], preferences: Preferences | None = None) -> Choice:
        """Decide among candidates with what has been learned, as the person prefers or as is said here."""
        knowledge = matching.knowledge_of(self.learned, self.source, candidates)
        choice = matching.choose(self.source, candidates, preferences or self.preferences, knowledge)
        best = choice.best
        if choice.outcome is Outcome.MATCHED and best is not None and best.track.id in self.disputed:
            reasons = [REPLACED_BY_SOMEBODY, *choice.reasons]
            return Choice(Outcome.NEEDS_REVIEW, best, choice.ranked, reasons)
        return choice

    def add_hits(self, hits: Iterable[Track]) -> None:
        """Add the answer to the next query."""
        self.tried += 1
        known = {track.id for track in (*self.found, *self.incomplete)} | self.gone
        for hit in hits:
            if hit.id not in known:
                known.add(hit.id)
                (self.incomplete if hit.duration_ms is None else self.found).append(hit)

    def offer(self, candidates: Iterable[Track], found_by: FoundBy) -> bool:
        """Add candidates that cost no search; give whether any of them is new."""
        known = {track.id for track in (*self.found, *self.incomplete)} | self.gone | self.offered.keys()
        fresh = {track.id: track for track in candidates if track.id not in known}
        self.incomplete += fresh.values()
        self.offered |= dict.fromkeys(fresh, found_by)
        return bool(fresh)

    @property
    def is_fresh(self) -> bool:
        """Whether nothing was asked for yet but what was offered."""
        return self.tried == 0 and all(track.id in self.offered for track in (*self.found, *self.incomplete))

    def found_by(self, target: Track | None) -> FoundBy | None:
        """Give what named the target that was decided on; None without one."""
        if target is None:
            return None
        return "source" if _is_same(target, self.source) else self.offered.get(target.id, "search")

    def add_details(self, asked: Collection[str], details: Iterable[Track]) -> None:
        """Add the answer to a lookup; hits that it does not know are dropped."""
        by_id = {track.id: track for track in details}
        self.found += [by_id[hit.id] for hit in self.incomplete if hit.id in asked and hit.id in by_id]
        self.incomplete = [hit for hit in self.incomplete if hit.id not in asked]

    def state(self) -> dict[str, Any]:
        """Give what has to be saved until the decision, as JSON."""
        return {
            "tried": self.tried,
            "found": [encode(track) for track in self.found],
            "incomplete": [encode(track) for track in self.incomplete],
            "disputed": sorted(self.disputed),
            "gone": sorted(self.gone),
            "offered": self.offered,
        }

    def restore(self, state: dict[str, Any], provider: str) -> None:
        """Restore what `state` gave. ``provider`` is the one that was searched."""
        self.tried = state["tried"]
        self.found = [decode(provider, entry) for entry in state["found"]]
        self.incomplete = [decode(provider, entry) for entry in state["incomplete"]]
        self.disputed = frozenset(state.get("disputed", ()))
        self.gone = frozenset(state.get("gone", ()))
        self.offered = state.get("offered", {})


def next_step(search: CandidateSearch, policy: SearchPolicy) -> Search | Lookup | Decided:
    """Give the next step of a search at a provider with this policy."""
    if search.incomplete:
        return Lookup(tuple(hit.id for hit in search.incomplete))
    named = next((hit for hit in search.found if _is_same(hit, search.source)), None)
    if named is not None:
        choice = _named_choice(named)
        return Decided(choice, choice)
    choice = search.choose(search.found)
    shared = choice
    if search.preferences != DEFAULT_PREFERENCES:
        shared = search.choose(search.found, DEFAULT_PREFERENCES)
    if choice.outcome is Outcome.MATCHED and _is_compared(search, choice):
        return Decided(choice, shared if shared.outcome is Outcome.MATCHED else None)
    queries = matching.queries(search.source, policy)
    # A query without any hit does not count; the next one may replace it.
    has_hits = any(track.id not in search.offered for track in search.found)
    allowed = queries[: policy.max_queries if has_hits else MAX_QUERIES]
    if search.tried < len(allowed):
        return Search(allowed[search.tried])
    return Decided(explained(choice, policy), explained(shared, policy))


def explained(choice: Choice, policy: SearchPolicy) -> Choice:
    """Say of what has no match in an open catalogue that it is not in it: its person can add it there."""
    catalogue = policy.catalogue
    if catalogue is None or choice.outcome is not Outcome.NO_MATCH:
        return choice
    said = choice.reasons if choice.ranked else []
    return Choice(choice.outcome, choice.best, choice.ranked, [
        f"it is not in {catalogue}, where you can add it", *said,
    ])  # fmt: skip


def _is_compared(search: CandidateSearch, choice: Choice) -> bool:
    """Decide whether a match needs no search any more.

    What was offered has not been compared with what a search would find, so that it has to say the same
    about version and mastering: an original would lead to a remaster.
    """
    if search.tried or choice.best is None or choice.best.track.id not in search.offered:
        return True
    return matching.same_edition(search.source, choice.best.track)


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What is stored about a track."""

    outcome: Outcome
    reasons: list[str]
    target: Track | None = None
    score: float | None = None
    """0 to 100, of the best candidate."""
    parts: dict[str, float] | None = None
    candidates: list[dict[str, Any]] | None = None
    """The best ones, where a person has to decide."""
    fetched_at: datetime | None = None
    """When the provider said what is known of target and candidates; None: just now."""
    found_by: FoundBy | None = None
    """What named the target; None: the search for it says so."""
    is_left_out: bool = False
    """Whether its person said that there is no counterpart."""


def decision(choice: Choice) -> Decision:
    """Turn the matcher's choice into what is stored."""
    best = choice.best
    score = None if best is None else round(min(100.0, max(0.0, best.score.total)), 2)
    common: dict[str, Any] = {
        "outcome": choice.outcome,
        "score": score,
        "parts": None if best is None else best.score.parts,
        "reasons": choice.reasons,
    }
    if choice.outcome is Outcome.MATCHED:
        assert best is not None
        return Decision(target=best.track, **common)
    return Decision(candidates=[_candidate(scored) for scored in choice.ranked[:MAX_CANDIDATES]], **common)


def refused(message: str) -> Decision:
    """Decide a search that the provider refuses for good."""
    return Decision(outcome=Outcome.NO_MATCH, reasons=[f"the search was refused: {message}"])


def _is_same(hit: Track, source: Track) -> bool:
    return (hit.provider, hit.id) == (source.provider, source.id)


def _named_choice(named: Track) -> Choice:
    best = Scored(named, Score(total=100.0, evidence=0.0, parts={}, reasons=[NAMED_BY_SOURCE]))
    return Choice(Outcome.MATCHED, best, [best], [NAMED_BY_SOURCE])


def _candidate(scored: Scored) -> dict[str, Any]:
    track = encode(scored.track)
    # A description is long, and of no use to the person who has to choose.
    track.pop("description", None)
    return track | {
        "artist": scored.track.artist_line,
        "score": round(scored.score.total, 2),
        "parts": scored.score.parts,
        "reasons": scored.score.reasons,
    }
