"""The rule of spotDL (github.com/spotDL/spotify-downloader), for what is found without an ISRC.

Names and titles are compared as slugs by their Levenshtein ratio. A title has to reach more than 60 after 15
off for every word such as "live" that only the candidate has, the artists 70. The mean of both is averaged
with the album where a catalogue's entry names another one, then with 100 * exp(-0.1 * seconds apart), and
loses 5 where only one side is explicit. From 80 on a result is taken.
"""

import math
import re
from functools import lru_cache

from rapidfuzz import fuzz

from benchmarks.baselines.matchers.rules import names_of, seconds_apart, slug
from musicconnect.music.model import Track

FORBIDDEN = (
    "bassboosted", "remix", "remastered", "remaster", "reverb", "bassboost", "live", "acoustic", "8daudio",
    "concert", "acapella", "slowed", "instrumental", "cover",
)  # fmt: skip


@lru_cache(maxsize=1 << 17)
def _ratio(one: str, other: str) -> float:
    return fuzz.ratio(one, other)


def _sorted(text: str) -> str:
    return "-".join(sorted(text.split("-")))


def _joined(text: str) -> str:
    return slug(text).replace("-", "")


def _artists(source: Track, candidate: Track) -> float:
    wanted = [slug(name) for name in names_of(source)]
    found = [slug(part) for name in names_of(candidate) for part in re.split(r"[,&]", name)]
    if not wanted:
        return 0.0
    best = [max((_ratio(name, other) for other in found), default=0.0) for name in wanted]
    value = max(best[0], sum(best) / len(best))
    if value <= 50 and not candidate.artists:
        title = _joined(candidate.title)
        value = max(value, 100 * sum(_joined(name) in title for name in wanted) / len(wanted))
    return value


def _title(source: Track, candidate: Track) -> float:
    title, other = slug(source.title), slug(candidate.title)
    value = _ratio(_sorted(title), _sorted(other))
    if value <= 75:
        names = [slug(name) for name in names_of(source)]
        left = title if candidate.artists else "-".join((*names, title))
        joined = left.replace("-", "")
        right = "-".join((other, *(n for n in names if n in joined and n not in other.replace("-", ""))))
        value = max(value, _ratio(_sorted(left), _sorted(right)))
    own, stated = title.replace("-", ""), other.replace("-", "")
    return value - 15 * sum(word in stated and word not in own for word in FORBIDDEN)


def spotdl(source: Track, candidate: Track) -> float:
    """Rate a pair as spotDL does; 0 where it would skip the candidate."""
    words = [word for word in slug(source.title).split("-") if word]
    if not any(word in _joined(candidate.title) for word in words):
        return 0.0
    title, artists = _title(source, candidate), _artists(source, candidate)
    if title <= 60 or artists < 70:
        return 0.0
    value = (title + artists) / 2
    if candidate.artists and candidate.album:
        album = _ratio(slug(source.album or ""), slug(candidate.album))
        if album <= 80:
            value = (value + album) / 2
    apart = seconds_apart(source, candidate)
    if apart is not None:
        length = 100 * math.exp(-0.1 * apart)
        if length < 50 and value < 75:
            return 0.0
        value = (value + length) / 2
    if None not in (source.explicit, candidate.explicit) and source.explicit != candidate.explicit:
        value -= 5
    return min(100.0, value)
