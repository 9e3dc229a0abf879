"""Decide what stored matches are worth for a track, and what is worth storing. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Literal

from musicconnect.matching import (
    DEFAULT_PREFERENCES,
    MATCHER_VERSION,
    ChannelKind,
    Choice,
    Outcome,
    Preferences,
    Score,
    choose,
    normal_form,
    parse_upload,
    same_edition,
    score,
)
from musicconnect.music.model import ProviderName, Track
from musicconnect.platform.text import storable

FRESH_FOR = timedelta(days=29)
"""YouTube's data are refreshed or deleted within 30 days (its Developer Policies, III.E.4). Every row has a
YouTube side, so this holds for all of them; one day is for the deleting."""
MIN_MISS_LIFETIME = timedelta(minutes=30)
"""How long "nothing was found" is believed at first; twice as long after every further time."""
MAX_MISS_LIFETIME = timedelta(days=7)
MIN_PERSON_SCORE = 20.0
"""A user's choice is everybody's only where the matcher does not call it a different recording."""
ART_TRACK = "the upload itself says what it is, in a label's words"
MAX_CANDIDATES = 5

type ConfirmedBy = Literal["score", "person"]
type FoundBy = Literal["id", "isrc", "normal_form"]


@dataclass(frozen=True, slots=True, kw_only=True)
class MatchKeys:
    """By what a track's counterpart is found."""

    source_provider: ProviderName
    source_id: str
    isrc: str | None
    normal_form: str | None
    duration_ms: int | None
    """None as well of a stream of days: it is not compared by its length."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """A decision about a track's counterpart, to be shared."""

    source: Track
    target_provider: ProviderName
    outcome: Outcome
    target: Track | None
    """With everything that is known about it; None unless matched."""
    score: float | None
    """0 to 100."""
    parts: dict[str, float] = field(default_factory=dict)
    reasons: Sequence[str] = ()
    candidates: Sequence[Track] = ()
    """The best first, where nothing was good enough."""
    confirmed_by: ConfirmedBy = "score"
    fetched_at: datetime | None = None
    """When the facts of both were fetched, the older of them; None: just now."""

    def __post_init__(self) -> None:
        if (self.target is None) == (self.outcome is Outcome.MATCHED):
            raise ValueError("what is matched has a target, and nothing else has")


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredMatch:
    """A stored match, seen from a track."""

    source_provider: ProviderName
    source_id: str
    """Of the track in question, whatever row told about it."""
    target_provider: ProviderName
    outcome: Outcome
    target_id: str | None
    """None unless matched."""
    target: Track | None
    """Its facts; None as well where only the id may still be told: fetch them again."""
    source: Track | None
    """The facts of ``source_id``; None where the row speaks of another entry, or only ids may be told."""
    score: float | None
    parts: dict[str, float]
    reasons: list[str]
    candidates: tuple[Track, ...]
    """Entries worth considering where nothing is matched."""
    confirmed_by: ConfirmedBy
    matcher_version: int
    found_by: FoundBy
    fetched_at: datetime
    expires_at: datetime | None
    """Until when a miss is believed."""
    settled: bool
    """Whether the answer can be taken as it is; otherwise only ``candidates`` are of use: decide anew."""

    @property
    def is_match(self) -> bool:
        """Whether there is a counterpart that can be used without asking."""
        return self.settled and self.target_id is not None

    @property
    def is_miss(self) -> bool:
        """Whether it is known that there is none, so that searching again is a waste."""
        return self.settled and self.target_id is None


def keys_of(track: Track) -> MatchKeys:
    """Get the keys of a track."""
    length = track.duration_ms
    return MatchKeys(
        source_provider=track.provider,
        source_id=storable(track.id),
        isrc=storable(track.isrc.upper()) if track.isrc else None,
        normal_form=normal_form(track) if length else None,
        duration_ms=length if length is not None and 0 < length < 2**31 else None,
    )


def finding_of(source: Track, target_provider: ProviderName, choice: Choice) -> Finding:
    """Make a finding of the matcher's decision."""
    best = choice.best
    matched = choice.outcome is Outcome.MATCHED and best is not None
    return Finding(
        source=source,
        target_provider=target_provider,
        outcome=choice.outcome,
        target=best.track if matched and best is not None else None,
        score=None if best is None else best.score.total,
        parts={} if best is None else best.score.parts,
        reasons=choice.reasons,
        candidates=() if matched else [scored.track for scored in choice.ranked[:MAX_CANDIDATES]],
    )


def is_shareable(finding: Finding) -> bool:
    """Whether others may know: a user's own private upload, say, is nobody else's business."""
    return finding.source.is_public and (finding.target is None or finding.target.is_public)


def from_art_track(track: Track) -> Finding | None:
    """Make a finding of an art track, met anywhere; None for any other entry.

    Artists, title and album in its description are a label's, so it is known, without a search, to be that
    recording: it is kept as its own counterpart, and found by its normal form and length. Whoever finds it so
    compares it first (see `resolve_rows`).
    """
    if not track.description or not track.duration_ms or not track.id:
        return None
    upload = parse_upload(track.title, track.channel, track.description)
    # Without an album, what the description says was not read out of a label's block.
    if upload.channel_kind is not ChannelKind.ART_TRACK or not upload.album or not upload.artists:
        return None
    return Finding(
        source=track,
        target_provider=track.provider,
        outcome=Outcome.MATCHED,
        target=track,
        score=100.0,
        reasons=[ART_TRACK],
    )


def mirrored(finding: Finding) -> Finding | None:
    """Reverse a finding; None where it does not hold the other way round.

    The target has not been compared with other entries of the source's catalogue, so both have to be the same
    edition: an original would lead to a remaster.
    """
    if finding.source.provider == finding.target_provider:
        return None
    if finding.target is None or not same_edition(finding.source, finding.target):
        return None
    return replace(
        finding, source=finding.target, target=finding.source, target_provider=finding.source.provider
    )


def rescored(source: Track, target: Track, confirmed_by: ConfirmedBy, *, is_mirrored: bool) -> Score | None:
    """Score a stored pair by the current matcher; None where it would not be accepted any more.

    A user's choice always stays: its score says whether it is everybody's.
    """
    if (source.provider, source.id) == (target.provider, target.id):
        stated = from_art_track(source)
        return None if stated is None else Score(100.0, 0.0, {}, list(stated.reasons))
    if confirmed_by == "person":
        return score(source, target)
    choice = choose(source, [target])
    if choice.outcome is not Outcome.MATCHED or choice.best is None:
        return None
    if is_mirrored and not same_edition(source, target):
        return None
    return choice.best.score


def resolve_rows(
    track: Track, rows: Iterable[StoredMatch], now: datetime, disputed: frozenset[str] = frozenset()
) -> StoredMatch | None:
    """Decide what rows about a track, found by any of its keys, amount to.

    A row of the track itself, by the current matcher or by a user, is taken as it is; of a user's choice, its
    score by the current matcher says whether it is everybody's. All others are
    candidates that the current matcher decides about here and now. They have not been compared with what a
    search for this track would find, so they have to be the same edition, or to have the same ISRC.

    Args:
        track: In question.
        rows: Unexpired ones, the surest key first.
        now: The current time.
        disputed: Counterparts of the track that somebody replaced: no more than candidates.
    """
    rows = list(rows)
    for row in rows:
        if row.target_id in disputed:
            continue
        if row.target_id is not None and row.found_by == "id" and _is_valid(track, row, now):
            fresh = row.fetched_at > now - FRESH_FOR
            facts = row if fresh else replace(row, target=None, source=None)
            return replace(facts, settled=True)
    candidates: dict[str, tuple[Track, StoredMatch]] = {}
    for row in rows:
        if row.fetched_at > now - FRESH_FOR and not _is_other_edition(track, row):
            for candidate in (*((row.target,) if row.target else ()), *row.candidates):
                candidates.setdefault(candidate.id, (candidate, row))
    miss = next(
        (row for row in rows if row.target_id is None and row.found_by != "normal_form" and _is_current(row)),
        None,
    )
    if candidates and (miss is None or candidates.keys() - {candidate.id for candidate in miss.candidates}):
        choice = choose(track, [candidate for candidate, _ in candidates.values()])
        assert choice.best is not None
        row = candidates[choice.best.track.id][1]
        is_settled = (
            choice.outcome is Outcome.MATCHED
            and choice.best.track.id not in disputed
            and (row.found_by == "isrc" or same_edition(track, choice.best.track))
        )
        if is_settled or miss is None:
            return _decided(choice, row, is_settled)
    if miss is None:
        return None
    return replace(miss, settled=True, source=miss.source if miss.found_by == "id" else None)


def preferred(track: Track, match: StoredMatch, preferences: Preferences) -> StoredMatch:
    """Give a match as a person prefers it: what is stored is the choice of somebody without preferences.

    What the person would not have taken is no more than a candidate for them, and what they would take of a
    miss's candidates is their match. An answer of which only the ids are known stays as it is.
    """
    if preferences == DEFAULT_PREFERENCES or not match.settled:
        return match
    source = track if track.title else match.source
    candidates = [match.target] if match.target is not None else list(match.candidates)
    if source is None or not candidates:
        return match
    choice = choose(source, candidates, preferences)
    if choice.outcome is Outcome.MATCHED:
        return match if match.is_match else _decided(choice, match, is_settled=True)
    return _decided(choice, match, is_settled=False) if match.is_match else match


def _is_valid(track: Track, row: StoredMatch, now: datetime) -> bool:
    if row.confirmed_by == "person":
        total = _person_score(track, row, now)
        return total is None or total >= MIN_PERSON_SCORE
    return _is_current(row) and row.fetched_at > now - FRESH_FOR


def _person_score(track: Track, row: StoredMatch, now: datetime) -> float | None:
    """Give the current matcher's score of a user's choice; the stored one where the facts are too old."""
    source = row.source or (track if track.title else None)
    is_scored = row.score is not None and _is_current(row)
    if is_scored or source is None or row.target is None or row.fetched_at <= now - FRESH_FOR:
        return row.score
    return score(source, row.target).total


def _is_other_edition(track: Track, row: StoredMatch) -> bool:
    """Whether what was found by name belongs to the explicit edition of a clean track, or the reverse."""
    source = row.source
    return (
        row.found_by == "normal_form"
        and source is not None
        and source.explicit is not None
        and track.explicit is not None
        and source.explicit != track.explicit
    )


def _is_current(row: StoredMatch) -> bool:
    return row.matcher_version == MATCHER_VERSION


def _decided(choice: Choice, row: StoredMatch, is_settled: bool) -> StoredMatch:
    """Make a match of the current matcher's decision about stored candidates."""
    best = choice.best
    assert best is not None
    return replace(
        row,
        source=row.source if row.found_by == "id" else None,
        outcome=choice.outcome,
        target_id=best.track.id if is_settled else None,
        target=best.track if is_settled else None,
        score=best.score.total,
        parts=best.score.parts,
        reasons=choice.reasons,
        candidates=() if is_settled else tuple(scored.track for scored in choice.ranked),
        confirmed_by="score",
        matcher_version=MATCHER_VERSION,
        expires_at=None,
        settled=is_settled,
    )
