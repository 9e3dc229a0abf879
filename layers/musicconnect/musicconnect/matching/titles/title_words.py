"""Find a known title among the words of a text: in one piece, by its words, by its letters."""

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from typing import NamedTuple

from musicconnect.matching.artists import Name
from musicconnect.matching.data.word_weights import STOP
from musicconnect.matching.letters import edits, loosely_romanised, skeleton, uncensored
from musicconnect.matching.normalization import inside, is_number, similarity
from musicconnect.matching.titles.parsing import ReferenceRecording, Text, TitleVariant
from musicconnect.matching.versions import NAMING_WORDS, TITLE_WORD

MIN_COVERAGE = 0.5
_INFLECTED = 0.6
_CUT = 0.7
"""Where so much of a title is there to the letter, the rest is missing rather than misspelt."""
_WHOLE = 0.92
"""From here on a title is whole, though misspelt: a short word needs two others beside it."""
_MAX_LOST = 0.6
"""The weight of small words that a whole title may lack."""
_WHOLE_BY_LETTERS = 0.965
"""The same of letters without blanks: one too many or few in eight, one in place of another in seventeen."""
MIN_CUT_WORDS = 4
"""Words that the beginning of a title needs to stand for the whole of it."""


def in_one_piece(reference: ReferenceRecording, text: Text) -> tuple[TitleVariant, int] | None:
    """Find the best variant in the text, where it has the fewest other words beside it."""
    flat = text.flat
    for variant in reference.variants:
        start = flat.find(variant.flat)
        if start < 0:
            continue
        best = -1
        fewest = 1_000_000
        while start >= 0:
            first = flat.count(" ", 0, start)
            segment, last = text.segments[first], text.segments[first + variant.size - 1]
            others = sum(text.sizes[segment : last + 1]) - variant.size
            if others < fewest:
                best, fewest = first, others
            start = flat.find(variant.flat, start + 1)
        return variant, best
    return None


def cut_short(reference: ReferenceRecording, text: Text) -> int | None:
    """Find where the beginning of a title stands that the provider has cut: at most 100 characters."""
    head, found = reference.head, text.words
    if len(head) < MIN_CUT_WORDS or head[0] not in text.wordset:
        return None
    for first in range(max(0, len(found) - len(head)), len(found) - MIN_CUT_WORDS + 1):
        part = found[first:]
        size = len(part)
        if found[first] != head[0] or list(head[: size - 1]) != part[:-1]:
            continue
        last = head[size - 1]
        if last.startswith(part[-1]) and (text.is_cut or last != part[-1]):
            return first
    return None


class Found(NamedTuple):
    """Which words of a text are a title."""

    coverage: float
    """Share of the title that is there, 0 to 1."""
    indexes: Sequence[int] = ()
    is_doubtful: bool = False
    """Whether more letters differ than a misspelling changes."""
    is_inflected: bool = False
    """Whether a word has another ending, as in ``Rivers`` for ``River``: mostly another title."""
    is_whole: bool = False
    """Whether no word is missing, though some are misspelt."""


_NOT_FOUND = Found(0.0)
_NOWHERE: frozenset[int] = frozenset()


def word_by_word(reference: ReferenceRecording, text: Text, marks: bytearray) -> Found:
    """Mark the title's words wherever they stand."""
    if not reference.weights:
        return _NOT_FOUND
    taken: AbstractSet[int] = _NOWHERE
    if not reference.telling.isdisjoint(text.wordset):
        taken = _names_in(reference.names, text.flat)
    found = _NOT_FOUND
    if text.is_censored or not reference.wordset.isdisjoint(text.wordset):
        found = _shared_words(reference, text, taken)
    if found.coverage < 0.95 and len(reference.compact) >= 4 and not found.is_inflected:
        # "Coldwater" and "Cold Water".
        parts = (
            ["" if index in taken else word for index, word in enumerate(text.words)] if taken else text.words
        )
        by_letters = _by_letters(reference.compact, parts, text)
        if found.is_doubtful == by_letters.is_doubtful:
            is_better = by_letters.coverage > found.coverage
        elif found.is_doubtful:
            is_better = by_letters.coverage > 0.0
        else:
            is_better = found.coverage < _CUT < by_letters.coverage
        if is_better:
            found = by_letters
    if found.coverage < 0.9 and not (
        reference.compact.isascii() and text.is_latin and not reference.has_digraphs and not text.has_digraphs
    ):
        transliterated = _in_other_letters(reference, text, taken)
        if transliterated.coverage > found.coverage:
            found = transliterated
    if found.coverage >= MIN_COVERAGE:
        for index in found.indexes:
            marks[index] = TITLE_WORD
    return found


def _names_in(names: Sequence[Name], flat: str) -> set[int]:
    """Find the words that are an artist's whole name: a title like the name is not misspelt there."""
    taken: set[int] = set()
    for name in names:
        if not name.whole or name.whole not in flat:
            continue
        start = flat.find(name.whole)
        while start >= 0:
            first = flat.count(" ", 0, start)
            taken.update(range(first, first + name.whole.count(" ") - 1))
            start = flat.find(name.whole, start + 1)
    return taken


def _shared_words(reference: ReferenceRecording, text: Text, taken: AbstractSet[int]) -> Found:
    indexes: list[int] = []
    found = 0.0
    missing: list[str] = []
    for word, weight in reference.weights.items():
        if word in text.wordset:
            # A title that repeats words of the artist's name has them elsewhere than there.
            index = text.words.index(word)
            if index in taken:
                free = [at for at, other in enumerate(text.words) if other == word and at not in taken]
                if not free:
                    continue
                index = free[0]
            found += weight
            indexes.append(index)
        elif len(word) >= 4 and not is_number(word):
            missing.append(word)
    total = reference.weight
    is_doubtful = is_inflected = False
    if missing and (text.is_censored or found >= 0.2 * total):
        free = [
            i for i, other in enumerate(text.words) if len(other) >= 4 and i not in taken and i not in indexes
        ]
        for word in missing:
            for index in free:
                other = text.words[index]
                if text.is_censored and uncensored(word, other):
                    share = 1.0
                elif similarity(word, other, 77.0):
                    share = misspelt(word, other)
                    is_inflected = is_inflected or share == _INFLECTED
                    if not share:
                        share, is_doubtful = 0.8, True
                else:
                    continue
                free.remove(index)
                indexes.append(index)
                found += share * reference.weights[word]
                break
    is_whole = (
        not is_doubtful
        and not is_inflected
        and found + _MAX_LOST + 0.01 >= _WHOLE * total  # else whatever is lost is too much
        and _is_whole(reference, text, found, len(indexes))
    )
    return Found(found / total, indexes, is_doubtful or is_inflected, is_inflected, is_whole)


def _is_whole(reference: ReferenceRecording, text: Text, found: float, count: int) -> bool:
    """Decide whether no word is missing but a small one; ``count`` were found, of the weight ``found``."""
    lost = sum(
        weight for word, weight in reference.weights.items() if word not in text.wordset and word in STOP
    )
    has_all = count >= sum(word not in STOP or word in text.wordset for word in reference.weights)
    return has_all and lost <= _MAX_LOST and (found + lost) / reference.weight >= _WHOLE


def misspelt(word: str, other: str) -> float:
    """Rate a word as a misspelling of another, 0 to 1.

    The longer the word, the likelier: one letter makes another word of a short one. The first letter is
    seldom wrong, and an ending makes another form.
    """
    size = min(len(word), len(other))
    if size < 5 or word[0] != other[0] or abs(len(word) - len(other)) > 2:
        return 0.0
    if word.startswith(other) or other.startswith(word):
        return _INFLECTED
    apart = edits(word, other, 2)
    if apart == 1:
        return 0.85 if size < 8 else 0.92
    return 0.8 if apart == 2 and size >= 9 else 0.0


def _by_letters(compact: str, parts: Sequence[str], text: Text) -> Found:
    """Find the title as letters without blanks."""
    size = len(compact)
    if size < 8:
        return _segment(compact, parts, text.sizes)
    stretch = inside(compact, "".join(parts), 82.0)
    if stretch is None or not _whole_words(parts, stretch):
        return _NOT_FOUND
    wrong = 2 if size < 20 else 4 if size < 40 else 6  # a letter in place of another counts as two
    if stretch[0] >= 100.0 - 50.0 * wrong / size - 0.01:
        coverage = 0.995 - 0.5 * (1.0 - stretch[0] / 100)
        is_whole = coverage >= _WHOLE_BY_LETTERS
        return Found(coverage, _covered(parts, stretch[1], stretch[2]), is_whole=is_whole)
    return Found(stretch[0] * 0.0097, _covered(parts, stretch[1], stretch[2]), is_doubtful=True)


def _segment(compact: str, parts: Sequence[str], sizes: Sequence[int]) -> Found:
    """Find the segment that is a title too short to be looked for inside words."""
    best = _NOT_FOUND
    size = len(compact)
    end = 0
    for count in sizes:
        start, end = end, end + count
        piece = "".join(parts[start:end])
        if not -3 < len(piece) - size < 3:
            continue
        run = range(start, end)
        if piece == compact:
            return Found(0.97, run)
        share = misspelt(compact, piece)
        alike = share or (0.0097 * similarity(compact, piece, 78.0))
        if alike > best.coverage:
            best = Found(alike, run, is_doubtful=share < 0.8)
    return best


def _in_other_letters(reference: ReferenceRecording, text: Text, taken: AbstractSet[int]) -> Found:
    """Find a title that is written in other letters: transliterated, or with two letters for one."""
    spelled = ["" if index in taken else loosely_romanised(word) for index, word in enumerate(text.words)]
    left = loosely_romanised(" ".join(reference.head))
    if len(left) >= 4:
        stretch = inside(left, "".join(spelled), 80.0)
        if stretch is not None and _whole_words(spelled, stretch):
            return Found(stretch[0] * 0.0097, _covered(spelled, stretch[1], stretch[2]))
    # Scripts that leave vowels out, or have some between all consonants: compare consonants only.
    if not (reference.compact.isascii() and text.is_latin):
        left = skeleton(left)
        if len(left) >= 3:
            for run in text.runs:
                part = skeleton("".join(spelled[index] for index in run))
                if abs(len(part) - len(left)) <= 1 and similarity(
                    left, part, 88.0 if len(left) > 4 else 100.0
                ):
                    return Found(0.9, [index for index in run if index not in taken])
    return _NOT_FOUND


def _covered(parts: Sequence[str], start: int, end: int) -> list[int]:
    """Find the words more than half of which lie between two positions of the joined text."""
    indexes = []
    position = 0
    for index, word in enumerate(parts):
        if word and start <= position + len(word) / 2 < end:
            indexes.append(index)
        position += len(word)
    return indexes


def _whole_words(parts: Sequence[str], stretch: tuple[float, int, int]) -> bool:
    """Decide whether a stretch of the joined text begins and ends where words do, give or take a letter."""
    _, start, end = stretch
    begins = ends = False
    position = 0
    for word in parts:
        begins = begins or abs(position - start) <= 1
        position += len(word)
        ends = ends or abs(position - end) <= 1
    return begins and ends


def unfound(reference: ReferenceRecording, text: Text, marks: bytearray) -> float:
    """Weigh the words of the title that the text lacks."""
    there = {word for word, mark in zip(text.words, marks, strict=True) if mark in NAMING_WORDS}
    free = [
        word
        for word, mark in zip(text.words, marks, strict=True)
        if mark == TITLE_WORD and word not in reference.wordset
    ]
    joined = "".join(free)
    missing: list[float] = []
    for word, weight in reference.weights.items():
        if word in there or word in joined:
            continue
        for other in free:
            if other in word or similarity(word, other, 70.0) or uncensored(word, other):
                break
        else:
            missing.append(weight)
    return sum(missing)
