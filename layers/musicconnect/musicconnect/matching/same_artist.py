"""Decide which of another service's artists a followed artist is. Pure.

A name alone proves nothing: artists share names, and a channel may be called like one and be somebody else's.
What proves it are titles that both have published. Without that a person is asked.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from musicconnect.matching.learned_names import name_key
from musicconnect.matching.model import Outcome
from musicconnect.matching.normalization import clean, words
from musicconnect.matching.titles.cleaning import clean_title, strip_additions
from musicconnect.matching.titles.youtube import parse_upload
from musicconnect.music.model import Track

MIN_SHARED: Final = 2
"""Titles that both have to have published."""
MIN_SHARED_OF_KNOWN: Final = 1
"""The same where recordings of an artist of that name are known to be there."""
MAX_CANDIDATES: Final = 5
PROVEN, DOUBTFUL = 95.0, 50.0
SAME_NAME: Final = "the name is the same"
NAME_ONLY: Final = "only the name says that it is the same artist"
NOTHING_FOUND: Final = "nothing was found"
_COMMON: Final = frozenset(
    {
        "greatesthits", "thegreatesthits", "bestof", "thebestof", "live", "intro", "outro", "interlude",
        "remixes", "singles", "thesingles", "collection", "thecollection", "unplugged", "demo", "demos", "ep",
        "acoustic", "christmas", "home", "gold", "anthology", "essentials", "hits",
    }
)  # fmt: skip
"""Titles that many artists have given to something."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ArtistCandidate:
    """An artist of the other service."""

    track: Track
    """Its id, and its name for a title."""
    titles: Sequence[str] = ()
    """What it has published, as far as that was asked."""
    is_known: bool = False
    """Whether recordings of an artist of this name are known to be there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ArtistChoice:
    """What comes of looking for an artist."""

    outcome: Outcome
    reasons: list[str]
    best: ArtistCandidate | None
    score: float | None
    candidates: list[dict[str, Any]]
    """Those of the name, the likeliest first, as a person who has to decide sees them."""


def is_namesake(name: str, other: str) -> bool:
    """Tell whether two names are written alike."""
    return bool(key := name_key(name)) and key == name_key(other)


def shared_titles(artist: str, titles: Iterable[str], others: Iterable[str]) -> list[str]:
    """List the titles that stand in both lists and say something about an artist of this name."""
    there = {key for title in others if (key := _key(title, artist))}
    shared = {key: title for title in titles if (key := _key(title, artist)) in there}
    return sorted(shared.values())


def choose(source: Track, titles: Sequence[str], candidates: Sequence[ArtistCandidate]) -> ArtistChoice:
    """Choose among the other service's artists; the only one that is proven, or a person has to say.

    Args:
        source: The followed artist.
        titles: What that artist has published.
        candidates: In the order in which the service gives them.
    """
    named = [one for one in candidates if is_namesake(source.title, one.track.title)]
    rated = [(one, shared_titles(source.title, titles, one.titles)) for one in named]
    rated.sort(key=lambda pair: (-len(pair[1]), not pair[0].is_known))
    shown = [_shown(one, shared) for one, shared in rated[:MAX_CANDIDATES]]
    if not rated:
        return ArtistChoice(
            outcome=Outcome.NO_MATCH, reasons=[NOTHING_FOUND], best=None, score=None, candidates=[]
        )
    best, shared = rated[0]
    if len(shared) >= (MIN_SHARED_OF_KNOWN if best.is_known else MIN_SHARED):
        return ArtistChoice(
            outcome=Outcome.MATCHED, reasons=_reasons(shared), best=best, score=PROVEN, candidates=shown
        )
    return ArtistChoice(
        outcome=Outcome.NEEDS_REVIEW, reasons=_reasons([]), best=best, score=DOUBTFUL, candidates=shown
    )


def _reasons(shared: Sequence[str]) -> list[str]:
    if not shared:
        return [SAME_NAME, NAME_ONLY]
    return [SAME_NAME, f"both have published: {', '.join(shared[:3])}"]


def _shown(one: ArtistCandidate, shared: Sequence[str]) -> dict[str, Any]:
    entry = {
        "id": one.track.id,
        "title": one.track.title,
        "kind": one.track.kind.value,
        "artist": one.track.artist_line,
        "score": PROVEN if len(shared) >= MIN_SHARED else DOUBTFUL,
        "parts": {"name": 100.0, "titles": float(len(shared))},
        "reasons": _reasons(shared),
    }
    return entry | ({"channel": one.track.channel} if one.track.channel else {})


def _key(title: str, artist: str) -> str:
    """Give the key of a title without artist, guests, versions and other additions; empty of a common one."""
    own = parse_upload(title, artist).title or title
    key = "".join(words(clean(strip_additions(clean_title(own, featured="drop"), featured="drop"))))
    return "" if key in _COMMON or key == "".join(words(clean(artist))) else key
