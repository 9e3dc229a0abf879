"""Weigh the words of a text that neither title, artists nor version explain, by where they stand."""

from typing import NamedTuple

from musicconnect.matching.artists import Channel, name_similarity, sounds_like
from musicconnect.matching.data.word_weights import COUNTED, GENERIC, GUESTS, MONTHS, NOISE, STOP, TIES, weigh
from musicconnect.matching.normalization import is_number
from musicconnect.matching.titles.parsing import BRACKET, QUOTED, ReferenceRecording, Text
from musicconnect.matching.versions import (
    ARTIST_WORD,
    FACT_WORD,
    NAMING_WORDS,
    OPEN_WORD,
    TITLE_WORD,
    VersionFacts,
    is_year,
)

TAPE = "1950"
"""Before there was tape, recordings were made at sessions: a date is that of the record, not of a concert."""


_SILENT = frozenset(word for word in NOISE - STOP - GUESTS - MONTHS if not is_number(word))
"""What says nothing wherever it stands: no number, no date, no guest, no tie to further words."""


class Remainder(NamedTuple):
    """Weights of unexplained words."""

    beside: float = 0.0
    """In the same segment as the title."""
    before: bool = False
    """Whether one of them stands right before the title, as in ``Another Title`` for ``Title``."""
    bracketed: float = 0.0
    """In brackets."""
    qualifying: float = 0.0
    """In brackets, and neither a guest, a year, a label, a film nor the same in another script: on the
    artist's own channel mostly a version that no rule knows."""
    outside: float = 0.0
    """In other segments: the place of a performer."""
    following: float = 0.0
    """Of these, behind the title: an album stands before it, what qualifies it behind."""
    is_listing: bool = False
    """Whether they are several parts of the text, as of a list of songs, or say where it was played."""
    guests: float = 0.0
    """Named as guests."""
    numbers_differ: bool = False
    dated: bool = False
    album: bool = False
    """Whether the text names the album."""


NOTHING = Remainder()


class _Weigher:
    """Sums up the unexplained words of one text."""

    def __init__(self, reference: ReferenceRecording, text: Text, marks: bytearray) -> None:
        self.reference, self.text, self.marks = reference, text, marks
        self.is_latin = reference.compact.isascii()
        self.title_segments: set[int] = set()
        self.artist_segments: set[int] = set()
        for segment, mark in zip(text.segments, marks, strict=True):
            if mark == TITLE_WORD:
                self.title_segments.add(segment)
            elif mark == ARTIST_WORD:
                self.artist_segments.add(segment)
        self.last = max(self.title_segments, default=-1)
        self.beside = self.bracketed = self.qualifying = self.outside = self.following = 0.0
        self.guests: list[int] = []
        self.outside_segments: set[int] = set()
        self.before = self.numbers_differ = self.placed = False

    def add(self, index: int, guests: int, explained: frozenset[int], is_named: bool) -> None:
        """Weigh one word that nothing explains; ``guests`` is the segment that names guests."""
        text, title_segments = self.text, self.title_segments
        words, segment = text.words, text.segments[index]
        word = words[index]
        weight = 0.3 if is_number(word) else weigh(word)
        if segment == guests:
            self.guests.append(index)
        elif segment in title_segments and word.isascii() != self.is_latin:
            return  # the title in another script, beside it
        elif text.kinds[segment] == BRACKET:
            self.bracketed += weight
            if segment not in explained:
                self.qualifying += weight
        elif segment in title_segments and self._is_beside(index):
            self.beside += weight
            following = index + 1
            if (
                following < len(words)
                and self.marks[following] == TITLE_WORD
                and text.segments[following] == segment
            ):
                self.before = True
        elif segment not in explained:
            if segment in title_segments and self._leads_artist(index):
                weight *= 2.0  # "Somebody sings Artist's Title"
                self.placed = True
            elif segment in self.artist_segments and is_named:
                weight *= 0.3  # "Artist with Somebody": companions
            self.outside += weight
            self.placed = self.placed or word == "at"
            self.outside_segments.add(segment)
            if segment > self.last:
                self.following += weight

    def _is_beside(self, index: int) -> bool:
        """Decide whether a word of the title's segment belongs to the title.

        Behind an artist who stands behind the title it does not, as in "Title by Artist on 78s", nor before
        an artist who stands before it, as in "Rare Artist Title".
        """
        for at in range(index - 1, -1, -1):
            if self.text.segments[at] != self.text.segments[index] or self.marks[at] == TITLE_WORD:
                return True
            if self.marks[at] == ARTIST_WORD:
                return TITLE_WORD in self.marks[index:]
        return not self._leads_artist(index)

    def _leads_artist(self, index: int) -> bool:
        """Decide whether a word begins a part of the text, and the artist stands between it and the title."""
        segments, marks = self.text.segments, self.marks
        for at in range(index - 1, -1, -1):
            if segments[at] != segments[index]:
                break
            if marks[at] in NAMING_WORDS:
                return False
        for at in range(index + 1, len(marks)):
            if segments[at] != segments[index] or marks[at] == TITLE_WORD:
                return False
            if marks[at] == ARTIST_WORD:
                return True
        return False

    def unknown_guests(self) -> float:
        """Weigh the guests that no name of the recording is recognised in."""
        if not self.guests:
            return 0.0
        kinds, segments = self.text.kinds, self.text.segments
        accompanied = {
            segments[index]
            for index in self.guests
            if self.text.words[index] in GENERIC
            and kinds[segments[index]] != BRACKET
            and segments[index] in self.artist_segments
        }  # "Somebody ft. Somebody's Orchestra - Title"
        pool = [self.text.words[index] for index in self.guests if segments[index] not in accompanied]
        if not pool:
            return 0.0
        named = {self.text.segments[index] for index in self.guests}
        is_known = any(
            mark == ARTIST_WORD and segment in named
            for mark, segment in zip(self.marks, self.text.segments, strict=True)
        ) and bool(self.reference.names[1:] or self.reference.featured)
        known: set[int] = set()
        for name in (*self.reference.featured, *self.reference.names[1:]):
            strength, indexes = name_similarity(name, pool)
            if strength >= 0.35:
                known.update(indexes)
            elif not (name.compact.isascii() and self.text.is_latin) and sounds_like(
                name.raw, " ".join(pool)
            ):
                return 0.0
        unknown = sum(weigh(word) for position, word in enumerate(pool) if position not in known)
        return 0.3 * unknown if known or is_known else unknown  # "feat. Somebody of Some Band"

    def number(self, index: int) -> bool:
        """Note what a number tells; return whether it says nothing more."""
        text, segment = self.text, self.text.segments[index]
        word = text.words[index]
        if word.isdigit() and (
            is_year(word)
            or not index
            or text.segments[index - 1] != segment
            or text.kinds[segment] == BRACKET
        ):
            return True  # a year, or the number of a track in front of its title
        if (
            segment in self.title_segments
            and (self.reference.numbers or not self.reference.is_classical)
            and self._makes_another(index)
        ):
            self.numbers_differ = True
        return False

    def _makes_another(self, index: int) -> bool:
        """Decide whether a number makes another piece of it: "Title 2", "Title, Part 2"."""
        if not index:
            return False
        words = self.text.words
        return self.marks[index - 1] == TITLE_WORD or (words[index - 1] in COUNTED and words[index] != "one")

    def touches_artist(self, index: int) -> bool:
        """Decide whether a word stands beside an artist's name, in the same part of the text."""
        segments, marks = self.text.segments, self.marks
        return any(
            0 <= at < len(marks) and marks[at] == ARTIST_WORD and segments[at] == segments[index]
            for at in (index - 1, index + 1)
        )

    def is_dating(self, index: int) -> bool:
        """Decide whether the name of a month stands beside a number."""
        words = self.text.words
        return any(0 <= at < len(words) and is_number(words[at]) for at in (index - 1, index + 1))

    def ties_on(self, index: int) -> bool:
        """Decide whether a small word ties the title to further ones, as in "Title for Somebody"."""
        words, marks = self.text.words, self.marks
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


def _explained(reference: ReferenceRecording, text: Text) -> frozenset[int]:
    """Find the segments that say where the title comes from, or say it in another script."""
    found: set[int] = set() if TIES.isdisjoint(text.wordset) else _tied(text)
    latin = reference.compact.isascii()
    if not (latin and text.is_latin):
        for segment, run in enumerate(text.runs):
            if all(word.isascii() != latin for word in text.words[run.start : run.stop]):
                found.add(segment)
    return frozenset(found)


def _tied(text: Text) -> set[int]:
    """Find the segments that name a film, a label, a producer."""
    found: set[int] = set()
    tied = quoted = -1
    before = ""
    for word, segment in zip(text.words, text.segments, strict=True):
        if word in TIES:
            found.add(segment)
            tied = segment
        elif segment == tied + 1 and tied >= 0 and text.kinds[segment] == text.kinds[tied] == BRACKET:
            found.add(segment)  # (From "Some Film")
        elif segment != quoted and before == "from" and text.kinds[segment] == QUOTED:
            found.add(segment)  # "Title" from "Some Album"
            quoted = segment
        before = word
    return found


def weigh_remainder(
    reference: ReferenceRecording,
    text: Text,
    channel: Channel | None,
    marks: bytearray,
    *,
    facts: VersionFacts,
    is_named: bool,
    is_own: bool,
) -> Remainder:
    """Weigh what nothing has explained.

    Args:
        reference: the known recording.
        text: the title that it explains.
        channel: the uploader; None where artists are stated.
        marks: what each word was found to be.
        facts: the version that the text states.
        is_named: whether the artist is named whole.
        is_own: whether the channel is the artist's.
    """
    if not marks.translate(None, NAMING_WORDS):
        return Remainder(album=True) if _names_album(reference, text, marks) else NOTHING
    words, segments, kinds = text.words, text.segments, text.kinds
    weigher = _Weigher(reference, text, marks)
    explained: frozenset[int] | None = None
    # Whose remix it is, where it was played: explained only where the known title is one, too.
    shared = bool(facts.flags & (reference.facts.flags | reference.album_facts.facts.flags))
    numbers = 0
    month = is_early = False
    guests = -1
    for index, mark in enumerate(marks):
        if mark in NAMING_WORDS:
            continue
        word = words[index]
        if word in _SILENT:
            continue
        segment = segments[index]
        number = is_number(word)
        if number:
            numbers += 1
            is_early = is_early or (word < TAPE and is_year(word))
        elif word in MONTHS:
            month = True
        elif word == "feat" or (
            word in GUESTS and kinds[segment] == BRACKET and (not index or segments[index - 1] != segment)
        ):
            guests = segment
            continue
        if word in reference.context or mark == FACT_WORD or (mark and shared):
            continue
        if word in NOISE and not (
            word in STOP and segment in weigher.title_segments and weigher.ties_on(index)
        ):
            continue
        if (
            channel is not None
            and word in channel.words
            and (kinds[segment] == BRACKET or channel.is_label or is_own)
            and segment not in weigher.title_segments
        ):
            continue  # an uploader's mark
        if word in reference.own and segment not in weigher.title_segments:
            continue  # part of a name, as in "Some & Artist"
        if (word in reference.own or word in GENERIC) and weigher.touches_artist(index):
            continue  # "Some Artist Quartet"
        if number and weigher.number(index):
            continue
        if word in MONTHS and weigher.is_dating(index):
            continue
        if explained is None:
            explained = _explained(reference, text)
        weigher.add(index, guests, explained, is_named)
    return Remainder(
        beside=weigher.beside,
        before=weigher.before,
        bracketed=weigher.bracketed,
        qualifying=weigher.qualifying,
        outside=weigher.outside,
        following=weigher.following,
        is_listing=weigher.placed or len(weigher.outside_segments) > 1,
        guests=weigher.unknown_guests(),
        numbers_differ=weigher.numbers_differ,
        dated=not is_early and (numbers >= 3 or (month and numbers >= 1)),
        album=_names_album(reference, text, marks),
    )


def _names_album(reference: ReferenceRecording, text: Text, marks: bytearray) -> bool:
    if reference.album_head and reference.album_head[0] in text.wordset:
        for run in text.runs:
            if tuple(text.words[run.start : run.stop]) == reference.album_head:
                return TITLE_WORD not in marks[run.start : run.stop]
    if not reference.album or reference.album not in text.flat:
        return False
    start = text.flat.count(" ", 0, text.flat.find(reference.album))
    return TITLE_WORD not in marks[start : start + reference.album.count(" ") - 1]
