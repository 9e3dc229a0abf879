"""Judge the difference between the version facts of two entries."""

from enum import IntEnum
from functools import lru_cache
from typing import NamedTuple

from musicconnect.matching.data import version_phrases
from musicconnect.matching.data.version_phrases import Fact
from musicconnect.matching.data.word_weights import word_set
from musicconnect.matching.normalization import is_number
from musicconnect.matching.versions import (
    LIVE,
    NAMED,
    NO_ALBUM,
    OTHER_VERSION,
    REMIX,
    AlbumFacts,
    VersionFacts,
    is_year,
)

# Plain integers: sums of flags are an order of magnitude slower as enum members.
HARD = int(version_phrases.HARD)
SOFT = int(version_phrases.SOFT)
MONO_OR_STEREO = int(Fact.MONO | Fact.STEREO)
LANGUAGE = int(Fact.LANGUAGE)
DATED = int(Fact.DATED)
COVER = int(Fact.COVER)
ACOUSTIC = int(Fact.ACOUSTIC)
ARRANGEMENT = int(Fact.ARRANGEMENT)

# How far apart two recordings are that differ by one fact. An edit shares most of its sound with the
# original, a karaoke track none of its voice, a reaction video is no recording of the song at all.
_MILD = int(
    Fact.EDIT
    | Fact.RADIO_EDIT
    | Fact.OTHER_VERSION
    | Fact.RERECORDED
    | Fact.ALTERNATE
    | Fact.EXTENDED
    | Fact.DATED
)
_STRONG = int(
    Fact.KARAOKE | Fact.COVER | Fact.REACTION | Fact.TUTORIAL | Fact.TRAILER | Fact.PARODY | Fact.MASHUP
    | Fact.FULL_ALBUM | Fact.DANCE | Fact.LOOP | Fact.NIGHTCORE
)  # fmt: skip
_LENIENT = int(Fact.EDIT | Fact.RADIO_EDIT | Fact.DATED | Fact.MONO)
"""What a person who asks for leniency takes for the recording."""
_PLAYED = int(Fact.ARRANGEMENT | Fact.EFFECTS)
_WITH_REMIX = int(Fact.EDIT | Fact.OTHER_VERSION)

AGREED = 1.5
"""Log-odds of stating the same version: of the entries for a song a minority does."""

_PLACES = word_set(
    """
    hall arena theater stadium club festival studio studios session sessions radio tv show center park
    house room garden royal national city concert tour world live awards award fest special night
    """
)
"""Words that many places share."""


class Weight(IntEnum):
    """What a difference permits."""

    NONE = 0
    REVIEW = 1
    """The same recording perhaps: a person decides."""
    CONFLICT = 2
    """Another recording."""


class Difference(NamedTuple):
    """What the difference between two sets of facts amounts to."""

    evidence: float
    """Log-odds: negative where the difference speaks against one recording."""
    weight: Weight = Weight.NONE
    reason: str | None = None

    @property
    def conflict(self) -> bool:
        """Whether it is another recording, which is never accepted silently."""
        return self.weight is Weight.CONFLICT


SAME = Difference(0.0)


def _distance(flags: int, mild: int) -> float:
    if flags & _STRONG & ~mild:
        return -5.5
    return -3.0 if not flags & ~(_MILD | mild) else -4.0


@lru_cache(maxsize=256)
def say(flags: int) -> str:
    """Name facts as a person would read them."""
    return ", ".join((flag.name or "").lower().replace("_", " ") for flag in Fact(flags))


def _other(what: str, left: frozenset[str], right: frozenset[str], evidence: float = -4.0) -> Difference:
    mine, theirs = (" ".join(sorted(side)) for side in (left, right))
    return Difference(evidence, Weight.CONFLICT, f"different {what}: {mine} / {theirs}")


def _by_name(left: VersionFacts, right: VersionFacts, shared: int) -> Difference:
    """Compare whose remix or which version it is."""
    if shared & OTHER_VERSION and left.titles != right.titles and left.titles and right.titles:
        apart = left.titles ^ right.titles
        loosely = all(
            any(one <= other or other <= one for other in apart if other is not one) for one in apart
        )
        if not loosely or len(left.titles) != len(right.titles):
            return _other(say(shared), left.names, right.names)
    if left.mixes and right.mixes and not left.mixes & right.mixes:
        return _other("mixes", left.mixes, right.mixes)
    if left.names and right.names:
        common = left.names & right.names
        if not common:
            return _other(say(shared), left.names, right.names)
        if len(left.names ^ right.names) <= len(common):
            return Difference(0.5)
        return Difference(-1.5, Weight.REVIEW, "the versions' names differ in part")
    if left.names or right.names:
        return Difference(-2.5, Weight.REVIEW, f"only one of them says whose {say(shared)} it is")
    return SAME


def _by_place(left: frozenset[str], right: frozenset[str], lenient: bool) -> Difference:
    """Compare where and when two concerts were."""
    if not left and not right:
        return SAME
    years, days, places = zip(*(_dates(side) for side in (left, right)), strict=True)
    if years[0] and years[1] and not years[0] & years[1]:
        return Difference(-4.0, Weight.CONFLICT, "live in different years")
    if not (days[0] <= days[1] or days[1] <= days[0]):
        return Difference(-4.0, Weight.CONFLICT, "live on different days")
    if places[0] and places[1]:
        if places[0] & places[1]:
            return Difference(0.5)
        return Difference(-3.0, Weight.CONFLICT, "live at different places")
    if left & right or lenient:
        return SAME
    return Difference(-1.0, Weight.REVIEW, "only one of them says where or when it was played")


def _dates(details: frozenset[str]) -> tuple[set[str], set[str], set[str]]:
    """Give years, other numbers, and the words of places that few of them share."""
    years = {word for word in details if is_year(word)}
    days = {word for word in details if is_number(word)} - years
    places = {word for word in details if not is_number(word)}
    return years, days, places - _PLACES or places


def compare(
    left: VersionFacts,
    right: VersionFacts,
    *,
    ignored: int = 0,
    albums: tuple[AlbumFacts, AlbumFacts] = (NO_ALBUM, NO_ALBUM),
    lenient: bool = False,
    mild: int = 0,
) -> Difference:
    """Judge the difference of two sets of facts; symmetric.

    Args:
        left: what one title states.
        right: what the other states.
        ignored: facts that do not matter.
        albums: what the albums of the two say. What one title states, the album of the other confirms; no
            album excuses what its own title states.
        mild: flags that leave doubt, more than they speak against the pair.
        lenient: whether differences that leave most of the sound as it is are let pass.
    """
    from_left, from_right = albums
    hints = (from_left.hints & ~from_right.facts.flags) | (from_right.hints & ~from_left.facts.flags)
    if left is right and not hints:
        return SAME
    confirmed = (left.flags & from_right.facts.flags) | (right.flags & from_left.facts.flags)
    for stated, album in ((left, from_right.facts), (right, from_left.facts)):
        if stated.languages and album.languages and not stated.languages & album.languages:
            return _other("languages", stated.languages, album.languages)
    ignored |= confirmed | (_LENIENT if lenient else 0)
    shared = left.flags & right.flags
    apart = (left.flags ^ right.flags) & HARD & ~ignored
    # "Someone Remix Edit" against "Someone Remix": the smaller word goes with the bigger.
    if shared & REMIX:
        apart &= ~_WITH_REMIX
    if apart:
        return Difference(_distance(apart, mild), Weight.CONFLICT, f"only one of them is: {say(apart)}")
    found = [_by_value(left, right, shared)]
    if shared & LIVE or (confirmed & LIVE):
        found.append(
            _by_place(
                left.details or (from_left.facts.details if right.details else left.details),
                right.details or (from_right.facts.details if left.details else right.details),
                lenient,
            )
        )
    agreed = (shared | confirmed) & HARD
    if agreed:
        found.append(Difference(AGREED))
    elif hinted := hints & ~ignored:
        weight = Weight.NONE if lenient else Weight.REVIEW
        found.append(Difference(-1.0, weight, f"only the album of one of them says: {say(hinted)}"))
    soft = (left.flags ^ right.flags) & SOFT & ~ignored
    if soft:
        opposed = (left.flags | right.flags) & MONO_OR_STEREO == MONO_OR_STEREO
        found.append(
            Difference(
                -1.5 * soft.bit_count(),
                Weight.REVIEW if opposed and not lenient else Weight.NONE,
                f"only one of them is: {say(soft)}",
            )
        )
    return _sum(found)


def _by_value(left: VersionFacts, right: VersionFacts, shared: int) -> Difference:
    """Compare what is said about the facts that both state."""
    if shared & LANGUAGE and left.languages and right.languages and not left.languages & right.languages:
        return _other("languages", left.languages, right.languages)
    if shared & _PLAYED and left.mixes and right.mixes and not left.mixes & right.mixes:
        return _other(say(shared & _PLAYED), left.mixes, right.mixes)
    if left.numbers != right.numbers and shared:
        numbers = [dict(side.numbers) for side in (left, right)]
        if any(flag in numbers[1] and numbers[1][flag] != number for flag, number in numbers[0].items()):
            return Difference(-4.0, Weight.CONFLICT, "takes of different numbers")
        if any(flag & shared for side in numbers for flag in side):
            return Difference(-2.0, Weight.REVIEW, "only one of them has a number")
    return _by_name(left, right, shared) if shared & NAMED else SAME


def _sum(found: list[Difference]) -> Difference:
    """Add up differences: the gravest gives weight and reason."""
    gravest = max(found, key=lambda difference: difference.weight)
    if gravest.conflict:
        return gravest
    reason = gravest.reason or next((d.reason for d in found if d.reason), None)
    return Difference(sum(difference.evidence for difference in found), gravest.weight, reason)
