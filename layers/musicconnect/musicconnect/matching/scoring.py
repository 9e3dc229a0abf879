"""Scoring one pair: pieces of evidence, added up as log-odds (Fellegi and Sunter's record linkage).

Every piece is the logarithm of how much likelier it is between two entries of one recording than between two
entries of different ones. The numbers are reasoned, not trained; ``docs/matching.md`` gives the reasons.
"""

import math

from musicconnect.matching import facts
from musicconnect.matching.alignment import LEAST_COVERAGE, Alignment, align
from musicconnect.matching.facts import Facts
from musicconnect.matching.lexicon import Fact
from musicconnect.matching.model import Score
from musicconnect.matching.names import Channel, read_channel
from musicconnect.matching.reading import Known, Text, read_known, read_text
from musicconnect.providers.base import Track

PRIOR = -5.5
"""Any hit of a search, before anything about it has been read."""

CONFLICT_CEILING = 45.0
"""No score of a pair with conflicting versions is higher."""


def chance(evidence: float) -> float:
    """Log-odds as a chance in per cent."""
    return 100.0 / (1.0 + math.exp(-max(-30.0, min(30.0, evidence))))


def _title(known: Known, found: Alignment) -> float:
    if found.exact:
        evidence = 5.0 - 20.0 * (1.0 - found.quality)
    else:
        # All words but in another order: 4.4. Nine tenths: 2.6. Half: -4.6.
        evidence = 4.4 - 18.0 * (1.0 - max(found.quality, 0.4))
    if found.numbers_differ:
        evidence -= 4.0
    if found.beside:
        evidence -= min(7.0, 2.0 + found.beside) if found.beside >= 0.5 else 1.0
    return max(-7.0, evidence - min(1.5, 0.3 * found.bracketed))


def _artist(known: Known, text: Text, channel: Channel | None, found: Alignment) -> tuple[float, str | None]:
    if not known.names:
        return 0.0, None
    if found.artist >= 0.3:
        evidence = 5.0 * found.artist - 1.0
        if found.outside and not found.artist_in_channel:
            evidence -= min(3.0, 0.5 * found.outside) if found.artist < 0.7 else min(1.5, 0.3 * found.outside)
        return evidence, None if found.artist >= 0.75 else "the artist's name is there only in part"
    classical = known.is_classical or text.is_classical
    if found.other_script:
        return -0.3, "the artist's name is written in another script"
    if found.outside >= 1.0:
        return (
            (-0.3, "a composer is named, the performer is not")
            if classical
            else (-4.0, "another artist is named")
        )
    if channel is not None:
        return (
            (-1.5, "the channel is not the artist's")
            if classical
            else (-2.5, "the channel is not the artist's")
        )
    return 0.0, "the artist is not named"


# How much likelier a difference of so many seconds is for one recording than for two of the same song.
_DURATIONS = ((0.8, 3.9), (1.5, 3.0), (2.5, 0.3), (4.5, -0.7), (8.0, -2.5), (12.0, -4.0), (20.0, -5.5))


def _duration(source: Track, candidate: Track, footage: bool) -> float | None:
    if not source.duration_ms or not candidate.duration_ms:
        return None
    longer = (candidate.duration_ms - source.duration_ms) / 1000
    # YouTube gives whole seconds, rounded up.
    if candidate.provider == "youtube" and source.provider != "youtube":
        longer -= 0.5
    elif source.provider == "youtube" and candidate.provider != "youtube":
        longer += 0.5
    apart = abs(longer)
    for limit, evidence in _DURATIONS:
        if apart <= limit:
            return evidence
    if footage and longer <= 40:
        return -3.0
    return -7.0


def _channel(channel: Channel | None, found: Alignment) -> float:
    if channel is None or not found.artist_in_channel:
        return 0.0
    return 1.8 if channel.is_topic else 1.5


def _album(source: Track, candidate: Track) -> float | None:
    if not source.album or not candidate.album:
        return None
    left = read_known(source.album, (), None)
    right = read_known(candidate.album, (), None)
    return 1.0 if left.compact == right.compact else -0.3


def _isrc(source: Track, candidate: Track) -> float | None:
    if not source.isrc or not candidate.isrc:
        return None
    return 5.0 if source.isrc.upper() == candidate.isrc.upper() else -1.0


def score(source: Track, candidate: Track) -> Score:
    """How sure it is that two entries are the same recording.

    Symmetric: the side that knows its artists explains the words of the other.
    """
    if not source.artists and candidate.artists:
        source, candidate = candidate, source
    known = read_known(source.title, source.artists, source.album)
    text = read_text(candidate.title)
    channel = read_channel(candidate.channel) if candidate.channel else None
    found = align(known, text, channel)
    reasons: list[str] = []

    title = _title(known, found)
    artist, artist_reason = _artist(known, text, channel, found)
    if found.artist < 0.3 and not known.is_specific:
        title -= 1.0
    said = found.facts
    if found.dated:
        said = Facts(said.flags | int(Fact.DATED), said.names, said.details)
    ignored = known.optional
    if known.is_classical or text.is_classical:
        ignored |= int(Fact.ARRANGEMENT)
    difference = facts.compare(known.facts, said, ignored)
    evidence = PRIOR + title + artist + difference.evidence
    parts = {"title": chance(title), "artist": chance(artist), "version": chance(difference.evidence)}
    duration = _duration(source, candidate, footage=False)
    if duration is not None:
        evidence += duration
        parts["duration"] = chance(duration)
        if duration < -2:
            reasons.append("the lengths differ")
    for part, value in (
        ("channel", _channel(channel, found)),
        ("album", _album(source, candidate)),
        ("isrc", _isrc(source, candidate)),
    ):
        if value:
            evidence += value
            parts[part] = chance(value)
    total = chance(evidence)
    if artist_reason:
        reasons.insert(0, artist_reason)
    if found.quality < LEAST_COVERAGE:
        reasons.insert(0, "another title")
    elif title < 3.0:
        reasons.insert(0, "the titles differ in part")
    if difference.reason:
        reasons.insert(0, difference.reason)
    if difference.conflict:
        total = min(total, CONFLICT_CEILING)
    return Score(total=total, evidence=evidence, parts=parts, reasons=reasons)
