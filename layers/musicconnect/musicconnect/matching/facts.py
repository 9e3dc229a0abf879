"""Finding version facts among the words of a title, and judging the difference between two sets of them."""

from collections.abc import Sequence
from dataclasses import dataclass

from musicconnect.matching.lexicon import FIRST_WORDS, HARD, NOISE, PHRASES_BY_FIRST_WORD, SOFT, Fact

_NAMED = Fact.REMIX | Fact.EDIT | Fact.OTHER_VERSION | Fact.LANGUAGE
"""Facts that carry a name in front: whose remix, which version."""

NONE = Fact(0)


@dataclass(frozen=True, slots=True)
class Facts:
    """Version facts of one title."""

    flags: Fact = NONE
    names: frozenset[str] = frozenset()
    """Words that say whose remix or which version."""
    details: frozenset[str] = frozenset()
    """Words and years that say where and when it was played live."""


PLAIN = Facts()


def is_year(word: str) -> bool:
    """Whether a word is a year of recorded music."""
    return len(word) == 4 and word.isdigit() and "1890" <= word <= "2049"


def find(words: Sequence[str], segments: Sequence[int], taken: bytearray) -> Facts:
    """Find the facts among the words that are not taken yet, and mark their words as taken.

    Args:
        words: canonical words.
        segments: for each word the number of its segment; a phrase does not reach across.
        taken: non-zero for words that are explained already. Facts' words are set to 4, the words that
            go with them (whose remix, where it was played) to 5.
    """
    flags = 0
    names: set[str] = set()
    details: set[str] = set()
    index = 0
    count = len(words)
    while index < count:
        word = words[index]
        if taken[index] == 1 or word not in FIRST_WORDS:
            index += 1
            continue
        for phrase, fact in PHRASES_BY_FIRST_WORD[word]:
            size = len(phrase)
            if size == 1:
                end = index + 1
                break
            end = index + size
            if (
                end <= count
                and tuple(words[index:end]) == phrase
                and segments[end - 1] == segments[index]
                and 1 not in taken[index:end]
            ):
                break
        else:
            index += 1
            continue
        flags |= fact
        segment = segments[index]
        for place in range(index, end):
            taken[place] = 4
        if fact & _NAMED:
            back = index - 1
            while back >= 0 and segments[back] == segment and taken[back] != 1 and taken[back] != 4:
                if words[back] not in NOISE:
                    names.add(words[back])
                    taken[back] = 5
                back -= 1
        elif fact & Fact.LIVE:
            place = end
            while place < count and segments[place] == segment and taken[place] == 0:
                if words[place] not in NOISE:
                    details.add(words[place])
                    taken[place] = 5
                place += 1
        index = end
    if not flags:
        return PLAIN
    return Facts(Fact(flags), frozenset(names), frozenset(details))


@dataclass(frozen=True, slots=True)
class Difference:
    """What the difference between two sets of facts amounts to."""

    evidence: float
    """Log-odds: negative where the difference speaks against one recording."""
    conflict: bool
    """Another recording: never accepted silently."""
    reason: str | None


SAME = Difference(0.0, False, None)


def _say(flags: int) -> str:
    return ", ".join(flag.name.lower().replace("_", " ") for flag in Fact(flags) if flag.name)


def compare(left: Facts, right: Facts) -> Difference:
    """Judge the difference; symmetric."""
    if left is PLAIN and right is PLAIN:
        return SAME
    hard_left, hard_right = left.flags & HARD, right.flags & HARD
    apart = hard_left ^ hard_right
    if apart:
        return Difference(-7.0, True, f"only one of them is: {_say(apart)}")
    evidence = 0.0
    reason = None
    if hard_left & _NAMED:
        if left.names and right.names:
            if not left.names & right.names:
                mine, theirs = " ".join(sorted(left.names)), " ".join(sorted(right.names))
                return Difference(-7.0, True, f"different {_say(hard_left & _NAMED)}: {mine} / {theirs}")
            evidence += 1.0
        elif left.names or right.names:
            evidence -= 2.5
            reason = f"only one of them says whose {_say(hard_left & _NAMED)} it is"
    if hard_left & Fact.LIVE and left.details and right.details:
        years = {w for w in left.details if is_year(w)}, {w for w in right.details if is_year(w)}
        if years[0] and years[1] and not years[0] & years[1]:
            return Difference(-5.0, True, "live in different years")
        if not left.details & right.details:
            return Difference(-4.0, True, "live at different places")
        evidence += 1.0
    soft = (left.flags ^ right.flags) & SOFT
    if soft:
        evidence -= 1.0 * soft.bit_count()
        reason = f"only one of them is: {_say(soft)}"
    return Difference(evidence, False, reason)
