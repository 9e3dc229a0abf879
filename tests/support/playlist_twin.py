"""A provider's playlists in memory, for histories by the thousand: what its rules make of each call.

Like Spotify it knows no places and takes out every copy of a track, or like YouTube it names every place and
takes one entry a call. A call can be killed before or after it took effect.
"""

import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from musicconnect.changes.model import Operation
from musicconnect.music.model import ItemKind, Page, Playlist, PlaylistItem, Track
from musicconnect.providers.errors import NotFoundError, PlaylistFullError, RejectedError, SelfSortedError
from musicconnect.providers.protocol import Added, Limits

SPOTIFY = Limits(
    add_batch=100, remove_batch=100, removes_by_track=True, move_batch=100, lookup_batch=1, page_size=50,
    search_limit=10, playlist_size=10_000, name_length=100, description_length=300, reads_at_once=8,
)  # fmt: skip
YOUTUBE = Limits(
    add_batch=1, remove_batch=1, removes_by_track=False, lookup_batch=50, page_size=50, search_limit=50,
    playlist_size=5_000, name_length=150, description_length=5_000,
)  # fmt: skip


TIDAL = Limits(
    add_batch=50, remove_batch=50, removes_by_track=False, move_batch=20, lookup_batch=20, page_size=20,
    search_limit=20, playlist_size=10_000, name_length=100, description_length=500,
)  # fmt: skip
BY_NAME = {"spotify": SPOTIFY, "youtube": YOUTUBE, "tidal": TIDAL}


class Killed(BaseException):
    """The worker is gone, from one instruction to the next."""


@dataclass
class Place:
    """An entry as the provider has it."""

    track_id: str
    item_id: str
    is_available: bool = True


@cache
def _track(provider: str, track_id: str, title: str, is_available: bool) -> Track:
    # The same few tracks stand in thousands of histories.
    kind = ItemKind.TRACK if is_available else ItemKind.UNAVAILABLE
    return Track(provider=provider, id=track_id, title=title, kind=kind)


@dataclass
class PlaylistTwin:
    """One playlist of one provider, and the client that acts on it."""

    name: str
    limits: Limits
    places: list[Place] = field(default_factory=list)
    title: str = "Twin"
    description: str = ""
    is_self_sorted: bool = False
    refused: set[str] = field(default_factory=set)
    """Tracks that cannot be added."""
    left_out: set[str] = field(default_factory=set)
    """Tracks that are left out of a write, which is taken otherwise: TIDAL's way."""
    capacity: int = 10_000
    calls: int = 0
    writes: int = 0
    kill_at: int | None = None
    """The number of the write that is killed, counted from now."""
    kill_after: bool = False
    """Whether that write takes effect."""
    is_deleted: bool = False
    _ids: Any = field(default_factory=lambda: itertools.count(1))

    @classmethod
    def of(cls, provider: str, track_ids: Sequence[str]) -> "PlaylistTwin":
        twin = cls(provider, BY_NAME[provider])
        for track_id in track_ids:
            twin.insert(track_id)
        return twin

    # What the person does

    def insert(self, track_id: str, position: int | None = None) -> str:
        place = Place(track_id, f"{self.name[0]}{next(self._ids)}")
        self.places.insert(len(self.places) if position is None else position, place)
        return place.item_id

    @property
    def track_ids(self) -> list[str]:
        return [place.track_id for place in self.places]

    # What clients ask

    def playlist(self, playlist_id: str) -> Playlist:
        self.calls += 1
        if self.is_deleted:
            raise NotFoundError("gone", provider=self.name)
        return Playlist(
            provider=self.name, id=playlist_id, name=self.title, description=self.description,
            track_count=len(self.places),
        )  # fmt: skip

    def playlist_items(self, _playlist_id: str, cursor: str | None = None) -> Page[PlaylistItem]:
        self.calls += 1
        if self.is_deleted:
            raise NotFoundError("gone", provider=self.name)
        start, size = int(cursor or 0), self.limits.page_size
        listed = self.places[start : start + size]
        end = start + size
        return Page(
            items=[self._item(start + index, place) for index, place in enumerate(listed)],
            cursor=str(end) if end < len(self.places) else None,
            total=len(self.places),
        )

    def _item(self, position: int, place: Place) -> PlaylistItem:
        has_places = not self.limits.removes_by_track
        is_hidden = not place.is_available and not has_places
        track = _track(self.name, "" if is_hidden else place.track_id, place.track_id, place.is_available)
        return PlaylistItem(position=position, track=track, item_id=place.item_id if has_places else None)

    # What clients write

    def add_items(
        self,
        _playlist_id: str,
        track_ids: Sequence[str],
        position: int | None = None,
        *,
        key: str | None = None,
    ) -> Added:
        assert 0 < len(track_ids) <= self.limits.add_batch
        if any(track_id in self.refused for track_id in track_ids):
            raise RejectedError("refused", provider=self.name)
        if position is not None and self.is_self_sorted:
            raise SelfSortedError("sorts itself", provider=self.name)
        if len(self.places) + len(track_ids) > self.capacity:
            raise PlaylistFullError("full", provider=self.name)
        at = len(self.places) if position is None else position
        assert 0 <= at <= len(self.places)
        missing = [index for index, track_id in enumerate(track_ids) if track_id in self.left_out]
        made: list[str | None] = []

        def write() -> None:
            for index, track_id in enumerate(track_ids):
                there = index - sum(one < index for one in missing)
                made.append(None if index in missing else self.insert(track_id, at + there))

        self._write(write)
        if self.limits.removes_by_track:
            made = [None] * len(made)
        return Added(item_ids=made, missing=missing)

    def remove_items(self, _playlist_id: str, items: Sequence[PlaylistItem], /) -> None:
        assert 0 < len(items) <= self.limits.remove_batch
        gone = {item.track.id if self.limits.removes_by_track else item.item_id for item in items}

        def write() -> None:
            by_track = self.limits.removes_by_track
            self.places = [
                place for place in self.places if (place.track_id if by_track else place.item_id) not in gone
            ]

        self._write(write)

    def move_items(self, _playlist_id: str, items: Sequence[PlaylistItem], position: int, /) -> None:
        assert 0 < len(items) <= self.limits.move_batch
        if self.is_self_sorted:
            raise SelfSortedError("sorts itself", provider=self.name)

        def write() -> None:
            if self.limits.removes_by_track:
                start = items[0].position
                block = self.places[start : start + len(items)]
            else:
                block = [place for place in self.places if place.item_id == items[0].item_id]
                if not block:
                    raise NotFoundError("no such entry", provider=self.name)
            rest = [place for place in self.places if place not in block]
            self.places = [*rest[:position], *block, *rest[position:]]

        self._write(write)

    def change_playlist(self, _playlist_id: str, name: str, description: str) -> None:
        def write() -> None:
            self.title, self.description = name, description

        self._write(write)

    def _write(self, write: Callable[[], None]) -> None:
        self.calls += 1
        self.writes += 1
        if self.is_deleted:
            raise NotFoundError("gone", provider=self.name)
        if self.kill_at is not None:
            self.kill_at -= 1
            if self.kill_at == 0:
                self.kill_at = None
                if self.kill_after:
                    write()
                raise Killed
        write()


@dataclass
class MemoryJournal:
    """A journal that survives its worker."""

    operations: dict[int, Operation]
    calls_left: int = 1_000_000
    is_done: bool = False

    def record(self, _set_id: int, operations: Sequence[Operation], *, is_done: bool) -> None:
        self.operations |= {one.number: one for one in operations}
        self.is_done = is_done

    def reserve(self, most: int) -> int:
        reserved = min(most, self.calls_left)
        self.calls_left -= reserved
        return reserved
