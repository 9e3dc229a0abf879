"""Explain the words of a title by a known recording: which are its title, its artists, its version.

Nothing is parsed out of the text first. A title may stand before or after the artist, in quotes, in brackets,
without anything in between; so the known title and names are looked for, and what remains unexplained says
how far the two can be trusted to be the same.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from musicconnect.matching import versions
from musicconnect.matching.artists import Channel, Name, name_similarity, read_name, sounds_like
from musicconnect.matching.data.version_phrases import Fact
from musicconnect.matching.data.word_weights import GUESTS, NOISE
from musicconnect.matching.normalization import clean, is_han, is_number, padded, words
from musicconnect.matching.titles.parsing import BRACKET, ReferenceRecording, Text
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
_COVER_WORDS = frozenset(("cover", "covers", "covered", "coverversion", "tribute"))
_NO_AUTHOR = NOISE | versions.KEY_WORDS | {"ai"}


@dataclass(slots=True)
class Alignment:
    """What a title's words turned out to be."""

    quality: float = 0.0
    """How much of the known title is there, 0 to 1."""
    exact: bool = False
    """Whether it stands there in one piece."""
    is_doubtful: bool = False
    """Whether more of its letters differ than a misspelling changes."""
    numbers_differ: bool = False
    artist: float = 0.0
    """How surely the known artist is named, 0 to 1."""
    aside: bool = False
    """Whether the artist is named in brackets or as a guest only."""
    companion: bool = False
    """Whether one of the artists after the first is named: of a classical work, a performer."""
    guest: bool = False
    """Whether the artist is named as a guest only."""
    artist_in_channel: bool = False
    other_script: bool = False
    """The artist was not found, and may have been written in a script that cannot be compared."""
    rest: Remainder = NOTHING
    """What nothing has explained."""
    facts: VersionFacts = PLAIN
    differs: bool = False
    """Whether part of the title is missing and the text has other words in its place: another piece of the
    same work, another song of the same series."""
    is_translated: bool = False
    """Whether the title was not found, and may be written in another script."""
    leads: bool = False
    """Whether the main artist is named."""
    others_lead: bool = False
    """Whether somebody else is named in the main artist's place."""
    is_ideographic: bool = False
    """Whether names that could not be compared are written in Chinese characters."""
    cover_is_own: bool = False
    """Whether the text says that the artist himself covers the song."""
    missing_guests: bool = False
    """Whether guests that the known title names are nowhere in the text."""


def _mark(masked: str, variant: str, marks: bytearray) -> int:
    first = -1
    start = masked.find(variant)
    while start >= 0:
        index = masked.count(" ", 0, start)
        if first < 0:
            first = index
        for covered in range(index, index + variant.count(" ") - 1):
            if marks[covered] == OPEN_WORD:
                marks[covered] = ARTIST_WORD
        start = masked.find(variant, start + 1)
    return first


def _named(reference: ReferenceRecording, text: Text, marks: bytearray, result: Alignment) -> None:
    """Look for the artists among the words that are not the title."""
    words = text.words
    masked = text.flat
    if TITLE_WORD in marks:
        masked = padded(["|" if mark else word for word, mark in zip(words, marks, strict=True)])
    for position, name in enumerate(reference.names):
        for variant, strength in name.variants:
            if variant not in masked:
                continue
            index = _mark(masked, variant, marks)
            # The main artist says more than a guest; one who is only named as a guest, or in brackets as
            # the author of the original, is not the performer.
            sure = min(strength, 0.55) if position and not reference.is_classical else strength
            result.companion = result.companion or bool(position)
            result.leads = result.leads or not position
            guest = bool(index) and words[index - 1] in GUESTS
            if guest or text.kinds[text.segments[index]] == BRACKET:
                sure = min(sure, 0.65)
                if not result.artist:
                    result.aside, result.guest = True, guest
            else:
                result.aside = result.guest = False
            result.artist = max(result.artist, sure)
    for name in reference.featured:
        for variant, _ in name.variants:
            if variant in masked:
                _mark(masked, variant, marks)


def _on_channel(reference: ReferenceRecording, channel: Channel, result: Alignment) -> None:
    """Look for the artists in the uploader's name."""
    for position, name in enumerate(reference.names):
        weight = 1.0 if not position or reference.is_classical else 0.85
        strength = 0.0
        if name.compact == channel.compact:
            strength = 1.0
        else:
            for variant, part in name.variants:
                if variant in channel.flat:
                    strength = max(strength, part)
            if not strength and len(name.compact) >= 5 and name.compact in channel.compact:
                strength = 0.9
            elif not strength and len(channel.compact) >= 8 and channel.compact in name.compact:
                strength = 0.85
        if (
            not strength
            and name.compact.isascii() != channel.compact.isascii()
            and sounds_like(name.raw, channel.raw)
        ):
            strength = 0.8
        if strength:
            if channel.is_cover:
                strength = min(strength, 0.5)
            result.companion = result.companion or bool(position)
            result.artist_in_channel = True
            result.leads = result.leads or not position
            result.artist = max(result.artist, strength * weight)


def _loosely_named(
    reference: ReferenceRecording, text: Text, marks: bytearray, channel: Channel | None, result: Alignment
) -> None:
    """Recognise the artist by part of the name, a misspelling or another script."""
    free = [index for index, mark in enumerate(marks) if mark == OPEN_WORD and text.words[index] not in NOISE]
    pool = [text.words[index] for index in free]
    for position, name in enumerate(reference.names):
        weight = 1.0 if not position else 0.7
        strength, indexes = name_similarity(name, pool)
        if strength:
            for index in indexes:
                marks[free[index]] = ARTIST_WORD
            result.leads = result.leads or not position
            result.artist = max(result.artist, strength * weight)
            result.aside = result.aside and (strength < 0.75 or bool(position))
        if channel is not None:
            strength, _ = name_similarity(name, channel.words)
            if strength:
                result.artist_in_channel = result.artist_in_channel or strength >= 0.75
                result.artist = max(result.artist, strength * weight)
        if not result.artist and not (
            name.compact.isascii() and text.is_latin and (channel is None or channel.compact.isascii())
        ):
            _in_other_script(name, free, text, channel, marks, result=result)


def _in_other_script(
    name: Name, free: list[int], text: Text, channel: Channel | None, marks: bytearray, *, result: Alignment
) -> None:
    ascii_name = name.compact.isascii()
    others = [index for index in free if text.words[index].isascii() != ascii_name]
    foreign_channel = channel is not None and channel.compact.isascii() != ascii_name
    if (others and sounds_like(name.raw, " ".join(text.words[index] for index in others))) or (
        channel is not None and foreign_channel and sounds_like(name.raw, channel.raw)
    ):
        for index in others:
            marks[index] = ARTIST_WORD
        result.artist = 0.8
        result.leads = True
        result.artist_in_channel = foreign_channel and not others
    elif len(others) == len(free) and (others or foreign_channel):
        result.other_script = True
        compared = f"{name.raw} {channel.raw if channel is not None else ''} {text.raw}"
        result.is_ideographic = any(is_han(ord(char)) for char in compared)


def _has_more(text: Text, marks: bytearray) -> bool:
    """Decide whether a title without an uploader's remarks has other words at the rank of its title."""
    return any(
        mark == OPEN_WORD and text.kinds[segment] != BRACKET
        for mark, segment in zip(marks, text.segments, strict=True)
    )


def _mark_other_script(reference: ReferenceRecording, text: Text, marks: bytearray) -> None:
    """Mark the artists' names in another script, where the channel has told already who it is."""
    for run in text.runs:
        free = [index for index in run if marks[index] == OPEN_WORD and text.words[index] not in NOISE]
        if free and any(
            sounds_like(name.raw, " ".join(text.words[index] for index in free)) for name in reference.names
        ):
            for index in free:
                marks[index] = ARTIST_WORD


def _others_lead(reference: ReferenceRecording, stated: tuple[str, ...], text: Text) -> bool:
    """Decide whether two lists of artists each have somebody whom the other has not, or another leader."""
    names = (*reference.names, *reference.featured)
    strangers = [artist for artist in stated if not _is_among(artist, names)]
    if not strangers:
        return False
    flat = padded([*text.words, *(word for artist in stated for word in words(clean(artist)))])
    missing = [
        name
        for name in reference.names
        if not any(variant in flat for variant, _ in name.variants)
        and not any(_is_among(artist, (name,)) for artist in stated)
    ]
    return bool(missing)


def _is_among(artist: str, names: Sequence[Name]) -> bool:
    """Decide whether an artist is among some others."""
    found = read_name(artist)
    return any(
        found.compact == name.compact
        or any(variant in found.variants[0][0] for variant, _ in name.variants)
        or name_similarity(name, list(found.distinct))[0] >= 0.75
        or (name.compact.isascii() != found.compact.isascii())
        for name in names
        if found.variants
    )


def _guests_missing(reference: ReferenceRecording, text: Text, channel: Channel | None) -> bool:
    """Decide whether none of the guests in the known title is named."""
    pool = [*text.words, *(channel.words if channel is not None else ())]
    flat = padded(pool)
    for name in reference.featured:
        if any(variant in flat for variant, _ in name.variants) or name_similarity(name, pool)[0] >= 0.5:
            return False
        latin = name.compact.isascii()
        others = [word for word in text.words if word.isascii() != latin]
        if others and any(sounds_like(name.raw, span) for span in _spans(others)):
            return False
    return bool(reference.featured)


def _spans(words: Sequence[str]) -> list[str]:
    """Give all runs of one to three words, for names in another script."""
    return [" ".join(words[i : i + n]) for n in (1, 2, 3) for i in range(len(words) - n + 1)]


def _find_title(reference: ReferenceRecording, text: Text, marks: bytearray, result: Alignment) -> bool:
    """Mark the title's words; return whether they stand there in one piece."""
    piece = in_one_piece(reference, text)
    if piece is not None:
        variant, first = piece
        marks[first : first + variant.size] = bytes([TITLE_WORD]) * variant.size
        result.quality, result.exact = variant.quality, True
        return True
    beginning = cut_short(reference, text)
    if beginning is not None:
        marks[beginning:] = bytes([TITLE_WORD]) * (len(marks) - beginning)
        result.quality, result.exact = 0.98, True
        return True
    if reference.sign and reference.sign in text.raw:
        result.quality, result.exact = 1.0, True
        return True
    found = word_by_word(reference, text, marks)
    result.quality, result.is_doubtful = found.coverage, found.is_doubtful
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
    _named(reference, text, marks, result)
    if channel is not None:
        _on_channel(reference, channel, result)
    if result.quality < MIN_COVERAGE:
        # Another title: what else it says does not matter.
        result.is_translated = _other_script(reference, text, marks)
        return result
    if not result.artist or result.aside:
        _loosely_named(reference, text, marks, channel, result)
    elif ARTIST_WORD not in marks and not (text.is_latin and reference.is_latin):
        _mark_other_script(reference, text, marks)
    if text.keyed:
        result.facts = versions.find(text.words, text.segments, marks, reference.own)
        result.cover_is_own = _covers(text, marks, channel, result)
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
        result.others_lead = _others_lead(reference, stated, text)
    elif reference.names and not result.leads:
        result.others_lead = rest.outside >= 1.0
    result.numbers_differ = result.numbers_differ or rest.numbers_differ
    bare = bool(stated) or (channel is not None and channel.is_topic)
    if result.quality < 1.0 and (rest.beside + rest.outside >= 1.0 or (bare and _has_more(text, marks))):
        result.differs = unfound(reference, text, marks) >= 1.0
    if reference.featured:
        result.missing_guests = _guests_missing(reference, text, channel)
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
    return False


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
