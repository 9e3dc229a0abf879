"""The rule of spotify_to_tidal (github.com/spotify2tidal/spotify_to_tidal).

The same ISRC; or less than 2 s apart, the title up to its first dash or bracket contained in the other, one
artist shared, and agreement about being a remix, an instrumental or an a cappella.
"""

import re

from benchmarks.baselines.matchers.rules import names_of, seconds_apart, without_accents
from musicconnect.music.model import Track

_VERSIONS = ("instrumental", "acapella", "remix")


def _short(title: str) -> str:
    title = re.split(r"[-(\[]", title, maxsplit=1)[0]
    return title.partition("feat.")[0].strip()


def _names(track: Track) -> set[str]:
    return {
        without_accents(part).strip().casefold()
        for name in names_of(track)
        for part in re.split(r"[&,]", name)
        if part.strip()
    }


def spotify_to_tidal(source: Track, candidate: Track) -> float:
    """Give 100 for a pair that it takes for one recording, 0 for any other."""
    if source.isrc and source.isrc == candidate.isrc:
        return 100.0
    apart = seconds_apart(source, candidate)
    if apart is None or apart >= 2.0:
        return 0.0
    title, other = (without_accents(track.title).casefold() for track in (source, candidate))
    if any((word in title) != (word in other) for word in _VERSIONS) or _short(title) not in other:
        return 0.0
    return 100.0 if _names(source) & _names(candidate) else 0.0
