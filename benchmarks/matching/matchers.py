"""What is measured: something that decides which candidate, if any, is the recording in question."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from musicconnect.matching import Outcome, choose, score
from musicconnect.music.model import Track

MAX_OFFERED = 5
"""Candidates that a person is shown, as in migrations and in the match store."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What comes of a list of candidates."""

    accepted: Track | None
    """Taken without asking."""
    score: float | None
    """0 to 100, of the best candidate."""
    offered: tuple[Track, ...]
    """Shown to a person to choose from; empty where nobody is asked."""
    reasons: tuple[str, ...] = ()


class Matcher(Protocol):
    """Rates pairs and decides about lists."""

    @property
    def name(self) -> str:
        """Say what figures are told under."""

    @property
    def needs_lengths(self) -> bool:
        """Tell whether it can accept nothing where lengths are not known."""

    def rate(self, source: Track, candidate: Track) -> float:
        """Rate a pair: the higher, the likelier one recording. Only the order counts."""

    def decide(self, source: Track, candidates: Sequence[Track]) -> Verdict:
        """Choose among candidates."""


@dataclass(frozen=True, slots=True)
class OwnMatcher:
    """The matcher of this project."""

    name: str = "matcher"
    needs_lengths: bool = False

    def rate(self, source: Track, candidate: Track) -> float:
        """Rate a pair by its evidence, in log-odds."""
        return score(source, candidate).evidence

    def decide(self, source: Track, candidates: Sequence[Track]) -> Verdict:
        """Choose among candidates."""
        choice = choose(source, candidates)
        is_match, is_review = (
            choice.outcome is outcome for outcome in (Outcome.MATCHED, Outcome.NEEDS_REVIEW)
        )
        return Verdict(
            accepted=choice.best.track if is_match and choice.best else None,
            score=choice.best.score.total if choice.best else None,
            offered=tuple(scored.track for scored in choice.ranked[:MAX_OFFERED]) if is_review else (),
            reasons=tuple(choice.reasons),
        )
