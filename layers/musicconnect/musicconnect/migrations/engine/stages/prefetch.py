"""Fetch pages of a playlist ahead, while earlier ones are being worked on."""

from collections import deque
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import AbstractContextManager

from musicconnect.music.model import Page, PlaylistItem

MAX_AHEAD = 4
"""Pages that are lost, at most, when the work ends between two of them."""


class PagePrefetcher(AbstractContextManager["PagePrefetcher"]):
    """Fetches pages in threads of its own. A failure is raised when the page it is about is asked for."""

    def __init__(
        self,
        fetch: Callable[[str | None], Page[PlaylistItem]],
        complete: Callable[[Page[PlaylistItem]], Page[PlaylistItem]],
        may_continue: Callable[[], bool],
    ) -> None:
        """Begin nothing yet. ``complete`` adds what a page leaves out, while the next one is fetched."""
        self._fetch = fetch
        self._complete = complete
        self._may_go_on = may_continue
        self._pool = ThreadPoolExecutor(MAX_AHEAD + 1)
        self._under_way: dict[str | None, Future[Page[PlaylistItem]]] = {}
        self._following: deque[str] = deque()

    def __exit__(self, *_: object) -> None:
        """Wait for what is under way."""
        self._may_go_on = lambda: False
        self._pool.shutdown(cancel_futures=True)

    def page(self, cursor: str | None) -> Page[PlaylistItem]:
        """Give the page at a cursor. Raises `ProviderError`."""
        future = self._under_way.pop(cursor, None) or self._pool.submit(self._get, cursor)
        page = future.result()
        self._following.extend(page.following)
        while self._following and len(self._under_way) < MAX_AHEAD and self._may_go_on():
            self._begin(self._following.popleft())
        return page

    def _get(self, cursor: str | None) -> Page[PlaylistItem]:
        page = self._fetch(cursor)
        is_chain = page.cursor is not None and page.cursor != cursor and not page.following
        if is_chain and len(self._under_way) < MAX_AHEAD and not self._following and self._may_go_on():
            self._begin(page.cursor)
        return self._complete(page)

    def _begin(self, cursor: str | None) -> None:
        if cursor not in self._under_way:
            self._under_way[cursor] = self._pool.submit(self._get, cursor)
