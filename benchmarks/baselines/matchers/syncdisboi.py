"""The rule of SyncDisBoi (github.com/SilentVoid13/SyncDisBoi).

Equal ISRCs where both sides have one. Otherwise the titles without brackets, guests and what follows a dash
are at least .8 alike (Levenshtein, normalised), the lengths in whole seconds at most 2 apart where they are
known, and the albums .8 alike where both are named and neither is a single. Artists are not looked at.
"""

import re
from functools import lru_cache

from rapidfuzz.distance import Levenshtein

from benchmarks.baselines.matchers.rules import without_accents
from musicconnect.music.model import Track

MIN_SIMILARITY = 0.8


@lru_cache(maxsize=1 << 16)
def _clean(text: str) -> str:
    text = re.sub(r"\([^)]*\)|\[[^\]]*\]", "", without_accents(text).lower())
    return re.split(r" - | pts\. | feat\. ", text, maxsplit=1)[0].strip()


def _alike(one: str, other: str) -> float:
    return Levenshtein.normalized_similarity(_clean(one), _clean(other))


def syncdisboi(source: Track, candidate: Track) -> float:
    """Rate a pair by the likeness of the titles, 0 to 100; 0 where it is refused."""
    if source.isrc and candidate.isrc:
        return 100.0 if source.isrc == candidate.isrc else 0.0
    title = _alike(source.title, candidate.title)
    if title < MIN_SIMILARITY:
        return 0.0
    lengths = (source.duration_ms, candidate.duration_ms)
    if lengths[0] and lengths[1] and abs(lengths[0] // 1000 - lengths[1] // 1000) > 2:
        return 0.0
    albums = (source.album, candidate.album)
    is_single = source.album == source.title or candidate.album == candidate.title
    if albums[0] and albums[1] and not is_single and _alike(albums[0], albums[1]) < MIN_SIMILARITY:
        return 0.0
    return 100 * title
