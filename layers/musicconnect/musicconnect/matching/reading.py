"""Taking titles, names and channels apart into what the comparison works on."""

import re
from dataclasses import dataclass, field
from functools import lru_cache

from musicconnect.matching import facts
from musicconnect.matching.facts import Facts, is_year
from musicconnect.matching.lexicon import FIRST_WORDS, NOISE, STOP, Fact
from musicconnect.matching.text import BREAK, CLOSE, OPEN, QUOTE, clean, padded, tokens, words

PLAIN_SEGMENT, BRACKET, QUOTED = 0, 1, 2


class Text:
    """A title as words in segments."""

    __slots__ = ("flat", "keyed", "kinds", "segments", "sizes", "wordset", "words")

    def __init__(self, title: str) -> None:
        found: list[str] = []
        segments: list[int] = []
        kinds: list[int] = [PLAIN_SEGMENT]
        sizes: list[int] = [0]
        kind = PLAIN_SEGMENT
        current = 0
        fresh = True
        for token in tokens(clean(title)):
            if token == BREAK:
                fresh = True
            elif token == OPEN:
                kind, fresh = BRACKET, True
            elif token == CLOSE:
                kind, fresh = PLAIN_SEGMENT, True
            elif token == QUOTE:
                kind, fresh = (
                    PLAIN_SEGMENT if kind == QUOTED else QUOTED if kind == PLAIN_SEGMENT else kind,
                    True,
                )
            else:
                if fresh:
                    fresh = False
                    if found:
                        current += 1
                        kinds.append(kind)
                        sizes.append(0)
                    else:
                        kinds[0] = kind
                found.append(token)
                segments.append(current)
                sizes[current] += 1
        self.words = found
        self.segments = segments
        self.kinds = kinds
        self.sizes = sizes
        self.flat = padded(found)
        self.wordset = frozenset(found)
        self.keyed = not FIRST_WORDS.isdisjoint(self.wordset)


@lru_cache(maxsize=4096)
def read_text(title: str) -> Text:
    """The title in segments; kept, since a source meets ten candidates and a candidate several sources."""
    return Text(title)


@dataclass(frozen=True, slots=True)
class Name:
    """An artist's name in the ways it may stand in a title."""

    words: tuple[str, ...]
    needles: tuple[tuple[str, float], ...]
    """Padded strings to look for, with the strength of finding them, 0 to 1, strongest first."""
    compact: str


_COLLABORATION = re.compile(
    r"\s*[,;&+/]\s*|\s+(?:feat\.?|ft\.?|featuring|with|and|und|et|y|x|vs\.?|con|mit|-|presents|pres\.?|his|her)\s+",
    re.IGNORECASE,
)
_BRACKETED = re.compile(r"\s*[(\[].*?[)\]]")


def _without_the(parts: list[str]) -> list[str]:
    return parts[1:] if len(parts) > 1 and parts[0] == "the" else parts


@lru_cache(maxsize=4096)
def read_name(name: str) -> Name:
    """An artist's name, whole and in parts."""
    cleaned = clean(name)
    whole = _without_the(words(cleaned))
    needles: dict[str, float] = {}
    if whole:
        needles[padded(whole)] = 1.0
    for position, piece in enumerate(_COLLABORATION.split(_BRACKETED.sub("", cleaned))):
        part = _without_the(words(piece))
        if part and not all(word in STOP or word in NOISE for word in part):
            needles.setdefault(padded(part), 0.95 if position == 0 else 0.85)
    return Name(tuple(whole), tuple(needles.items()), "".join(whole))


@dataclass(slots=True)
class Known:
    """A recording whose artists and title are facts."""

    head: tuple[str, ...]
    """Words of the title without what qualifies it."""
    needles: tuple[tuple[str, int], ...]
    """Ways in which the title may stand in another one, as (padded words, number of words)."""
    optional: frozenset[str]
    """Words in brackets that belong to the title but may be left out."""
    facts: Facts
    names: tuple[Name, ...]
    featured: tuple[Name, ...]
    context: frozenset[str]
    """Words of the film, the album and the like: explained where they turn up."""
    compact: str
    numbers: frozenset[str]
    wordset: frozenset[str] = field(default=frozenset())


_FEATURING = frozenset(("feat", "with", "mit", "con", "avec", "med"))


def _groups(text: Text) -> list[tuple[int, list[str]]]:
    groups: list[tuple[int, list[str]]] = [(kind, []) for kind in text.kinds]
    for word, segment in zip(text.words, text.segments, strict=True):
        groups[segment][1].append(word)
    return [(kind, group) for kind, group in groups if group]


@lru_cache(maxsize=4096)
def read_known(title: str, artists: tuple[str, ...], album: str | None) -> Known:
    """Take a title as a music service writes it apart."""
    text = read_text(title)
    head: list[list[str]] = []
    optional: list[str] = []
    flags = facts.NONE
    names: set[str] = set()
    details: set[str] = set()
    featured: list[Name] = []
    context: set[str] = set()
    from_film = False
    for position, (kind, group) in enumerate(_groups(text)):
        if from_film and kind == QUOTED:
            context.update(group)
            continue
        from_film = False
        if position == 0 and kind != BRACKET:
            if "feat" in group[1:]:
                cut = group.index("feat")
                featured.append(read_name(" ".join(group[cut + 1 :])))
                group = group[:cut]
            head.append(group)
            continue
        if kind == BRACKET and group[0] in _FEATURING or group[0] == "feat":
            featured.append(read_name(" ".join(group[1:])))
            continue
        if group[0] == "from":
            context.update(group)
            from_film = True
            continue
        taken = bytearray(len(group))
        found = facts.find(group, [0] * len(group), taken)
        if found.flags and (kind == BRACKET or found.flags & ~Fact.ARRANGEMENT) and position > 0:
            flags |= found.flags
            names |= found.names
            details |= found.details
            if found.flags & Fact.LIVE:
                details.update(w for w, t in zip(group, taken, strict=True) if not t and w not in NOISE)
            continue
        if all(is_year(word) or word in NOISE for word in group) and position > 0:
            continue
        if kind == BRACKET:
            optional.extend(group)
        else:
            head.append(group)
    if not head and optional:
        head, optional = [optional], []
    full = [word for group in head for word in group]
    needles: dict[str, int] = {}
    if optional and full:
        everything = full + optional
        needles[padded(everything)] = len(everything)
    if full:
        needles[padded(full)] = len(full)
        if full[0] in {"the", "a"} and len(full) > 2:
            needles[padded(full[1:])] = len(full) - 1
    if album:
        context.update(words(clean(album)))
    return Known(
        head=tuple(full),
        needles=tuple(needles.items()),
        optional=frozenset(optional),
        facts=Facts(flags, frozenset(names), frozenset(details)) if flags else facts.PLAIN,
        names=tuple(read_name(artist) for artist in artists if artist),
        featured=tuple(featured),
        context=frozenset(context),
        compact="".join(full),
        numbers=frozenset(word for word in full if word.isdigit()),
        wordset=frozenset(full),
    )


_TOPIC = re.compile(
    r"\s+-\s+(?:topic|tema|thema|topik|temat|sujet|トピック|主题|主題|주제)\s*$", re.IGNORECASE
)
_CHANNEL_WORDS = frozenset(
    ("official", "vevo", "music", "tv", "channel", "band", "oficial", "officiel", "topic", "the")
)


@dataclass(frozen=True, slots=True)
class Channel:
    """An uploader's name."""

    flat: str
    compact: str
    is_topic: bool
    is_vevo: bool
    names: tuple[str, ...]
    """The artists that an art track's channel names."""


@lru_cache(maxsize=4096)
def read_channel(channel: str) -> Channel:
    """Take an uploader's name apart."""
    cleaned = clean(channel)
    plain = _TOPIC.sub("", cleaned)
    is_topic = plain != cleaned
    is_vevo = plain.lower().endswith("vevo")
    if is_vevo:
        plain = plain[:-4]
    found = words(plain)
    core = [word for word in found if word not in _CHANNEL_WORDS] or found
    return Channel(padded(found), "".join(core), is_topic, is_vevo, (plain,) if is_topic else ())
