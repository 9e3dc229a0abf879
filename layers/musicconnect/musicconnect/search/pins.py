"""Pinned items: only what exists is pinned, and only once."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from musicconnect.api import binding
from musicconnect.music.model import ItemType, ProviderName
from musicconnect.platform import clock, pagination, problems
from musicconnect.platform.database import Database
from musicconnect.platform.logging import logger
from musicconnect.providers import registry
from musicconnect.providers.accounts import clients
from musicconnect.providers.errors import NotFoundError, ProviderError
from musicconnect.search import presentation, store
from musicconnect.search.schemas import Pin, PinCreate, PinList, PinsQuery, SearchItem
from musicconnect.search.store import PinRow


def add_pin(database: Database, caller: binding.Caller, wish: PinCreate) -> tuple[Pin, bool]:
    """Pin an item; the pin, and whether it is new.

    It is checked against what searches have returned, and against the provider where none has.

    Raises:
        Problem: 422, the provider has no such type of item.
        ProviderError: it does not have the item, or could not be asked.
    """
    entry, kind, now = registry.get(wish.provider), ItemType(wish.type), clock.now()
    if kind not in entry.item_types:
        raise problems.invalid("body.type", f"{entry.title} has: {', '.join(entry.item_types)}")
    with database.transaction(caller.user_id) as connection:
        if (row := store.find_pin(connection, entry.name, kind, wish.id)) is not None:
            return _pin(row, now), False
        seen = store.find_cached_items(connection, entry.name, [(kind, wish.id)], now).get((kind, wish.id))
    if seen is not None:
        item, fetched_at = presentation.of_dict(entry, seen[0]), seen[1]
    else:
        item, fetched_at = _asked(database, caller, entry.name, kind, wish.id), now
    with database.transaction(caller.user_id) as connection:
        made = store.insert_pin(
            connection,
            user_id=caller.user_id,
            provider=entry.name,
            kind=kind,
            item_id=wish.id,
            title=item.title,
            subtitle=presentation.subtitle(item),
            fetched_at=fetched_at,
            now=now,
        )
        # Pinned by another request in between, at the same moment.
        row = made or store.find_pin(connection, entry.name, kind, wish.id)
    if row is None:
        raise problems.not_found("pin")
    return _pin(row, now), made is not None


def _asked(
    database: Database, caller: binding.Caller, provider: ProviderName, kind: ItemType, item_id: str
) -> SearchItem:
    items = clients.client_for(database, caller.user_id, provider).items(kind, [item_id])
    if not items:
        raise NotFoundError(
            f"{registry.title(provider)} has no {kind.value} of this id.", provider=provider, reason="pin"
        )
    return presentation.of_item(items[0])


def list_pins(database: Database, caller: binding.Caller, query: PinsQuery) -> PinList:
    """The person's pins, the latest first. What may no longer be kept of them is fetched again.

    Raises:
        Problem: 400, the cursor is none of ours.
    """
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
    known = _refreshed(database, caller, [row for row in rows if not _is_fresh(row, now)], now)
    return PinList(items=[_pin(known.get(row.id, row), now) for row in rows], next_cursor=cursor)


def remove_pin(database: Database, caller: binding.Caller, pin_id: int) -> None:
    """Unpin.

    Raises:
        Problem: 404, the person has no such pin.
    """
    with database.transaction(caller.user_id) as connection:
        if not store.delete_pin(connection, pin_id):
            raise problems.not_found("pin")


def _refreshed(
    database: Database, caller: binding.Caller, stale: Sequence[PinRow], now: datetime
) -> dict[int, PinRow]:
    """Ask the providers about pins again, as many at a time as they allow; by id, those that they know."""
    told: dict[tuple[ProviderName, str, str], SearchItem] = {}
    for provider, kind in dict.fromkeys((row.provider, row.item_type) for row in stale):
        ids = [row.provider_item_id for row in stale if (row.provider, row.item_type) == (provider, kind)]
        client = clients.client_for(database, caller.user_id, provider)
        batch = client.limits.lookup_batch
        try:
            for start in range(0, len(ids), batch):
                for entry in client.items(ItemType(kind), ids[start : start + batch]):
                    told[provider, kind, entry.id] = presentation.of_item(entry)
        except ProviderError as error:
            logger.warning("pins not refreshed", provider=provider, reason=error.reason)
    rows = [
        (row, item)
        for row in stale
        if (item := told.get((row.provider, row.item_type, row.provider_item_id))) is not None
    ]
    if not rows:
        return {}
    with database.transaction(caller.user_id) as connection:
        store.refresh_pins(
            connection, [(row.id, item.title, presentation.subtitle(item)) for row, item in rows], now
        )
    return {
        row.id: PinRow(
            id=row.id,
            provider=row.provider,
            item_type=row.item_type,
            provider_item_id=row.provider_item_id,
            title=item.title,
            subtitle=presentation.subtitle(item),
            pinned_at=row.pinned_at,
            fetched_at=now,
        )
        for row, item in rows
    }


def _is_fresh(row: PinRow, now: datetime) -> bool:
    days = registry.get(row.provider).fresh_days
    return days is None or row.fetched_at > now - timedelta(days=days)


def _pin(row: PinRow, now: datetime) -> Pin:
    kind, is_fresh = ItemType(row.item_type), _is_fresh(row, now)
    return Pin(
        id=row.id,
        provider=row.provider,  # type: ignore[arg-type]
        type=kind.value,
        item_id=row.provider_item_id,
        title=row.title if is_fresh else None,
        subtitle=row.subtitle if is_fresh else None,
        url=registry.get(row.provider).address(kind, row.provider_item_id),
        attribution=presentation.attribution(row.provider, kind, row.provider_item_id),
        pinned_at=row.pinned_at,
    )
