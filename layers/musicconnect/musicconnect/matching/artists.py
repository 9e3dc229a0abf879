"""Read names of artists and channels: whole, in parts, and as people shorten them."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from musicconnect.matching.data.word_weights import GENERIC, STOP, word_set
from musicconnect.matching.letters import loosely_romanised, skeleton
from musicconnect.matching.normalization import (
    canonical,
    canonical_words,
    clean,
    is_number,
    padded,
    similarity,
    spelled_words,
    words,
)


@dataclass(frozen=True, slots=True)
class Name:
    """An artist's name in the ways it may stand in a title."""

    variants: tuple[tuple[str, float], ...]
    """Padded words to look for, with the strength of finding them, 0 to 1, strongest first."""
    whole: str
    """The first of them, where it is the whole name; empty elsewhere."""
    alone: frozenset[str]
    """Those without blanks that name the artist as surely as the whole name does."""
    compact: str
    """The whole name without blanks."""
    spelled: str
    """The same letter by letter, for channels like ``SomeArtistVEVO``, of whose words nothing is known."""
    distinct: tuple[str, ...]
    """The words that few other names have."""
    people: tuple[tuple[str, ...], ...]
    """Where the name joins several people, the distinct words of each."""
    telling: frozenset[str]
    """The longest word of each variant: where none is, no variant is."""
    raw: str


_COLLABORATION = re.compile(
    r"\s*[,;&+/·•]\s*"
    r"|\s+(?:feat\.?|ft\.?|featuring|with|and|und|et|y|x|vs\.?|con|mit|-|presents|pres\.?|his|her|their)\s+",
    re.IGNORECASE,
)
_SAME_NAME = re.compile(r"(?<=\S)\s+[(\[]\d{1,2}[)\]](?=\s*(?:$|[,;&]))")
"""The number by which discographies tell artists of one name apart."""
_BANDS = re.compile(r"\s*(?:his|her|their|the|los|las|les|die)\s", re.IGNORECASE)
"""Begins the name of a band in that of its leader."""
_BRACKETED = re.compile(r"\s*[(\[]([^)\]]*)[)\]]")


def _without_the(parts: list[str]) -> list[str]:
    return parts[1:] if len(parts) > 1 and parts[0] in {"the", "los", "las", "les", "die"} else parts


def split_names(line: str) -> list[str]:
    """Split a line of collaborators into names, in order."""
    return [piece.strip() for piece in _COLLABORATION.split(line) if piece.strip()]


@lru_cache(maxsize=4096)
def read_name(name: str) -> Name:
    """Read an artist's name, whole and in parts."""
    cleaned = clean(name)
    bracketed = "(" in cleaned or "[" in cleaned
    if bracketed:
        cleaned = _SAME_NAME.sub("", cleaned) or cleaned
    spelled = spelled_words(cleaned)
    whole = _without_the(canonical_words(spelled))
    variants: dict[str, float] = {}
    if whole:
        variants[padded(whole)] = 1.0
    outside = _BRACKETED.sub("", cleaned) if bracketed else cleaned
    aliases = _BRACKETED.findall(cleaned) if bracketed else []
    joined = [outside] if outside.isalnum() else _COLLABORATION.split(outside)
    people: list[tuple[str, ...]] = []
    for position, piece in enumerate((*joined, *aliases)):
        part = whole if piece == cleaned else _without_the(words(piece))
        own = tuple(word for word in part if word not in GENERIC and word not in STOP)
        if own and position < len(joined) and not _BANDS.match(piece):
            people.append(own)
        if any(word not in GENERIC and word not in STOP for word in part) and len("".join(part)) > 1:
            variants.setdefault(padded(part), 0.95 if position == 0 else 0.8)
    distinct = tuple(dict.fromkeys(word for word in whole if word not in GENERIC and word not in STOP))
    return Name(
        variants=tuple(variants.items()),
        whole=padded(whole) if whole else "",
        alone=frozenset(part.replace(" ", "") for part, strength in variants.items() if strength >= 0.95),
        compact="".join(whole),
        spelled="".join(_without_the(spelled)),
        distinct=distinct or tuple(whole),
        people=tuple(people) if len(people) > 1 else (),
        telling=frozenset(max(variant.split(), key=len) for variant in variants),
        raw=cleaned,
    )


def name_similarity(name: Name, pool: Sequence[str]) -> tuple[float, list[int]]:
    """Rate how well a name is recognised among words that do not contain it whole.

    Returns:
        The strength, 0 to 1, and the indexes in ``pool`` that bear it. A surname alone is half a name; a
        shared word such as ``orchestra`` is none.
    """
    if not name.distinct or not pool:
        return 0.0, []
    indexes: list[int] = []
    found = 0.0
    last = False
    for word in name.distinct:
        if word in pool:
            indexes.append(pool.index(word))
            found += 1.0
            last = word == name.distinct[-1]
            continue
        first = word[0]
        for index, other in enumerate(pool):
            if first != other[0]:
                continue
            if len(word) >= 3 and len(other) >= 3 and similarity(word, other, 80.0):
                indexes.append(index)
                found += 0.9
                last = word == name.distinct[-1]
                break
            if len(other) == 1 and len(word) > 1 and len(name.distinct) > 1:  # an initial
                indexes.append(index)
                found += 0.4
                break
    count = len(name.distinct)
    share = found / count
    if count == 1:
        strength = 0.85 if share >= 1.0 else 0.75 if share and len(name.distinct[0]) >= 5 else 0.4 * share
    elif share >= 0.85:
        strength = 0.9
    elif share >= 0.6:
        strength = 0.75
    elif share >= 0.3:
        strength = 0.55 if last and len(name.distinct[-1]) >= 4 else 0.35
    else:
        strength = 0.0
    named = {pool[index] for index in indexes}
    if strength >= 0.55 and any(
        word not in named and (word in _COVERS or is_number(word)) for word in name.distinct
    ):
        strength = 0.5  # a tribute to somebody is somebody else, and so is his son, the third
    elif strength < 0.9 and len(name.distinct) > 1:
        people = _all_people(name, pool) or _forename_and_surname(name, pool)
        if people is not None and people[0] > strength:
            strength, indexes = people[0], sorted({*indexes, *people[1]})
    if strength < 0.75 and len(name.compact) >= 5:
        compact = "".join(pool)
        if name.compact in compact or similarity(name.compact, compact, 84.0):
            start = compact.find(name.compact)
            return 0.85, _covered(pool, start, start + len(name.compact)) if start >= 0 else list(
                range(len(pool))
            )
    return strength, indexes


def _all_people(name: Name, pool: Sequence[str]) -> tuple[float, list[int]] | None:
    """Find everybody whom a name joins, by surname, or by first name where nobody else is named."""
    if not name.people or len(pool) < len(name.people):
        return None
    places = {word: index for index, word in reversed(list(enumerate(pool))) if len(word) >= 3}
    indexes: list[int] = []
    by_surname = True
    for person in name.people:
        found = [places[word] for word in person if word in places]
        if not found:
            return None
        by_surname = by_surname and person[-1] in places
        indexes += found
    return (0.92, indexes) if by_surname or len(set(indexes)) == len(pool) else None


def _forename_and_surname(name: Name, pool: Sequence[str]) -> tuple[float, list[int]] | None:
    """Find the last two words of a name beside each other: ``Some Body`` for ``The World of Some Body``."""
    first, last = name.distinct[-2:]
    if first not in pool or len(first) < 3 or len(last) < 3 or len(first + last) < 8:
        return None
    for index in range(len(pool) - 1):
        if pool[index] == first and pool[index + 1] == last:
            return 0.8, [index, index + 1]
    return None


def _covered(pool: Sequence[str], start: int, end: int) -> list[int]:
    indexes = []
    position = 0
    for index, word in enumerate(pool):
        if start <= position and position + len(word) <= end:
            indexes.append(index)
        position += len(word)
    return indexes


def sounds_like(name: str, text: str) -> bool:
    """Decide whether two names in different scripts are the same when written in Latin letters."""
    left, right = loosely_romanised(name), loosely_romanised(text)
    if len(left) < 3 or len(right) < 3:
        return False
    if similarity(left, right, 78.0):
        return True
    # Scripts that leave vowels out: compare consonants only.
    left, right = skeleton(left), skeleton(right)
    if left == right and len(left) >= 2:
        return True
    return min(len(left), len(right)) >= 4 and similarity(left, right, 86.0) > 0


_TOPIC = re.compile(
    r"\s+-\s+(?:topic|tema|thema|topik|temat|sujet|trending|トピック|主题|主題|주제)\s*$", re.IGNORECASE
)
_CHANNEL_WORDS = word_set(
    "official vevo music tv channel band oficial officiel offiziell topic the musik musica records"
)
_LYRICS = word_set("lyrics lyric letras letra paroles songtext karaoke legendas legenda sing subtitles")
_COVERS = word_set(
    """
    cover covers karaoke tribute reaction reacts react tutorial lessons lesson nightcore slowed 8d remix
    remixes instrumental instrumentals ringtone ringtones hitmakers players lullaby chords
    """
)
_LABELS = word_set(
    """
    records recordings music muzik müzik label labels entertainment productions production media tv network
    distribution digital sounds collective promotion promo soundtrack soundtracks nation mix channel
    """
)


@dataclass(frozen=True, slots=True)
class Channel:
    """An uploader's name."""

    raw: str
    flat: str
    """Padded words."""
    words: tuple[str, ...]
    compact: str
    """Without blanks and without words like ``official``."""
    spelled: str
    """The same letter by letter."""
    is_topic: bool
    is_vevo: bool
    is_label: bool
    is_lyrics: bool
    is_cover: bool


@lru_cache(maxsize=4096)
def read_channel(channel: str) -> Channel:
    """Read an uploader's name."""
    cleaned = clean(channel).strip()
    plain = _TOPIC.sub("", cleaned) if "-" in cleaned else cleaned
    is_topic = plain != cleaned
    is_vevo = plain.lower().endswith("vevo")
    if is_vevo:
        plain = plain[:-4].strip()
    spelled = spelled_words(plain)
    found = canonical_words(spelled)
    core = [word for word in found if word not in _CHANNEL_WORDS] or found
    spelled = [word for word in spelled if canonical(word) not in _CHANNEL_WORDS] or spelled
    bag = frozenset(found)
    return Channel(
        raw=plain,
        flat=padded(found),
        words=tuple(found),
        compact="".join(core),
        spelled="".join(spelled),
        is_topic=is_topic,
        is_vevo=is_vevo,
        is_label=not bag.isdisjoint(_LABELS),
        is_lyrics=not bag.isdisjoint(_LYRICS),
        is_cover=not bag.isdisjoint(_COVERS),
    )
