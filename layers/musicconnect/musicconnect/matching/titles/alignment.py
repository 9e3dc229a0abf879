"""Explain the words of a title by a known recording: which are its title, its artists, its version.

Nothing is parsed out of the text first. A title may stand before or after the artist, in quotes, in brackets,
without anything in between; so the known title and names are looked for, and what remains unexplained says
how far the two can be trusted to be the same.
"""

from dataclasses import dataclass

from musicconnect.matching import versions
from musicconnect.matching.artists import Channel, Name, name_similarity, sounds_like
from musicconnect.matching.data.word_weights import COUNTED, GUESTS, MONTHS, NOISE, STOP, weigh
from musicconnect.matching.normalization import inside, is_number, padded, romanised, similarity
from musicconnect.matching.titles.parsing import BRACKET, ReferenceRecording, Text, TitleVariant
from musicconnect.matching.versions import (
    ARTIST_WORD,
    FACT_WORD,
    OPEN_WORD,
    PLAIN,
    TITLE_WORD,
    VersionFacts,
    is_year,
)

MIN_COVERAGE = 0.5


@dataclass(slots=True)
class Alignment:
    """What a title's words turned out to be."""

    quality: float = 0.0
    """How much of the known title is there, 0 to 1."""
    exact: bool = False
    """Whether it stands there in one piece."""
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
    beside: float = 0.0
    """Weight of unexplained words in the same segment as the title."""
    before: bool = False
    """Whether one of them stands right before the title, as in ``Another Title`` for ``Title``."""
    bracketed: float = 0.0
    """Weight of unexplained words in brackets."""
    outside: float = 0.0
    """Weight of unexplained words in other segments: the place of a performer."""
    facts: VersionFacts = PLAIN
    dated: bool = False
    album: bool = False
    """Whether the text names the album."""


def _in_one_piece(reference: ReferenceRecording, text: Text) -> tuple[TitleVariant, int] | None:
    """Find the best variant in the text, where it has the fewest other words beside it."""
    flat = text.flat
    for variant in reference.variants:
        start = flat.find(variant.flat)
        if start < 0:
            continue
        best = -1
        fewest = 1_000_000
        while start >= 0:
            first = flat.count(" ", 0, start)
            segment, last = text.segments[first], text.segments[first + variant.size - 1]
            others = sum(text.sizes[segment : last + 1]) - variant.size
            if others < fewest:
                best, fewest = first, others
            start = flat.find(variant.flat, start + 1)
        return variant, best
    return None


def _word_by_word(reference: ReferenceRecording, text: Text, marks: bytearray) -> float:
    """Mark the title's words wherever they stand; give the share of the title that was found."""
    if not reference.weights:
        return 0.0
    indexes: list[int] = []
    coverage = 0.0
    if not reference.wordset.isdisjoint(text.wordset):
        coverage = _shared_words(reference, text, indexes)
    if coverage < 0.95 and len(reference.compact) >= 4:
        # "Coldwater" and "Cold Water".
        stretch = (
            inside(reference.compact, text.compact, 82.0)
            if len(reference.compact) >= 8
            else _segment(reference, text)
        )
        if stretch is not None and stretch[0] * 0.0097 > coverage and _whole_words(text.words, stretch):
            coverage = stretch[0] * 0.0097
            indexes = _covered(text.words, stretch[1], stretch[2])
    if coverage < 0.9 and not (reference.compact.isascii() and text.is_latin):
        left = romanised(" ".join(reference.head))
        spelled = [romanised(word) for word in text.words]
        stretch = inside(left, "".join(spelled), 80.0) if len(left) >= 4 else None
        if stretch is not None and stretch[0] * 0.0095 > coverage:
            coverage = stretch[0] * 0.0095
            indexes = _covered(spelled, stretch[1], stretch[2])
    if coverage >= MIN_COVERAGE:
        for index in indexes:
            marks[index] = TITLE_WORD
    return coverage


def _segment(reference: ReferenceRecording, text: Text) -> tuple[float, int, int] | None:
    """Find the segment most similar to a title that is too short to be looked for inside words."""
    best: tuple[float, int, int] | None = None
    start = 0
    for piece in text.pieces:
        if abs(len(piece) - len(reference.compact)) <= 2:
            alike = similarity(reference.compact, piece, 78.0)
            if alike and (best is None or alike > best[0]):
                best = (alike, start, start + len(piece))
        start += len(piece)
    return best


def _shared_words(reference: ReferenceRecording, text: Text, indexes: list[int]) -> float:
    found = 0.0
    missing: list[str] = []
    for word, weight in reference.weights.items():
        if word in text.wordset:
            found += weight
            indexes.append(text.words.index(word))
        elif len(word) >= 4 and not is_number(word):
            missing.append(word)
    total = sum(reference.weights.values())
    if missing and found >= 0.2 * total:
        for word in missing:
            for index, other in enumerate(text.words):
                if index not in indexes and len(other) >= 4 and similarity(word, other, 78.0):
                    indexes.append(index)
                    found += 0.85
                    break
    return found / total


def _covered(parts: list[str], start: int, end: int) -> list[int]:
    """Find the words more than half of which lie between two positions of the joined text."""
    indexes = []
    position = 0
    for index, word in enumerate(parts):
        if start <= position + len(word) / 2 < end:
            indexes.append(index)
        position += len(word)
    return indexes


def _whole_words(parts: list[str], stretch: tuple[float, int, int]) -> bool:
    """Decide whether a stretch of the joined text begins and ends where words do, give or take a letter."""
    _, start, end = stretch
    begins = ends = False
    position = 0
    for word in parts:
        begins = begins or abs(position - start) <= 1
        position += len(word)
        ends = ends or abs(position - end) <= 1
    return begins and ends


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
        result.artist_in_channel = foreign_channel and not others
    elif len(others) == len(free) and (others or foreign_channel):
        result.other_script = True


def _remainder(reference: ReferenceRecording, text: Text, marks: bytearray, result: Alignment) -> None:
    """Weigh what nothing has explained."""
    words, segments, kinds = text.words, text.segments, text.kinds
    title_segments: set[int] = set()
    artist_segments: set[int] = set()
    for segment, mark in zip(segments, marks, strict=True):
        if mark == TITLE_WORD:
            title_segments.add(segment)
        elif mark == ARTIST_WORD:
            artist_segments.add(segment)
    # Whose remix it is, where it was played: explained only where the known title is one, too.
    shared = bool(result.facts.flags & (reference.facts.flags | reference.optional))
    numbers = 0
    month = False
    guests = -1
    for index, mark in enumerate(marks):
        if mark in {TITLE_WORD, ARTIST_WORD}:
            continue
        word = words[index]
        segment = segments[index]
        number = is_number(word)
        if number:
            numbers += 1
        elif word in MONTHS:
            month = True
        elif word == "feat":
            guests = segment
        if word in reference.context or mark == FACT_WORD or (mark and shared):
            continue
        if word in NOISE and not (
            word in STOP and segment in title_segments and _continues(words, marks, index)
        ):
            continue
        if number:
            if word.isdigit() and (
                is_year(word) or not index or segments[index - 1] != segment or kinds[segment] == BRACKET
            ):
                continue  # a year, or the number of a track in front of its title
            if (
                segment in title_segments
                and (reference.numbers or not reference.is_classical)
                and _makes_another(words, marks, index)
            ):
                result.numbers_differ = True
        weight = 0.3 if number else weigh(word)
        if kinds[segment] == BRACKET or segment == guests:
            result.bracketed += weight
        elif segment in title_segments:
            result.beside += weight
            if index + 1 < len(marks) and marks[index + 1] == TITLE_WORD and segments[index + 1] == segment:
                result.before = True
        else:
            # "Artist with Somebody": companions.
            result.outside += weight * (0.3 if segment in artist_segments and result.artist >= 0.9 else 1.0)
    result.dated = numbers >= 3 or (month and numbers >= 1)
    if reference.album and reference.album in text.flat:
        start = text.flat.count(" ", 0, text.flat.find(reference.album))
        result.album = TITLE_WORD not in marks[start : start + reference.album.count(" ") - 1]


def _makes_another(words: list[str], marks: bytearray, index: int) -> bool:
    """Decide whether a number makes another piece of it: "Title 2", "Title, Part 2"."""
    if not index:
        return False
    return marks[index - 1] == TITLE_WORD or (words[index - 1] in COUNTED and words[index] != "one")


def _continues(words: list[str], marks: bytearray, index: int) -> bool:
    """Decide whether a small word ties the title to further ones, as in "Title for Somebody"."""
    for here, beyond in ((index - 1, index + 1), (index + 1, index - 1)):
        if (
            0 <= here < len(words)
            and 0 <= beyond < len(words)
            and marks[here] == TITLE_WORD
            and marks[beyond] == OPEN_WORD
            and words[beyond] not in NOISE
        ):
            return True
    return False


def align(reference: ReferenceRecording, text: Text, channel: Channel | None) -> Alignment:
    """Explain a title's words by a known recording."""
    result = Alignment()
    marks = bytearray(len(text.words))
    piece = _in_one_piece(reference, text)
    if piece is not None:
        variant, first = piece
        for index in range(first, first + variant.size):
            marks[index] = TITLE_WORD
        result.quality, result.exact = variant.quality, True
    else:
        result.quality = _word_by_word(reference, text, marks)
        if reference.numbers and not reference.numbers <= text.wordset:
            result.numbers_differ = True
    _named(reference, text, marks, result)
    if channel is not None:
        _on_channel(reference, channel, result)
    if result.quality < MIN_COVERAGE:
        return result  # another title: what else it says does not matter
    if not result.artist or result.aside:
        _loosely_named(reference, text, marks, channel, result)
    if text.keyed:
        result.facts = versions.find(text.words, text.segments, marks, reference.own)
    in_text = ARTIST_WORD in marks
    _remainder(reference, text, marks, result)
    if (
        piece is not None
        and result.outside
        and not in_text
        and reference.compact in {n.compact for n in reference.names}
    ):
        result.quality, result.exact = 0.3, False  # the name of the artist, before another title
    return result
