"""Pin items: only what exists, and only once."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import batched

from musicconnect.api import binding
from musicconnect.core import idempotency
from musicconnect.music.model import ItemType, ProviderName
from musicconnect.platform import clock, pagination, problems
from musicconnect.platform.database import Database
from musicconnect.platform.logging import logger
from musicconnect.providers import registry
from musicconnect.providers.errors import NotFoundError, ProviderError
from musicconnect.search import presentation, store
from musicconnect.search.schemas import Pin, PinCreate, PinList, PinsQuery, SearchItem
from musicconnect.search.store import PinRow


def add_pin(
    database: Database, caller: binding.Caller, request: PinCreate, repeat: binding.Repeat | None = None
) -> tuple[Pin, bool]:
    """Pin an item; give the pin, and whether it is new, also to a repetition of the request that made it.

    It is checked against what searches have returned, and against the provider where none has.

    Raises:
        Problem: 422, the provider has no such type of item.
        ProviderError: it does not have the item, or could not be asked.
    """
    entry, kind, now = registry.get(request.provider), ItemType(request.type), clock.now()
    if kind not in entry.item_types:
        raise problems.invalid("body.type", f"{entry.title} has: {', '.join(entry.item_types)}")
    with database.transaction(caller.user_id) as connection:
        earlier = idempotency.find(connection, caller.user_id, repeat)
        if (row := store.find_pin(connection, entry.name, kind, request.id)) is not None:
            return _pin(row, now), row.id == earlier
        if earlier is not None:
            raise idempotency.gone()
        seen = store.find_cached_items(connection, entry.name, [(kind, request.id)], now).get(
            (kind, request.id)
        )
    if seen is not None:
        item, fetched_at = presentation.of_dict(entry, seen[0]), seen[1]
    else:
        item, fetched_at = _fetch(database, caller, entry.name, kind, request.id), now
    with database.transaction(caller.user_id) as connection:
        made = store.insert_pin(
            connection,
            user_id=caller.user_id,
            provider=entry.name,
            kind=kind,
            item_id=request.id,
            title=item.title,
            subtitle=presentation.subtitle(item),
            fetched_at=fetched_at,
            now=now,
        )
        # None where another request has pinned it at the same moment.
        row = made or store.find_pin(connection, entry.name, kind, request.id)
        if made is not None:
            idempotency.save(connection, caller.user_id, repeat, made.id)
    if row is None:
        raise problems.not_found("pin")
    return _pin(row, now), made is not None


def _fetch(
    database: Database, caller: binding.Caller, provider: ProviderName, kind: ItemType, item_id: str
) -> SearchItem:
    from musicconnect.providers.accounts import clients  # noqa: PLC0415 - most requests ask no provider

    items = clients.client_for(database, caller.user_id, provider).items(kind, [item_id])
    if not items:
        raise NotFoundError(
            f"{registry.title(provider)} has no {kind.value} of this id.", provider=provider, reason="pin"
        )
    return presentation.of_item(items[0])


def list_pins(database: Database, caller: binding.Caller, query: PinsQuery) -> PinList:
    """List the user's pins, the latest first; fetch again what may no longer be stored of them."""
    key, now = pagination.decode(query.cursor, int), clock.now()
    with database.transaction(caller.user_id) as connection:
        rows = store.list_pins(
            connection,
            provider=query.provider,
            kind=None if query.type is None else ItemType(query.type),
            before_id=key[0] if key else None,
            limit=query.limit + 1,
        )
    rows, cursor = pagination.page(rows, query.limit, lambda row: (row.id,))
    refreshed = _refreshed(database, caller, [row for row in rows if not _is_fresh(row, now)], now)
    return PinList(items=[_pin(refreshed.get(row.id, row), now) for row in rows], next_cursor=cursor)


def remove_pin(database: Database, caller: binding.Caller, pin_id: int) -> None:
    """Unpin; a pin that the user does not have is a 404."""
    with database.transaction(caller.user_id) as connection:
        if not store.delete_pin(connection, pin_id):
            raise problems.not_found("pin")


def _refreshed(
    database: Database, caller: binding.Caller, stale: Sequence[PinRow], now: datetime
) -> dict[int, PinRow]:
    """Fetch pins again, as many at a time as the providers allow; give by id those that they know."""
    from musicconnect.providers.accounts import clients  # noqa: PLC0415 - as above

    found: dict[tuple[ProviderName, str, str], SearchItem] = {}
    for provider, kind in dict.fromkeys((row.provider, row.item_type) for row in stale):
        ids = [row.provider_item_id for row in stale if (row.provider, row.item_type) == (provider, kind)]
        client = clients.client_for(database, caller.user_id, provider)
        try:
            for batch in batched(ids, client.limits.lookup_batch, strict=False):
                for entry in client.items(ItemType(kind), batch):
                    found[provider, kind, entry.id] = presentation.of_item(entry)
        except ProviderError as error:
            logger.warning("pins not refreshed", provider=provider, reason=error.reason)
    rows = [
        (row, item)
        for row in stale
        if (item := found.get((row.provider, row.item_type, row.provider_item_id))) is not None
    ]
    if not rows:
        return {}
    with database.transaction(caller.user_id) as connection:
        store.refresh_pins(
            connection, [(row.id, item.title, presentation.subtitle(item)) for row, item in rows], now
        )
    return {
        row.id: replace(row, title=item.title, subtitle=presentation.subtitle(item), fetched_at=now)
        for row, item in rows
    }


def _is_fresh(row: PinRow, now: datetime) -> bool:
    days = registry.get(row.provider).fresh_days
    return days is None or row.fetched_at > now - timedelta(days=days)


def _pin(row: PinRow, now: datetime) -> Pin:
    kind, is_fresh = ItemType(row.item_type), _is_fresh(row, now)
    return Pin(
        id=row.id,
        provider=row.provider,
        type=kind.value,
        item_id=row.provider_item_id,
        title=row.title if is_fresh else None,
        subtitle=row.subtitle if is_fresh else None,
        url=registry.get(row.provider).address(kind, row.provider_item_id),
        attribution=presentation.attribution(row.provider, kind, row.provider_item_id),
        pinned_at=row.pinned_at,
    )
