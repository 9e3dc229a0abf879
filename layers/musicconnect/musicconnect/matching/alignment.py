"""Explaining the words of a title by a known recording: which are its title, its artists, its version.

Nothing is parsed out of the text first. A title may stand before or after the artist, in quotes, in brackets,
without anything in between; so the known title and names are looked for, and what remains unexplained says
how far the two can be trusted to be the same.
"""

from dataclasses import dataclass

from musicconnect.matching import facts
from musicconnect.matching.facts import ARTIST_WORD, OPEN_WORD, PLAIN, TITLE_WORD, Facts, is_year
from musicconnect.matching.names import Channel, Name, likeness, sounds_like
from musicconnect.matching.reading import BRACKET, Known, Needle, Text
from musicconnect.matching.text import inside, romanised, similarity
from musicconnect.matching.vocabulary import CATALOGUES, COUNTED, GUESTS, MONTHS, NOISE, STOP

LEAST_COVERAGE = 0.5


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
    facts: Facts = PLAIN
    dated: bool = False
    album: bool = False
    """Whether the text names the album."""


def _weight(word: str) -> float:
    return 0.3 if word in STOP or word.isdigit() else 1.0


def _work_weight(word: str) -> float:
    """In classical works the numbers are the name: opus, catalogue, movement."""
    return 1.2 if word.isdigit() else 0.3 if word in STOP or word in CATALOGUES else 1.0


def _in_one_piece(known: Known, text: Text) -> tuple[Needle, int] | None:
    """The best needle that stands in the text, where it has the fewest other words beside it."""
    flat = text.flat
    for needle in known.needles:
        start = flat.find(needle.flat)
        if start < 0:
            continue
        best = -1
        fewest = 1_000_000
        while start >= 0:
            first = flat.count(" ", 0, start)
            segment, last = text.segments[first], text.segments[first + needle.size - 1]
            others = sum(text.sizes[segment : last + 1]) - needle.size
            if others < fewest:
                best, fewest = first, others
            start = flat.find(needle.flat, start + 1)
        return needle, best
    return None


def _word_by_word(known: Known, text: Text, taken: bytearray) -> float:
    """Mark the title's words wherever they stand; gives the share of the title that was found."""
    places: list[int] = []
    total = found = 0.0
    missing: list[str] = []
    weigh = _work_weight if known.is_classical else _weight
    for word in dict.fromkeys(known.head):
        weight = weigh(word)
        total += weight
        if word in text.wordset:
            found += weight
            places.append(text.words.index(word))
        elif len(word) >= 4 and not word.isdigit():
            missing.append(word)
    if not total:
        return 0.0
    if missing and (found or len(known.head) == 1):
        for word in missing:
            for place, other in enumerate(text.words):
                if place not in places and len(other) >= 4 and similarity(word, other, 78.0):
                    places.append(place)
                    found += 0.85
                    break
    coverage = found / total
    if coverage < 0.95 and len(known.compact) >= 4:
        stretch = inside(known.compact, "".join(text.words), 80.0)
        if stretch is not None and stretch[0] / 100 * 0.97 > coverage:
            coverage = stretch[0] / 100 * 0.97
            places = _covered(text.words, stretch[1], stretch[2])
    if coverage < 0.9 and not (known.compact.isascii() and text.is_latin):
        left, right = romanised(" ".join(known.head)), romanised(" ".join(text.words))
        stretch = inside(left, right, 80.0) if len(left) >= 4 else None
        if stretch is not None and stretch[0] / 100 * 0.95 > coverage:
            coverage = stretch[0] / 100 * 0.95
            spelled = [romanised(word) for word in text.words]
            places = _covered(spelled, stretch[1], stretch[2])
    if coverage >= LEAST_COVERAGE:
        for place in places:
            taken[place] = TITLE_WORD
    return coverage


def _covered(parts: list[str], start: int, end: int) -> list[int]:
    """The words more than half of which lie between two positions of the joined text."""
    places = []
    position = 0
    for place, word in enumerate(parts):
        if start <= position + len(word) / 2 < end:
            places.append(place)
        position += len(word)
    return places


def _mark(masked: str, needle: str, taken: bytearray) -> int:
    """Mark a name wherever it stands; gives the place of the first, -1 where it does not stand."""
    first = -1
    start = masked.find(needle)
    while start >= 0:
        place = masked.count(" ", 0, start)
        if first < 0:
            first = place
        for index in range(place, place + needle.count(" ") - 1):
            if taken[index] == OPEN_WORD:
                taken[index] = ARTIST_WORD
        start = masked.find(needle, start + 1)
    return first


def _named(known: Known, text: Text, taken: bytearray, result: Alignment) -> None:
    """Look for the artists among the words that are not the title."""
    words = text.words
    masked = f" {' '.join('|' if mark else word for word, mark in zip(words, taken, strict=True))} "
    for position, name in enumerate(known.names):
        for needle, strength in name.needles:
            place = _mark(masked, needle, taken)
            if place < 0:
                continue
            # The main artist says more than a guest; one who is only named as a guest, or in brackets as
            # the author of the original, is not the performer.
            if position:
                strength = min(strength, 0.55)
            if text.kinds[text.segments[place]] == BRACKET or (place and words[place - 1] in GUESTS):
                strength = min(strength, 0.65)
                result.aside = result.aside or not result.artist
            else:
                result.aside = False
            result.artist = max(result.artist, strength)
    for name in known.featured:
        for needle, _ in name.needles:
            _mark(masked, needle, taken)


def _on_channel(known: Known, channel: Channel, result: Alignment) -> None:
    """Look for the artists in the uploader's name."""
    for position, name in enumerate(known.names):
        weight = 1.0 if not position else 0.85
        strength = 0.0
        if name.compact == channel.compact:
            strength = 1.0
        else:
            for needle, part in name.needles:
                if needle in channel.flat:
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
            result.artist_in_channel = True
            result.artist = max(result.artist, strength * weight)


def _loosely_named(
    known: Known, text: Text, taken: bytearray, channel: Channel | None, result: Alignment
) -> None:
    """Recognise the artist by part of the name, a misspelling or another script."""
    free = [place for place, mark in enumerate(taken) if mark == OPEN_WORD and text.words[place] not in NOISE]
    pool = [text.words[place] for place in free]
    for position, name in enumerate(known.names):
        weight = 1.0 if not position else 0.7
        strength, places = likeness(name, pool)
        if strength:
            for place in places:
                taken[free[place]] = ARTIST_WORD
            result.artist = max(result.artist, strength * weight)
            result.aside = result.aside and (strength < 0.75 or bool(position))
        if channel is not None:
            strength, _ = likeness(name, channel.words)
            if strength:
                result.artist_in_channel = strength >= 0.75
                result.artist = max(result.artist, strength * weight)
        if not result.artist and not (
            name.compact.isascii() and text.is_latin and (channel is None or channel.compact.isascii())
        ):
            _in_other_script(name, free, text, channel, taken, result)


def _in_other_script(
    name: Name, free: list[int], text: Text, channel: Channel | None, taken: bytearray, result: Alignment
) -> None:
    ascii_name = name.compact.isascii()
    others = [place for place in free if text.words[place].isascii() != ascii_name]
    foreign_channel = channel is not None and channel.compact.isascii() != ascii_name
    if (others and sounds_like(name.raw, " ".join(text.words[place] for place in others))) or (
        channel is not None and foreign_channel and sounds_like(name.raw, channel.raw)
    ):
        for place in others:
            taken[place] = ARTIST_WORD
        result.artist = 0.8
        result.artist_in_channel = foreign_channel and not others
    elif len(others) == len(free) and (others or foreign_channel):
        result.other_script = True


def _remainder(known: Known, text: Text, taken: bytearray, result: Alignment) -> None:
    """Weigh what nothing has explained."""
    segments, kinds = text.segments, text.kinds
    title_segments = {segment for segment, mark in zip(segments, taken, strict=True) if mark == TITLE_WORD}
    numbers = 0
    month = False
    for place, mark in enumerate(taken):
        if mark == TITLE_WORD or mark == ARTIST_WORD:
            continue
        word = text.words[place]
        if word.isdigit():
            numbers += 1
        elif word in MONTHS:
            month = True
        if mark or word in NOISE or word in known.context:
            continue
        segment = segments[place]
        if word.isdigit():
            if is_year(word) or not place or segments[place - 1] != segment or kinds[segment] == BRACKET:
                continue  # a year, or the number of a track in front of its title
            if (
                segment in title_segments
                and len(word) <= 3
                and (taken[place - 1] == TITLE_WORD or (text.words[place - 1] in COUNTED and word != "1"))
            ):
                result.numbers_differ = True
        if kinds[segment] == BRACKET:
            result.bracketed += _weight(word)
        elif segment in title_segments:
            result.beside += _weight(word)
            if place + 1 < len(taken) and taken[place + 1] == TITLE_WORD and segments[place + 1] == segment:
                result.before = True
        else:
            result.outside += _weight(word)
    result.dated = numbers >= 3 or (month and numbers >= 1)
    if known.album and known.album in text.flat:
        start = text.flat.count(" ", 0, text.flat.find(known.album))
        result.album = TITLE_WORD not in taken[start : start + known.album.count(" ") - 1]


def align(known: Known, text: Text, channel: Channel | None) -> Alignment:
    """Explain a title's words by a known recording."""
    result = Alignment()
    taken = bytearray(len(text.words))
    piece = _in_one_piece(known, text)
    if piece is not None:
        needle, first = piece
        for place in range(first, first + needle.size):
            taken[place] = TITLE_WORD
        result.quality, result.exact = needle.quality, True
    else:
        result.quality = _word_by_word(known, text, taken)
        if known.numbers and not known.numbers <= text.wordset:
            result.numbers_differ = True
    _named(known, text, taken, result)
    if channel is not None:
        _on_channel(known, channel, result)
    if (not result.artist or result.aside) and result.quality >= LEAST_COVERAGE:
        _loosely_named(known, text, taken, channel, result)
    if text.keyed:
        result.facts = facts.find(text.words, text.segments, taken, known.own)
    in_text = ARTIST_WORD in taken
    _remainder(known, text, taken, result)
    if (
        piece is not None
        and result.outside
        and not in_text
        and known.compact in {n.compact for n in known.names}
    ):
        result.quality, result.exact = 0.3, False  # the name of the artist, before another title
    return result
