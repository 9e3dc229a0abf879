"""Find the artists of a known recording in a title and in the uploader's name."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from musicconnect.matching.artists import Channel, Name, name_similarity, read_name, sounds_like
from musicconnect.matching.data.word_weights import GUESTS, NOISE
from musicconnect.matching.normalization import clean, is_han, padded, words
from musicconnect.matching.titles.parsing import BRACKET, ReferenceRecording, Text
from musicconnect.matching.versions import ARTIST_WORD, OPEN_WORD, TITLE_WORD


@dataclass(slots=True)
class Performers:
    """Which of the known artists are named, and where."""

    artist: float = 0.0
    """How surely the known artist is named, 0 to 1."""
    aside: bool = False
    """Whether the artist is named in brackets or as a guest only."""
    companion: bool = False
    """Whether one of the artists after the first is named: of a classical work, a performer."""
    guest: bool = False
    """Whether the artist is named as a guest only."""
    artist_in_channel: bool = False
    is_own_channel: bool = False
    """Whether the channel bears the very name of one of the artists."""
    all_named: bool = False
    """Whether there are several artists, and each is named whole."""
    other_script: bool = False
    """The artist was not found, and may have been written in a script that cannot be compared."""
    leads: bool = False
    """Whether the main artist is named."""
    others_lead: bool = False
    """Whether somebody else is named in the main artist's place."""
    leader_differs: bool = False
    """Whether both sides state their artists, and whoever leads one list is not in the other."""
    is_ideographic: bool = False
    """Whether names that could not be compared are written in Chinese characters."""
    missing_guests: bool = False
    """Whether guests that the known title names are nowhere in the text."""
    missing_partners: bool = False
    """Whether others with whom the main artist recorded are nowhere in the text."""


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


def find_named(reference: ReferenceRecording, text: Text, marks: bytearray, result: Performers) -> None:
    """Look for the artists among the words that are not the title."""
    if reference.telling.isdisjoint(text.wordset):
        return
    words = text.words
    masked = text.flat
    if TITLE_WORD in marks:
        masked = padded(["|" if mark else word for word, mark in zip(words, marks, strict=True)])
    whole = 0
    for position, name in enumerate(reference.names):
        for order, (variant, strength) in enumerate(name.variants):
            if variant not in masked:
                continue
            whole += not order
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
    result.all_named = whole > 1 and whole == len(reference.names)
    for name in reference.featured:
        for variant, _ in name.variants:
            if variant in masked:
                _mark(masked, variant, marks)


def find_on_channel(reference: ReferenceRecording, channel: Channel, result: Performers) -> None:
    """Look for the artists in the uploader's name."""
    for position, name in enumerate(reference.names):
        weight = 1.0 if not position or reference.is_classical else 0.85
        strength = 0.0
        if name.compact == channel.compact or name.spelled == channel.spelled:
            strength = 1.0
            result.is_own_channel = True
        elif channel.compact in name.alone:
            strength = 0.95
            result.is_own_channel = True
        else:
            for variant, part in name.variants:
                if variant in channel.flat:
                    strength = max(strength, part)
            if (
                not strength
                and len(name.compact) >= 5
                and (name.compact in channel.compact or name.spelled in channel.spelled)
            ):
                strength = 0.9
            elif (
                not strength
                and len(channel.compact) >= 8
                and (channel.compact in name.compact or channel.spelled in name.spelled)
            ):
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


def find_loosely(
    reference: ReferenceRecording, text: Text, marks: bytearray, channel: Channel | None, result: Performers
) -> None:
    """Recognise the artist by part of the name, a misspelling or another script."""
    # Who is named in part is looked for once more among the words that name him.
    looked_at = {OPEN_WORD} if result.aside else {OPEN_WORD, ARTIST_WORD}
    free = [index for index, mark in enumerate(marks) if mark in looked_at and text.words[index] not in NOISE]
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
    name: Name, free: list[int], text: Text, channel: Channel | None, marks: bytearray, *, result: Performers
) -> None:
    ascii_name = name.compact.isascii()
    others = [index for index in free if text.words[index].isascii() != ascii_name]
    foreign_channel = channel is not None and channel.compact.isascii() != ascii_name
    on_channel = (
        channel is not None
        and foreign_channel
        and sounds_like(name.raw, " ".join(word for word in channel.words if word.isascii() != ascii_name))
    )
    named = _by_sound(name, others, text)
    if named or on_channel:
        for index in named or others:
            marks[index] = ARTIST_WORD
        result.artist = 0.8
        result.leads = True
        result.artist_in_channel = on_channel
    elif len(others) == len(free) and (others or foreign_channel):
        result.other_script = True
        compared = f"{name.raw} {channel.raw if channel is not None else ''} {text.raw}"
        result.is_ideographic = any(is_han(ord(char)) for char in compared)


def _by_sound(name: Name, others: list[int], text: Text) -> list[int]:
    """Find the words that sound like a name: all of them, or those of one segment."""
    if not others:
        return []
    parts = [others]
    if text.segments[others[0]] != text.segments[others[-1]]:
        by_segment = groupby(others, key=text.segments.__getitem__)
        parts += [list(part) for _, part in by_segment]
    for part in parts:
        if sounds_like(name.raw, " ".join(text.words[at] for at in part)):
            return part
    return []


def mark_in_other_script(reference: ReferenceRecording, text: Text, marks: bytearray) -> None:
    """Mark the artists' names in another script, where the channel has told already who it is."""
    for run in text.runs:
        free = [index for index in run if marks[index] == OPEN_WORD and text.words[index] not in NOISE]
        if free and any(
            sounds_like(name.raw, " ".join(text.words[index] for index in free)) for name in reference.names
        ):
            for index in free:
                marks[index] = ARTIST_WORD


def compare_lists(
    reference: ReferenceRecording, stated: tuple[str, ...], text: Text, result: Performers
) -> None:
    """Compare two lists of artists, both of which are facts.

    Where each has somebody whom the other has not, others perform. Whoever leads one list and is not in the
    other may have made another recording, with a guest of that name; not of a work, whose composer leads
    where he is listed at all.
    """
    names = (*reference.names, *reference.featured)
    strangers = [artist for artist in stated if not _is_among(artist, names)]
    flat = padded([*text.words, *(word for artist in stated for word in words(clean(artist)))])
    missing = [
        name
        for name in reference.names
        if not any(variant in flat for variant, _ in name.variants)
        and not any(_is_among(artist, (name,)) for artist in stated)
    ]
    result.others_lead = bool(strangers and missing)
    result.leader_differs = not (reference.is_classical or text.is_classical) and (
        strangers[:1] == list(stated[:1]) or missing[:1] == list(reference.names[:1])
    )


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


def are_guests_missing(reference: ReferenceRecording, text: Text, channel: Channel | None) -> bool:
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


def are_partners_missing(reference: ReferenceRecording, text: Text, channel: Channel | None) -> bool:
    """Decide whether nobody is named with whom the main artist made the recording.

    A band of his own is no partner: "Somebody & The Somethings", "Somebody and his Orchestra".
    """
    names = reference.names
    if len(names) == 1 and not names[0].people:
        return False
    pool = [*text.words, *(channel.words if channel is not None else ())]
    named = set(pool)
    if len(names) == 1:
        return any(named.isdisjoint(person) for person in names[0].people)
    flat = padded(pool)
    return not any(
        any(variant in flat for variant, _ in name.variants)
        or name_similarity(name, pool)[0] >= 0.35
        or name.compact.isascii() != text.is_latin
        for name in names[1:]
    )


def _spans(words: Sequence[str]) -> list[str]:
    """Give all runs of one to three words, for names in another script."""
    return [" ".join(words[i : i + n]) for n in (1, 2, 3) for i in range(len(words) - n + 1)]
