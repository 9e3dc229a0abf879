"""Compare words by their letters: misspelt, censored, transliterated."""

import re
from functools import cache, lru_cache
from types import ModuleType

from musicconnect.matching.normalization import CENSORED, romanised

# What one alphabet's letter becomes in another differs by habit: "Đorđe" is "Djordje", "Für" is "Fuer",
# "Обійми" is "Obijmy" or "Obiymi".
_HABITS = (
    ("shch", "sc"), ("sch", "s"), ("tsch", "c"), ("sh", "s"), ("zh", "z"), ("kh", "h"), ("ch", "c"),
    ("ts", "c"), ("dj", "d"), ("dz", "z"), ("ph", "f"), ("th", "t"), ("gh", "g"), ("ck", "k"),
    ("ae", "a"), ("oe", "o"),
    ("ue", "u"), ("ou", "u"), ("oo", "u"), ("ee", "i"), ("aa", "a"), ("ij", "i"), ("yi", "i"), ("iy", "i"),
    ("y", "i"), ("j", "i"), ("w", "v"), ("q", "k"), ("x", "ks"),
)  # fmt: skip
_DOUBLED = re.compile(r"(.)\1+")
_VOWELS = re.compile(r"[aeiouhv]")
_CLASSES = str.maketrans({"b": "v", "p": "f", "l": "r", "k": "c", "g": "c", "z": "s", "d": "t", "m": "n"})


def edits(left: str, right: str, most: int) -> int:
    """Count the letters to change, insert, remove or swap; ``most + 1`` where it takes more than ``most``."""
    return int(_distance().OSA.distance(left, right, score_cutoff=most))


@lru_cache(maxsize=16384)
def loosely_romanised(text: str) -> str:
    """Transliterate into Latin letters, with one spelling for each of the habits of transliteration."""
    text = romanised(text)
    for spelling, letter in _HABITS:
        if spelling in text:
            text = text.replace(spelling, letter)
    return _DOUBLED.sub(r"\1", text)


def skeleton(text: str) -> str:
    """Give the consonants of a transliterated text by the classes that alphabets tell apart differently."""
    return _DOUBLED.sub(r"\1", _VOWELS.sub("", text.translate(_CLASSES).replace("i", "")))


def uncensored(word: str, other: str) -> bool:
    """Decide whether one of two words is the other with letters hidden: ``h**l``."""
    if CENSORED not in word + other or len(word) != len(other) or word == other:
        return False
    return all(left == right or CENSORED in (left, right) for left, right in zip(word, other, strict=True))


@cache
def _distance() -> ModuleType:
    from rapidfuzz import distance  # noqa: PLC0415  (loads many modules, and exact titles never need it)

    return distance
