"""Pages come in order and once each, whoever fetches them when."""

import threading

import pytest

from musicconnect.migrations.engine.stages.prefetch import MAX_AHEAD, PagePrefetcher
from musicconnect.music.model import Page, PlaylistItem, Track
from musicconnect.providers.errors import TransientError


class Book:
    """So many pages of one entry each; ``walks`` when each page tells only the next one."""

    def __init__(self, count: int, *, walks: bool, breaks_at: int | None = None) -> None:
        self.fetched: list[int] = []
        self._count = count
        self._walks = walks
        self._breaks_at = breaks_at
        self._turn = threading.Lock()

    def fetch(self, cursor: str | None) -> Page[PlaylistItem]:
        number = int(cursor or 0)
        with self._turn:
            self.fetched.append(number)
        if number == self._breaks_at:
            raise TransientError("down", provider="spotify", reason="down")
        item = PlaylistItem(position=number, track=Track(provider="spotify", id=str(number), title=""))
        following = [str(later) for later in range(1, self._count)]
        return Page(
            items=[item],
            cursor=str(number + 1) if number + 1 < self._count else None,
            following=following if number == 0 and not self._walks else (),
        )


def read(book: Book, *, most: int = 1000, in_time: bool = True) -> list[str]:
    """Take pages until there are no more; gives the entries."""
    found: list[str] = []
    cursor: str | None = None
    with PagePrefetcher(book.fetch, lambda page: page, lambda: in_time) as pages:
        for _ in range(most):
            page = pages.page(cursor)
            found += [item.track.id for item in page.items]
            cursor = page.cursor
            if cursor is None:
                break
    return found


@pytest.mark.parametrize("walks", [True, False])
@pytest.mark.parametrize("count", [1, 2, 30])
def test_every_page_is_fetched_once_and_taken_in_order(count: int, walks: bool) -> None:
    book = Book(count, walks=walks)
    assert read(book) == [str(number) for number in range(count)]
    assert sorted(book.fetched) == list(range(count))


@pytest.mark.parametrize("walks", [True, False])
def test_no_more_pages_are_fetched_for_nothing_than_said(walks: bool) -> None:
    book = Book(100, walks=walks)
    assert read(book, most=3) == ["0", "1", "2"]
    assert len(book.fetched) <= 3 + MAX_AHEAD


@pytest.mark.parametrize("walks", [True, False])
def test_nothing_is_fetched_ahead_when_the_time_is_up(walks: bool) -> None:
    book = Book(10, walks=walks)
    assert read(book, most=4, in_time=False) == ["0", "1", "2", "3"]
    assert book.fetched == [0, 1, 2, 3]


@pytest.mark.parametrize("walks", [True, False])
def test_a_failure_comes_with_its_page_and_not_before(walks: bool) -> None:
    book = Book(10, walks=walks, breaks_at=2)
    found: list[str] = []
    with PagePrefetcher(book.fetch, lambda page: page, lambda: True) as pages:
        for cursor in (None, "1"):
            found += [item.track.id for item in pages.page(cursor).items]
        with pytest.raises(TransientError):
            pages.page("2")
    assert found == ["0", "1"]
