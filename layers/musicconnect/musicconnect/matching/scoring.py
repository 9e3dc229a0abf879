"""Score pairs of entries and choose among candidates.

Evidence is added up as log-odds (Fellegi and Sunter's record linkage).

Every piece is the logarithm of how much likelier it is between two entries of one recording than between two
entries of different ones. The numbers are reasoned, not trained; ``docs/matching.md`` gives the reasons.
"""

import math
from collections.abc import Sequence

from musicconnect.matching import versions
from musicconnect.matching.artists import Channel
from musicconnect.matching.model import SAME_LENGTH_MS, Choice, Outcome, Score, Scored
from musicconnect.matching.orientation import Side, orient
from musicconnect.matching.titles.alignment import MIN_COVERAGE, Alignment, align
from musicconnect.matching.titles.parsing import ReferenceRecording, read_reference, read_text
from musicconnect.matching.versions import Difference, VersionFacts
from musicconnect.music.model import Track

ACCEPT = 90.0
"""Scores from here on are accepted without asking."""
REVIEW = 20.0
"""Scores from here on are worth a person's look."""
MARGIN = 3.0
"""Log-odds by which the best has to be ahead of another recording."""

PRIOR = -5.5
"""Any hit of a search, before anything about it has been read."""

TITLE_CEILING = 80.0
"""No score of a pair whose titles differ by a number or by words that nothing explains is higher: songs of
one artist are often of one length."""

MIN_ARTIST = 0.3
"""Below this an artist does not count as named."""

CONFLICT_CEILING = 45.0
"""No score of a pair with conflicting versions is higher."""


def chance(evidence: float) -> float:
    """Convert log-odds to a chance in per cent."""
    return 100.0 / (1.0 + math.exp(-evidence)) if evidence > -500.0 else 0.0


def _title(found: Alignment, classical: bool) -> float:
    if found.exact:
        evidence = 5.0 - 20.0 * (1.0 - found.quality)
    else:
        # All words but in another order: 4.4. Nine tenths: 2.6. Half: -4.6.
        evidence = (5.0 if classical else 4.4) - 18.0 * (1.0 - max(found.quality, 0.4))
        if not found.beside and found.quality >= MIN_COVERAGE:
            evidence = max(evidence, min(3.0, evidence + 2.0))  # a title cut short says nothing else
    if found.numbers_differ:
        evidence -= 4.0
    beside = found.beside
    if classical:
        evidence -= min(1.5, 0.15 * beside)  # the composer, the key, the catalogue's number
    elif beside:
        # "Artist Title some more words" tells more words; "Another Title" tells another title.
        if beside < 0.5:
            evidence -= 1.0 if found.artist >= 0.9 else 2.5
        elif found.artist >= 0.9 and not found.before:
            evidence -= min(6.0, 2.5 + 0.7 * beside)
        else:
            evidence -= min(8.0, 3.5 + beside)
    return max(-7.0, evidence - min(1.5, 0.3 * found.bracketed))


_NO_PERFORMER = "the performer is not named, and such works have many recordings"


def _artist(
    reference: ReferenceRecording, classical: bool, side: Side, found: Alignment
) -> tuple[float, str | None]:
    if not reference.names:
        return 0.0, None
    has_channel = bool(side.artists or side.track.channel)
    if classical and len(reference.names) > 1 and not found.companion and not found.other_script:
        # The first artist of a classical work is its composer.
        return -2.0, _NO_PERFORMER
    if found.artist >= MIN_ARTIST:
        elsewhere = found.outside >= 1.0 or has_channel
        if found.aside and elsewhere and not found.artist_in_channel:
            return (
                -1.5,
                "another artist performs it",
            )  # "Somebody Else - Title (Artist)", "Title (feat. Artist)"
        evidence = 5.0 * found.artist - 1.0
        if found.outside and not found.artist_in_channel:
            evidence -= min(3.0, 0.5 * found.outside) if found.artist < 0.7 else min(2.0, 0.5 * found.outside)
        return evidence, None if found.artist >= 0.75 else "the artist's name is there only in part"
    if found.other_script:
        return -0.3, "the artist's name is written in another script"
    if side.artists:
        return -4.0, "another artist is named"
    if classical:
        return -2.0, _NO_PERFORMER
    if found.outside >= 1.0:
        return -4.0, "another artist is named"
    if has_channel:
        return -2.5, "the channel is not the artist's"
    return 0.0, "the artist is not named"


# How much likelier a difference of so many seconds is for one recording than for two of the same song.
_DURATIONS = ((1.1, 3.9), (2.0, 1.5), (3.0, 0.3), (5.0, -0.7), (8.0, -2.5), (12.0, -4.0), (20.0, -5.5))


def _duration(apart: float, is_longer_video: bool) -> float:
    """Weigh a difference in seconds; an artist's own video may have an opening scene and credits."""
    if is_longer_video and 5.0 < apart <= 40:
        return -1.0
    for limit, evidence in _DURATIONS:
        if apart <= limit:
            return evidence
    return -7.0


def _channel(side: Side, channel: Channel | None, found: Alignment) -> float:
    """Weigh the channel: the artist's own and the label's deliveries are what the artist released."""
    if channel is None or not found.artist_in_channel:
        return 0.0
    if side.is_art_track or channel.is_topic:
        return 1.8
    return 0.0 if side.artists else 1.5


def _album(reference: ReferenceRecording, reference_side: Side, side: Side, found: Alignment) -> float:
    if found.album:
        return 1.0
    if not reference_side.album or not side.album:
        return 0.0
    album = read_reference(side.title, (), side.album).album
    return 1.0 if reference.album and reference.album == album else -0.3


def _isrc(source: Track, candidate: Track, apart: float | None) -> float:
    """Weigh the ISRCs; the same one is no proof, since codes are given twice and recordings have several."""
    if not source.isrc or not candidate.isrc:
        return 0.0
    if source.isrc.upper() != candidate.isrc.upper():
        return -1.0
    return 5.0 if apart is None or apart <= 2.0 else 1.0


def _explicit(source: Track, candidate: Track) -> float:
    if source.explicit is None or candidate.explicit is None or source.explicit == candidate.explicit:
        return 0.0
    return -1.5


def _seconds_apart(source: Track, candidate: Track) -> float | None:
    if not source.duration_ms or not candidate.duration_ms:
        return None
    return abs(source.duration_ms - candidate.duration_ms) / 1000


def _version(reference: ReferenceRecording, found: Alignment, classical: bool) -> Difference:
    stated = found.facts
    if found.dated:
        stated = VersionFacts(stated.flags | versions.DATED, stated.names, stated.details)
    ignored = reference.optional
    if classical:
        ignored |= versions.ARRANGEMENT  # sonatas are for instruments
    return versions.compare(reference.facts, stated, ignored)


def score(source: Track, candidate: Track) -> Score:
    """Score how surely two entries are the same recording.

    Symmetric: the side that states its artists explains the words of the other.
    """
    reference_side, side = orient(source, candidate)
    reference = read_reference(reference_side.title, reference_side.artists, reference_side.album)
    text = read_text(side.title)
    channel = side.channel
    found = align(reference, text, channel)
    classical = reference.is_classical or text.is_classical
    title = _title(found, classical)
    if found.artist < MIN_ARTIST and not reference.is_specific:
        title -= 1.0
    artist, artist_reason = _artist(reference, classical, side, found)
    pieces = {"title": title, "artist": artist}
    apart = _seconds_apart(source, candidate)
    if apart is not None:
        longer = (side.track.duration_ms or 0) > (reference_side.track.duration_ms or 0)
        pieces["duration"] = _duration(apart, longer and text.is_video and found.artist_in_channel)
    if found.quality < MIN_COVERAGE:
        if apart is not None:
            pieces["duration"] = min(1.0, pieces["duration"])  # many songs are of one length
        return _score(pieces, ["another title"])
    difference = _version(reference, found, classical)
    pieces["version"] = difference.evidence
    if artist > 0 and (value := _channel(side, channel, found)):
        pieces["channel"] = value
    if value := _album(reference, reference_side, side, found):
        pieces["album"] = value
    if value := _explicit(source, candidate):
        pieces["explicit"] = value
    if value := _isrc(source, candidate, apart):
        pieces["isrc"] = value
    scored = _score(pieces, _reasons(pieces, difference, artist_reason))
    if difference.conflict:
        scored.total = min(scored.total, CONFLICT_CEILING)
    elif found.numbers_differ or (found.beside >= 1.0 and not classical):
        scored.total = min(scored.total, TITLE_CEILING)
    return scored


def _score(pieces: dict[str, float], reasons: list[str]) -> Score:
    evidence = PRIOR + sum(pieces.values())
    parts = {part: chance(value) for part, value in pieces.items()}
    return Score(total=chance(evidence), evidence=evidence, parts=parts, reasons=reasons)


def _reasons(pieces: dict[str, float], difference: Difference, artist_reason: str | None) -> list[str]:
    """List what a person would want to know, most important first."""
    reasons = []
    if difference.reason:
        reasons.append(difference.reason)
    if pieces["title"] < 3.0:
        reasons.append("the titles differ in part")
    if artist_reason:
        reasons.append(artist_reason)
    if pieces.get("duration", 0.0) < -2.0:
        reasons.append("the lengths differ")
    if "explicit" in pieces:
        reasons.append("only one of them is explicit")
    return reasons


def choose(source: Track, candidates: Sequence[Track]) -> Choice:
    """Decide which of the candidates, if any, is the recording of ``source``."""
    ranked = sorted(
        (Scored(candidate, score(source, candidate)) for candidate in candidates),
        key=lambda scored: (-scored.score.evidence, scored.track.id, repr(scored.track)),
    )
    if not ranked:
        return Choice(Outcome.NO_MATCH, None, [], ["nothing was found"])
    best = ranked[0]
    reasons = list(best.score.reasons)
    if best.score.total < REVIEW:
        return Choice(Outcome.NO_MATCH, best, ranked, reasons)
    if best.score.total < ACCEPT:
        return Choice(Outcome.NEEDS_REVIEW, best, ranked, reasons)
    for rival in ranked[1:]:
        if rival.score.evidence < best.score.evidence - MARGIN:
            break
        if not _copies(best.track, rival.track):
            reasons.insert(0, "another recording scores as high")
            return Choice(Outcome.NEEDS_REVIEW, best, ranked, reasons)
    return Choice(Outcome.MATCHED, best, ranked, reasons)


def _copies(best: Track, other: Track) -> bool:
    """Decide whether two good candidates may be the same recording, so that either will do."""
    if best.duration_ms is None or other.duration_ms is None:
        return True
    return abs(best.duration_ms - other.duration_ms) <= SAME_LENGTH_MS
