"""Scoring one pair."""

import re

from rapidfuzz import fuzz

from musicconnect.matching.model import Score
from musicconnect.providers.base import Track

_NOISE = re.compile(r"\b(official|music|lyrics?|video|audio|hd|hq|4k|mv|visuali[sz]er|topic)\b")
_VERSION = re.compile(
    r"\b(live|acoustic|remix|mix|edit|extended|demo|instrumental|karaoke|cover|sped up|slowed|nightcore|8d|"
    r"reaction|tutorial|medley|mashup|unplugged|rehearsal|reverb)\b"
)


def _norm(text: str) -> str:
    return " ".join(re.findall(r"\w+", text.casefold()))


def score(source: Track, candidate: Track) -> Score:
    """How sure it is that two entries are the same recording."""
    left, right = _norm(source.title), _norm(candidate.title)
    words = " ".join(source.artists) or source.channel or ""
    other = " ".join(candidate.artists) or candidate.channel or ""
    versions = set(_VERSION.findall(left)) ^ set(_VERSION.findall(right))
    title = fuzz.token_set_ratio(_NOISE.sub("", left), _NOISE.sub("", right))
    artist = fuzz.token_set_ratio(_norm(words), _norm(f"{other} {candidate.title}"))
    parts = {"title": title, "artist": artist, "version": 0.0 if versions else 100.0}
    total = 0.6 * title + 0.4 * artist
    if source.duration_ms and candidate.duration_ms:
        apart = abs(source.duration_ms - candidate.duration_ms) / 1000
        parts["duration"] = max(0.0, 100.0 - 5 * max(0.0, apart - 2))
        total = 0.75 * total + 0.25 * parts["duration"]
    if versions:
        total = min(total, 40.0)
    return Score(
        total=total,
        parts=parts,
        reasons=[f"other version: {', '.join(sorted(versions))}"] if versions else [],
    )
