"""Search over the catalogue: Spotify's field filters, and a ranking as forgiving as the real one.

Nobody outside knows how Spotify ranks. This gives what its users see: hits that share most of the words, the
title weighing more than the artists, popular ones first among equals, and therefore covers, live versions and
namesakes around what was meant.
"""

import math
import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from local.simulators.catalogue import SpotifyTrack

_FILTER = re.compile(r"\b(artist|track|album|isrc|upc|year|genre|tag):", re.IGNORECASE)
_WORD = re.compile(r"\w+")
_UNSPACED = re.compile(r"[぀-ヿ㐀-鿿฀-๿가-힯]")

_TITLE, _ARTIST, _ALBUM = 3.0, 2.0, 0.8
_NEEDED = 0.5
"""Share of the query's weight that a hit has to cover."""


@dataclass(frozen=True, slots=True)
class Query:
    """A query taken apart."""

    words: tuple[str, ...]
    """Free text, as tokens."""
    filters: dict[str, str] = field(default_factory=dict)
    """Field filters: ``artist``, ``track``, ``album``, ``isrc``, ``upc``, ``year``, ``genre``, ``tag``."""


def parse_query(text: str) -> Query:
    """Split off the field filters. Without quotes, a filter reaches to the next filter."""
    filters: dict[str, str] = {}
    free = text
    matches = list(_FILTER.finditer(text))
    if matches:
        free = text[: matches[0].start()]
        for index, match in enumerate(matches):
            end = matches[index + 1].start() if index + 1 < len(matches) else len(text)
            value = text[match.end() : end].strip()
            if value.startswith('"'):
                value, _, rest = value[1:].partition('"')
                free += f" {rest}"
            elif match[1].lower() in ("isrc", "upc", "year", "tag"):
                value, _, rest = value.partition(" ")
                free += f" {rest}"
            filters[match[1].lower()] = value.strip()
    return Query(tuple(tokens(free)), filters)


def tokens(text: str) -> Iterator[str]:
    """Words without case and accents; scripts without spaces give pairs of characters."""
    decomposed = unicodedata.normalize("NFKD", text.casefold().replace("'", "").replace("’", ""))
    plain = unicodedata.normalize("NFC", "".join(c for c in decomposed if not unicodedata.combining(c)))
    for word in _WORD.findall(plain):
        if _UNSPACED.search(word) and len(word) > 2:
            yield from (word[start : start + 2] for start in range(len(word) - 1))
        else:
            yield word


class Index:
    """An inverted index of tracks."""

    def __init__(self, tracks: Iterable[SpotifyTrack]) -> None:
        self._tracks: list[SpotifyTrack] = []
        self._postings: defaultdict[str, dict[int, float]] = defaultdict(dict)
        self._by_isrc: defaultdict[str, list[int]] = defaultdict(list)
        self._lengths: list[int] = []
        for track in tracks:
            self.add(track)

    def add(self, track: SpotifyTrack) -> None:
        """Make a track findable."""
        number = len(self._tracks)
        self._tracks.append(track)
        texts = (
            (track.title, _TITLE),
            (" ".join(artist.name for artist in track.artists), _ARTIST),
            (track.album.name, _ALBUM),
        )
        length = 0
        for text, weight in texts:
            for token in tokens(text):
                posting = self._postings[token]
                posting[number] = max(posting.get(number, 0.0), weight)
                length += 1
        self._lengths.append(length)
        if track.isrc is not None:
            self._by_isrc[track.isrc].append(number)

    def search(self, query: Query) -> list[SpotifyTrack]:
        """Every hit, best first."""
        numbers = self._candidates(query)
        ranked = sorted(numbers.items(), key=lambda hit: (-hit[1], hit[0]))
        return [self._tracks[number] for number, _ in ranked]

    def _candidates(self, query: Query) -> dict[int, float]:
        isrc = query.filters.get("isrc")
        allowed = None
        if isrc is not None:
            allowed = set(self._by_isrc.get(isrc.upper(), ()))
        if "genre" in query.filters or "upc" in query.filters or "tag" in query.filters:
            return {}  # of albums and artists only, or of data that nothing here has
        words = list(query.words)
        for name in ("artist", "track", "album"):
            words += tokens(query.filters.get(name, ""))
        scores = self._scores(words, allowed)
        return {
            number: score for number, score in scores.items() if _passes(self._tracks[number], query.filters)
        }

    def _scores(self, words: Sequence[str], allowed: set[int] | None) -> dict[int, float]:
        numbers = range(len(self._tracks)) if allowed is None else allowed
        if not words:
            return {number: self._tracks[number].popularity / 100 for number in numbers}
        rarity = {
            word: math.log(1 + len(self._tracks) / (1 + len(self._postings.get(word, ())))) for word in words
        }
        covered: defaultdict[int, float] = defaultdict(float)
        weighted: defaultdict[int, float] = defaultdict(float)
        for word, worth in rarity.items():
            for number, weight in self._postings.get(word, {}).items():
                if allowed is None or number in allowed:
                    covered[number] += worth
                    weighted[number] += worth * weight
        whole = sum(rarity.values())
        return {
            number: weighted[number] / whole
            + 1.5 * share / whole
            - 0.02 * self._lengths[number]
            + self._tracks[number].popularity / 100
            for number, share in covered.items()
            if share >= _NEEDED * whole
        }


def _passes(track: SpotifyTrack, filters: dict[str, str]) -> bool:
    texts = {
        "artist": " ".join(artist.name for artist in track.artists),
        "track": track.title,
        "album": track.album.name,
    }
    for name, text in texts.items():
        if name in filters and not set(tokens(filters[name])) <= set(tokens(text)):
            return False
    if "year" in filters:
        first, _, last = filters["year"].partition("-")
        return first <= track.album.release_date[:4] <= (last or first)
    return True


def rank_names[T](things: Iterable[tuple[str, T]], query: Query, filter_name: str) -> list[T]:
    """Albums, artists or playlists by how much of the query their text covers, shorter texts first."""
    words = set(query.words) | set(tokens(query.filters.get(filter_name, "")))
    if not words:
        return []
    scored = []
    for text, thing in things:
        own = set(tokens(text))
        share = len(words & own) / len(words)
        if share >= _NEEDED:
            scored.append((-share, len(own), text, thing))
    scored.sort(key=lambda hit: hit[:3])
    return [thing for *_, thing in scored]
