"""Weigh what speaks for and against one recording, as log-odds.

Every piece is the logarithm of how much likelier it is between two entries of one recording than between two
entries of different ones. The numbers are reasoned, not trained; ``docs/matching.md`` gives the reasons.
"""

from enum import Enum
from typing import NamedTuple

from musicconnect.matching.artists import Channel
from musicconnect.matching.data.version_phrases import Fact
from musicconnect.matching.data.word_weights import STOP, word_set
from musicconnect.matching.model import Content
from musicconnect.matching.orientation import Side
from musicconnect.matching.titles.alignment import Alignment
from musicconnect.matching.titles.parsing import ReferenceRecording, read_reference
from musicconnect.matching.titles.title_words import MIN_COVERAGE
from musicconnect.music.model import Track

EXACT_S = 1.1
"""Seconds that rounding and padding make between two lengths of one recording."""

MAX_SAME_CUT_S = 5.0
"""Up to here a difference is the same for a video as for any other entry."""

MIN_ARTIST = 0.3
"""Below this an artist does not count as named."""


class Piece(NamedTuple):
    """One piece of evidence."""

    evidence: float
    """Log-odds."""
    reason: str | None = None
    is_doubt: bool = False
    """Whether a person has to decide, however well the rest fits."""


NO_EVIDENCE = Piece(0.0)


def title(found: Alignment, classical: bool, is_specific: bool) -> float:
    """Weigh how much of the title is there, and what stands beside it."""
    rest = found.rest
    if found.exact:
        evidence = 5.0 - 20.0 * (1.0 - found.quality)
    else:
        # All words but in another order: 4.4. Nine tenths: 2.6. Half: -4.6.
        evidence = (5.0 if classical else 4.4) - 18.0 * (1.0 - max(found.quality, 0.4))
        if not rest.beside and found.quality >= MIN_COVERAGE:
            evidence = max(evidence, min(3.0, evidence + 2.0))  # a title cut short says nothing else
            if found.artist >= 0.95 and not found.differs and rest.outside + rest.bracketed < 1.0:
                evidence = max(evidence, 0.3)  # nor does half of it, by the very artist
    others = rest.beside + rest.outside
    if (
        (found.quality >= 0.95 or found.is_whole)
        and found.artist >= 0.95
        and others < 1.0
        and not found.is_doubtful
    ):
        evidence += 1.0  # each alone may be chance, both are not
    if found.numbers_differ:
        evidence -= 4.0
    if found.differs:
        evidence -= 3.0
    beside = rest.beside
    if classical:
        evidence -= min(1.5, 0.15 * beside)  # the composer, the key, the catalogue's number
    elif beside:
        # "Artist Title some more words" tells more words; "Another Title" tells another title.
        if beside < 0.5:
            evidence -= 1.0 if found.artist >= 0.9 else 2.5
        elif beside < 0.7 and found.artist >= 0.9 and not rest.before:
            evidence -= 1.5  # "Title to Me"
        elif found.artist >= 0.9 and not rest.before:
            evidence -= min(6.0, 2.5 + 0.7 * beside)
        else:
            evidence -= min(8.0, 3.5 + beside)
    if found.artist < MIN_ARTIST and not is_specific:
        evidence -= 1.0
    return max(-7.0, evidence - min(1.5, 0.3 * rest.bracketed + 0.2 * rest.guests))


_NO_PERFORMER = Piece(-2.0, "the performer is not named, and such works have many recordings", is_doubt=True)
_ANOTHER = Piece(-3.75, "another artist is named", is_doubt=True)
_NOT_THE_CHANNEL = Piece(-0.6, "the channel is not the artist's", is_doubt=True)
_NOT_NAMED = Piece(0.0, "the artist is not named")


def artist(
    reference: ReferenceRecording,
    classical: bool,
    side: Side,
    uploader: Channel | None,
    found: Alignment,
    *,
    is_near: bool = True,
) -> Piece:
    """Weigh whether the artists are named, and where; ``is_near``: no lengths say otherwise."""
    if not reference.names:
        return NO_EVIDENCE
    outside = found.rest.outside
    if classical and len(reference.names) > 1 and not found.companion and not found.other_script:
        # The first artist of a classical work is its composer.
        return _NO_PERFORMER
    if found.artist >= MIN_ARTIST:
        if found.aside and not found.artist_in_channel:
            if outside >= 1.0 or found.guest:
                # As in "Somebody Else - Title (Artist)" and "Title (feat. Artist)".
                return Piece(-1.5 if found.guest else -0.8, "another artist performs it", is_doubt=True)
            if side.track.channel and not side.artists:
                if is_near and found.rest.bracketed + found.rest.beside < 0.3:
                    return Piece(3.0)  # "Title (Artist)": who covers it says so, or names himself
                return Piece(0.5, "the artist is named in brackets only", is_doubt=True)
        if found.others_lead:
            return Piece(min(0.0, 5.0 * found.artist - 3.0), "another main artist is named", is_doubt=True)
        evidence = 5.0 * found.artist - 1.0
        if outside and not found.artist_in_channel and not found.all_named:
            # Two words may be another performer; more are an album, or what the uploader thinks of it.
            most = 3.0 if found.artist < 0.7 else 2.0 if found.artist < 0.9 or found.rest.is_listing else 1.25
            evidence -= min(most, 0.5 * outside)
        if found.leader_differs:
            return Piece(evidence, "another main artist is named", is_doubt=True)
        return Piece(evidence, None if found.artist >= 0.75 else "the artist's name is there only in part")
    if found.other_script:
        # Names in Chinese characters are read in several languages and seldom translated by sound.
        stated = side.artists or (uploader is not None and uploader.is_topic)
        evidence = -2.5 if stated else -0.8 if found.is_ideographic else -1.2
        return Piece(evidence, "the artist's name is written in another script", is_doubt=True)
    if side.artists:
        return _ANOTHER
    if classical:
        return _NO_PERFORMER
    if outside >= 1.0:
        return _ANOTHER
    if side.track.channel:
        if uploader is not None and uploader.is_topic:
            return _ANOTHER
        return _NOT_THE_CHANNEL
    return _NOT_NAMED


# How much likelier a difference of so many seconds is for one recording than for two of the same song.
_DURATIONS = ((EXACT_S, 3.9), (2.0, 1.5), (3.0, 0.3), (5.0, -0.7), (8.0, -2.0), (12.0, -4.0), (20.0, -5.5))


def duration(apart: float, is_longer_video: bool, is_official: bool, says_video: bool = True) -> float:
    """Weigh a difference in seconds; a video may have an opening scene and credits, or a story.

    Args:
        apart: the difference.
        is_longer_video: whether the longer side may be a video.
        is_official: whether the artist or his label uploaded it.
        says_video: whether it says that it is a video.
    """
    if is_longer_video and apart > MAX_SAME_CUT_S:
        if is_official and apart <= 60:
            opening = -1.0 if apart <= 40 else -2.5
            return opening if says_video else opening - 0.5
        if apart <= 150:
            return max(-4.0, _by_seconds(apart))
    return _by_seconds(apart)


def _by_seconds(apart: float) -> float:
    for limit, evidence in _DURATIONS:
        if apart <= limit:
            return evidence
    return -7.0


def channel(side: Side, uploader: Channel | None, found: Alignment) -> float:
    """Weigh the channel: the artist's own and the label's deliveries are what the artist released."""
    if uploader is None or not found.artist_in_channel:
        return 0.0
    if side.is_art_track or uploader.is_topic:
        return 1.8
    return 0.0 if side.artists else 1.5


def album(reference: ReferenceRecording, reference_side: Side, side: Side, found: Alignment) -> float:
    """Weigh the albums: recordings are on many."""
    if found.rest.album:
        return 1.0
    if not reference_side.album or not side.album:
        return 0.0
    other = read_reference(side.title, (), side.album)
    if reference.album and reference.album == other.album:
        return 1.0
    return 0.7 if reference.album_head and reference.album_head == other.album_head else -0.3


_ANY_ALBUM = word_set(
    """
    greatest hits best of collection essential essentials anthology live gold compilation singles album
    complete ultimate very story years now party mix various artists vol volume one two three four five
    """
)
"""Words that names of albums share which are not each other."""


def is_same_album(reference: ReferenceRecording, reference_side: Side, side: Side) -> bool:
    """Decide whether both sides name one album that has no other of its name."""
    if not reference_side.album or not side.album or not reference.album_head:
        return False
    other = read_reference(side.title, (), side.album)
    said = [word for word in other.album_head if word not in STOP and word not in _ANY_ALBUM]
    return (
        other.album_head == reference.album_head
        and len("".join(set(said) - reference.own)) >= 4
        and other.album_head not in {other.head, reference.head}
    )


def same_album_duration(apart: float) -> float:
    """Weigh a difference in seconds of two tracks of one title on one album.

    An album seldom has two recordings of one title without telling them apart; shops state lengths of other
    pressings, with other fades and pauses.
    """
    return max(_by_seconds(apart), -2.0 if apart <= 15.0 else -3.0 if apart <= 40.0 else -7.0)


def isrc(source: Track, candidate: Track, apart: float | None) -> float:
    """Weigh the ISRCs; the same one is no proof, since codes are given twice and recordings have several."""
    if not source.isrc or not candidate.isrc:
        return 0.0
    if source.isrc.upper() != candidate.isrc.upper():
        return -1.0
    return 5.0 if apart is None or apart <= 2.0 else 1.0


def seconds_apart(source: Track, candidate: Track) -> float | None:
    """Give the difference of the lengths in seconds; None where one is unknown."""
    if not source.duration_ms or not candidate.duration_ms:
        return None
    return abs(source.duration_ms - candidate.duration_ms) / 1000


def content(sides: tuple[Side, Side], stated: tuple[int, int], wanted: Content) -> Piece:
    """Compare whether the words are those of the explicit or of the clean version.

    Args:
        sides: both entries, the source's first.
        stated: flags of the versions that title and album state, in the same order.
        wanted: the version that the person prefers.
    """
    mine, theirs = (_content(side.track.explicit, flags) for side, flags in zip(sides, stated, strict=True))
    if wanted != "same" and theirs is not None:
        # Whatever the source has. What is not marked fits, unless the source shows that there are both.
        is_unmarked = theirs is _Words.UNMARKED and not (wanted == "explicit" and mine is _Words.EXPLICIT)
        if theirs.value == wanted or is_unmarked:
            return NO_EVIDENCE
        name = "clean" if theirs is _Words.UNMARKED else theirs.value
        return Piece(-1.5, f"it is the {name} version", is_doubt=True)
    if (
        mine is theirs
        or (mine is None and theirs is _Words.UNMARKED)
        or (mine is _Words.UNMARKED and theirs is None)
    ):
        return NO_EVIDENCE
    known = (mine, theirs)
    if _Words.CLEAN in known:
        return Piece(-1.5, "only one of them is clean", is_doubt=_Words.EXPLICIT in known)
    if None in known:
        return NO_EVIDENCE
    return Piece(-1.5, "only one of them is explicit", is_doubt=True)


class _Words(Enum):
    """What is known of the words of a recording."""

    EXPLICIT = "explicit"
    CLEAN = "clean"
    UNMARKED = "unmarked"
    """Not explicit by its service, which does not say whether there is an explicit version."""


_CLEAN = int(Fact.CLEAN)
_EXPLICIT = int(Fact.EXPLICIT)


def _content(explicit: bool | None, stated: int) -> _Words | None:
    if stated & _CLEAN:
        return _Words.CLEAN
    if stated & _EXPLICIT or explicit:
        return _Words.EXPLICIT
    return None if explicit is None else _Words.UNMARKED


def guests(
    reference: ReferenceRecording, side: Side, found: Alignment, apart: float | None, same_album: bool
) -> Piece:
    """Compare the guests: a song is often recorded again with somebody else, on another album."""
    if same_album and apart is not None and apart <= 2.0:
        return NO_EVIDENCE
    if found.rest.guests >= 1.0 and not found.cover_is_own:  # those of a cover are the author's
        return Piece(-0.3, "a guest is named whom the other does not have", is_doubt=True)
    if found.missing_partners and not found.artist_in_channel and apart is not None and apart > EXACT_S:
        return Piece(-0.5, "a guest is missing", is_doubt=True)
    if found.missing_guests:
        # Uploaders leave out who is featured; who sings "with" somebody else made another recording.
        is_doubt = bool(reference.is_joined or side.artists or (apart is not None and apart > 2.0))
        return Piece(-0.5, "a guest is missing", is_doubt=is_doubt)
    return NO_EVIDENCE
