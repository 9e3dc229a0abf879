"""Similarity of whole lines, "artist - title" against the title of the candidate."""

from difflib import SequenceMatcher
from functools import lru_cache

from rapidfuzz import fuzz

from benchmarks.baselines.matchers.rules import seconds_apart
from musicconnect.music.model import Track


def line(track: Track) -> str:
    """Write a track as one line; an upload's title mostly names the artist already."""
    return f"{track.artist_line} - {track.title}" if track.artists else track.title


@lru_cache(maxsize=1 << 16)
def _normal(text: str) -> str:
    return " ".join("".join(char if char.isalnum() else " " for char in text.casefold()).split())


def difflib_ratio(source: Track, candidate: Track) -> float:
    """Rate by the matching blocks of both lines."""
    return 100 * SequenceMatcher(None, line(source).casefold(), line(candidate).casefold()).ratio()


def token_set_ratio(source: Track, candidate: Track) -> float:
    """Rate by the words that both lines share."""
    return fuzz.token_set_ratio(_normal(line(source)), _normal(line(candidate)))


def token_set_within_2_s(source: Track, candidate: Track) -> float:
    """Rate by the shared words where the lengths are known and at most 2 s apart; 0 elsewhere."""
    apart = seconds_apart(source, candidate)
    return token_set_ratio(source, candidate) if apart is not None and apart <= 2.0 else 0.0
