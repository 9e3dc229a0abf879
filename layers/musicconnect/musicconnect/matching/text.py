"""Normal forms: the same words for the same name in whatever way, width, case or script it was typed.

Two forms are used. ``tokens`` keeps the structure of a title as marker tokens among the words; ``words`` keeps
the words only. Both are made of canonical words: lower case, without diacritics and punctuation, numerals as
digits, spelling variants of one word brought together.
"""

import re
import unicodedata
from functools import cache, lru_cache
from html import unescape
from types import ModuleType

BREAK = "|"
"""Marker: a dash, pipe, bullet or colon between two parts of a title."""
OPEN = "("
CLOSE = ")"
QUOTE = '"'
MARKERS = frozenset((BREAK, OPEN, CLOSE, QUOTE))

# Longer texts are cut: YouTube allows 100 characters in a title, Spotify's longest are some hundreds.
LONGEST_TEXT = 1000

_ROMAN = {
    "ii": "2", "iii": "3", "iv": "4", "vi": "6", "vii": "7", "viii": "8", "ix": "9", "xi": "11", "xii": "12",
    "xiii": "13", "xiv": "14", "xv": "15", "xvi": "16", "xvii": "17", "xviii": "18", "xix": "19", "xx": "20",
}  # fmt: skip
_ROMAN_WITH_DOT = {"I": "1", "V": "5", "X": "10"} | {key.upper(): value for key, value in _ROMAN.items()}

# One spelling for each word that English titles write in several ways.
_VARIANTS = {
    "n": "and", "und": "and", "u": "you", "ya": "you", "ur": "your", "r": "are", "til": "until",
    "till": "until", "cuz": "because", "cause": "because", "coz": "because", "cos": "because", "luv": "love",
    "thru": "through", "nite": "night", "tonite": "tonight", "wanna": "wanna", "4ever": "forever",
    "4eva": "forever", "2nite": "tonight", "2day": "today", "b4": "before", "gr8": "great", "da": "the",
    "tha": "the", "em": "them", "grey": "gray", "theatre": "theater", "centre": "center",
    "moll": "minor", "dur": "major", "pt": "part", "pts": "parts", "vol": "volume", "nr": "no", "num": "no", "number": "no", "opus": "op",
    "ver": "version", "feat": "feat", "ft": "feat", "featuring": "feat", "mister": "mr", "doctor": "dr",
    "saint": "st", "sainte": "ste", "one": "1", "two": "2", "three": "3", "four": "4", "five": "5", "six": "6",
    "seven": "7", "eight": "8", "nine": "9", "ten": "10", "eleven": "11", "twelve": "12", "first": "1",
    "second": "2", "third": "3", "fourth": "4", "fifth": "5", "1st": "1", "2nd": "2", "3rd": "3", "4th": "4",
    "5th": "5", "orch": "orchestra", "ok": "okay", "kv": "k", "kv.": "k", "rmx": "remix", "versao": "version",
    "versione": "version",
}  # fmt: skip


@lru_cache(maxsize=65536)
def canonical(word: str) -> str:
    """The one spelling of a folded word, applied to both sides of every comparison."""
    known = _VARIANTS.get(word) or _ROMAN.get(word)
    if known:
        return known
    if len(word) >= 5:
        if word.endswith("in"):
            return word + "g"  # rollin' and rolling
        if word.endswith("our"):
            return word[:-2] + "r"  # colour and color
        if word.endswith("ours"):
            return word[:-3] + "rs"
    if word.isdigit():
        return word.lstrip("0") or "0"
    return word


def _char(code: int) -> str:
    """What one character becomes: itself, its base letters, a marker or a blank."""
    char = chr(code)
    special = _SPECIAL.get(char)
    if special is not None:
        return special
    if "\u0300" <= char <= "\u036f" or "\u0591" <= char <= "\u05c7" or "\u064b" <= char <= "\u065f":
        return ""  # combining accents, Hebrew points, Arabic vowel signs
    category = unicodedata.category(char)
    if category[0] not in "LMN":
        return "" if category in {"Cf", "Cc"} and not char.isspace() else " "
    if is_ideographic(code):
        return f" {char} "
    folded = unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", char).casefold())
    if not folded.isascii():
        folded = "".join(
            _LETTERS.get(letter, letter) for letter in folded if not "\u0300" <= letter <= "\u036f"
        )
    return folded


def is_ideographic(code: int) -> bool:
    """Whether a character belongs to a script that is written without spaces and counts by the syllable."""
    return (
        0x3005 <= code <= 0x3007
        or 0x3040 <= code <= 0x30FF
        or 0x3400 <= code <= 0x9FFF
        or 0xAC00 <= code <= 0xD7AF
        or 0x20000 <= code <= 0x3FFFF
    )


# Letters that Unicode does not decompose, and those that writers of one language use interchangeably.
_LETTERS = {
    "ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "ı": "i", "ħ": "h", "ŧ": "t",
    "ŋ": "n", "ə": "e", "ς": "σ", "أ": "ا", "إ": "ا", "آ": "ا", "ى": "ي", "ة": "ه", "ٱ": "ا",
}  # fmt: skip

_SPECIAL = {
    **dict.fromkeys("([{【〔〖〈", f" {OPEN} "),
    **dict.fromkeys(")]}】〕〗〉", f" {CLOSE} "),
    **dict.fromkeys("\"“”„‟«»「」『』《》〝〞", f" {QUOTE} "),
    **dict.fromkeys("|•·‧∙●⧸‖│ǀ❘┃▪►▶♪♫★☆~〜\\", f" {BREAK} "),
    **dict.fromkeys("'`´’‘‛ʼ׳״ˈ\u0640\u200b\u200c\u200d\u2060\ufeff", ""),
    "&": " and ", "+": " and ", "$": "s", "@": " at ", "#": " no ", "№": " no ", "º": " ", "€": "e",
    "♯": " sharp ", "♭": " flat ", "々": " 々 ",
}  # fmt: skip


class _Table(dict[int, str]):
    """A translation table that works out each character when it is first seen."""

    def __missing__(self, code: int) -> str:
        if len(self) > 20_000:
            self.clear()
        self[code] = value = _char(code)
        return value


_TABLE = _Table()
for _code in range(128):
    _TABLE[_code] = _char(_code)

_DASHES = re.compile(r"[‐-―−﹘﹣－]")
_SPACED_DASH = re.compile(r"\s-+(?=\S)|(?<=\S)-+\s|\s-+\s|--+|\s/+\s|//+|:\s")
_ACRONYM = re.compile(r"\b(?:\w\.){2,}\w?\b|\b\w(?:\.\w)+\b")
_GERSHAYIM = re.compile('(?<=[\u05d0-\u05ea])["”״]+(?=[\u05d0-\u05ea])')
_ESCAPE = re.compile(r"\\u([0-9a-fA-F]{4})")
_MUSIC_VIDEO = re.compile(r"\bm/v\b", re.IGNORECASE)
_INNER_MARK = re.compile(r"(?<=[A-Za-z])!(?=[A-Za-z])")
_ROMAN_NUMBER = re.compile(r"\b([IVX]{1,5})\.(?=\s)")
_SINGLE_QUOTES = re.compile(r"(?<!\S)'+(?=\S)([^']{1,80}(?:\w'\w[^']{1,80})*?)(?<=\S)'+(?!\w)")


def clean(text: str) -> str:
    """The text as it was meant: entities decoded, compatibility characters and odd blanks resolved."""
    if len(text) > LONGEST_TEXT:
        text = text[:LONGEST_TEXT]
    if "&" in text:
        text = unescape(text)
    if "\\u" in text:  # JSON escapes that somebody stored as text
        text = _ESCAPE.sub(lambda found: chr(int(found[1], 16)), text)
    if not text.isascii():
        text = unicodedata.normalize("NFKC", text)
        text = _DASHES.sub("-", text)
        text = text.replace("’", "'").replace("‘", "'")
        text = _GERSHAYIM.sub("", text)
    return text


def _prepare(text: str) -> str:
    if "." in text:
        text = _ROMAN_NUMBER.sub(lambda found: _ROMAN_WITH_DOT.get(found[1], found[1]) + " ", text)
        text = _ACRONYM.sub(lambda found: found[0].replace(".", ""), text)
    if "/" in text:
        text = _MUSIC_VIDEO.sub("mv", text)
    if "!" in text:
        text = _INNER_MARK.sub("i", text)
    return text


def tokens(text: str) -> list[str]:
    """Canonical words and markers of a title, in order. ``text`` has gone through ``clean``."""
    text = _prepare(text)
    if "-" in text or "/" in text or ":" in text:
        text = _SPACED_DASH.sub(" | ", text)
    if "'" in text:
        text = _SINGLE_QUOTES.sub(r' " \1 " ', text)
    return [canonical(word) for word in text.translate(_TABLE).split()]


def words(text: str) -> list[str]:
    """Canonical words of a name, without markers. ``text`` has gone through ``clean``."""
    found = _prepare(text).translate(_TABLE).split()
    return [canonical(word) for word in found if word not in MARKERS]


def similarity(left: str, right: str, least: float = 0.0) -> float:
    """Levenshtein-like likeness, 0 to 100; 0 where it is below ``least``."""
    return float(_fuzz().ratio(left, right, score_cutoff=least))


def inside(needle: str, hay: str, least: float) -> tuple[float, int, int] | None:
    """The stretch of ``hay`` most like ``needle``: likeness 0 to 100, start and end; None below ``least``."""
    if len(needle) > len(hay):
        return None
    found = _fuzz().partial_ratio_alignment(needle, hay, score_cutoff=least)
    return None if found is None else (found.score, found.dest_start, found.dest_end)


def romanised(text: str) -> str:
    """Latin letters for any script: the second chance of names that one side wrote in another script."""
    from anyascii import anyascii  # noqa: PLC0415  (its tables are only needed for other scripts)

    return "".join(words(anyascii(text)))


@cache
def _fuzz() -> ModuleType:
    from rapidfuzz import fuzz  # noqa: PLC0415  (loads many modules, and exact titles never need it)

    return fuzz


def padded(parts: list[str]) -> str:
    """Words as one string with a blank at both ends, so that ``in`` finds whole words only."""
    return f" {' '.join(parts)} "
