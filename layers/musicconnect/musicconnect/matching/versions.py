"""Find version facts among the words of a title."""

from collections.abc import Sequence
from dataclasses import dataclass

from musicconnect.matching.data import version_phrases
from musicconnect.matching.data.languages import LANGUAGES, SPELLED_OUT
from musicconnect.matching.data.version_phrases import (
    FIRST_WORDS,
    PHRASES,
    SECOND_WORDS,
    SIZES_BY_FIRST_WORD,
    Fact,
)
from musicconnect.matching.data.word_weights import NOISE, word_set
from musicconnect.matching.normalization import is_number

# Plain integers: sums of flags are an order of magnitude slower as enum members.
NAMED = int(version_phrases.NAMED)
LIVE = int(Fact.LIVE)
REMIX = int(Fact.REMIX)
LANGUAGE = int(Fact.LANGUAGE)
REMASTER = int(Fact.REMASTER)
OTHER_VERSION = int(Fact.OTHER_VERSION)
RADIO_EDIT = int(Fact.RADIO_EDIT)
_NUMBERED = int(
    Fact.DEMO | Fact.ALTERNATE | Fact.REMIX | Fact.OTHER_VERSION | Fact.ACOUSTIC | Fact.RERECORDED
)

# What is known about each word of a title while it is being explained.
OPEN_WORD, TITLE_WORD, ARTIST_WORD, FACT_WORD, DETAIL_WORD = 0, 1, 2, 4, 5
NAMING_WORDS = bytes((TITLE_WORD, ARTIST_WORD))
_FACT_OR_TITLE = bytes((FACT_WORD, TITLE_WORD))

_SUBTITLES = frozenset((
    "lyrics", "lyric", "letra", "letras", "sub", "subs", "subtitle", "subtitles", "subtitled", "subtitulado",
    "subtitulada", "subtitulos", "legendado", "legendada", "legenda", "legendas", "translation", "traduccion",
    "traduction", "testo", "cc", "untertitel", "sottotitoli", "altyazi", "altyazili", "napisy",
))  # fmt: skip
_GENRES = word_set("music musik musique musica muzik songs tv television radio film single lp album")
"""Behind a language they name a kind of music or a country: "Arabic Music", "German TV"."""
_IN = frozenset(("in", "en", "them", "auf"))
"""How a language is introduced; ``them`` is the canonical form of Portuguese ``em``."""


_MIXES = frozenset(
    ("club", "dub", "vip", "house", "dance", "disco", "bootleg", "flip", "rework", "refix", "instrumental")
)
"""Words of a phrase that say what sort of remix it is."""

_PLAYED = int(Fact.ARRANGEMENT | Fact.EFFECTS)
_PLAYED_ALIKE = frozenset(
    ("version", "solo", "duo", "arr", "arranged", "transcription", "orchestra", "boost")
)

_REDUCED = frozenset(("just", "without", "minus", "solo", "senza", "sin", "ohne", "sans"))
"""Open the bracket of a version that leaves somebody out: ``(just Somebody)``."""

_WHOLE = SPELLED_OUT | _REDUCED
KEY_WORDS = FIRST_WORDS | _REDUCED
"""A title without any of these states no facts."""


@dataclass(frozen=True, slots=True)
class VersionFacts:
    """Version facts of one title."""

    flags: int = 0
    """Of ``Fact``."""
    names: frozenset[str] = frozenset()
    """Words that say whose remix or which version."""
    details: frozenset[str] = frozenset()
    """Words and years that say where and when it was played live."""
    languages: frozenset[str] = frozenset()
    """Codes of the languages it is said to be sung in."""
    mixes: frozenset[str] = frozenset()
    """Sorts of remix, instruments, effects: ``club``, ``dub``, ``piano``, ``reverb``."""
    numbers: frozenset[tuple[int, str]] = frozenset()
    """Flag and number of numbered takes, demos and mixes."""
    titles: frozenset[frozenset[str]] = frozenset()
    """For each ``Something Version`` the words of the something."""


PLAIN = VersionFacts()


@dataclass(frozen=True, slots=True)
class AlbumFacts:
    """What the name of an album says about the versions on it."""

    facts: VersionFacts = PLAIN
    """Everything that may be read out of it: what a title states, this confirms."""
    hints: int = 0
    """Flags of what is probably so for a title that does not state it."""


NO_ALBUM = AlbumFacts()
_HINTED = int(
    Fact.LIVE | Fact.ACOUSTIC | Fact.REMIX | Fact.DEMO | Fact.INSTRUMENTAL | Fact.KARAOKE | Fact.LANGUAGE
)
_HINTS = word_set(
    """
    live acoustic acoustics akustik acustico unplugged remix remixes remixed remixe demos demo instrumental
    instrumentals karaoke concert concierto koncert konzert vivo
    """
)
"""Words that say at the end of an album's name, or of a part of it, what its tracks are."""
_LIVE_AT = frozenset(("at", "from", "in", "on"))


def is_year(word: str) -> bool:
    """Decide whether a word is a year of recorded music."""
    return len(word) == 4 and word.isdigit() and "1890" <= word <= "2049"


class _Finder:
    """Collects the facts of one title."""

    __slots__ = (
        "details",
        "flags",
        "languages",
        "marks",
        "mixes",
        "names",
        "numbers",
        "segments",
        "titles",
        "words",
    )

    def __init__(self, words: Sequence[str], segments: Sequence[int], marks: bytearray) -> None:
        self.words, self.segments, self.marks = words, segments, marks
        self.flags = 0
        self.names: set[str] = set()
        self.details: set[str] = set()
        self.languages: set[str] = set()
        self.mixes: set[str] = set()
        self.numbers: set[tuple[int, str]] = set()
        self.titles: set[frozenset[str]] = set()

    def phrases(self, starts: Sequence[int], own: frozenset[str]) -> None:
        words = self.words
        behind = 0
        for index in starts:
            if index < behind:
                continue
            end, meaning = self._phrase(index)
            subtitled = (
                meaning == LANGUAGE
                and words[index] in _IN
                and index > 0
                and words[index - 1] in _SUBTITLES
                and self.segments[index - 1] == self.segments[index]
            )
            behind = end
            if end > index and not subtitled and own.isdisjoint(words[index:end]):
                self._found(index, end, meaning)

    def _found(self, start: int, end: int, meaning: int) -> None:
        words, marks = self.words, self.marks
        for covered in range(start, end):
            marks[covered] = FACT_WORD
        if meaning & LANGUAGE:
            self.languages.update(LANGUAGES[word] for word in words[start:end] if word in LANGUAGES)
        if meaning & REMIX:
            self.mixes.update(_MIXES.intersection(words[start:end]))
        if meaning & _PLAYED:
            self.mixes.update(word for word in words[start:end] if word not in _PLAYED_ALIKE)
        if meaning & _NUMBERED:
            self._number(start, end, meaning)
        if meaning & (NAMED | RADIO_EDIT):
            names = self._before(start)
            self.names |= names
            if meaning & OTHER_VERSION and names:
                self.titles.add(frozenset(names))
            if meaning & RADIO_EDIT and names and "mix" in words[start:end]:
                meaning |= REMIX  # "Somebody Radio Mix"
        elif meaning & LIVE:
            self._after(end)
            if not self._shares_segment(start):
                self.details |= self._before(start)
        self.flags |= meaning

    def _phrase(self, start: int) -> tuple[int, int]:
        """Give the end and the meaning of the longest phrase at an index; the start where there is none."""
        words, segments = self.words, self.segments
        for size in SIZES_BY_FIRST_WORD[words[start]]:
            end = start + size
            if size == 1:
                return end, PHRASES[words[start],]
            if end > len(words) or segments[end - 1] != segments[start]:
                continue
            meaning = PHRASES.get(tuple(words[start:end]))
            if meaning is not None and TITLE_WORD not in self.marks[start:end]:
                return end, meaning
        return start, 0

    def _number(self, start: int, end: int, meaning: int) -> None:
        words, segments, marks = self.words, self.segments, self.marks
        if is_number(words[end - 1]):
            self.numbers.add((meaning & _NUMBERED, words[end - 1]))
        elif (
            end < len(words)
            and segments[end] == segments[start]
            and not marks[end]
            and is_number(words[end])
            and not (is_year(words[end]) and end + 1 < len(words) and words[end + 1] in FIRST_WORDS)
        ):
            self.numbers.add((meaning & _NUMBERED, words[end]))
            marks[end] = DETAIL_WORD

    def _shares_segment(self, start: int) -> bool:
        """Decide whether title or artist stand in the segment of a phrase."""
        return any(
            mark in NAMING_WORDS and segment == self.segments[start]
            for mark, segment in zip(self.marks, self.segments, strict=True)
        )

    def _before(self, start: int) -> set[str]:
        """Collect the words in front of a phrase: whose remix, which version."""
        words, segments, marks = self.words, self.segments, self.marks
        names: set[str] = set()
        index = start - 1
        while index >= 0 and segments[index] == segments[start] and marks[index] not in _FACT_OR_TITLE:
            if words[index] not in NOISE:
                names.add(words[index])
                if not marks[index]:
                    marks[index] = DETAIL_WORD
            index -= 1
        return names

    def _after(self, end: int) -> None:
        """Collect the words behind a phrase: where and when it was played."""
        words, segments, marks = self.words, self.segments, self.marks
        index = end
        while index < len(words) and segments[index] == segments[end - 1] and not marks[index]:
            word = words[index]
            if is_year(word) and index + 1 < len(words) and words[index + 1] in FIRST_WORDS:
                break  # "Live, 2009 Remaster"
            if word not in NOISE and (word not in FIRST_WORDS or is_number(word)):
                self.details.add(word)
                marks[index] = DETAIL_WORD
            index += 1

    def whole_segments(self, own: frozenset[str]) -> None:
        """Find what a segment says by standing alone: a language, somebody who is left out."""
        words, segments, marks = self.words, self.segments, self.marks
        if _WHOLE.isdisjoint(words) or not _SUBTITLES.isdisjoint(words):
            return
        index = 0
        count = len(words)
        while index < count:
            end = index + 1
            while end < count and segments[end] == segments[index]:
                end += 1
            if marks[index] == OPEN_WORD and words[index] not in own and TITLE_WORD not in marks[index:end]:
                part = words[index:end]
                if words[index] in SPELLED_OUT and all(
                    word in SPELLED_OUT or (word in NOISE and word not in _GENRES) for word in part
                ):
                    self.flags |= LANGUAGE
                    self.languages.update(LANGUAGES[word] for word in part if word in SPELLED_OUT)
                    marks[index:end] = bytes([FACT_WORD]) * (end - index)
                elif words[index] in _REDUCED and all(
                    mark == ARTIST_WORD or word in own
                    for word, mark in zip(part[1:], marks[index + 1 : end], strict=True)
                ):
                    self.flags |= OTHER_VERSION
                    self.titles.add(frozenset(part))
                    self.names.update(part)
                    marks[index:end] = bytes([FACT_WORD]) * (end - index)
            index = end

    def facts(self) -> VersionFacts:
        if not self.flags:
            return PLAIN
        return VersionFacts(
            self.flags,
            frozenset(self.names),
            frozenset(self.details),
            frozenset(self.languages),
            frozenset(self.mixes),
            frozenset(self.numbers),
            frozenset(self.titles),
        )


def find(
    words: Sequence[str],
    segments: Sequence[int],
    marks: bytearray,
    own: frozenset[str] = frozenset(),
) -> VersionFacts:
    """Find the facts among the words that are not part of the title.

    Args:
        words: canonical words.
        segments: for each word the number of its segment; a phrase does not reach across.
        marks: what each word is; facts' words and those that go with them (whose remix, where) are marked.
        own: words of the artists' names. A lullaby by the Lullaby Players is no version of something else.
    """
    starts = [] if FIRST_WORDS.isdisjoint(words) else _starts(words, marks)
    if not starts and _WHOLE.isdisjoint(words):
        return PLAIN
    finder = _Finder(words, segments, marks)
    finder.phrases(starts, own)
    finder.whole_segments(own)
    return finder.facts()


def _starts(words: Sequence[str], marks: bytearray) -> list[int]:
    """Find where phrases may begin: not in the title, and with a second word where none has one alone."""
    starts: list[int] = []
    last = len(words) - 1
    for index, word in enumerate(words):
        following = SECOND_WORDS.get(word)
        if following is None or marks[index] == TITLE_WORD:
            continue
        if not following or (index < last and words[index + 1] in following):
            starts.append(index)
    return starts


def join(parts: Sequence[VersionFacts]) -> VersionFacts:
    """Join what several parts of a title state."""
    flags = 0
    for part in parts:
        flags |= part.flags
    return VersionFacts(
        flags,
        frozenset().union(*(part.names for part in parts)),
        frozenset().union(*(part.details for part in parts)),
        frozenset().union(*(part.languages for part in parts)),
        frozenset().union(*(part.mixes for part in parts)),
        frozenset().union(*(part.numbers for part in parts)),
        frozenset().union(*(part.titles for part in parts)),
    )


def find_in(words: Sequence[str]) -> VersionFacts:
    """Find the facts in a phrase that stands for itself: a bracket, an album's name."""
    count = len(words)
    return find(words, [0] * count, bytearray(count))


def find_outside(words: list[str], title: list[str]) -> int:
    """Find the flags of the facts among words, but not in the title that is part of them."""
    marks = bytearray(len(words))
    for start in range(len(words) - len(title) + 1):
        if title and words[start : start + len(title)] == title:
            marks[start : start + len(title)] = bytes([TITLE_WORD]) * len(title)
            break
    return find(words, [0] * len(words), marks).flags


def read_album(words: Sequence[str], segments: Sequence[int]) -> AlbumFacts:
    """Read the name of an album, whose words are in segments as those of a title are.

    ``Live at the Old Mill``, ``Title (Acoustic)`` and ``The Remixes`` tell about every track, ``Live Your
    Life`` and ``Acoustic Soul`` about none.
    """
    facts = find(words, segments, bytearray(len(words)))
    if not facts.flags & _HINTED:
        return AlbumFacts(facts) if facts.flags else NO_ALBUM
    told = False
    for index, word in enumerate(words):
        last = index + 1 == len(words) or segments[index + 1] != segments[index]
        following = "" if last else words[index + 1]
        if (word in _HINTS and (last or following == "version" or is_year(following))) or (
            word in {"live", "unplugged", "recorded"} and following in _LIVE_AT
        ):
            told = True
    told = told or bool(facts.flags & LANGUAGE)
    return AlbumFacts(facts, facts.flags & _HINTED if told else 0)
