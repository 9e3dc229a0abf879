"""Compare what is in a playlist with what should be, as sequences with duplicates. Pure."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from musicconnect.music.model import Track


class Relinker:
    """Finds the id under which an entry was written that is listed under another.

    Spotify may list a track under the id of another release of it (track relinking), and no longer says which
    id it stands for (``linked_from`` went in February 2026). An id that was never written, with exactly the
    title and artists of one that was, counts as it. Entries are id, title and artist line.
    """

    def __init__(self, entries: Sequence[tuple[str, str, str]]) -> None:
        self._ids = {entry_id for entry_id, _, _ in entries}
        named: dict[tuple[str, str], str | None] = {}
        for entry_id, title, artist in entries:
            key = (title.casefold(), artist.casefold())
            # Two ids of one name: nobody could say which of them it is.
            named[key] = entry_id if named.get(key, entry_id) == entry_id else None
        self._named: Mapping[tuple[str, str], str | None] = named

    def id_of(self, found: Track) -> str:
        """Give the id that a listed entry was written under, as far as can be told."""
        if found.id in self._ids:
            return found.id
        return self._named.get((found.title.casefold(), found.artist_line.casefold())) or found.id


def applied_count(written: Sequence[str], intended: Sequence[str], found: Sequence[str]) -> int:
    """Count the intended entries that have arrived.

    What was written before and what was intended next arrive in order, at the end; so the arrived ones are a
    prefix of ``intended``. Anything that somebody else put in or took out in between is tolerated.
    All are ids, in order.
    """
    expected = [*written, *intended]
    if list(found) == expected[: len(found)]:
        return max(0, len(found) - len(written))
    arrived = _arrived(expected, found)[len(written) :]
    # What arrived later shows that all before it did too, even if somebody took it out again.
    return max((index + 1 for index, here in enumerate(arrived) if here), default=0)


@dataclass(frozen=True, slots=True)
class PlaylistDiff:
    """How a playlist differs from what was written into it."""

    missing: tuple[int, ...]
    """Indices into the expected entries, ascending."""
    foreign: int
    """Entries that were never written by us."""
    doubled: tuple[str, ...]
    """Ids that stand there more often than they were written."""
    is_in_order: bool
    """Whether everything expected that is there stands in the expected order."""

    @property
    def is_complete(self) -> bool:
        """Tell whether everything expected is there, in order and not doubled."""
        return not self.missing and not self.doubled and self.is_in_order

    def misses_only_the_end(self, expected: int) -> bool:
        """Tell whether only the last ones are missing, and nothing else is wrong."""
        tail = tuple(range(expected - len(self.missing), expected))
        return bool(self.missing) and self.missing == tail and not self.doubled and self.is_in_order


def compare(expected: Sequence[str], found: Sequence[str]) -> PlaylistDiff:
    """Compare the ids that were written with those that are listed, both in order."""
    if list(expected) == list(found):
        return PlaylistDiff((), 0, (), True)
    wanted, there = Counter(expected), Counter(found)
    doubled = tuple(key for key in wanted if there[key] > wanted[key])
    foreign = sum(count for key, count in there.items() if key not in wanted)
    if all(there[key] >= count for key, count in wanted.items()):
        missing: tuple[int, ...] = ()
        is_in_order = _is_subsequence(expected, found)
    else:
        arrived = _arrived(expected, found)
        missing = tuple(index for index, here in enumerate(arrived) if not here)
        # Nothing that is there may be left over by the alignment: that would be out of order.
        aligned = Counter(key for key, here in zip(expected, arrived, strict=True) if here)
        is_in_order = all(aligned[key] == min(there[key], wanted[key]) for key in wanted)
    return PlaylistDiff(missing, foreign, doubled, is_in_order)


@dataclass(frozen=True, slots=True)
class Truncation:
    """What to take out of a playlist so that what stays is a beginning of what should be there."""

    remaining: int
    """How many of the expected entries stay; the others have to be written again."""
    removed: tuple[int, ...]
    """Indices of listed entries to take out, ascending."""


def plan_truncation(
    expected: Sequence[str], found: Sequence[str], *, most: int, by_track: bool
) -> Truncation:
    """Plan how to bring a playlist back to a beginning of what should be there.

    Entries that were never expected belong to somebody else and stay; of the expected ones at most ``most``.
    ``by_track``: taking out one entry takes out all of the same id.
    """
    ours = set(expected)
    if most >= len(expected) and not by_track:
        rest = iter(expected)
        wanted = next(rest, None)
        extras = []
        for index, key in enumerate(found):
            if key == wanted:
                wanted = next(rest, None)
            elif key in ours:
                extras.append(index)
        if wanted is None:
            return Truncation(len(expected), tuple(extras))
    retained: list[int] = []
    stop = len(found)
    for index, key in enumerate(found):
        if len(retained) < min(most, len(expected)) and key == expected[len(retained)]:
            retained.append(index)
        elif key in ours:
            stop = index
            break
    while True:
        removed = [index for index in range(stop, len(found)) if found[index] in ours]
        gone = {found[index] for index in removed} if by_track else set()
        touched = next((place for place, index in enumerate(retained) if found[index] in gone), None)
        if touched is None:
            return Truncation(len(retained), tuple(removed))
        stop = retained[touched]
        del retained[touched:]


def present(wanted: Sequence[str], found: Sequence[str]) -> list[bool]:
    """Tell which of the wanted entries a playlist holds, wherever they stand, each counted once."""
    there = Counter(found)
    held = []
    for key in wanted:
        held.append(there[key] > 0)
        there[key] -= 1
    return held


def _is_subsequence(expected: Sequence[str], found: Sequence[str]) -> bool:
    rest = iter(found)
    return all(key in rest for key in expected)


def _arrived(expected: Sequence[str], found: Sequence[str]) -> list[bool]:
    """Tell which of the expected entries are there, preferring the earlier of equal ones."""
    arrived = [False] * len(expected)
    start = 0
    while start < min(len(expected), len(found)) and expected[start] == found[start]:
        arrived[start] = True
        start += 1
    matcher = SequenceMatcher(None, expected[start:], found[start:], autojunk=False)
    for block in matcher.get_matching_blocks():
        for index in range(start + block.a, start + block.a + block.size):
            arrived[index] = True
    return arrived
