"""Titles as a person would write them: without what the uploader added for searchers and for himself."""

import re
import unicodedata
from functools import lru_cache
from html import unescape

from musicconnect.matching import versions as matching_versions
from musicconnect.matching.data.version_phrases import Fact
from musicconnect.matching.data.word_weights import GUESTS, NOISE, word_set
from musicconnect.matching.model import Featured
from musicconnect.matching.normalization import MAX_TEXT_LENGTH, canonical, clean, is_plain, words

# Another hand made these, or they are another piece of music: they stay with the title.
_KEPT = int(
    Fact.REMIX | Fact.COVER | Fact.INSTRUMENTAL | Fact.KARAOKE | Fact.MASHUP | Fact.MEDLEY | Fact.A_CAPPELLA
    | Fact.NIGHTCORE | Fact.SPED_UP | Fact.SLOWED | Fact.EIGHT_D | Fact.EFFECTS | Fact.REACTION
    | Fact.TUTORIAL | Fact.ARRANGEMENT | Fact.EXTENDED
)  # fmt: skip

BRACKETS = re.compile(
    r"\s*(?:\(([^()]*(?:\([^()]*\)[^()]*)*)\)|\[([^\[\]]*)\]|\{([^{}]*)\}"
    r"|【([^】]*)】|〔([^〕]*)〕|（([^（）]*)）|［([^［］]*)］)"
)
DASH = re.compile(r"\s+[-‐-―−]+\s*|\s*[-‐-―−]+\s+|--+")
_BAR = re.compile(r"\s*[|│｜ǀ]+\s*|\s+//\s+")
_GUEST_OPENS = re.compile(r"^(?:feat|ft|featuring|with|w/|mit|con|avec)\b\.?\s*", re.IGNORECASE)
_GUEST_TAIL = re.compile(r"\s+(?:feat|ft|featuring)\b\.?\s+\S.*$", re.IGNORECASE)
_DATE = re.compile(r"\b\d{1,4}[./-]\d{1,2}[./-]\d{2,4}\b")
_FILE = re.compile(r"\s*\.(?:mpe?g|mov|avi|mp[34]|wmv|flv|mkv|m4[av]|flac|wav)$", re.IGNORECASE)
_STARRED = re.compile(r"\*+[^*]+\*+")
_INVISIBLE = re.compile("[\u200b-\u200f\u2028-\u202e\u2060-\u2064\ufeff\u00ad]")
_LEADING_QUOTE = re.compile(r"^(?:'([^']+)'|\"([^\"]+)\"|“([^”]+)”|‘([^’]+)’)(?=\s+\S)")
_EDGES = " \t:;,-‐‑‒–—|/~"
_QUOTES = str.maketrans({"“": '"', "”": '"', "„": '"', "‘": "'", "’": "'", "‚": "'"})

_LYRICS = word_set("lyrics lyric letra songtext paroles")
_TAIL_ALONE = word_set("lyrics hd hq uhd 4k mv pv clip videoclip videoklip musicvideo officialvideo")
_TAIL = _TAIL_ALONE | word_set(
    """
    official oficial oficiel officiel officielle offizielles offiziell ufficiale video audio lyric lyrics
    music letra sub subs espanol english lirik klip
    """
)


def tidy(text: str) -> str:
    """Decode entities, remove invisible characters and join blanks."""
    text = unescape(text[:MAX_TEXT_LENGTH])
    return " ".join((text if text.isascii() else _INVISIBLE.sub("", text)).split())


@lru_cache(maxsize=4096)
def is_addition(text: str) -> bool:
    """Decide whether a part of a title is an addition: a label like "Official Video", a date, a remaster."""
    found = words(clean(text))
    if not found or _DATE.search(text):
        return True
    if found[-1] in {"mv", "pv"}:
        return True
    if found[-1] == "edition" or not _LYRICS.isdisjoint(found):
        return True
    facts = matching_versions.find_in(found)
    if facts.flags:
        return not _is_by_another_hand(facts)
    return all(word in NOISE or matching_versions.is_year(word) for word in found) or _is_phrase(found)


def _is_phrase(found: list[str]) -> bool:
    """Decide whether the words are a phrase of another script that says nothing, such as 뮤직비디오."""
    marks = bytearray(len(found))
    matching_versions.find(found, [0] * len(found), marks)
    return all(marks)


@lru_cache(maxsize=4096)
def is_version(text: str) -> bool:
    """Decide whether a part of a title says that another hand has been at work."""
    found = words(clean(text))
    return _is_by_another_hand(matching_versions.find_in(found))


def _is_by_another_hand(facts: matching_versions.VersionFacts) -> bool:
    return bool(facts.flags & _KEPT or (facts.flags & Fact.EDIT and facts.names))


def _bracket(match: re.Match[str], featured: Featured) -> str:
    content = next(group for group in match.groups() if group is not None).strip()
    guests = _GUEST_OPENS.match(content)
    named = words(clean(content))
    if guests and named[:1] and named[0] in GUESTS and not _LYRICS.issuperset(named[1:]):
        if featured == "drop":
            return ""
        return f" feat. {content[guests.end() :]}" if featured == "plain" else match[0]
    return "" if is_addition(content) else match[0]


_TAIL_WITH = re.compile(r"\s+(?:with|w/|[+&])\s*lyrics$", re.IGNORECASE)
_TAIL_DATE = re.compile(r"(?<=\S)\s+\d{1,2}[./-]\d{1,2}[./-]\d{2,4}$")


def _without_tail(text: str) -> str:
    """Without the words like "Official Video" that stand at the end without brackets."""
    text = _TAIL_DATE.sub("", _TAIL_WITH.sub("", text))
    pieces = text.split(" ")
    end = len(pieces)
    while end > 1:
        piece = pieces[end - 1]
        if is_plain(piece) and canonical(piece.lower()) not in _TAIL:
            break
        folded = words(clean(piece))
        if folded and not all(word in _TAIL for word in folded):
            break
        if not folded and any(unicodedata.category(char)[0] in "LN" for char in pieces[end - 1]):
            break
        end -= 1
    tail = [word for piece in pieces[end:] for word in words(clean(piece))]
    if len(tail) == 1 and tail[0] not in _TAIL_ALONE:
        return text
    return " ".join(pieces[:end])


def _outside(pattern: re.Pattern[str], text: str) -> re.Match[str] | None:
    """Find the first match outside brackets."""
    spans = [found.span() for found in BRACKETS.finditer(text)]
    for found in pattern.finditer(text):
        if not any(start < found.start() and found.end() < end for start, end in spans):
            return found
    return None


def split_at(pattern: re.Pattern[str], text: str) -> tuple[str, str] | None:
    """Split at the first match outside brackets that has something on either side."""
    found = _outside(pattern, text)
    if found is None:
        return None
    left, right = text[: found.start()].strip(), text[found.end() :].strip()
    return (left, right) if left and right else None


def strip_additions(text: str, featured: Featured = "keep") -> str:
    """Remove additions from a title; other hands' versions stay, in brackets."""
    if is_plain(text):  # most titles: no bracket, dash or mark that anything could stand behind
        text = _without_tail(text.strip())
        return " ".join((_GUEST_TAIL.sub("", text) if featured == "drop" else text).split())
    text = _STARRED.sub("", text).strip()
    text = _FILE.sub("", text)
    bar = split_at(_BAR, text)
    if bar:
        text = bar[0]
    text = BRACKETS.sub(lambda match: _bracket(match, featured), text)
    versions = ""
    while (parts := split_at(DASH, text)) is not None:
        head, tail = _last_dash(text, parts)
        if is_version(tail):
            versions = f" ({tail.strip(_EDGES)}){versions}"
        elif not is_addition(tail):
            break
        text = head
    text = _without_tail(_FILE.sub("", text.strip()))
    if featured == "drop":
        text = _GUEST_TAIL.sub("", text)
    return _trim(text) + versions


def _last_dash(text: str, first: tuple[str, str]) -> tuple[str, str]:
    head, tail = first
    while (parts := split_at(DASH, tail)) is not None:
        tail = parts[1]
        head = text[: text.rindex(tail)].rstrip(_EDGES)
    return head, tail


def _trim(text: str) -> str:
    text = " ".join(text.split()).strip(_EDGES).strip()
    if text.count('"') == 1 and text.startswith('"'):
        text = text[1:]
    for opening, closing in ('""', "“”", "''", "‘’", "「」", "『』"):
        if len(text) > 2 and text[0] == opening and text[-1] == closing and opening not in text[1:-1]:
            text = text[1:-1].strip()
    return text


def clean_title(title: str, *, featured: Featured = "keep") -> str:
    """Remove from a song's or an album's title what is no part of it.

    Taken out are labels (``Official Video``, ``HD``), dates, remasters, editions, ``live`` and so on, which
    ``parse_upload`` reports as versions; left, and put in brackets, is what another hand has made of the
    recording (``Somebody Remix``, ``Instrumental``). Typographic quotes become plain ones.
    """
    text = tidy(title)
    quoted = _LEADING_QUOTE.match(text)
    if quoted:
        text = next(group for group in quoted.groups() if group is not None)
    return strip_additions(text, featured).translate(_QUOTES)
