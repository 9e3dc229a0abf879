"""Fetching pages of the providers' searches: all at once, each by one for everybody who asks for it.

Whoever claims a page in `store.take_off` asks the provider and puts the answer into the cache; everybody else
who wants the same page at that moment waits for it there. Each page has a thread of its own, with a database
connection of its own: what one provider does to its thread, the others do not notice. A thread that is late
is left alone, and what it still brings serves the next one who asks.
"""

import threading
import time
import uuid
from collections.abc import Callable, Collection, Sequence
from concurrent.futures import Future
from dataclasses import asdict, dataclass, replace
from datetime import timedelta
from typing import Any

from musicconnect import clock, db
from musicconnect.db import Database
from musicconnect.observability import logger
from musicconnect.providers import acting
from musicconnect.providers.base import CatalogueItem, Client, ItemType, ProviderError
from musicconnect.search import failures, store
from musicconnect.search.store import Page
from musicconnect.search.wanted import Fetch
from musicconnect.settings import SearchSettings

INCOMPLETE_FOR = timedelta(minutes=5)
"""How long a page is kept whose lengths could not be looked up."""
FLIGHT_GRACE = timedelta(seconds=2)
"""How much longer than its deadline a fetch is waited for before somebody else tries."""
SHORTEST_LOOK, LONGEST_LOOK = 0.005, 0.1
"""Seconds between two looks at a page that somebody else fetches."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """What came of a fetch."""

    page: Page | None
    error: ProviderError | None


def fetch_all(
    user_id: int,
    fetches: Sequence[Fetch],
    claimed: Collection[bytes],
    flight: uuid.UUID,
    settings: SearchSettings,
) -> dict[bytes, Arrival]:
    """Fetch pages, each in a thread, and wait for each until the deadline.

    Args:
        user_id: On whose account the providers are asked.
        fetches: What is not cached.
        claimed: Keys of those that were claimed under ``flight``; the others are waited for.
        flight: Under which they were claimed.
        settings: The deadline, and how long pages are kept.

    Raises:
        Exception: anything but a provider's failure, such as that of the database.
    """
    deadline = time.monotonic() + settings.deadline
    under_way = [
        (
            fetch,
            _start(_lead, user_id, fetch, flight, settings)
            if fetch.key in claimed
            else _start(_follow, user_id, fetch, deadline, settings),
        )
        for fetch in fetches
    ]
    return {fetch.key: _arrival(fetch, future, deadline) for fetch, future in under_way}


def flight_until(settings: SearchSettings) -> timedelta:
    """How long from now a claim holds."""
    return timedelta(seconds=settings.deadline) + FLIGHT_GRACE


def _start[**P](work: Callable[P, Page], *args: P.args, **kwargs: P.kwargs) -> Future[Page]:
    future: Future[Page] = Future()

    def run() -> None:
        try:
            future.set_result(work(*args, **kwargs))
        except BaseException as error:  # noqa: BLE001 - handed to whoever waits
            future.set_exception(error)

    threading.Thread(target=run, name="search", daemon=True).start()
    return future


def _arrival(fetch: Fetch, future: Future[Page], deadline: float) -> Arrival:
    try:
        return Arrival(page=future.result(max(0.0, deadline - time.monotonic())), error=None)
    except TimeoutError:
        return Arrival(page=None, error=failures.slow(fetch.provider))
    except ProviderError as error:
        return Arrival(page=None, error=error)


def _lead(user_id: int, fetch: Fetch, flight: uuid.UUID, settings: SearchSettings) -> Page:
    """Ask the provider, for everybody."""
    with db.another() as database:
        return _fetch(database, user_id, fetch, flight, settings)


def _fetch(
    database: Database, user_id: int, fetch: Fetch, flight: uuid.UUID, settings: SearchSettings
) -> Page:
    try:
        page, is_complete = _ask(acting.client_for(database, user_id, fetch.provider), fetch)
    except BaseException as error:
        failure = failures.packed(error) if isinstance(error, ProviderError) else None
        with database.transaction() as connection:
            store.crash(connection, fetch, flight, failure)
        raise
    kept = settings.cache_for if is_complete else min(settings.cache_for, INCOMPLETE_FOR)
    with database.transaction() as connection:
        store.land(connection, fetch, flight, page, expires_at=page.fetched_at + kept)
    return page


def _ask(client: Client, fetch: Fetch) -> tuple[Page, bool]:
    """A page as the provider gives it, and whether it is complete."""
    found = client.search(fetch.query, fetch.types, client.limits.search_limit, fetch.cursor)
    fetched_at = clock.now()
    items, is_complete = _with_lengths(client, list(found.items))
    return (
        Page(items=[_encoded(item) for item in items], cursor=found.cursor, fetched_at=fetched_at),
        is_complete,
    )


def _with_lengths(client: Client, items: list[CatalogueItem]) -> tuple[list[CatalogueItem], bool]:
    """Look up the lengths that a search does not tell, in one call."""
    thin = [item.id for item in items if item.type is ItemType.VIDEO and item.duration_ms is None]
    if not thin:
        return items, True
    try:
        details = client.items(ItemType.VIDEO, thin[: client.limits.lookup_batch])
    except ProviderError as error:
        logger.warning("lengths not looked up", provider=client.name, reason=error.reason)
        return items, False
    lengths = {item.id: item.duration_ms for item in details}
    return [replace(item, duration_ms=item.duration_ms or lengths.get(item.id)) for item in items], True


def _follow(user_id: int, fetch: Fetch, deadline: float, settings: SearchSettings) -> Page:
    """Wait for the page that somebody else fetches; fetch it where they gave it up."""
    awaited: uuid.UUID | None = None
    pause = SHORTEST_LOOK
    with db.another() as database:
        while True:
            flight, now = uuid.uuid4(), clock.now()
            with database.transaction() as connection:
                board = store.board(connection, fetch, now)
                fared = board.failure if awaited and board.failed_flight == awaited else None
                is_ours = (
                    board.page is None
                    and board.flight is None
                    and fared is None
                    and store.take_off(
                        connection, [fetch], flight, until=now + flight_until(settings), now=now
                    )
                )
            if board.page is not None:
                return board.page
            if fared is not None:
                raise failures.unpacked(fetch.provider, fared)
            if is_ours:
                return _fetch(database, user_id, fetch, flight, settings)
            awaited = board.flight or awaited
            if time.monotonic() + pause >= deadline:
                raise failures.slow(fetch.provider)
            time.sleep(pause)
            pause = min(LONGEST_LOOK, pause * 1.5)


def _encoded(item: CatalogueItem) -> dict[str, Any]:
    values = asdict(item)
    del values["provider"]
    return {name: value for name, value in values.items() if value not in (None, ())}
