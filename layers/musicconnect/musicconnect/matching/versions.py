"""Find version facts among the words of a title, and judge the difference between two sets of them."""

from collections.abc import Sequence
from dataclasses import dataclass

from musicconnect.matching.data import version_phrases
from musicconnect.matching.data.version_phrases import FIRST_WORDS, PHRASES_BY_FIRST_WORD, Fact
from musicconnect.matching.data.word_weights import NOISE

# Plain integers: sums of flags are an order of magnitude slower as enum members.
HARD = int(version_phrases.HARD)
SOFT = int(version_phrases.SOFT)
NAMED = int(version_phrases.NAMED)
LIVE = int(Fact.LIVE)
REMIX = int(Fact.REMIX)
COVER = int(Fact.COVER)
DATED = int(Fact.DATED)
ARRANGEMENT = int(Fact.ARRANGEMENT)
LANGUAGE = int(Fact.LANGUAGE)

# What is known about each word of a title while it is being explained.
OPEN_WORD, TITLE_WORD, ARTIST_WORD, FACT_WORD, DETAIL_WORD = 0, 1, 2, 4, 5

_SUBTITLES = frozenset(("lyrics", "lyric", "letra", "sub", "subs", "subtitles", "subtitulado", "legendado",
                        "legendas", "translation", "traduccion", "subtitulada", "testo", "cc"))  # fmt: skip
_IN = frozenset(("in", "en", "them", "auf"))
"""How a language is introduced; ``them`` is the canonical form of Portuguese ``em``."""


@dataclass(frozen=True, slots=True)
class VersionFacts:
    """Version facts of one title."""

    flags: int = 0
    """Of ``Fact``."""
    names: frozenset[str] = frozenset()
    """Words that say whose remix or which version."""
    details: frozenset[str] = frozenset()
    """Words and years that say where and when it was played live."""


PLAIN = VersionFacts()


def is_year(word: str) -> bool:
    """Decide whether a word is a year of recorded music."""
    return len(word) == 4 and word.isdigit() and "1890" <= word <= "2049"


def find(
    words: Sequence[str],
    segments: Sequence[int],
    marks: bytearray,
    own: frozenset[str] = frozenset(),
) -> VersionFacts:
    """Find the facts among the words that are not part of the title.

    Args:
        words: canonical words.
        segments: for each word the number of its segment; a phrase does not reach across.
        marks: what each word is; facts' words and those that go with them (whose remix, where) are marked.
        own: words of the artists' names. A lullaby by the Lullaby Players is no version of something else.
    """
    flags = 0
    names: set[str] = set()
    details: set[str] = set()
    index = 0
    count = len(words)
    while index < count:
        if words[index] not in FIRST_WORDS or marks[index] == TITLE_WORD:
            index += 1
            continue
        end, meaning = _phrase(words, segments, marks, index)
        subtitled = (
            meaning == LANGUAGE
            and words[index] in _IN
            and index > 0
            and words[index - 1] in _SUBTITLES
            and segments[index - 1] == segments[index]
        )
        if subtitled or not own.isdisjoint(words[index:end]):
            index = end
            continue
        if end == index:
            index += 1
            continue
        flags |= meaning
        for covered in range(index, end):
            marks[covered] = FACT_WORD
        if meaning & NAMED:
            _before(words, segments, marks, index, names)
        elif meaning & LIVE:
            _after(words, segments, marks, end, details)
        index = end
    if not flags:
        return PLAIN
    return VersionFacts(flags, frozenset(names), frozenset(details))


def find_in(words: Sequence[str]) -> VersionFacts:
    """Find the facts in a phrase that stands for itself: a bracket, an album's name."""
    count = len(words)
    return find(words, [0] * count, bytearray(count))


def find_outside(words: list[str], title: list[str]) -> int:
    """Find the flags of the facts among words, but not in the title that is part of them."""
    marks = bytearray(len(words))
    for start in range(len(words) - len(title) + 1):
        if title and words[start : start + len(title)] == title:
            marks[start : start + len(title)] = bytes([TITLE_WORD]) * len(title)
            break
    return find(words, [0] * len(words), marks).flags


def _phrase(words: Sequence[str], segments: Sequence[int], marks: bytearray, start: int) -> tuple[int, int]:
    """Give the end and the meaning of the longest phrase at an index; the start where there is none."""
    for phrase, meaning in PHRASES_BY_FIRST_WORD[words[start]]:
        end = start + len(phrase)
        if end == start + 1:
            return end, meaning
        if (
            end <= len(words)
            and tuple(words[start:end]) == phrase
            and segments[end - 1] == segments[start]
            and TITLE_WORD not in marks[start:end]
        ):
            return end, meaning
    return start, 0


def _before(
    words: Sequence[str], segments: Sequence[int], marks: bytearray, start: int, names: set[str]
) -> None:
    """Collect the words in front of a phrase: whose remix, which version."""
    index = start - 1
    while index >= 0 and segments[index] == segments[start] and marks[index] not in {TITLE_WORD, FACT_WORD}:
        if words[index] not in NOISE:
            names.add(words[index])
            if not marks[index]:
                marks[index] = DETAIL_WORD
        index -= 1


def _after(
    words: Sequence[str], segments: Sequence[int], marks: bytearray, end: int, details: set[str]
) -> None:
    """Collect the words behind a phrase: where and when it was played."""
    index = end
    while index < len(words) and segments[index] == segments[end - 1] and not marks[index]:
        if words[index] not in NOISE and words[index] not in FIRST_WORDS:
            details.add(words[index])
            marks[index] = DETAIL_WORD
        index += 1


@dataclass(frozen=True, slots=True)
class Difference:
    """What the difference between two sets of facts amounts to."""

    evidence: float
    """Log-odds: negative where the difference speaks against one recording."""
    conflict: bool
    """Another recording: never accepted silently."""
    reason: str | None


SAME = Difference(0.0, False, None)

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

_WITH_REMIX = int(Fact.EDIT | Fact.OTHER_VERSION)


def _distance(flags: int) -> float:
    if flags & _STRONG:
        return -5.5
    return -3.0 if not flags & ~_MILD else -4.0


def say(flags: int) -> str:
    """Name facts as a person would read them."""
    return ", ".join((flag.name or "").lower().replace("_", " ") for flag in Fact(flags))


def _named_difference(left: VersionFacts, right: VersionFacts, shared: int) -> tuple[float, bool, str | None]:
    if left.names and right.names:
        common = left.names & right.names
        if not common:
            mine, theirs = " ".join(sorted(left.names)), " ".join(sorted(right.names))
            return -4.0, True, f"different {say(shared)}: {mine} / {theirs}"
        apart = len(left.names ^ right.names)
        return (
            (0.5, False, None)
            if apart <= len(common)
            else (-1.5, False, "the versions' names differ in part")
        )
    if left.names or right.names:
        return -2.5, False, f"only one of them says whose {say(shared)} it is"
    return 0.0, False, None


def compare(left: VersionFacts, right: VersionFacts, optional: int = 0) -> Difference:
    """Judge the difference of two sets of facts; symmetric.

    ``optional`` facts hold whether the title says so or not, such as ``live`` on an album ``Live at ...``.
    """
    if left is right:
        return SAME
    shared = left.flags & right.flags
    apart = (left.flags ^ right.flags) & HARD & ~optional
    # "Someone Remix Edit" against "Someone Remix": the smaller word goes with the bigger.
    if shared & REMIX:
        apart &= ~_WITH_REMIX
    if apart:
        return Difference(_distance(apart), True, f"only one of them is: {say(apart)}")
    evidence = 0.0
    reason = None
    if shared & NAMED:
        evidence, conflict, reason = _named_difference(left, right, shared & NAMED)
        if conflict:
            return Difference(evidence, True, reason)
    if shared & LIVE and left.details and right.details:
        years = [{word for word in side.details if is_year(word)} for side in (left, right)]
        if years[0] and years[1] and not years[0] & years[1]:
            return Difference(-4.0, True, "live in different years")
        if not left.details & right.details:
            return Difference(-3.0, True, "live at different places")
        evidence += 0.5
    soft = (left.flags ^ right.flags) & SOFT & ~optional
    if soft:
        evidence -= 1.5 * soft.bit_count()
        reason = f"only one of them is: {say(soft)}"
    return Difference(evidence, False, reason)
