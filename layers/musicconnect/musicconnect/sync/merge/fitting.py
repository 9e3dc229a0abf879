"""Find which entry is a row's recording, without comparing everything with everything. Pure.

A track on a side fits a row if it stood there for the row before; if it is the decided counterpart of what
the row has on the other side; or if its own counterpart stood on the other side.
"""

from collections import defaultdict, deque
from collections.abc import Container, Iterable, Mapping, Sequence

from musicconnect.changes.model import Entry
from musicconnect.sync.merge.matches import Matches
from musicconnect.sync.merge.state import Row


class FittingEntries:
    """Entries of a side, by their track and by that track's counterpart."""

    def __init__(self, side: int, listed: Sequence[Entry], indices: Iterable[int], matches: Matches) -> None:
        self._side = side
        self._matches = matches
        self._by_track: dict[str, deque[int]] = defaultdict(deque)
        self._by_counterpart: dict[str, deque[int]] = defaultdict(deque)
        for index in indices:
            track_id = listed[index].track_id
            self._by_track[track_id].append(index)
            counterpart = matches.counterparts[side].get(track_id)
            if counterpart is not None:
                self._by_counterpart[counterpart].append(index)

    def first_named(self, row: Row, used: Container[int]) -> int | None:
        """Give the first entry of a track that stood there for a row before; ``used`` may only grow."""
        slot = row.slots[self._side]
        return _first(self._lists(self._by_track, (slot.track_id, *slot.aliases)), used)

    def first(self, row: Row, used: Container[int]) -> int | None:
        """Give the first entry that is a row's recording; ``used`` may only grow."""
        slot, other = row.slots[self._side], row.slots[1 - self._side]
        tracks = (slot.track_id, *slot.aliases, self._matches.pick(row, self._side) or None)
        lists = self._lists(self._by_track, tracks)
        return _first(lists + self._lists(self._by_counterpart, (other.track_id, *other.aliases)), used)

    @staticmethod
    def _lists(index: Mapping[str, deque[int]], tracks: Iterable[str | None]) -> list[deque[int]]:
        return [index[one] for one in tracks if one is not None and one in index]


class FittingRows:
    """Rows by the tracks of a side that are their recording."""

    def __init__(self, side: int, rows: Iterable[Row], matches: Matches) -> None:
        self._counterparts = matches.counterparts[side]
        self._rows: dict[int, Row] = {}
        self._by_track: dict[str, deque[int]] = defaultdict(deque)
        self._by_counterpart: dict[str, deque[int]] = defaultdict(deque)
        for number, row in enumerate(rows):
            self._rows[number] = row
            slot, other = row.slots[side], row.slots[1 - side]
            tracks = dict.fromkeys((slot.track_id, *slot.aliases, matches.pick(row, side) or None))
            for track_id in tracks:
                if track_id is not None:
                    self._by_track[track_id].append(number)
            for track_id in dict.fromkeys((other.track_id, *other.aliases)):
                if track_id is not None:
                    self._by_counterpart[track_id].append(number)

    def first(self, track_id: str, used: Container[int]) -> Row | None:
        """Give the first row that a track is the recording of; ``used``: ids of rows, which may only grow."""
        counterpart = self._counterparts.get(track_id)
        lists = [self._by_track[track_id]] if track_id in self._by_track else []
        if counterpart is not None and counterpart in self._by_counterpart:
            lists.append(self._by_counterpart[counterpart])
        found = _first(lists, _Numbers(self._rows, used))
        return None if found is None else self._rows[found]


class _Numbers:
    """Whether the row of a number is used."""

    def __init__(self, rows: dict[int, Row], used: Container[int]) -> None:
        self._rows, self._used = rows, used

    def __contains__(self, number: object) -> bool:
        return isinstance(number, int) and self._rows[number].id in self._used


def _first(lists: Iterable[deque[int]], used: Container[int]) -> int | None:
    """Give the least number of several ascending lists that is not used; drop those that are."""
    found: int | None = None
    for numbers in lists:
        while numbers and numbers[0] in used:
            numbers.popleft()
        if numbers and (found is None or numbers[0] < found):
            found = numbers[0]
    return found
