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
from musicconnect.matching.reading import Known, read_known, read_text
from musicconnect.providers.base import Track

PRIOR = -5.5
"""Any hit of a search, before anything about it has been read."""

CONFLICT_CEILING = 45.0
"""No score of a pair with conflicting versions is higher."""


def chance(evidence: float) -> float:
    """Log-odds as a chance in per cent."""
    return 100.0 / (1.0 + math.exp(-max(-30.0, min(30.0, evidence))))


def _title(found: Alignment, classical: bool) -> float:
    if found.exact:
        evidence = 5.0 - 20.0 * (1.0 - found.quality)
    else:
        # All words but in another order: 4.4. Nine tenths: 2.6. Half: -4.6.
        evidence = (5.0 if classical else 4.4) - 18.0 * (1.0 - max(found.quality, 0.4))
        if not found.beside and found.quality >= LEAST_COVERAGE:
            evidence = min(3.0, evidence + 2.0)  # a title cut short says nothing else
    if found.numbers_differ:
        evidence -= 4.0
    beside = found.beside
    if classical:
        evidence -= min(1.5, 0.15 * beside)  # the composer, the key, the catalogue's number
    elif beside:
        # "Artist Title some more words" tells more words; "Another Title" tells another title.
        if beside < 0.5:
            evidence -= 1.0
        elif found.artist >= 0.9 and not found.before:
            evidence -= min(6.0, 2.5 + 0.7 * beside)
        else:
            evidence -= min(8.0, 3.5 + beside)
    return max(-7.0, evidence - min(1.5, 0.3 * found.bracketed))


def _artist(
    known: Known, classical: bool, channel: Channel | None, found: Alignment
) -> tuple[float, str | None]:
    if not known.names:
        return 0.0, None
    if found.artist >= 0.3:
        elsewhere = found.outside >= 1.0 or channel is not None
        if found.aside and elsewhere and not found.artist_in_channel:
            return (
                -1.5,
                "another artist performs it",
            )  # "Somebody Else - Title (Artist)", "Title (feat. Artist)"
        evidence = 5.0 * found.artist - 1.0
        if found.outside and not found.artist_in_channel:
            evidence -= min(3.0, 0.5 * found.outside) if found.artist < 0.7 else min(1.5, 0.3 * found.outside)
        return evidence, None if found.artist >= 0.75 else "the artist's name is there only in part"
    if found.other_script:
        return -0.3, "the artist's name is written in another script"
    if classical:
        return -2.0, "the performer is not named, and such works have many recordings"
    if found.outside >= 1.0:
        return -4.0, "another artist is named"
    if channel is not None:
        return -2.5, "the channel is not the artist's"
    return 0.0, "the artist is not named"


# How much likelier a difference of so many seconds is for one recording than for two of the same song.
_DURATIONS = ((1.05, 3.9), (2.0, 1.5), (3.0, 0.3), (5.0, -0.7), (8.0, -2.5), (12.0, -4.0), (20.0, -5.5))


def _duration(source: Track, candidate: Track, is_video: bool) -> float | None:
    if not source.duration_ms or not candidate.duration_ms:
        return None
    longer = (candidate.duration_ms - source.duration_ms) / 1000
    if is_video and 5.0 < longer <= 40:
        return -1.0  # an opening scene, credits
    apart = abs(longer)
    for limit, evidence in _DURATIONS:
        if apart <= limit:
            return evidence
    return -7.0


def _channel(channel: Channel | None, found: Alignment) -> float:
    if channel is None or not found.artist_in_channel:
        return 0.0
    return 1.8 if channel.is_topic else 1.5


def _album(source: Track, candidate: Track, found: Alignment) -> float | None:
    if found.album:
        return 1.0
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

    classical = known.is_classical or text.is_classical
    title = _title(found, classical)
    artist, artist_reason = _artist(known, classical, channel, found)
    if found.artist < 0.3 and not known.is_specific:
        title -= 1.0
    said = found.facts
    if found.dated:
        said = Facts(said.flags | int(Fact.DATED), said.names, said.details)
    ignored = known.optional
    if classical:
        ignored |= int(Fact.ARRANGEMENT)
    difference = facts.compare(known.facts, said, ignored)
    evidence = PRIOR + title + artist + difference.evidence
    parts = {"title": chance(title), "artist": chance(artist), "version": chance(difference.evidence)}
    duration = _duration(source, candidate, is_video=text.is_video and found.artist_in_channel)
    if duration is not None:
        evidence += duration
        parts["duration"] = chance(duration)
        if duration < -2:
            reasons.append("the lengths differ")
    for part, value in (
        ("channel", _channel(channel, found)),
        ("album", _album(source, candidate, found)),
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
