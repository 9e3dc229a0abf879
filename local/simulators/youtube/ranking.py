"""What ``search.list`` finds: a small inverted index with a ranking that errs the way YouTube's does.

Words of the title, the channel and the description count; art tracks and much-watched uploads come first,
covers and sped-up copies come after them but do come. Nothing is required to match as a whole.
"""

import math
import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from local.simulators.catalogue import Upload

_TITLE, _CHANNEL, _DESCRIPTION = 1.0, 0.8, 0.3
"""Weight of a query word by where it is found; the best place counts."""

_KIND = {"art_track": 0.10, "official_video": 0.08, "official_audio": 0.08, "lyric_video": 0.05}
_PHRASE = 0.15
_POPULARITY = 0.15
_TEN_BILLION = 10.0
"""Decimal digits of the most watched video, for scaling."""

_WORD = re.compile(r"\w+")
_IDEOGRAPHIC = re.compile(r"[぀-ヿ㐀-䶿一-鿿가-힯]")
_EXCLUDED = re.compile(r"(?<!\S)-(\w+)")
_STOP = frozenset({"the", "a", "an", "of", "and", "feat", "ft", "official", "video", "music"})
_LEAST_SHARE = 0.25
"""Hits that carry less than this share of the query are not shown."""


def words(text: str) -> list[str]:
    """Index terms: folded words; single characters where a script puts no spaces between words."""
    folded = "".join(
        character
        for character in unicodedata.normalize("NFKD", text.casefold())
        if not unicodedata.combining(character)
    )
    terms: list[str] = []
    for word in _WORD.findall(unicodedata.normalize("NFKC", folded)):
        if _IDEOGRAPHIC.search(word):
            terms.extend(word)
        else:
            terms.append(word)
    return terms


@dataclass(frozen=True, slots=True)
class Hit:
    """One upload and how well it answers the query (higher is better; no fixed scale)."""

    video_id: str
    score: float


class SearchIndex:
    """An index over uploads. Built once; what is private or deleted is left out by the caller."""

    def __init__(self, uploads: Iterable[Upload]) -> None:
        self._uploads = {upload.video_id: upload for upload in uploads}
        self._postings: dict[str, dict[str, float]] = defaultdict(dict)
        self._titles: dict[str, str] = {}
        for upload in self._uploads.values():
            self._add(upload)

    def search(self, query: str) -> list[Hit]:
        """Uploads that answer the query, best first; ties in an order that does not change.

        A word with a hyphen in front excludes what contains it.
        """
        excluded = {term for word in _EXCLUDED.findall(query) for term in words(word)}
        terms = list(dict.fromkeys(words(_EXCLUDED.sub(" ", query))))
        rarity = {term: self._rarity(term) for term in terms}
        whole = sum(rarity.values())
        if not whole:
            return []
        found: dict[str, float] = defaultdict(float)
        for term in terms:
            for video_id, weight in self._postings.get(term, {}).items():
                found[video_id] += rarity[term] * weight
        for term in excluded:
            for video_id in self._postings.get(term, {}):
                found.pop(video_id, None)
        phrase = " ".join(terms)
        hits = [
            Hit(video_id, matched / whole + self._bonus(self._uploads[video_id], phrase))
            for video_id, matched in found.items()
            if matched >= _LEAST_SHARE * whole * _DESCRIPTION
        ]
        return sorted(hits, key=lambda hit: (-hit.score, hit.video_id))

    def everything(self) -> list[Hit]:
        """All uploads, the most watched first: what a search without words shows."""
        ranked = sorted(self._uploads.values(), key=lambda upload: (-upload.view_count, upload.video_id))
        return [Hit(upload.video_id, 0.0) for upload in ranked]

    def _add(self, upload: Upload) -> None:
        title = words(upload.title)
        self._titles[upload.video_id] = " ".join(title)
        channel = words(upload.channel.removesuffix(" - Topic"))
        for terms, weight in (
            (words(upload.description), _DESCRIPTION),
            (channel, _CHANNEL),
            (title, _TITLE),
        ):
            for term in terms:
                self._postings[term][upload.video_id] = weight

    def _rarity(self, term: str) -> float:
        """Inverse document frequency; next to nothing for words that say nothing."""
        count = len(self._postings.get(term, ()))
        rarity = math.log(1 + len(self._uploads) / (1 + count))
        return rarity * 0.1 if term in _STOP else rarity

    def _bonus(self, upload: Upload, phrase: str) -> float:
        title = self._titles[upload.video_id]
        is_phrase = bool(title) and (f" {title} " in f" {phrase} " or f" {phrase} " in f" {title} ")
        popularity = math.log10(upload.view_count + 1) / _TEN_BILLION
        return _KIND.get(upload.kind, 0.0) + _POPULARITY * popularity + (_PHRASE if is_phrase else 0.0)


def share_of_words(query: str, text: str) -> float:
    """Which share of the query's words a text has, 0 to 1: enough for channels and playlists."""
    wanted = set(words(query))
    return len(wanted & set(words(text))) / len(wanted) if wanted else 0.0


def by_share[T](query: str, candidates: Sequence[tuple[T, str]]) -> list[T]:
    """The candidates (with their texts) that have at least half of the query's words, best first."""
    scored = [(share_of_words(query, text), candidate) for candidate, text in candidates]
    return [
        candidate
        for score, candidate in sorted(scored, key=lambda pair: -pair[0])
        if score >= 0.5 or not query.strip()
    ]
