"""What all baselines have in common: a rating, a threshold, and what an upload says about itself."""

import re
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from anyascii import anyascii

from benchmarks.matching.matchers import Verdict
from musicconnect.music.model import Track


@dataclass(frozen=True, slots=True)
class RuleMatcher:
    """Accept the candidate that is rated best, from a threshold on; the first of those that tie."""

    name: str
    rule: Callable[[Track, Track], float]
    """Rates a pair, 0 to 100."""
    threshold: float
    needs_lengths: bool = False
    """Whether it can accept nothing where lengths are not known."""

    def rate(self, source: Track, candidate: Track) -> float:
        """Rate a pair, 0 to 100."""
        return self.rule(source, candidate)

    def decide(self, source: Track, candidates: Sequence[Track]) -> Verdict:
        """Choose among candidates; nothing is ever left to a person."""
        best, best_rating = None, -1.0
        for candidate in candidates:
            rating = self.rule(source, candidate)
            if rating > best_rating:
                best, best_rating = candidate, rating
        accepted = best if best_rating >= self.threshold else None
        return Verdict(accepted=accepted, score=max(best_rating, 0.0), offered=())


def names_of(track: Track) -> tuple[str, ...]:
    """List the artists; the uploader where an entry states none, as these tools do."""
    if track.artists:
        return track.artists
    return (track.channel.removesuffix(" - Topic"),) if track.channel else ()


def seconds_apart(one: Track, other: Track) -> float | None:
    """Give the difference of the lengths; None where one is not known."""
    if not one.duration_ms or not other.duration_ms:
        return None
    return abs(one.duration_ms - other.duration_ms) / 1000


@lru_cache(maxsize=1 << 16)
def slug(text: str) -> str:
    """Write a text in lower-case ASCII letters and digits, with a hyphen for everything between them."""
    return re.sub(r"[^a-z0-9]+", "-", anyascii(text).lower()).strip("-")


@lru_cache(maxsize=1 << 16)
def without_accents(text: str) -> str:
    """Take the diacritics off the letters."""
    return "".join(char for char in unicodedata.normalize("NFD", text) if not unicodedata.combining(char))
