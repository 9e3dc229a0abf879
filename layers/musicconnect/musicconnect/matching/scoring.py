"""Score pairs of entries. Evidence is added up as log-odds (Fellegi and Sunter's record linkage)."""

import math
from dataclasses import replace

from musicconnect.matching import evidence
from musicconnect.matching.artists import Channel
from musicconnect.matching.data.version_phrases import Fact
from musicconnect.matching.differences import ACOUSTIC, ARRANGEMENT, COVER, DATED, Difference, Weight, compare
from musicconnect.matching.evidence import EXACT_S, MAX_SAME_CUT_S, MIN_ARTIST, NO_EVIDENCE, Piece
from musicconnect.matching.model import Knowledge, Preferences, Score
from musicconnect.matching.orientation import Side, orient
from musicconnect.matching.titles.alignment import Alignment, align
from musicconnect.matching.titles.parsing import (
    ReferenceRecording,
    Text,
    read_album_facts,
    read_reference,
    read_text,
)
from musicconnect.matching.titles.title_words import MIN_COVERAGE
from musicconnect.matching.versions import LIVE, NO_ALBUM
from musicconnect.music.model import Track

PRIOR = -5.5
"""Any hit of a search, before anything about it has been read."""

REVIEW_CEILING = 80.0
"""No score of a pair that a person has to decide is higher."""

CONFLICT_CEILING = 45.0
"""No score of a pair with conflicting versions is higher."""

_CONTENT = int(Fact.CLEAN | Fact.EXPLICIT)
_DEFAULTS = Preferences()


def chance(log_odds: float) -> float:
    """Convert log-odds to a chance in per cent."""
    return 100.0 / (1.0 + math.exp(-log_odds)) if log_odds > -500.0 else 0.0


def _limited(log_odds: float, ceiling: float) -> float:
    """Bring log-odds under a ceiling, and keep the order of what is above it."""
    limit = math.log(ceiling / (100.0 - ceiling))
    return log_odds if log_odds <= limit - 0.2 else limit - 0.2 / (1.0 + (log_odds - limit + 0.2))


def _version(
    reference: ReferenceRecording, side: Side, found: Alignment, classical: bool, preferences: Preferences
) -> Difference:
    stated = found.facts
    if found.rest.dated and not stated.flags & reference.facts.flags & LIVE:
        stated = replace(stated, flags=stated.flags | DATED)
    ignored = _CONTENT
    if classical:
        ignored |= ARRANGEMENT  # sonatas are for instruments
    if found.cover_is_own:
        ignored |= COVER | (ACOUSTIC if found.cover_is_acoustic else 0)
    mild = COVER if found.leads and found.artist >= 0.9 and not found.aside else 0
    mine = reference.album_facts
    if found.rest.album and mine.hints:
        mine = replace(mine, hints=0)  # who names the album says which recording of its songs it is
    albums = (mine, read_album_facts(side.album) if side.album else NO_ALBUM)
    return compare(
        reference.facts, stated, ignored=ignored, albums=albums, lenient=preferences.is_lenient, mild=mild
    )


def score(
    source: Track,
    candidate: Track,
    preferences: Preferences = _DEFAULTS,
    knowledge: Knowledge | None = None,
) -> Score:
    """Score how surely two entries are the same recording.

    The side that states its artists explains the words of the other, whichever is the source; only a
    preference for explicit or clean words looks at the candidate alone.
    """
    reference, side = orient(source, candidate, knowledge)
    best = _score(source, reference, side, reference.artists, preferences)
    if knowledge is not None:
        for artists in reference.other_namings(knowledge):
            found = _score(source, reference, side, artists, preferences)
            if found.evidence > best.evidence:
                best = found
    return best


def _duration(
    apart: float, found: Alignment, text: Text, *, reference: Side, side: Side, channel: Channel | None
) -> float:
    if apart <= MAX_SAME_CUT_S or found.artist < 0.8:
        return evidence.duration(apart, is_longer_video=False, is_official=False)
    longer = (side.track.duration_ms or 0) > (reference.track.duration_ms or 0)
    official = found.artist_in_channel or (found.artist >= 0.9 and channel is not None and channel.is_label)
    # What an artist uploads is mostly a video, unless it says that it is not, or states a version.
    may_be_video = (
        official and not side.artists and not text.is_still and not found.facts.flags
        and not (channel is not None and channel.is_topic)
    )  # fmt: skip
    says_video = text.is_video
    return evidence.duration(apart, longer and (says_video or may_be_video), official, says_video)


def _score(
    source: Track, reference_side: Side, side: Side, artists: tuple[str, ...], preferences: Preferences
) -> Score:
    """Score a pair, where ``artists`` are those of the side that explains, or another name of theirs."""
    text, channel = read_text(side.title), side.channel
    apart = evidence.seconds_apart(reference_side.track, side.track)
    reference = read_reference(reference_side.title, artists, reference_side.album)
    found = align(reference, text, channel, side.artists)
    classical = reference.is_classical or text.is_classical
    is_near = apart is None or apart <= EXACT_S
    artist = evidence.artist(reference, classical, side, channel, found, is_near=is_near)
    pieces = {
        "title": evidence.title(found, classical, reference.is_specific),
        "artist": artist.evidence,
    }
    if apart is not None:
        pieces["duration"] = _duration(
            apart, found, text, reference=reference_side, side=side, channel=channel
        )
    if found.quality < MIN_COVERAGE:
        return _other_title(pieces, found, apart)
    difference = _version(reference, side, found, classical, preferences)
    pieces["version"] = difference.evidence
    if artist.evidence > 0 and (value := evidence.channel(side, channel, found)):
        pieces["channel"] = value
    album = evidence.album(reference, reference_side, side, found)
    if album:
        pieces["album"] = album
    if found.is_ideographic and artist.is_doubt and album >= 1.0 and apart is not None and apart <= EXACT_S:
        # Title, album and length settle whose name it is that cannot be read.
        artist = Piece(-1.0)
        pieces["artist"] = artist.evidence
    content = _content(source, reference, found, preferences, reference_side=reference_side, side=side)
    guests = (
        NO_EVIDENCE
        if preferences.is_lenient
        else evidence.guests(reference, side, found, apart, same_album=album > 0)
    )
    if content.evidence:
        pieces["explicit"] = content.evidence
    if guests.evidence:
        pieces["guests"] = guests.evidence
    if value := evidence.isrc(reference_side.track, side.track, apart):
        pieces["isrc"] = value
    if (
        album > 0
        and apart is not None
        and found.quality >= 0.98
        and evidence.is_same_album(reference, reference_side, side)
    ):
        pieces["duration"] = max(pieces["duration"], evidence.same_album_duration(apart))
    reasons = _reasons(pieces, difference, artist, content, guests)
    ceiling = 100.0
    if difference.conflict:
        ceiling = CONFLICT_CEILING
    elif (
        difference.weight is Weight.REVIEW
        or artist.is_doubt
        or content.is_doubt
        or guests.is_doubt
        or _is_another(found, classical, side)
    ):
        ceiling = REVIEW_CEILING
    return _result(pieces, reasons, ceiling)


def _is_another(found: Alignment, classical: bool, side: Side) -> bool:
    """Decide whether the title has words that may make it another recording, whatever its length."""
    rest = found.rest
    if found.numbers_differ or found.differs or found.is_doubtful:
        return True
    if classical:
        return False
    if rest.beside >= 1.0:
        return True
    # Fans remark in brackets what they like; an artist qualifies his own uploads with a purpose.
    others = rest.qualifying if found.cover_is_own else max(rest.qualifying, rest.following)
    return others >= 1.0 and (found.artist_in_channel or bool(side.artists))


def _content(
    source: Track,
    reference: ReferenceRecording,
    found: Alignment,
    preferences: Preferences,
    *,
    reference_side: Side,
    side: Side,
) -> Piece:
    stated = [
        (reference.facts.flags | reference.album_facts.facts.flags),
        found.facts.flags | (read_album_facts(side.album).facts.flags if side.album else 0),
    ]
    if (
        not (stated[0] | stated[1]) & _CONTENT
        and reference_side.track.explicit is None
        and side.track.explicit is None
    ):
        return NO_EVIDENCE
    sides = [reference_side, side]
    if side.track is source:
        stated.reverse()
        sides.reverse()
    return evidence.content((sides[0], sides[1]), (stated[0], stated[1]), preferences.content)


def _other_title(pieces: dict[str, float], found: Alignment, apart: float | None) -> Score:
    """Score a pair of which the title was not found: in another script, it may be a translation."""
    if found.is_translated and found.artist >= 0.75 and (apart is None or apart <= 2.0):
        pieces["title"] = 0.3
        reasons = ["the title is written in another script, or translated"]
        return _result(pieces, reasons, REVIEW_CEILING)
    if apart is not None:
        pieces["duration"] = min(1.0, pieces["duration"])  # many songs are of one length
    return _result(pieces, ["another title"], 100.0)


def _result(pieces: dict[str, float], reasons: list[str], ceiling: float) -> Score:
    log_odds = PRIOR + sum(pieces.values())
    if ceiling < 100.0:
        log_odds = _limited(log_odds, ceiling)
    exp = math.exp
    parts = {part: 100.0 / (1.0 + exp(-value)) for part, value in pieces.items()}
    return Score(total=chance(log_odds), evidence=log_odds, parts=parts, reasons=reasons)


def _reasons(
    pieces: dict[str, float], difference: Difference, artist: Piece, content: Piece, guests: Piece
) -> list[str]:
    """List what a person would want to know, most important first."""
    reasons = []
    if difference.reason:
        reasons.append(difference.reason)
    if pieces["title"] < 3.0:
        reasons.append("the titles differ in part")
    reasons += [piece.reason for piece in (artist, content, guests) if piece.reason]
    if pieces.get("duration", 0.0) < -2.0:
        reasons.append("the lengths differ")
    return reasons


__all__ = ["CONFLICT_CEILING", "MIN_ARTIST", "PRIOR", "REVIEW_CEILING", "chance", "score"]
