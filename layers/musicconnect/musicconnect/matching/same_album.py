"""Decide which of another service's albums a saved album is. Pure.

The barcode says it where both tell one. Without it the artist, the title with its edition, the number of
tracks and the year have to be the same, and only one album may be so: labels publish one album many times
(remastered, deluxe, clean, for another country), and those are not what a person saved. Else that person is
asked.
"""

from collections import Counter
from collections.abc import Sequence
from typing import Any, Final

from musicconnect.matching.candidate_search import Decision
from musicconnect.matching.learned_names import name_key
from musicconnect.matching.model import Outcome
from musicconnect.matching.normalization import clean, words
from musicconnect.matching.titles.cleaning import clean_title, strip_additions
from musicconnect.music import barcodes
from musicconnect.music.model import Track

MAX_CANDIDATES: Final = 5
SAME_BARCODE_SCORE, SAME_FACTS_SCORE, DOUBTFUL_SCORE = 100.0, 95.0, 50.0
SAME_BARCODE: Final = "the barcode is the same"
SAME_FACTS: Final = "artist, title, year and number of tracks are the same"
BARCODE_ONLY: Final = "the barcode is the same, and neither title nor artist is"
OTHER_BARCODE: Final = "it has another barcode"
OTHER_EDITION: Final = "it is another edition"
OTHER_YEAR: Final = "it was released in another year"
UNTOLD: Final = "too little is told of one of them"
COMPILATION: Final = "of an album by various artists only the barcode says which it is"
SEVERAL: Final = "several albums are the same in this"
NOTHING_FOUND: Final = "nothing was found"
_SAYS_NOTHING: Final = frozenset({"album", "edition", "version", "the"})
_ALIKE: Final = {"remastered": "remaster", "remastering": "remaster"}
_VARIOUS: Final = frozenset(
    name_key(name)
    for name in (
        "Various Artists", "Various", "VA", "Verschiedene Interpreten", "Diverse", "Artistes Divers",
        "Varios", "Varios Artistas", "Vários", "Vários Artistas", "Vários intérpretes", "Artisti Vari",
    )
)  # fmt: skip


def is_namesake(source: Track, other: Track) -> bool:
    """Tell whether an album of the same artist has the same title, whichever edition it is."""
    return _same_artist(source, other) and bool(_base(source.title)) and (
        _base(source.title) == _base(other.title)
    )  # fmt: skip


def choose(source: Track, candidates: Sequence[Track]) -> Decision:
    """Choose among the other service's albums; the only one that is certain, or a person has to say.

    Args:
        source: The saved album.
        candidates: In the order in which the service gives them, each with everything that is known of it.
    """
    rated = [
        (one, against) for one in candidates if (against := _against(source, one)) is not None
    ]  # fmt: skip
    rated.sort(key=lambda pair: (not _same_barcode(source, pair[0]), len(pair[1])))
    shown = [_shown(source, one, against) for one, against in rated[:MAX_CANDIDATES]]
    if not rated:
        return Decision(outcome=Outcome.NO_MATCH, reasons=[NOTHING_FOUND], candidates=[])
    certain = [one for one, against in rated if not against]
    coded = [one for one in certain if _same_barcode(source, one)]
    # What has the same barcode is the same album, however often it is listed.
    if coded or len(certain) == 1:
        best = (coded or certain)[0]
        entry = next(one for one in shown if one["id"] == best.id)
        return Decision(
            outcome=Outcome.MATCHED,
            target=best,
            score=entry["score"],
            parts=entry["parts"],
            reasons=entry["reasons"],
        )
    reasons = [SAME_FACTS, SEVERAL] if certain else shown[0]["reasons"]
    return Decision(
        outcome=Outcome.NEEDS_REVIEW,
        reasons=reasons,
        score=DOUBTFUL_SCORE,
        parts=shown[0]["parts"],
        candidates=[{**one, "score": DOUBTFUL_SCORE} for one in shown],
    )


def _against(source: Track, other: Track) -> list[str] | None:
    """List what speaks against its being the same album; None where nothing speaks for it."""
    if _same_barcode(source, other):
        is_named = _base(source.title) == _base(other.title) or _same_artist(source, other)
        return [] if is_named else [BARCODE_ONLY]
    if not is_namesake(source, other):
        return None
    against = []
    if barcodes.number(source.barcode) and barcodes.number(other.barcode):
        against.append(OTHER_BARCODE)
    if _edition(source.title) != _edition(other.title):
        against.append(OTHER_EDITION)
    if source.track_count is None or other.track_count is None:
        against.append(UNTOLD)
    elif source.track_count != other.track_count:
        against.append(f"it has {other.track_count} tracks instead of {source.track_count}")
    if not source.release_date or not other.release_date:
        against += [] if UNTOLD in against else [UNTOLD]
    elif source.release_date[:4] != other.release_date[:4]:
        against.append(OTHER_YEAR)
    if _artists(source) & _VARIOUS:
        against.append(COMPILATION)
    return against


def _same_barcode(source: Track, other: Track) -> bool:
    return bool(number := barcodes.number(source.barcode)) and number == barcodes.number(other.barcode)


def _same_artist(source: Track, other: Track) -> bool:
    """Whether the main artist of one is among those of the other: services order them as they like."""
    ours, theirs = _artists(source), _artists(other)
    mains = {name_key(one.artists[0]) for one in (source, other) if one.artists}
    return bool(ours & theirs & mains)


def _artists(album: Track) -> frozenset[str]:
    return frozenset(filter(None, map(name_key, album.artists)))


def _base(title: str) -> tuple[str, ...]:
    """Give the words of a title without what tells editions apart."""
    return tuple(words(clean(strip_additions(clean_title(title, featured="drop"), featured="drop"))))


def _edition(title: str) -> list[str]:
    """Give the words that tell editions apart, in no order: "2011 Remaster" is "Remastered 2011"."""
    rest = Counter(words(clean(title))) - Counter(_base(title))
    return sorted(_ALIKE.get(word, word) for word in rest.elements() if word not in _SAYS_NOTHING)


def _shown(source: Track, one: Track, against: Sequence[str]) -> dict[str, Any]:
    is_coded = _same_barcode(source, one)
    reasons = list(against) or [SAME_BARCODE if is_coded else SAME_FACTS]
    score = DOUBTFUL_SCORE if against else (SAME_BARCODE_SCORE if is_coded else SAME_FACTS_SCORE)
    entry = {
        "id": one.id,
        "title": one.title,
        "kind": one.kind.value,
        "artist": one.artist_line,
        "artists": list(one.artists),
        "score": score,
        "parts": {
            "barcode": 100.0 * is_coded,
            "title": 100.0 if _edition(source.title) == _edition(one.title) else 50.0,
            "tracks": 100.0 * (source.track_count is not None and source.track_count == one.track_count),
        },
        "reasons": reasons,
    }
    facts = {"release_date": one.release_date, "barcode": one.barcode, "track_count": one.track_count}
    return entry | {name: value for name, value in facts.items() if value is not None}
