"""Explain the words of a title by a known recording: which are its title, its artists, its version.

Nothing is parsed out of the text first. A title may stand before or after the artist, in quotes, in brackets,
without anything in between; so the known title and names are looked for, and what remains unexplained says
how far the two can be trusted to be the same.
"""

from dataclasses import dataclass

from musicconnect.matching import versions
from musicconnect.matching.artists import Channel
from musicconnect.matching.data.version_phrases import Fact
from musicconnect.matching.data.word_weights import NOISE
from musicconnect.matching.normalization import is_number
from musicconnect.matching.titles.parsing import BRACKET, ReferenceRecording, Text
from musicconnect.matching.titles.performers import (
    Performers,
    are_guests_missing,
    are_partners_missing,
    compare_lists,
    find_loosely,
    find_named,
    find_on_channel,
    mark_in_other_script,
)
from musicconnect.matching.titles.remainder import NOTHING, Remainder, weigh_remainder
from musicconnect.matching.titles.title_words import (
    MIN_COVERAGE,
    cut_short,
    in_one_piece,
    unfound,
    word_by_word,
)
from musicconnect.matching.versions import (
    ARTIST_WORD,
    FACT_WORD,
    OPEN_WORD,
    PLAIN,
    TITLE_WORD,
    VersionFacts,
    is_year,
)

COVER = int(Fact.COVER)
_COVER_WORDS = frozenset(("cover", "covers", "covered", "coverversion", "tribute", "tributo", "homenaje"))
_ACOUSTIC_WORDS = frozenset(("acoustic", "akustik", "acustico", "acustica", "acoustique", "unplugged"))
_NO_AUTHOR = NOISE | versions.KEY_WORDS | {"ai"}


@dataclass(slots=True)
class Alignment(Performers):
    """What a title's words turned out to be."""

    quality: float = 0.0
    """How much of the known title is there, 0 to 1."""
    exact: bool = False
    """Whether it stands there in one piece."""
    is_whole: bool = False
    """Whether none of its words is missing, though some are misspelt."""
    is_doubtful: bool = False
    """Whether more of its letters differ than a misspelling changes."""
    numbers_differ: bool = False
    rest: Remainder = NOTHING
    """What nothing has explained."""
    facts: VersionFacts = PLAIN
    differs: bool = False
    """Whether part of the title is missing and the text has other words in its place: another piece of the
    same work, another song of the same series."""
    is_translated: bool = False
    """Whether the title was not found, and may be written in another script."""
    cover_is_own: bool = False
    """Whether the text says that the artist himself covers the song."""
    cover_is_acoustic: bool = False
    """Whether the text calls the cover acoustic: it is the one that the artist has, and needs no such word
    among his recordings."""


def _has_more(text: Text, marks: bytearray) -> bool:
    """Decide whether a title without an uploader's remarks has other words at the rank of its title."""
    return any(
        mark == OPEN_WORD and text.kinds[segment] != BRACKET
        for mark, segment in zip(marks, text.segments, strict=True)
    )


def _find_title(reference: ReferenceRecording, text: Text, marks: bytearray, result: Alignment) -> bool:
    """Mark the title's words; return whether they stand there in one piece."""
    shares = not reference.title_words.isdisjoint(text.wordset)
    piece = in_one_piece(reference, text) if shares else None
    if piece is not None:
        variant, first = piece
        result.quality, result.exact = variant.quality, True
        if variant.quality < 1.0:
            # "Some Piece - Another" for "Some Piece / Another One".
            found = word_by_word(reference, text, marks)
            if found.is_whole:
                result.quality = max(result.quality, found.coverage, 0.97)
            else:
                marks[:] = bytes(len(marks))
        marks[first : first + variant.size] = bytes([TITLE_WORD]) * variant.size
        return True
    beginning = cut_short(reference, text) if shares else None
    if beginning is not None:
        marks[beginning:] = bytes([TITLE_WORD]) * (len(marks) - beginning)
        result.quality, result.exact = 0.98, True
        return True
    if reference.sign and reference.sign in text.raw:
        result.quality, result.exact = 1.0, True
        return True
    found = word_by_word(reference, text, marks)
    result.quality, result.is_doubtful = found.coverage, found.is_doubtful
    result.is_whole = found.is_whole and not found.is_doubtful
    if reference.numbers and not reference.numbers <= text.wordset:
        # Of a work, a number may be left out; of a song it is part of the name.
        result.numbers_differ = not reference.is_classical or any(
            is_number(word) and not is_year(word) for word in text.wordset - reference.numbers
        )
    return False


def align(
    reference: ReferenceRecording, text: Text, channel: Channel | None, stated: tuple[str, ...] = ()
) -> Alignment:
    """Explain a title's words by a known recording.

    Args:
        reference: the known recording.
        text: the title to explain.
        channel: who is named beside the title.
        stated: the artists, where they are facts there, too.
    """
    result = Alignment()
    marks = bytearray(len(text.words))
    in_one = _find_title(reference, text, marks, result)
    find_named(reference, text, marks, result)
    if channel is not None:
        find_on_channel(reference, channel, result)
    if result.quality < MIN_COVERAGE:
        # Another title: what else it says does not matter.
        result.is_translated = _other_script(reference, text, marks)
        return result
    if not result.artist or result.aside or (result.artist < 0.9 and reference.names[0].people):
        find_loosely(reference, text, marks, channel, result)
    elif ARTIST_WORD not in marks and not (text.is_latin and reference.is_latin):
        mark_in_other_script(reference, text, marks)
    if text.keyed:
        result.facts = versions.find(text.words, text.segments, marks, reference.own)
        result.cover_is_own = _covers(text, marks, channel, result)
        result.cover_is_acoustic = result.cover_is_own and result.is_own_channel and _is_acoustic_cover(text)
    in_text = ARTIST_WORD in marks
    rest = result.rest = weigh_remainder(
        reference,
        text,
        None if stated else channel,
        marks,
        facts=result.facts,
        is_named=result.artist >= 0.9,
        is_own=result.artist_in_channel,
    )
    if stated and reference.names:
        compare_lists(reference, stated, text, result)
    elif reference.names and not result.leads:
        result.others_lead = rest.outside >= 1.0
    result.numbers_differ = result.numbers_differ or rest.numbers_differ
    bare = bool(stated) or (channel is not None and channel.is_topic)
    if result.quality < 1.0 and (rest.beside + rest.outside >= 1.0 or (bare and _has_more(text, marks))):
        result.differs = unfound(reference, text, marks) >= 1.0
    result.missing_partners = result.leads and are_partners_missing(reference, text, channel)
    if reference.featured:
        result.missing_guests = are_guests_missing(reference, text, channel)
    if in_one and rest.outside and not in_text and reference.compact in {n.compact for n in reference.names}:
        result.quality, result.exact = 0.3, False  # the name of the artist, before another title
    return result


def _covers(text: Text, marks: bytearray, channel: Channel | None, result: Alignment) -> bool:
    """Decide whether a cover is the artist's own recording of somebody else's song.

    It is where the text or the channel says so. ``Artist - Title (Author Cover)`` is meant so, too, unless it
    is on the channel of whoever is named there.
    """
    if not result.facts.flags & COVER:
        return False
    found = text.words
    for index, word in enumerate(found):
        if marks[index] != FACT_WORD:
            continue
        if word == "by" and index + 1 < len(found) and marks[index + 1] == ARTIST_WORD:
            return True
        if word not in _COVER_WORDS:
            continue
        segment = text.segments[index]
        before = [at for at in range(index) if text.segments[at] == segment and marks[at] != FACT_WORD]
        if result.artist_in_channel and any(marks[at] == ARTIST_WORD for at in before):
            return True  # "Title - Author (Artist Cover)"
        named = [at for at in before if marks[at] != TITLE_WORD and found[at] not in _NO_AUTHOR]
        if (
            named
            and channel is not None
            and result.leads
            and result.artist >= 0.9
            and not result.aside
            and (result.artist_in_channel or not any(found[at] in channel.compact for at in named))
        ):
            for at in named:
                marks[at] = FACT_WORD
            return True
    # "Title - Author (Cover)", "Title (Cover) by Artist" on the channel of his very name. Elsewhere it would
    # be somebody's cover of a song by him, and a bare "Title (Cover)" does not say whose song it is.
    if not result.is_own_channel or not any(
        (mark == OPEN_WORD and word not in _NO_AUTHOR)
        or (word == "by" and index + 1 < len(found) and marks[index + 1] == ARTIST_WORD)
        for index, (word, mark) in enumerate(zip(found, marks, strict=True))
    ):
        return False
    said = {text.segments[at] for at, word in enumerate(found) if word in _COVER_WORDS}
    for at, mark in enumerate(marks):
        if mark == OPEN_WORD and text.segments[at] in said:
            marks[at] = FACT_WORD  # the author
    return True


def _is_acoustic_cover(text: Text) -> bool:
    """Decide whether the same part of the text says ``acoustic`` and ``cover``."""
    acoustic, covers = (
        {segment for word, segment in zip(text.words, text.segments, strict=True) if word in said}
        for said in (_ACOUSTIC_WORDS, _COVER_WORDS)
    )
    return not acoustic.isdisjoint(covers)


def _other_script(reference: ReferenceRecording, text: Text, marks: bytearray) -> bool:
    """Decide whether the text may have the title in another script, as a translation or by its sound."""
    if text.is_latin and reference.compact.isascii():
        return False
    free = [
        word
        for word, mark in zip(text.words, marks, strict=True)
        if mark == OPEN_WORD and word not in NOISE and word not in versions.KEY_WORDS
    ]
    return bool(free and reference.head) and (
        any(word.isascii() for word in free) != any(word.isascii() for word in reference.head)
        or all(word.isascii() for word in free) != all(word.isascii() for word in reference.head)
    )
