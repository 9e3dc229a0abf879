"""Choose among candidates."""

from collections.abc import Sequence

from musicconnect.matching.data.version_phrases import Fact
from musicconnect.matching.evidence import EXACT_S, seconds_apart
from musicconnect.matching.keys import version_flags
from musicconnect.matching.model import (
    SAME_LENGTH_MS,
    Choice,
    Knowledge,
    Outcome,
    Preferences,
    Scored,
)
from musicconnect.matching.other_writings import rewrite
from musicconnect.matching.scoring import REVIEW_CEILING, score
from musicconnect.music.model import Track

ACCEPT = 90.0
"""Scores from here on are accepted without asking."""
REVIEW = 20.0
"""Scores from here on are worth a person's look."""
MARGIN = 3.0
"""Log-odds by which the best has to be ahead of another recording."""
WIDE_MARGIN = 5.0
"""The same where the best is not of the source's very length: either may be the recording then."""

_DEFAULTS = Preferences()


def choose(
    source: Track,
    candidates: Sequence[Track],
    preferences: Preferences = _DEFAULTS,
    knowledge: Knowledge | None = None,
) -> Choice:
    """Decide which of the candidates, if any, is the recording of ``source``."""
    scored = [Scored(candidate, score(source, candidate, preferences, knowledge)) for candidate in candidates]
    for index, written in rewrite(source, scored).items():
        again = score(source, written, preferences, knowledge)
        if again.evidence > scored[index].score.evidence:
            scored[index] = Scored(scored[index].track, again)
    has_copies = len({entry.track.id for entry in scored}) < len(scored)
    ranked = sorted(
        scored,
        key=lambda entry: (
            -entry.score.evidence,
            not _is_preferred(entry.track, preferences),
            entry.track.id,
            repr(entry.track) if has_copies else "",
        ),
    )
    if not ranked:
        return Choice(Outcome.NO_MATCH, None, [], ["nothing was found"])
    best = ranked[0]
    reasons = list(best.score.reasons)
    if best.score.total < REVIEW:
        return Choice(Outcome.NO_MATCH, best, ranked, reasons)
    if best.score.total < ACCEPT:
        return Choice(Outcome.NEEDS_REVIEW, best, ranked, reasons)
    apart = seconds_apart(source, best.track)
    margin = MARGIN if apart is None or apart <= EXACT_S else WIDE_MARGIN
    for rival in ranked[1:]:
        if rival.score.evidence < best.score.evidence - margin or rival.score.total <= REVIEW_CEILING:
            break  # what is doubtful by itself is no rival
        if not _copies(best.track, rival.track):
            reasons.insert(0, "another recording scores as high")
            return Choice(Outcome.NEEDS_REVIEW, best, ranked, reasons)
    return Choice(Outcome.MATCHED, best, ranked, reasons)


def _is_preferred(track: Track, preferences: Preferences) -> bool:
    """Decide whether an entry states the words that a person prefers, where nothing else tells two apart."""
    if preferences.content != "explicit":
        return False  # what is clean mostly says nothing about it
    return bool(track.explicit or version_flags(track) & Fact.EXPLICIT)


def _copies(best: Track, other: Track) -> bool:
    """Decide whether two good candidates may be the same recording, so that either will do."""
    if best.duration_ms is None or other.duration_ms is None:
        return True
    return abs(best.duration_ms - other.duration_ms) <= SAME_LENGTH_MS
