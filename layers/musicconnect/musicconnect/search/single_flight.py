"""Fetch pages of the providers' searches at once; identical requests share one fetch.

Whoever claims a page in `store.claim_pages` asks the provider and caches the answer; everybody else who wants
the page at that moment waits for it there. Each page has a thread and a database connection of its own, so
that no provider delays another. A late thread is left alone: what it brings serves the next request.
"""

import threading
import time
import uuid
from collections.abc import Collection, Iterator, Mapping, Sequence
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
from musicconnect.providers.accounts import clients
from musicconnect.providers.accounts.tokens import LinkedAccount
from musicconnect.providers.errors import ProviderError, QuotaExhaustedError
from musicconnect.providers.protocol import Client
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
    claimed: Collection[bytes],
    claim_id: uuid.UUID,
    settings: SearchSettings,
) -> Iterator[dict[bytes, FetchResult]]:
    """Fetch uncached pages concurrently, each until the deadline; give the results by key.

    Pages are cached while the caller goes on; leaving the context waits for that. Of ``requests``, those
    ``claimed`` under ``claim_id`` are fetched on the user's ``accounts``, the others waited for. A failure
    that is not a provider's, such as the database's, is raised.
    """
    deadline = time.monotonic() + settings.deadline
    KeyRing.from_environment()  # loaded once, before the threads: it may take a while
    threads = [
        _PageFetch(
            user_id,
            accounts.get(request.provider),
            request,
            settings,
            deadline=deadline,
            claim_id=claim_id if request.key in claimed else None,
        )
        for request in requests
    ]
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
        claim_id: uuid.UUID | None,
    ) -> None:
        super().__init__(name=f"search {request.provider}", daemon=True)
        self.request = request
        self.page: Future[Page] = Future()
        """Done as soon as the page is there, which is before it is cached."""
        self._user_id = user_id
        self._account = account
        self._settings = settings
        self._deadline = deadline
        self._claim_id = claim_id
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
                if self._claim_id is not None:
                    self._fetch(self._claim_id, database)
                else:
                    self._wait(database)
        except BaseException as error:  # noqa: BLE001 - raised by `result`
            if self.page.done():
                logger.warning("page not cached", provider=self.request.provider, error=repr(error))
            else:
                self.page.set_exception(error)

    def _fetch(self, claim_id: uuid.UUID, database: Database) -> None:
        """Ask the provider, for everybody."""
        request = self.request
        try:
            client = clients.client_for(database, self._user_id, request.provider, account=self._account)
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
        """Wait for the page that somebody else fetches; fetch it where they abandoned it."""
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
            if status.claim_id is None:
                claim_id = uuid.uuid4()
                until = now + claim_duration(self._settings)
                (claimed,) = database.pipeline(
                    self._user_id, store.claim_pages([request], claim_id, until=until, now=now)
                )
                if claimed:
                    self._fetch(claim_id, database)
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
