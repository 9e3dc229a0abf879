"""Find in what a channel lists the uploads that may be a track: worth looking up, and no decision. Pure."""

import re
from collections import Counter
from collections.abc import Sequence

from musicconnect.matching.learned_names import name_key
from musicconnect.matching.normalization import clean, words
from musicconnect.matching.titles.cleaning import clean_title, strip_additions
from musicconnect.matching.titles.youtube import parse_upload
from musicconnect.music.model import Track

MAX_LIKELY = 6
"""Uploads of one listing that are looked up for a track: the same song stands there several times."""
MIN_SHARED = 0.5
"""Of the words of either title that the two have in common, where the songs' own names differ."""
_WORD = re.compile(r"\w+")
_COLLECTIONS = frozenset({"variousartists", "release", "topic", "music"})
"""Names of generated channels that are no artist's: they list far more than anybody's recordings."""


def artist_key(track: Track) -> str:
    """Give the key of a track's main artist, as `topic_key` gives it; empty where nobody knows."""
    if track.artists:
        return name_key(track.artists[0])
    artists = parse_upload(track.title, track.channel, track.description).artists
    return name_key(artists[0]) if artists else ""


def topic_key(track: Track, suffix: str) -> str:
    """Give the key of the artist whose generated channel an upload is on; empty for any other channel.

    Args:
        track: An upload, with its channel's name and id.
        suffix: What the provider puts behind an artist's name (`` - Topic``).
    """
    channel = track.channel or ""
    if not track.channel_id or not track.is_public or not channel.endswith(suffix):
        return ""
    name = channel.removesuffix(suffix)
    return "" if "".join(words(clean(name))) in _COLLECTIONS else name_key(name)


class TitleIndex:
    """The titles of a listing, for finding those that may be a track's."""

    def __init__(self, uploads: Sequence[tuple[str, str]]) -> None:
        """Index uploads: id and title of each, the newest first."""
        self._uploads = uploads
        self._by_word: dict[str, list[int]] = {}
        self._words: dict[int, frozenset[str]] = {}
        for index, (_, title) in enumerate(uploads):
            for word in set(_WORD.findall(title.casefold())):
                self._by_word.setdefault(word, []).append(index)

    def likely(self, title: str, limit: int = MAX_LIKELY) -> list[str]:
        """Give the ids of uploads that may be a track of this title, the likeliest first."""
        raw = set(_WORD.findall(title.casefold()))
        shared = Counter(index for word in raw for index in self._by_word.get(word, ()))
        if not raw or not shared:
            return []
        wanted, name = frozenset(words(clean(title))), _name(title)
        rated: list[tuple[float, int]] = []
        # Reading a title takes longer than comparing its letters: only what shares a word is read.
        for index, _ in shared.most_common(20 * limit):
            there = self._words_of(index)
            both = len(wanted & there) / (len(wanted | there) or 1)
            if both >= MIN_SHARED or name == _name(self._uploads[index][1]):
                rated.append((-both, index))
        return [self._uploads[index][0] for _, index in sorted(rated)[:limit]]

    def _words_of(self, index: int) -> frozenset[str]:
        if index not in self._words:
            self._words[index] = frozenset(words(clean(self._uploads[index][1])))
        return self._words[index]


def _name(title: str) -> frozenset[str]:
    """Give the words of a song's own name, without guests, versions and what else was added."""
    return frozenset(words(clean(strip_additions(clean_title(title, featured="drop"), featured="drop"))))
