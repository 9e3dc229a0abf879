"""Read names of artists and channels: whole, in parts, and as people shorten them."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from musicconnect.matching.data.word_weights import GENERIC, STOP, word_set
from musicconnect.matching.letters import loosely_romanised, skeleton
from musicconnect.matching.normalization import clean, padded, similarity, words


@dataclass(frozen=True, slots=True)
class Name:
    """An artist's name in the ways it may stand in a title."""

    variants: tuple[tuple[str, float], ...]
    """Padded words to look for, with the strength of finding them, 0 to 1, strongest first."""
    compact: str
    """The whole name without blanks, for channels like ``SomeArtistVEVO``."""
    distinct: tuple[str, ...]
    """The words that few other names have."""
    raw: str


_COLLABORATION = re.compile(
    r"\s*[,;&+/·•]\s*"
    r"|\s+(?:feat\.?|ft\.?|featuring|with|and|und|et|y|x|vs\.?|con|mit|-|presents|pres\.?|his|her|their)\s+",
    re.IGNORECASE,
)
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
    whole = _without_the(words(cleaned))
    variants: dict[str, float] = {}
    if whole:
        variants[padded(whole)] = 1.0
    outside = _BRACKETED.sub("", cleaned)
    aliases = _BRACKETED.findall(cleaned)
    for position, piece in enumerate((*_COLLABORATION.split(outside), *aliases)):
        part = _without_the(words(piece))
        if any(word not in GENERIC and word not in STOP for word in part) and len("".join(part)) > 1:
            variants.setdefault(padded(part), 0.95 if position == 0 else 0.8)
    distinct = tuple(dict.fromkeys(word for word in whole if word not in GENERIC and word not in STOP))
    return Name(tuple(variants.items()), "".join(whole), distinct or tuple(whole), cleaned)


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
        for index, other in enumerate(pool):
            if word == other:
                indexes.append(index)
                found += 1.0
                last = word == name.distinct[-1]
                break
        else:
            for index, other in enumerate(pool):
                if word[0] != other[0]:
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
    if strength < 0.75 and len(name.compact) >= 5:
        compact = "".join(pool)
        if name.compact in compact or similarity(name.compact, compact, 84.0):
            start = compact.find(name.compact)
            return 0.85, _covered(pool, start, start + len(name.compact)) if start >= 0 else list(
                range(len(pool))
            )
    return strength, indexes


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
    records recordings music muzik müzik label entertainment productions production media tv network
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
    is_topic: bool
    is_vevo: bool
    is_label: bool
    is_lyrics: bool
    is_cover: bool


@lru_cache(maxsize=4096)
def read_channel(channel: str) -> Channel:
    """Read an uploader's name."""
    cleaned = clean(channel).strip()
    plain = _TOPIC.sub("", cleaned)
    is_topic = plain != cleaned
    is_vevo = plain.lower().endswith("vevo")
    if is_vevo:
        plain = plain[:-4].strip()
    found = words(plain)
    core = [word for word in found if word not in _CHANNEL_WORDS] or found
    bag = frozenset(found)
    return Channel(
        raw=plain,
        flat=padded(found),
        words=tuple(found),
        compact="".join(core),
        is_topic=is_topic,
        is_vevo=is_vevo,
        is_label=not bag.isdisjoint(_LABELS),
        is_lyrics=not bag.isdisjoint(_LYRICS),
        is_cover=not bag.isdisjoint(_COVERS),
    )
