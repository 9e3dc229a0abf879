"""Fetching pages of the providers' searches: all at once, each by one for everybody who asks for it.

Whoever claims a page in `store.take_off` asks the provider and puts the answer into the cache; everybody else
who wants the same page at that moment waits for it there. Each page has a thread of its own, with a database
connection of its own: what one provider does to its thread, the others do not notice. A thread that is late
is left alone, and what it still brings serves the next one who asks.
"""

import threading
import time
import uuid
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import dataclass, fields
from datetime import timedelta
from functools import partial
from typing import Any

from musicconnect.music.model import CatalogueItem, ItemType, ProviderName
from musicconnect.platform import clock
from musicconnect.platform import database as platform_database
from musicconnect.platform.config import SearchSettings
from musicconnect.platform.database import Database
from musicconnect.platform.encryption import KeyRing
from musicconnect.platform.logging import logger
from musicconnect.providers.accounts import clients
from musicconnect.providers.accounts.tokens import LinkedAccount
from musicconnect.providers.errors import ProviderError, QuotaExhaustedError
from musicconnect.providers.protocol import Client
from musicconnect.search import errors, store
from musicconnect.search.query_plan import Fetch
from musicconnect.search.store import Page

INCOMPLETE_FOR = timedelta(minutes=5)
"""How long a page is kept whose lengths could not be looked up."""
FLIGHT_GRACE = timedelta(seconds=2)
"""How much longer than its deadline a fetch is waited for before somebody else tries."""
_KEPT = tuple(one.name for one in fields(CatalogueItem) if one.name != "provider")
SHORTEST_LOOK, LONGEST_LOOK = 0.005, 0.1
"""Seconds between two looks at a page that somebody else fetches."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """What came of a fetch."""

    page: Page | None
    error: ProviderError | None


@contextmanager
def fetching(
    *,
    user_id: int,
    known: Mapping[ProviderName, LinkedAccount],
    fetches: Sequence[Fetch],
    claimed: Collection[bytes],
    flight: uuid.UUID,
    settings: SearchSettings,
) -> Iterator[dict[bytes, Arrival]]:
    """Fetch pages, each in a thread, and wait for each until the deadline; gives them by key.

    The pages are being put into the cache while the caller goes on with them; leaving waits for that.

    Args:
        user_id: On whose account the providers are asked.
        known: The person's accounts.
        fetches: What is not cached.
        claimed: Keys of those that were claimed under ``flight``; the others are waited for.
        flight: Under which they were claimed.
        settings: The deadline, and how long pages are kept.

    Raises:
        Exception: anything but a provider's failure, such as that of the database.
    """
    deadline = time.monotonic() + settings.deadline
    KeyRing.from_environment()  # once, and not in every thread: where it is not at hand it takes a while
    threads = []
    for fetch in fetches:
        crew = _Crew(user_id, known.get(fetch.provider), fetch, settings)
        work = partial(crew.lead, flight) if fetch.key in claimed else partial(crew.follow, deadline)
        threads.append(_Flying(crew, work))
    yield {thread.crew.fetch.key: _arrival(thread, deadline) for thread in threads}
    for thread in threads:
        if thread.crew.page.done():
            thread.join(max(0.0, deadline - time.monotonic()))


def flight_until(settings: SearchSettings) -> timedelta:
    """How long from now a claim holds."""
    return timedelta(seconds=settings.deadline) + FLIGHT_GRACE


def _arrival(thread: "_Flying", deadline: float) -> Arrival:
    crew = thread.crew
    try:
        return Arrival(page=crew.page.result(max(0.0, deadline - time.monotonic())), error=None)
    except TimeoutError:
        return Arrival(page=None, error=errors.slow(crew.fetch.provider))
    except ProviderError as error:
        return Arrival(page=None, error=error)


class _Flying(threading.Thread):
    """A thread that brings one page."""

    def __init__(self, crew: "_Crew", work: Callable[[Database], None]) -> None:
        super().__init__(name=f"search {crew.fetch.provider}", daemon=True)
        self.crew = crew
        self._work = work
        self.start()

    def run(self) -> None:
        """Work; whatever goes wrong is told to whoever waits for the page."""
        try:
            with platform_database.dedicated_connection() as database:
                self._work(database)
        except BaseException as error:  # noqa: BLE001 - raised where the page is waited for
            if self.crew.page.done():
                logger.warning("page not kept", provider=self.crew.fetch.provider, error=repr(error))
            else:
                self.crew.page.set_exception(error)


class _Crew:
    """Brings one page, by asking the provider or by waiting for somebody else who does."""

    def __init__(
        self, user_id: int, known: LinkedAccount | None, fetch: Fetch, settings: SearchSettings
    ) -> None:
        self.fetch = fetch
        self.page: Future[Page] = Future()
        """As soon as it is there, and before it is in the cache."""
        self._user_id = user_id
        self._known = known
        self._settings = settings

    def lead(self, flight: uuid.UUID, database: Database) -> None:
        """Ask the provider, for everybody."""
        fetch = self.fetch
        try:
            client = clients.client_for(database, self._user_id, fetch.provider, account=self._known)
            page, kept = _ask(client, fetch)
        except BaseException as error:
            failure = errors.packed(error) if isinstance(error, ProviderError) else None
            with database.statement() as connection:
                store.crash(connection, fetch, flight, failure)
            raise
        self.page.set_result(page)
        kept = min(kept, self._settings.cache_for)
        with database.statement() as connection:
            store.land(connection, fetch, flight, page, expires_at=page.fetched_at + kept)

    def follow(self, deadline: float, database: Database) -> None:
        """Wait for the page that somebody else fetches; fetch it where they gave it up."""
        fetch, pause = self.fetch, SHORTEST_LOOK
        awaited: uuid.UUID | None = None
        while True:
            now = clock.now()
            with database.statement() as connection:
                board = store.board(connection, fetch, now)
            if board.page is not None:
                self.page.set_result(board.page)
                return
            if awaited and board.failed_flight == awaited and board.failure is not None:
                raise errors.unpacked(fetch.provider, board.failure)
            if board.flight is None:
                flight = uuid.uuid4()
                until = now + flight_until(self._settings)
                (claimed,) = database.pipeline(
                    self._user_id, store.take_off([fetch], flight, until=until, now=now)
                )
                if claimed:
                    self.lead(flight, database)
                    return
            awaited = board.flight or awaited
            if time.monotonic() + pause >= deadline:
                raise errors.slow(fetch.provider)
            time.sleep(pause)
            pause = min(LONGEST_LOOK, pause * 1.5)


def _ask(client: Client, fetch: Fetch) -> tuple[Page, timedelta]:
    """A page as the provider gives it, and how long it is good for."""
    found = client.search(fetch.query, fetch.types, client.limits.search_limit, fetch.cursor)
    items = [_encoded(item) for item in found.items]
    page = Page(items=items, cursor=found.cursor, fetched_at=clock.now())
    return page, _fill_in_lengths(client, items)


def _fill_in_lengths(client: Client, items: list[dict[str, Any]]) -> timedelta:
    """Look up the lengths that a search does not tell, in one call; how long they are good for."""
    thin = [item["id"] for item in items if item["type"] == ItemType.VIDEO and "duration_ms" not in item]
    if not thin:
        return timedelta.max
    try:
        lengths = client.durations(thin[: client.limits.lookup_batch])
    except ProviderError as error:
        logger.warning("lengths not looked up", provider=client.name, reason=error.reason)
        if isinstance(error, QuotaExhaustedError):
            # Before that, another search would be spent and bring no more than this one.
            return max(INCOMPLETE_FOR, error.until - clock.now())
        return INCOMPLETE_FOR
    for item in items:
        if item["id"] in lengths:
            item["duration_ms"] = lengths[item["id"]]
    return timedelta.max


def _encoded(item: CatalogueItem) -> dict[str, Any]:
    values = ((name, getattr(item, name)) for name in _KEPT)
    return {name: value for name, value in values if value is not None and value != ()}
