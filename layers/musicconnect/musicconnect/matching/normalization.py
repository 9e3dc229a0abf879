"""Normal forms: the same words for the same name in whatever way, width, case or script it was typed.

Two forms are used. ``tokens`` keeps the structure of a title as marker tokens among the words; ``words``
keeps the words only. Both are made of canonical words: lower case, without diacritics and punctuation,
numerals as digits, spelling variants of one word brought together.
"""

import re
import unicodedata
from collections.abc import Callable
from functools import cache
from html import unescape
from itertools import pairwise
from types import ModuleType
from typing import cast

from musicconnect.matching.number_words import KEYS as NUMBERS_AS_WORDS
from musicconnect.matching.number_words import join_numbers

BREAK = "|"
"""Marker: a dash, pipe, bullet or colon between two parts of a title."""
OPEN = "("
CLOSE = ")"
QUOTE = '"'
MARKERS = frozenset((BREAK, OPEN, CLOSE, QUOTE))
CENSORED = "*"
"""Stands for a hidden letter inside a word."""

MAX_SPELLINGS = 65_536
"""Words whose spelling is kept."""

# Longer texts are cut: YouTube allows 100 characters in a title, Spotify's longest are some hundreds.
MAX_TEXT_LENGTH = 1000

_ROMAN = {
    "ii": "two", "iii": "three", "iv": "four", "vi": "six", "vii": "seven", "viii": "eight", "ix": "nine",
    "xi": "eleven", "xii": "twelve", "xiii": "13", "xiv": "14", "xv": "15", "xvi": "16", "xvii": "17",
    "xviii": "18", "xix": "19", "xx": "20",
}  # fmt: skip
_ROMAN_WITH_DOT = {"I": "one", "V": "five", "X": "ten"} | {
    key.upper(): value for key, value in _ROMAN.items()
}

# One spelling for each word that English titles write in several ways.
_SPELLINGS = _ROMAN | {
    "n": "and", "und": "and", "u": "you", "ya": "you", "ur": "your", "r": "are", "til": "until",
    "till": "until", "cuz": "because", "cause": "because", "coz": "because", "cos": "because", "luv": "love",
    "thru": "through", "nite": "night", "tonite": "tonight", "4ever": "forever", "4eva": "forever",
    "2nite": "tonight", "2day": "today", "b4": "before", "gr8": "great", "da": "the", "tha": "the",
    "em": "them", "grey": "gray", "theatre": "theater", "centre": "center", "moll": "minor", "dur": "major",
    "pt": "part", "pts": "parts", "vol": "volume", "nr": "no", "num": "no", "number": "no", "opus": "op",
    "ver": "version", "ft": "feat", "featuring": "feat", "mister": "mr", "doctor": "dr", "saint": "st",
    "sainte": "ste", "1st": "first", "2nd": "second", "3rd": "third", "4th": "fourth", "5th": "fifth",
    "orch": "orchestra", "ok": "okay", "kv": "k", "rmx": "remix", "versao": "version", "versione": "version",
}  # fmt: skip

_NUMBERS = (
    "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve",
)  # fmt: skip
NUMBER_WORDS = frozenset(_NUMBERS)
"""Small numbers are words: "4 Walls" is "Four Walls". Larger ones, and "04", are digits."""

# After these a letter is a number: "Part I".
_COUNTING = frozenset(("part", "volume", "no", "act", "chapter", "book"))
LETTER_NUMBERS = {"i": "one", "v": "five", "x": "ten"}


def _contractions() -> dict[tuple[str, str], str]:
    """Give the pairs of English words that titles write as one: ``there is`` is ``theres``."""
    pairs = {
        ("i", "am"): "im", ("can", "not"): "cant", ("will", "not"): "wont", ("want", "to"): "wanna",
        ("going", "to"): "gonna", ("got", "to"): "gotta", ("give", "me"): "gimme", ("let", "me"): "lemme",
        ("kind", "of"): "kinda", ("out", "of"): "outta",
    }  # fmt: skip
    for second, ending, firsts in (
        ("is", "s", "it that there what where who here he she"),
        ("are", "re", "you we they"),
        ("will", "ll", "i you he she it we they"),
        ("have", "ve", "i you we they"),
        ("not", "nt", "do does did is are was were has have had would could should"),
    ):
        pairs |= {(first, second): first + ending for first in firsts.split()}
    return pairs


_CONTRACTIONS = _contractions()
_CONTRACTED = frozenset(_CONTRACTIONS)
_SECONDS = frozenset(second for _, second in _CONTRACTIONS)
_NEIGHBOURS = _SECONDS | NUMBERS_AS_WORDS | _COUNTING
"""Words that can change with the one beside them."""


def _contract(words: list[str]) -> list[str]:
    if _CONTRACTED.isdisjoint(pairwise(words)):
        return words
    found: list[str] = []
    for word in words:
        joined = _CONTRACTIONS.get((found[-1], word)) if found else None
        if joined is None:
            found.append(word)
        else:
            found[-1] = joined
    return found


def canonical_words(raw: list[str]) -> list[str]:
    """Give folded words in the one spelling that all are compared in."""
    found = list(map(canonical, raw))
    if _NEIGHBOURS.isdisjoint(found):
        return found
    if not _SECONDS.isdisjoint(found):
        found = _contract(found)
    if not NUMBERS_AS_WORDS.isdisjoint(found):
        found = join_numbers(found)
    if not _COUNTING.isdisjoint(found):
        for index in range(1, len(found)):
            if found[index - 1] in _COUNTING:
                found[index] = LETTER_NUMBERS.get(found[index], found[index])
    return found


def is_number(word: str) -> bool:
    """Decide whether a canonical word is a number."""
    return word.isdigit() or word in NUMBER_WORDS


class _Spellings(dict[str, str]):
    """Words and their one spelling, each worked out once.

    Plain look-ups: a cache that keeps the order of use takes twice as long, and most of a title's words are
    looked up. When it is full it begins anew; common words are soon back.
    """

    def __missing__(self, word: str) -> str:
        if len(self) >= MAX_SPELLINGS:
            self.clear()
        self[word] = spelling = _spell(word)
        return spelling

    def cache_clear(self) -> None:
        """Forget all words, as caches of functions do."""
        self.clear()


def _spell(word: str) -> str:
    known = _SPELLINGS.get(word)
    if known is not None:
        return known
    if len(word) >= 4 and word.endswith("in"):
        return word + "g"  # rollin' and rolling
    if len(word) >= 5:
        if word.endswith("our"):
            return word[:-2] + "r"  # colour and color
        if word.endswith("ours"):
            return word[:-3] + "rs"
    if word.isdecimal():
        if word[0] != "0" and len(word) <= 2 and int(word) <= 12:
            return _NUMBERS[int(word)]
        return word.lstrip("0") or "0"
    return word


SPELLINGS = _Spellings()
canonical = SPELLINGS.__getitem__
"""Give the one spelling of a folded word, for both sides of every comparison."""


def _char(code: int) -> str:
    """Fold a character into itself, its base letters, a marker or a blank."""
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
    """Decide whether a character is of a script that is written without spaces and counts by the syllable."""
    return (
        0x3005 <= code <= 0x3007
        or 0x3040 <= code <= 0x30FF
        or 0x3400 <= code <= 0x9FFF
        or 0xAC00 <= code <= 0xD7AF
        or 0x20000 <= code <= 0x3FFFF
    )


def is_han(code: int) -> bool:
    """Decide whether a character is Chinese, which several languages read in their own ways."""
    return 0x3400 <= code <= 0x9FFF or 0x20000 <= code <= 0x3FFFF


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
    "♯": " sharp ", "♭": " flat ", "々": " 々 ", "\ue000": CENSORED,
}  # fmt: skip


class _Table(dict[int, str]):
    def __missing__(self, code: int) -> str:
        if len(self) > 20_000:
            self.clear()
        self[code] = value = _char(code)
        return value


_TABLE = _Table()

# For titles in ASCII: what becomes several letters is replaced first, markers get their blanks last.
_ASCII_TABLE: dict[int, str | None] = {code: _char(code).strip() or " " for code in range(128)}
_ASCII_TABLE |= dict.fromkeys(map(ord, "'`"), None)

_MISREAD = frozenset("ÂÃâÐÑ")
"""What the first bytes of most letters become where UTF-8 is read as a Western code page."""
_BROKEN = re.compile("(?<![^\\s(\\[])[À-ÖØ-öø-ÿ]{2,}(?![^\\s)\\]])|\ufffd+")
"""A word of nothing but accented letters: what is left of characters that a wrong code page destroyed."""
_DASHES = re.compile(r"[‐-―−﹘﹣－]")
_LOOSE_DASH = re.compile(r"\s-+\s?|-+\s|--+")
_INCHES = re.compile(
    r"\b(7|10|12)(?:\"|″|”|''|[ -]?inch(?:es)?\b)"
    r"(?=[\s)\]]*(?:$|-|(?:\w+\s)?(?:version|mix|remix|edit|single|dub)\b))",
    re.IGNORECASE,
)
_LOST_DASH = re.compile(r"\s{3,}")  # uploads of old have blanks where a dash was
_SPACED_HASH = re.compile(r"\s#\s(?!\d)")
_SPACED_SLASH = re.compile(r"\s/+\s?|/+\s|//+")
_INNER_DOT = re.compile(r"\.\w")
_ACRONYM = re.compile(r"\b(?:\w\.){2,}\w?\b|\b\w(?:\.\w)+\b")
_INITIAL = re.compile(r"\b([A-Za-z])\.\s{1,2}(?=[A-Za-z]\.)")
_BARE_INITIALS = re.compile(
    r"[B-DF-HJ-NP-TVWXZ](?=\s)(?<!\w.)\s{1,2}(?:[B-DF-HJ-NP-TVWXZ]\s{1,2}){0,2}[B-DF-HJ-NP-TVWXZ]\b(?!['.])"
)
"""Not vowels, which are words of many languages: ``Y A Mí``. Begins with letters, which are found fast."""
_BLANK = re.compile(r"\s+")
_GERSHAYIM = re.compile('(?<=[\u05d0-\u05ea])["”״]+(?=[\u05d0-\u05ea])')
_ESCAPE = re.compile(r"\\u([0-9a-fA-F]{4})")
_MUSIC_VIDEO = re.compile(r"\bm/v\b", re.IGNORECASE)
_TRACK_NUMBER = re.compile(r"^\d{1,2}\s*(?:[.)]\s+|-+\s+|\.-\s*)(?=\S)")
_INNER_MARK = re.compile(r"(?<=[A-Za-z])!(?=[A-Za-z])")
_THOUSANDS = re.compile(r"[,.](?<=\d.)(?=\d{3}(?!\d))")
_INSIDE = re.compile(r"\((\w{1,4})\)(?=[a-z])")
_HIDDEN = re.compile(r"(?<=\w)\*+(?=\w)|(?<=\w)\*{2,}")
_FILE = re.compile(
    r"\.(?:mpe?g|mov|avi|mp[34]|wmv|flv|mkv|m4[av]|flac|wav|divx|vob|webm|3gp)(?=\s*$|\s+\S{0,12}$)",
    re.IGNORECASE,
)
_ADDRESS = re.compile(
    r"\(?\b(?:https?://|www\.)\S+|\b[\w-]{3,}\.(?:com|net|org|co\.uk|info)\b", re.IGNORECASE
)
_ROMAN_NUMBER = re.compile(r"([IVX](?<!\w.)[IVX]{0,4})\.(?=\s)")
_SINGLE_QUOTES = re.compile(r"(?<!\S)'+(?=\S)([^']{1,80}(?:\w'\w[^']{1,80})*?)(?<=\S)'+(?!\w)")


def _without_broken(found: re.Match[str]) -> str:
    """Remove a destroyed word; a letter written twice is a word in some languages."""
    is_all = found[0] == found.string.strip()
    return found[0] if is_all or len(set(found[0].casefold())) == 1 else " "


def _decoded(text: str) -> str:
    """Undo that UTF-8 was read as a Western code page: ``Ã©`` is ``é``."""
    for page in ("cp1252", "latin-1"):
        try:
            return text.encode(page).decode()
        except UnicodeError:
            continue
    return text


def is_plain(text: str) -> bool:
    """Decide whether a text is nothing but letters and digits of English with blanks between them."""
    return text.isascii() and text.replace(" ", "").isalnum()


def clean(text: str) -> str:
    """Decode entities, and normalise compatibility characters and blanks."""
    if len(text) > MAX_TEXT_LENGTH:
        text = text[:MAX_TEXT_LENGTH]
    if "&" in text:
        text = unescape(text)
    if "\\u" in text:  # JSON escapes that somebody stored as text
        text = _ESCAPE.sub(lambda found: chr(int(found[1], 16)), text)
    if "`" in text or "´" in text:
        text = text.replace("`", "'").replace("´", "'")
    if not text.isascii():
        if not _MISREAD.isdisjoint(text):
            text = _decoded(text)
        text = unicodedata.normalize("NFKC", text)
        text = _BROKEN.sub(_without_broken, text)
        text = _DASHES.sub("-", text)
        text = text.replace("’", "'").replace("‘", "'")
        text = _GERSHAYIM.sub("", text)
    return text


def _may_tell_inches(text: str) -> bool:
    """Decide whether a text has a sign or the word for inches; quick, and true of all that have."""
    return not text.isascii() or '"' in text or "''" in text or "inch" in text.lower()


def _without_blanks(found: re.Match[str]) -> str:
    return _BLANK.sub("", found[0])


def _first_group(found: re.Match[str]) -> str:
    return found[1]


def _prepare(text: str) -> str:
    if "," in text or "." in text:
        text = _THOUSANDS.sub("", text)
    if "." in text:
        if _INNER_DOT.search(text):
            text = _FILE.sub("", text)
        if ". " in text:
            text = _INITIAL.sub(r"\1.", text)  # "J. J. Somebody"
        text = _ROMAN_NUMBER.sub(lambda found: _ROMAN_WITH_DOT.get(found[1], found[1]) + " ", text)
        if _INNER_DOT.search(text):
            text = _ACRONYM.sub(lambda found: found[0].replace(".", ""), text)
    text = _BARE_INITIALS.sub(_without_blanks, text)
    if "/" in text:
        text = _MUSIC_VIDEO.sub("mv", text)
    if ("1" in text or "7" in text) and _may_tell_inches(text):
        text = _INCHES.sub(r"\1inch", text)
    if "!" in text:
        text = _INNER_MARK.sub("i", text)
    if ")" in text:
        text = _INSIDE.sub(_first_group, text)  # a function is looked up faster than a template
    if "*" in text:
        text = _HIDDEN.sub(lambda found: "\ue000" * len(found[0]), text)
    return text


def _fold(text: str) -> str:
    """Fold into lower case without accents, with blanks for punctuation and around markers."""
    if not text.isascii():
        return text.translate(_TABLE)
    if text.replace(" ", "").isalnum():
        return text.lower()
    # Most titles: a translation of one letter to one letter runs several times faster.
    if "&" in text:
        text = text.replace("&", " and ")
    if "+" in text:
        text = text.replace("+", " and ")
    if "@" in text:
        text = text.replace("@", " at ")
    if "#" in text:
        text = text.replace("#", " no ")
    text = text.lower().translate(_ASCII_TABLE)
    if BREAK in text:
        text = text.replace(BREAK, f" {BREAK} ")
    if OPEN in text:
        text = text.replace(OPEN, f" {OPEN} ")
    if CLOSE in text:
        text = text.replace(CLOSE, f" {CLOSE} ")
    if QUOTE in text:
        text = text.replace(QUOTE, f" {QUOTE} ")
    return text


def tokens(text: str) -> list[str]:
    """Split a title that `clean` gave into canonical words and markers."""
    if text[:1].isdigit():
        text = _TRACK_NUMBER.sub("", text)
    if "." in text and ("www" in text or "http" in text or ".com" in text):
        text = _ADDRESS.sub(" ", text)
    text = _prepare(text)
    if "-" in text:
        text = text.replace(" - ", " | ")
        if " -" in text or "- " in text or "--" in text:
            text = _LOOSE_DASH.sub(" | ", text)
    if "   " in text:
        text = _LOST_DASH.sub(" | ", text)
    if " # " in text:
        text = _SPACED_HASH.sub(" | ", text)
    if "/" in text:
        text = _SPACED_SLASH.sub(" | ", text)
    if ": " in text:
        text = text.replace(": ", " | ")
    if "'" in text and (text[0] == "'" or " '" in text):
        text = _SINGLE_QUOTES.sub(r' " \1 " ', text)
    return canonical_words(_fold(text).split())


def words(text: str) -> list[str]:
    """Split a name that `clean` gave into canonical words, without markers."""
    return canonical_words(spelled_words(text))


def spelled_words(text: str) -> list[str]:
    """Split a name that `clean` gave into folded words as they are spelled: ``justin`` stays ``justin``."""
    return [word for word in _fold(_prepare(text)).split() if word not in MARKERS]


def sign_words(text: str) -> list[str]:
    """Name the signs of a text that has no letters, as Unicode does: ``★`` is ``black star``."""
    names = (unicodedata.name(char, "") for char in text[:20] if not char.isspace())
    return [word for name in names for word in name.lower().replace("-", " ").split()]


def padded(parts: list[str]) -> str:
    """Join words with a blank at both ends, so that ``in`` finds whole words only."""
    return f" {' '.join(parts)} "


def similarity(left: str, right: str, least: float = 0.0) -> float:
    """Give the Levenshtein ratio, 0 to 100; 0 where it is below ``least``."""
    return _ratio()(left, right, score_cutoff=least)


def inside(part: str, text: str, least: float) -> tuple[float, int, int] | None:
    """Find the most similar part of a text: similarity 0 to 100, start and end; None below ``least``."""
    if len(part) > len(text):
        return None
    found = _fuzz().partial_ratio_alignment(part, text, score_cutoff=least)
    return None if found is None else (found.score, found.dest_start, found.dest_end)


def romanised(text: str) -> str:
    """Transliterate any script into Latin letters, for names that one side wrote in another script."""
    from anyascii import anyascii  # noqa: PLC0415  (its tables are only needed for other scripts)

    return "".join(words(anyascii(text)))


@cache
def _ratio() -> Callable[..., float]:
    return cast("Callable[..., float]", _fuzz().ratio)


@cache
def _fuzz() -> ModuleType:
    from rapidfuzz import fuzz  # noqa: PLC0415  (loads many modules, and exact titles never need it)

    return fuzz
