"""Finding a track's counterpart: what to ask the target's catalogue next, and what came of it. Pure."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from musicconnect import matching
from musicconnect.matching import Choice, Outcome, Score, Scored
from musicconnect.music.codec import decode, encode
from musicconnect.music.model import ItemKind, Track
from musicconnect.providers.match_store.model import StoredMatch

NAMED = "the file names it"
"""The reason that stands with an entry of the target's catalogue that the source names itself."""
FOR_EVERYBODY = "found before, for this recording"
"""The reason that stands with a match out of the store."""
SEARCH_HITS = 10
"""Hits asked for per search: five searches fill one batched lookup on YouTube."""
MAX_QUERIES = {"youtube": 1}
"""Searches per track where they are dear (YouTube: 100 a day for everybody)."""
MAX_QUERIES_ELSEWHERE = 3
KEPT_CANDIDATES = 5

NOT_TRANSFERABLE = {
    ItemKind.LOCAL: "a file on your own device, which no other service has",
    ItemKind.EPISODE: "an episode of a podcast, not a track",
    ItemKind.UNAVAILABLE: "no longer available at the source: withdrawn, deleted or private",
}
"""Why entries of these kinds are not looked for."""


@dataclass(frozen=True, slots=True)
class Search:
    """Ask the provider's search."""

    query: str


@dataclass(frozen=True, slots=True)
class Lookup:
    """Ask for everything about hits of which the search told too little."""

    ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Decided:
    """Nothing more to ask."""

    choice: Choice


@dataclass(slots=True, kw_only=True)
class Quest:
    """One source track that is being looked for, and what was found so far.

    Equal tracks of a playlist are one quest.
    """

    row_ids: list[int]
    """Ids of the rows that it decides, by position."""
    source: Track
    tried: int = 0
    """Queries that were asked."""
    found: list[Track] = field(default_factory=list)
    """Candidates of which enough is known."""
    thin: list[Track] = field(default_factory=list)
    """Search hits without a duration, which a lookup has to complete."""

    def take_hits(self, hits: Iterable[Track]) -> None:
        """Note the answer to the next query."""
        self.tried += 1
        known = {track.id for track in (*self.found, *self.thin)}
        for hit in hits:
            if hit.id not in known:
                known.add(hit.id)
                (self.thin if hit.duration_ms is None else self.found).append(hit)

    def take_details(self, asked: Collection[str], details: Iterable[Track]) -> None:
        """Note the answer to a lookup; hits that it does not know are gone."""
        by_id = {track.id: track for track in details}
        self.found += [by_id[hit.id] for hit in self.thin if hit.id in asked and hit.id in by_id]
        self.thin = [hit for hit in self.thin if hit.id not in asked]

    def state(self) -> dict[str, Any]:
        """What has to be kept until it is decided, as JSON."""
        return {
            "tried": self.tried,
            "found": [encode(track) for track in self.found],
            "thin": [encode(track) for track in self.thin],
        }

    def restore(self, state: dict[str, Any], provider: str) -> None:
        """Take up what was kept. ``provider`` is the one that was searched."""
        self.tried = state["tried"]
        self.found = [decode(provider, entry) for entry in state["found"]]
        self.thin = [decode(provider, entry) for entry in state["thin"]]


def next_step(quest: Quest, target_provider: str) -> Search | Lookup | Decided:
    """What to do next for one quest."""
    if quest.thin:
        return Lookup(tuple(hit.id for hit in quest.thin))
    named = next((hit for hit in quest.found if _is_same(hit, quest.source)), None)
    if named is not None:
        return Decided(_taken(named))
    choice = matching.choose(quest.source, quest.found)
    if choice.outcome is Outcome.MATCHED:
        return Decided(choice)
    most = MAX_QUERIES.get(target_provider, MAX_QUERIES_ELSEWHERE)
    queries = matching.queries(quest.source, target_provider)
    # A query that found nothing at all has told nothing; the next one may stand in for it.
    allowed = queries[:most] if quest.found else queries[:MAX_QUERIES_ELSEWHERE]
    if quest.tried < len(allowed):
        return Search(allowed[quest.tried])
    return Decided(choice)


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What is written down about a track."""

    outcome: Outcome
    target: Track | None
    score: float | None
    """0 to 100, of the best candidate."""
    parts: dict[str, float] | None
    reasons: list[str]
    candidates: list[dict[str, Any]] | None
    """The best ones, where a person has to decide."""
    error_message: str | None
    fetched_at: datetime | None = None
    """When the provider said what is known of target and candidates; None: just now."""


def recall(quest: Quest, stored: StoredMatch) -> Decision | None:
    """What the match store's answer decides; None where it is only a hint, which the quest then has.

    Args:
        quest: Not begun.
        stored: What the store knows about its source.
    """
    if not stored.settled:
        quest.found += [track for track in stored.candidates if track.duration_ms is not None]
        return None
    if stored.target_id is None:
        chosen = decision(matching.choose(quest.source, list(stored.candidates)))
        return replace(chosen, fetched_at=stored.fetched_at)
    source = quest.source
    # Where only the id may be kept, the source's own names stand in for the target's.
    target = stored.target or Track(
        provider=stored.target_provider, id=stored.target_id, title=source.title, artists=source.artists
    )
    return Decision(
        outcome=Outcome.MATCHED,
        target=target,
        score=stored.score,
        parts=stored.parts,
        reasons=[*stored.reasons, FOR_EVERYBODY],
        candidates=None,
        error_message=None,
        fetched_at=stored.fetched_at,
    )


def decision(choice: Choice) -> Decision:
    """Turn the matcher's choice into what is written down."""
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
        return Decision(target=best.track, candidates=None, error_message=None, **common)
    verdict = "needs review" if choice.outcome is Outcome.NEEDS_REVIEW else "no match"
    why = "; ".join(choice.reasons) or "nothing comes close enough"
    return Decision(
        target=None,
        candidates=[_candidate(scored) for scored in choice.ranked[:KEPT_CANDIDATES]],
        error_message=f"{verdict}: {why}",
        **common,
    )


def refused(message: str) -> Decision:
    """A search that the provider refuses for good."""
    return Decision(
        outcome=Outcome.NO_MATCH,
        target=None,
        score=None,
        parts=None,
        reasons=[message],
        candidates=None,
        error_message=f"no match: the search was refused: {message}",
    )


def _is_same(hit: Track, source: Track) -> bool:
    """Whether the source is an entry of the catalogue that is searched, and this is it."""
    return (hit.provider, hit.id) == (source.provider, source.id)


def _taken(named: Track) -> Choice:
    """The choice of what needs no choosing."""
    best = Scored(named, Score(total=100.0, evidence=0.0, parts={}, reasons=[NAMED]))
    return Choice(Outcome.MATCHED, best, [best], [NAMED])


def nothing() -> Choice:
    """The choice among no candidates."""
    return Choice(Outcome.NO_MATCH, None, [], [])


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
