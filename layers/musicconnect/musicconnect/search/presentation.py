"""Entries of the catalogues as the API shows them: with the link and attribution that providers ask for."""

from typing import Any

from musicconnect.music.model import CatalogueItem, ItemType, ProviderName, Track
from musicconnect.providers import registry
from musicconnect.providers.registry import Provider
from musicconnect.search.schemas import Attribution, SearchItem


def of_dict(provider: Provider, item: dict[str, Any]) -> SearchItem:
    """An item as it is cached."""
    return SearchItem(
        provider=provider.name,  # type: ignore[arg-type]
        attribution=Attribution(text=provider.attribution, url=item["url"]),
        **item,
    )


def of_item(item: CatalogueItem) -> SearchItem:
    """An item as a provider's client gives it."""
    entry = registry.get(item.provider)
    return SearchItem.model_validate(
        {
            "provider": item.provider,
            "type": item.type.value,
            "id": item.id,
            "url": item.url,
            "title": item.title,
            "artists": list(item.artists),
            "channel": item.channel,
            "album": item.album,
            "duration_ms": item.duration_ms,
            "artwork": item.artwork,
            "explicit": item.explicit,
            "isrc": item.isrc,
            "attribution": Attribution(text=entry.attribution, url=item.url),
        }
    )


def of_track(track: Track, kind: ItemType | None = None) -> SearchItem:
    """A recording of which the matcher knows the facts."""
    entry = registry.get(track.provider)
    kind = kind or entry.item_types[0]
    return of_item(
        CatalogueItem(
            provider=track.provider,
            type=kind,
            id=track.id,
            title=track.title,
            url=entry.address(kind, track.id),
            artists=track.artists,
            channel=track.channel,
            album=track.album,
            duration_ms=track.duration_ms,
            explicit=track.explicit,
            isrc=track.isrc,
        )
    )


def attribution(provider: ProviderName, kind: ItemType, item_id: str) -> Attribution:
    """What has to stand beside an item."""
    entry = registry.get(provider)
    return Attribution(text=entry.attribution, url=entry.address(kind, item_id))


def subtitle(item: SearchItem) -> str | None:
    """Who made it, in a line."""
    return ", ".join(item.artists) or item.channel
