"""Turn catalogue entries into the API's items, with the link and attribution that providers require."""

from dataclasses import fields
from typing import Any

from musicconnect.music.model import CatalogueItem, ItemType, ProviderName, Track
from musicconnect.providers import registry
from musicconnect.providers.registry import Provider
from musicconnect.search.schemas import Attribution, SearchItem

CACHED_FIELDS = tuple(one.name for one in fields(CatalogueItem) if one.name != "provider")


def of_dict(provider: Provider, item: dict[str, Any]) -> SearchItem:
    """Make an item from its cached form."""
    return SearchItem(
        provider=provider.name,
        attribution=Attribution(text=provider.attribution, url=item["url"]),
        **item,
    )


def of_item(item: CatalogueItem) -> SearchItem:
    """Make an item from what a provider's client gives."""
    return of_dict(registry.get(item.provider), {name: getattr(item, name) for name in CACHED_FIELDS})


def of_track(track: Track, kind: ItemType | None = None) -> SearchItem:
    """Make an item from a track."""
    entry = registry.get(track.provider)
    kind = kind or entry.item_types[0]
    values = {name: getattr(track, name) for name in CACHED_FIELDS if hasattr(track, name)}
    return of_dict(entry, values | {"type": kind, "url": entry.address(kind, track.id)})


def attribution(provider: ProviderName, kind: ItemType, item_id: str) -> Attribution:
    """Make the attribution that an item requires."""
    entry = registry.get(provider)
    return Attribution(text=entry.attribution, url=entry.address(kind, item_id))


def subtitle(item: SearchItem) -> str | None:
    """Write who made an item, in a line."""
    return ", ".join(item.artists) or item.channel
