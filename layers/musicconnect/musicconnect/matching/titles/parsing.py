"""Parse titles into words, segments and version facts."""

from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import chain, pairwise

from musicconnect.matching import versions
from musicconnect.matching.artists import Name, read_name
from musicconnect.matching.data.version_phrases import Fact
from musicconnect.matching.data.word_weights import (
    CLASSICAL,
    GUESTS,
    NOISE,
    STOP,
    weigh,
    weigh_in_work,
    word_set,
)
from musicconnect.matching.normalization import (
    BREAK,
    CENSORED,
    CLOSE,
    LETTER_NUMBERS,
    MARKERS,
    OPEN,
    QUOTE,
    clean,
    is_number,
    padded,
    sign_words,
    tokens,
)
from musicconnect.matching.versions import (
    KEY_WORDS,
    NO_ALBUM,
    PLAIN,
    AlbumFacts,
    VersionFacts,
    is_year,
    read_album,
)

PLAIN_SEGMENT, BRACKET, QUOTED = 0, 1, 2


_VIDEO = frozenset(("video", "mv", "pv", "clip", "videoclip", "musicvideo", "videoklip"))


_STILL = word_set("audio lyric lyrics visualizer visualiser letra paroles letras")
"""What is not a film with a story says so."""


_DIGRAPHS = frozenset("äöüøåæœđðþßÄÖÜØÅÆŒĐÐÞ")
"""Latin letters for which two others are written where a keyboard lacks them."""


class Text:
    """A title as words in segments: what stands between dashes, in brackets, in quotes."""

    __slots__ = (
        "flat",
        "has_digraphs",
        "is_censored",
        "is_classical",
        "is_latin",
        "keyed",
        "kinds",
        "raw",
        "segments",
        "sizes",
        "words",
        "wordset",
    )

    def __init__(self, title: str) -> None:
        self.raw = raw = clean(title)
        found = tokens(raw)
        if MARKERS.isdisjoint(found):
            found = found or sign_words(raw)
            self.kinds, self.sizes = ([PLAIN_SEGMENT], [len(found)]) if found else ([], [])
            self.segments = [0] * len(found)
        else:
            found = self._divide(found)
        self.words = found
        self.wordset = wordset = frozenset(found)
        self.is_classical = not CLASSICAL.isdisjoint(wordset) and len(CLASSICAL & wordset) >= 2
        if self.is_classical:
            _number_movements(found)
            self.wordset = wordset = frozenset(found)
        self.flat = flat = f" {' '.join(found)} "
        self.keyed = not KEY_WORDS.isdisjoint(wordset)
        self.is_latin = flat.isascii()
        self.is_censored = CENSORED in flat
        self.has_digraphs = not raw.isascii() and not _DIGRAPHS.isdisjoint(raw)

    def _divide(self, found: list[str]) -> list[str]:
        """Divide words into segments at the markers among them; return the words alone."""
        words: list[str] = []
        segments: list[int] = []
        starts: list[int] = []
        kinds: list[int] = []
        kind = PLAIN_SEGMENT
        number = -1
        fresh = True
        names_guests = False
        for token in found:
            if token in MARKERS:
                if token == BREAK and names_guests:
                    continue  # "(feat. Somebody | Somebody)"
                names_guests = False
                fresh = True
                if token == OPEN:
                    kind = BRACKET
                elif token == CLOSE:
                    kind = PLAIN_SEGMENT
                elif token == QUOTE and kind != BRACKET:
                    kind = PLAIN_SEGMENT if kind == QUOTED else QUOTED
                continue
            if fresh:
                fresh = False
                number += 1
                starts.append(len(words))
                kinds.append(kind)
                names_guests = kind == BRACKET and token in GUESTS
            words.append(token)
            segments.append(number)
        if not words and (words := sign_words(self.raw)):
            starts, kinds, segments = [0], [PLAIN_SEGMENT], [0] * len(words)
        starts.append(len(words))
        self.kinds, self.segments = kinds, segments
        self.sizes = [end - start for start, end in pairwise(starts)]
        return words

    @property
    def is_cut(self) -> bool:
        """Whether the provider may have cut the title."""
        return len(self.raw) >= 97 or self.raw.endswith(("...", "…"))

    @property
    def is_still(self) -> bool:
        """Whether it says that there is no film."""
        return not _STILL.isdisjoint(self.wordset)

    @property
    def is_video(self) -> bool:
        """Whether it says that it is a video."""
        return not _VIDEO.isdisjoint(self.wordset)

    @property
    def runs(self) -> list[range]:
        """Give the indexes of the words of each segment."""
        runs: list[range] = []
        index = 0
        for size in self.sizes:
            runs.append(range(index, index + size))
            index += size
        return runs

    def groups(self) -> list[tuple[int, list[str]]]:
        """Give the segments as (kind, words)."""
        return [
            (kind, self.words[run.start : run.stop]) for kind, run in zip(self.kinds, self.runs, strict=True)
        ]


def _number_movements(words: list[str]) -> None:
    """Turn the letter of "I Allegro" into a number."""
    for index, word in enumerate(words[:-1]):
        if word in LETTER_NUMBERS and words[index + 1] in CLASSICAL:
            words[index] = LETTER_NUMBERS[word]


@lru_cache(maxsize=4096)
def read_text(title: str) -> Text:
    """Read a title; cached, since a source meets ten candidates and a candidate several sources."""
    return Text(title)


@lru_cache(maxsize=4096)
def read_album_facts(name: str) -> AlbumFacts:
    """Read what an album of this name says about the versions on it."""
    text = read_text(name)
    return read_album(text.words, text.segments) if text.keyed else NO_ALBUM


@dataclass(frozen=True, slots=True)
class TitleVariant:
    """One way in which a title may stand in another one."""

    flat: str
    """Padded words."""
    size: int
    quality: float
    """How much of the title this is, 0 to 1."""


@dataclass(frozen=True, slots=True)
class ReferenceRecording:
    """A recording whose artists and title are facts."""

    head: tuple[str, ...]
    """Words of the title without what qualifies it."""
    variants: tuple[TitleVariant, ...]
    """Best first."""
    facts: VersionFacts
    album_facts: AlbumFacts
    names: tuple[Name, ...]
    featured: tuple[Name, ...]
    """Guests that the title names."""
    telling: frozenset[str]
    """Words without which nobody of these is named whole."""
    title_words: frozenset[str]
    """The words of all variants."""
    is_joined: bool
    """Whether the title says ``with`` a guest, as it does of a version made together, not only ``feat.``."""
    own: frozenset[str]
    """Words of the artists' names."""
    context: frozenset[str]
    """Words of the film, the album, the brackets: explained where they turn up."""
    album: str
    """Padded words of the album, empty where there is none that says anything."""
    album_head: tuple[str, ...]
    """Words of the album, but for ``[Clean]``, ``(Deluxe Edition)``, ``- EP`` behind it."""
    compact: str
    numbers: frozenset[str]
    weights: dict[str, float]
    """The head's words, each with how much it counts."""
    weight: float
    """How much they count together."""
    wordset: frozenset[str]
    is_latin: bool
    """Whether title and names are in Latin letters."""
    is_classical: bool
    is_specific: bool
    """Whether the title alone says much: two or more words of weight."""
    raw: str
    has_digraphs: bool
    sign: str
    """The title where it has no letters, empty elsewhere."""


_PIECES = frozenset(("opening", "ending", "theme", "op", "ed"))
"""Name pieces of music to a film or a game, and say nothing elsewhere."""
_EDITION = word_set(
    """
    clean explicit edited version amended deluxe edition expanded bonus track tracks special limited standard
    international digital single ep super
    """
)
"""Words that shops put in brackets behind the name of an album, or behind a dash: ``- Single``.

Not those of another mastering, which is all that tells a remaster's track from the original of its length.
"""
_OWN = frozenset(("his", "her", "their"))
_REMIX_WORDS = frozenset(("remix", "remixes", "mix", "edit"))
"""Words that say what they say even where a shop took them for part of an artist's name."""


class _Title:
    """A title of a music service while it is being taken apart."""

    def __init__(self, text: Text, own: frozenset[str]) -> None:
        self.heads: list[list[str]] = []
        self.brackets: list[list[str]] = []
        self.featured: list[Name] = []
        self.joined = False
        self.context: set[str] = set()
        self.stated: list[VersionFacts] = []
        self._own = own
        self._is_classical = text.is_classical
        film = False
        number: list[str] = []
        groups = text.groups()
        for position, (kind, group) in enumerate(groups):
            if film and kind in {QUOTED, BRACKET}:  # (From "Some Film")
                if not self._qualifies(position, kind, group):
                    self.context.update(group)
                continue
            film = False
            if not position and kind != BRACKET:
                if len(groups) > 1 and len(group) == 1 and is_number(group[0]) and len(group[0]) != 4:
                    number = group  # of the track, unless it is the title
                    continue
                self._first(group)
            elif (kind == BRACKET and group[0] in GUESTS) or group[0] == "feat":
                self.featured.append(read_name(" ".join(group[1:])))
                accompanied = not _OWN.isdisjoint(group)  # "with his orchestra"
                self.joined = self.joined or (group[0] != "feat" and not accompanied)
            elif group[0] == "from":
                self.context.update(group)
                film = True
            elif not self._qualifies(position, kind, group):
                (self.brackets if kind == BRACKET else self.heads).append(group)
        if not self.heads and number:
            self.heads = [number]
        if not self.heads and self.brackets:
            self.heads, self.brackets = self.brackets[:1], self.brackets[1:]

    def _first(self, group: list[str]) -> None:
        if "feat" in group[1:]:
            cut = group.index("feat", 1)
            self.featured.append(read_name(" ".join(group[cut + 1 :])))
            group = group[:cut]
        self.heads.append(group)

    def _qualifies(self, position: int, kind: int, group: list[str]) -> bool:
        """Decide whether a part of the title says which version it is; record what it says."""
        if not position:
            return False
        marks = bytearray(len(group))
        found = versions.find(group, [0] * len(group), marks, self._own)
        meaning = found.flags
        if self._is_classical and kind != BRACKET:
            meaning &= ~int(Fact.ARRANGEMENT)
        if not meaning:
            return (
                kind != QUOTED
                and all(is_year(word) or word in NOISE for word in group)
                and (kind == BRACKET or _PIECES.isdisjoint(group))
            )
        if found.flags & versions.LIVE:
            places = {word for word, mark in zip(group, marks, strict=True) if not mark and word not in NOISE}
            found = replace(found, details=found.details | places)
        self.stated.append(found)
        return True

    def facts(self) -> VersionFacts:
        """Give what all parts of the title state together."""
        if not self.stated:
            return PLAIN
        return self.stated[0] if len(self.stated) == 1 else versions.join(self.stated)

    def variants(self, is_classical: bool) -> list[TitleVariant]:
        """List the ways in which the title may stand in another one, best first."""
        full = [word for group in self.heads for word in group]
        aside = [word for group in self.brackets for word in group]
        found: dict[str, TitleVariant] = {}

        def add(parts: list[str], quality: float) -> None:
            if parts and (flat := padded(parts)) not in found:
                found[flat] = TitleVariant(flat, len(parts), quality)

        if aside:
            add(full + aside, 1.0)
        add(full, 1.0)
        if len(full) > 2 and full[0] in {"the", "a"}:
            add(full[1:], 1.0)
        if not is_classical and len(self.heads) > 1:
            add(self.heads[0], 0.93)
            for group in self.heads[1:]:
                if len(group) > 1 or len(group[0]) >= 4:
                    # "Some Work - Piece" is known by its piece.
                    add(group, 0.96 if group is self.heads[-1] and len(group) > 1 else 0.8)
        for group in self.brackets:
            if len(group) > 1:
                add(group, 0.85)
        return list(found.values())


@lru_cache(maxsize=4096)
def read_reference(title: str, artists: tuple[str, ...], album: str | None) -> ReferenceRecording:
    """Read a title as a music service writes it."""
    text = read_text(title)
    names = tuple(read_name(artist) for artist in artists if artist)
    own = frozenset(chain.from_iterable([name.distinct for name in names])) - _REMIX_WORDS
    parts = _Title(text, own)
    full = tuple(chain.from_iterable(parts.heads))
    wordset = frozenset(full)
    aside = frozenset(chain.from_iterable(parts.brackets))
    context = parts.context | aside
    album_facts = NO_ALBUM
    album_flat = ""
    album_head: tuple[str, ...] = ()
    if album:
        album_text = read_text(album)
        album_words = album_text.words
        album_head = tuple(
            word for kind, group in album_text.groups() if not _EDITION.issuperset(group) for word in group
        )
        context.update(album_words)
        if sum(word not in STOP for word in album_words) >= 2 and tuple(album_words) != full:
            album_flat = padded(album_words)
        album_facts = read_album_facts(album)
    weights: dict[str, float] = {}
    for word in full:
        weights[word] = weights.get(word, 0.0) + (weigh_in_work(word) if text.is_classical else weigh(word))
    return ReferenceRecording(
        head=full,
        variants=tuple(parts.variants(text.is_classical)),
        facts=parts.facts(),
        album_facts=album_facts,
        names=names,
        featured=tuple(parts.featured),
        telling=frozenset(chain.from_iterable([name.telling for name in (*names, *parts.featured)])),
        title_words=wordset | aside,
        is_joined=parts.joined,
        own=own,
        context=frozenset(context),
        album=album_flat,
        album_head=album_head,
        compact="".join(full),
        numbers=frozenset(filter(is_number, full)),
        weights=weights,
        weight=sum(weights.values()),
        wordset=wordset,
        is_latin=text.is_latin and all(name.compact.isascii() for name in names),
        is_classical=text.is_classical,
        is_specific=sum(word not in STOP for word in full) >= 2 or len("".join(full)) >= 12,
        raw=text.raw,
        has_digraphs=text.has_digraphs,
        sign="" if any(char.isalnum() for char in text.raw) else text.raw.strip(),
    )
