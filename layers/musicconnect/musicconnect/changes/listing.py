"""Read a playlist whole, or not at all."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Protocol

from musicconnect.music.model import Page, PlaylistItem
from musicconnect.providers.errors import TransientError
from musicconnect.providers.protocol import Client

MAX_PAGES = 1_000
INCOMPLETE = "incomplete"
"""The reason of the error that a listing which cannot be whole raises."""


class Budget(Protocol):
    """How many calls may still be made."""

    def reserve(self, most: int) -> int:
        """Reserve up to so many calls; 0 when the step has to end instead."""


def read_items(client: Client, playlist_id: str, budget: Budget) -> list[PlaylistItem] | None:
    """List a playlist; None when the step has to end.

    Raises:
        TransientError: more or fewer entries than the provider says there are: nothing may be concluded.
        ProviderError: as the client's.
    """
    found: list[PlaylistItem] = []
    total: int | None = None
    cursor: str | None = None
    for _ in range(MAX_PAGES):
        if not budget.reserve(1):
            return None
        page = client.playlist_items(playlist_id, cursor)
        pages = [page, *_following(page, partial(client.playlist_items, playlist_id), client, budget)]
        found += [item for one in pages for item in one.items]
        total = page.total if total is None else total
        if page.total is not None and page.total != total:
            raise _incomplete(client)
        if pages[-1].cursor is None:
            break
        if pages[-1].cursor == cursor:
            raise _incomplete(client)
        cursor = pages[-1].cursor
    if total is not None and len(found) != total:
        raise _incomplete(client)
    return found


def _following(
    first: Page[PlaylistItem],
    fetch: Callable[[str], Page[PlaylistItem]],
    client: Client,
    budget: Budget,
) -> list[Page[PlaylistItem]]:
    """Fetch the pages after a first one together; none where they have to be walked through."""
    count = len(first.following)
    if count < 2 or budget.reserve(count) < count:
        return []
    with ThreadPoolExecutor(client.limits.reads_at_once) as pool:
        return list(pool.map(fetch, first.following))


def _incomplete(client: Client) -> TransientError:
    return TransientError("The list was not given whole.", provider=client.name, reason=INCOMPLETE)
