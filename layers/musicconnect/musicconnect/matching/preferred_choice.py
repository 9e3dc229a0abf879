"""Choose among candidates as a person prefers.

A preference never makes another recording the right one: it decides between editions of one, and from which
score on nobody is asked.
"""

import re
from collections.abc import Sequence
from dataclasses import replace

from musicconnect.matching import scoring
from musicconnect.matching.data.version_phrases import Fact
from musicconnect.matching.keys import version_flags
from musicconnect.matching.model import SAME_LENGTH_MS, Choice, Outcome
from musicconnect.matching.preference import Edition, Preference, Strictness
from musicconnect.music.model import Track

STRICT_ACCEPT = 97.0
"""Score from which on a strict person is not asked. Artist and title alone do not reach it: they do where the
lengths agree as well, or the channel is the artist's own."""
LENIENT_ACCEPT = scoring.TITLE_CEILING
"""Scores above it are accepted for a lenient person. What differs by its version or title ends there."""

_LABEL = re.compile(r"\s*[(\[]\s*(?:explicit|clean|dirty)(?:\s+version)?\s*[)\]]", re.IGNORECASE)
_OPPOSITE = {Edition.EXPLICIT: Edition.CLEAN, Edition.CLEAN: Edition.EXPLICIT}


def choose(source: Track, candidates: Sequence[Track], preference: Preference) -> Choice:
    """Decide which of the candidates, if any, is the recording of ``source`` for this person."""
    choice = scoring.choose(source, candidates)
    if preference.edition is not Edition.ANY:
        choice = _prefer_edition(choice, source, candidates, preference.edition)
    return by_strictness(choice, preference.strictness)


def by_strictness(choice: Choice, strictness: Strictness) -> Choice:
    """Decide a standard choice again, with another score from which on nobody is asked."""
    if strictness is Strictness.STRICT:
        return _strict(choice)
    if strictness is Strictness.LENIENT:
        return _lenient(choice)
    return choice


def edition_of(track: Track) -> Edition | None:
    """Tell which edition an entry says that it is, by its words first; None where it says nothing."""
    flags = version_flags(track)
    if flags & Fact.CLEAN:
        return Edition.CLEAN
    if flags & Fact.EXPLICIT or track.explicit:
        return Edition.EXPLICIT
    # Most recordings that are not explicit have no other edition; they are clean all the same.
    return Edition.CLEAN if track.explicit is False else None


def _prefer_edition(choice: Choice, source: Track, candidates: Sequence[Track], wanted: Edition) -> Choice:
    fitting = [candidate for candidate in candidates if edition_of(candidate) is wanted]
    if fitting:
        asked = replace(source, explicit=wanted is Edition.EXPLICIT, title=_LABEL.sub("", source.title))
        preferred = scoring.choose(asked, fitting)
        if preferred.outcome is Outcome.MATCHED:
            ids = {scored.track.id for scored in preferred.ranked}
            rest = [scored for scored in choice.ranked if scored.track.id not in ids]
            return replace(preferred, ranked=[*preferred.ranked, *rest])
    if choice.outcome is Outcome.MATCHED and choice.best and _is_opposed(source, choice.best.track, wanted):
        return _ask(choice, f"it is the {_OPPOSITE[wanted]} edition, and you prefer the {wanted} one")
    return choice


def _is_opposed(source: Track, found: Track, wanted: Edition) -> bool:
    """Tell whether what was found is the other edition of a recording that has both."""
    if edition_of(found) is not _OPPOSITE[wanted]:
        return False
    if wanted is Edition.CLEAN:
        return True
    return bool(version_flags(found) & Fact.CLEAN) or edition_of(source) is Edition.EXPLICIT


def _strict(choice: Choice) -> Choice:
    if choice.outcome is Outcome.MATCHED and choice.best and choice.best.score.total < STRICT_ACCEPT:
        return _ask(choice, "it is less sure than you want it")
    return choice


def _lenient(choice: Choice) -> Choice:
    best = choice.best
    if choice.outcome is not Outcome.NEEDS_REVIEW or best is None:
        return choice
    if not LENIENT_ACCEPT < best.score.total < scoring.ACCEPT:
        return choice
    rivals = [
        scored.track
        for scored in choice.ranked[1:]
        if scored.score.evidence >= best.score.evidence - scoring.MARGIN
    ]
    lengths = {best.track.duration_ms or 0, *(rival.duration_ms or 0 for rival in rivals)}
    if rivals and (0 in lengths or max(lengths) - min(lengths) > SAME_LENGTH_MS):
        return choice
    return replace(choice, outcome=Outcome.MATCHED)


def _ask(choice: Choice, reason: str) -> Choice:
    return replace(choice, outcome=Outcome.NEEDS_REVIEW, reasons=[reason, *choice.reasons])
