"""Fetch pages of the providers' searches at once; identical requests share one fetch.

Whoever claims a page in `store.claim_page` asks the provider and caches the answer; everybody else who wants
the page at that moment waits for it there. Each page has a thread and a database connection of its own, so
that no provider delays another. A late thread is left alone: what it brings serves the next request.

Claiming a page books its calls in the same round trip, for a person waits; who does not get the page gives
them back.
"""

import threading
import time
import uuid
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from musicconnect.music.model import CatalogueItem, ItemType, ProviderName
from musicconnect.platform import clock
from musicconnect.platform import database as platform_database
from musicconnect.platform.config import SearchSettings
from musicconnect.platform.database import Database
from musicconnect.platform.encryption import KeyRing
from musicconnect.platform.logging import logger
from musicconnect.platform.thread_switches import fast_thread_switches
from musicconnect.providers import registry
from musicconnect.providers.accounts import clients
from musicconnect.providers.accounts.tokens import LinkedAccount
from musicconnect.providers.errors import ProviderError, QuotaExhaustedError
from musicconnect.providers.protocol import Client
from musicconnect.providers.quota.prepayment import Prepayment
from musicconnect.search import errors, presentation, store
from musicconnect.search.query_plan import PageRequest
from musicconnect.search.store import Page

INCOMPLETE_FOR = timedelta(minutes=5)
"""How long a page is cached whose lengths could not be looked up."""
CLAIM_GRACE = timedelta(seconds=2)
"""How much longer than its deadline a fetch is waited for before somebody else tries."""
MIN_POLL_S, MAX_POLL_S = 0.005, 0.1
"""Between two looks at a page that somebody else fetches."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FetchResult:
    """A page, or why it is missing."""

    page: Page | None
    error: ProviderError | None


@contextmanager
def fetch_pages(
    *,
    user_id: int,
    accounts: Mapping[ProviderName, LinkedAccount],
    requests: Sequence[PageRequest],
    settings: SearchSettings,
) -> Iterator[dict[bytes, FetchResult]]:
    """Fetch uncached pages concurrently, each until the deadline; give the results by key.

    Pages are cached while the caller goes on; leaving the context waits for that. Those of ``requests`` that
    nobody fetches are fetched on the user's ``accounts``, the others waited for. A failure that is not a
    provider's, such as the database's, is raised.
    """
    deadline = time.monotonic() + settings.deadline
    KeyRing.from_environment()  # loaded once, before the threads: it may take a while
    threads = [
        _PageFetch(user_id, accounts.get(request.provider), request, settings, deadline=deadline)
        for request in requests
    ]
    # A page that is there is answered with while its thread caches it.
    with fast_thread_switches():
        yield {thread.request.key: thread.result() for thread in threads}
        for thread in threads:
            if thread.page.done():
                thread.join(max(0.0, deadline - time.monotonic()))


def claim_duration(settings: SearchSettings) -> timedelta:
    """Give how long a claim holds."""
    return timedelta(seconds=settings.deadline) + CLAIM_GRACE


class _PageFetch(threading.Thread):
    def __init__(
        self,
        user_id: int,
        account: LinkedAccount | None,
        request: PageRequest,
        settings: SearchSettings,
        *,
        deadline: float,
    ) -> None:
        super().__init__(name=f"search {request.provider}", daemon=True)
        self.request = request
        self.page: Future[Page] = Future()
        """Done as soon as the page is there, which is before it is cached."""
        self._user_id = user_id
        self._account = account
        self._settings = settings
        self._deadline = deadline
        self.start()

    def result(self) -> FetchResult:
        """Wait for the page, until the deadline."""
        try:
            return FetchResult(page=self.page.result(max(0.0, self._deadline - time.monotonic())), error=None)
        except TimeoutError:
            return FetchResult(page=None, error=errors.slow_provider(self.request.provider))
        except ProviderError as error:
            return FetchResult(page=None, error=error)

    def run(self) -> None:
        """Fetch or wait; a failure is raised where the page is waited for."""
        try:
            with platform_database.dedicated_connection() as database:
                if not self._claim_and_fetch(database):
                    self._wait(database)
        except BaseException as error:  # noqa: BLE001 - raised by `result`
            if self.page.done():
                logger.warning("page not cached", provider=self.request.provider, error=repr(error))
            else:
                self.page.set_exception(error)

    def _claim_and_fetch(self, database: Database) -> bool:
        """Fetch the page, for everybody, unless somebody else does; False if so, or if it is there."""
        request, claim_id, now = self.request, uuid.uuid4(), clock.now()
        until = now + claim_duration(self._settings)
        prepayment = Prepayment(database, request.provider)
        bookings = prepayment.bookings(registry.get(request.provider).calls_of_search(request.types))
        claim = store.claim_page(request, claim_id, until=until, now=now)
        is_ours: bool = database.pipeline(self._user_id, claim, *bookings)[0]
        try:
            if is_ours:
                self._fetch(claim_id, database, prepayment)
        finally:
            prepayment.refund()
        return is_ours

    def _fetch(self, claim_id: uuid.UUID, database: Database, prepayment: Prepayment) -> None:
        request = self.request
        try:
            client = clients.client_for(
                database, self._user_id, request.provider, account=self._account, reservation=prepayment
            )
            page, valid_for = _ask(client, request)
        except BaseException as error:
            failure = errors.to_json(error) if isinstance(error, ProviderError) else None
            with database.statement() as connection:
                store.fail_page(connection, request, claim_id, failure)
            raise
        self.page.set_result(page)
        valid_for = min(valid_for, self._settings.cache_for)
        with database.statement() as connection:
            store.complete_page(connection, request, claim_id, page, expires_at=page.fetched_at + valid_for)

    def _wait(self, database: Database) -> None:
        """Wait for the page that somebody else fetches; fetch it where they abandon it."""
        request, delay_s = self.request, MIN_POLL_S
        awaited: uuid.UUID | None = None
        while True:
            now = clock.now()
            with database.statement() as connection:
                status = store.page_status(connection, request, now)
            if status.page is not None:
                self.page.set_result(status.page)
                return
            if awaited and status.failed_claim_id == awaited and status.failure is not None:
                raise errors.from_json(request.provider, status.failure)
            if status.claim_id is None and self._claim_and_fetch(database):
                return
            awaited = status.claim_id or awaited
            if time.monotonic() + delay_s >= self._deadline:
                raise errors.slow_provider(request.provider)
            time.sleep(delay_s)
            delay_s = min(MAX_POLL_S, delay_s * 1.5)


def _ask(client: Client, request: PageRequest) -> tuple[Page, timedelta]:
    found = client.search(request.query, request.types, client.limits.search_limit, request.cursor)
    items = [_to_json(item) for item in found.items]
    page = Page(items=items, cursor=found.cursor, fetched_at=clock.now())
    return page, _add_lengths(client, items)


def _add_lengths(client: Client, items: list[dict[str, Any]]) -> timedelta:
    """Look up the lengths that a search does not give, in one call; give how long the page is valid."""
    incomplete = [
        item["id"] for item in items if item["type"] == ItemType.VIDEO and "duration_ms" not in item
    ]
    if not incomplete:
        return timedelta.max
    try:
        lengths = client.durations(incomplete[: client.limits.lookup_batch])
    except ProviderError as error:
        logger.warning("lengths not looked up", provider=client.name, reason=error.reason)
        if isinstance(error, QuotaExhaustedError):
            # Until then another search would be spent for the same result.
            return max(INCOMPLETE_FOR, error.until - clock.now())
        return INCOMPLETE_FOR
    for item in items:
        if item["id"] in lengths:
            item["duration_ms"] = lengths[item["id"]]
    return timedelta.max


def _to_json(item: CatalogueItem) -> dict[str, Any]:
    values = ((name, getattr(item, name)) for name in presentation.CACHED_FIELDS)
    return {name: value for name, value in values if value is not None and value != ()}
