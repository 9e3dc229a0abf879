"""Choosing among candidates."""

from collections.abc import Sequence

from musicconnect.matching.model import Choice, Outcome, Scored
from musicconnect.matching.scoring import score
from musicconnect.providers.base import Track

ACCEPT = 90.0
REVIEW = 50.0


def choose(source: Track, candidates: Sequence[Track]) -> Choice:
    """Decide which of the candidates, if any, is the recording of ``source``."""
    ranked = sorted(
        (Scored(candidate, score(source, candidate)) for candidate in candidates),
        key=lambda scored: (-scored.score.evidence, scored.track.id, scored.track.title),
    )
    if not ranked:
        return Choice(Outcome.NO_MATCH, None, [], ["nothing was found"])
    best = ranked[0]
    if best.score.total >= ACCEPT:
        outcome = Outcome.MATCHED
    elif best.score.total >= REVIEW:
        outcome = Outcome.NEEDS_REVIEW
    else:
        outcome = Outcome.NO_MATCH
    return Choice(outcome, best, ranked, list(best.score.reasons))
