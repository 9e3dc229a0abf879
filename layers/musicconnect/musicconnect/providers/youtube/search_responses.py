"""What YouTube's search and lookups answer, as entries of its catalogue."""

import html

from pydantic import BaseModel, Field

from musicconnect.music.model import CatalogueItem, ItemType
from musicconnect.providers.youtube.entry import ENTRY
from musicconnect.providers.youtube.responses import (
    NAME,
    ResourceId,
    Snippet,
    Thumbnail,
    Video,
)

RESOURCES = {ItemType.VIDEO: "video", ItemType.PLAYLIST: "playlist", ItemType.ARTIST: "channel"}
"""What YouTube calls each type."""

LOOKUPS = {
    ItemType.VIDEO: ("/videos", "snippet,contentDetails"),
    ItemType.PLAYLIST: ("/playlists", "snippet,status"),
    ItemType.ARTIST: ("/channels", "snippet"),
}
"""Where each type is looked up, and which parts say what is shown."""

_SIZES = ("medium", "high", "default", "standard", "maxres")
"""The best first: 320 pixels wide, 480, 120, larger ones. Each may be absent."""


class SearchSnippet(Snippet):
    """What a hit or a resource tells."""

    thumbnails: dict[str, Thumbnail | None] | None = None

    @property
    def artwork(self) -> str | None:
        """The address of a picture."""
        known = self.thumbnails or {}
        pictures = (known.get(size) for size in _SIZES)
        return next((picture.url for picture in pictures if picture and picture.url), None)


class SearchHit(BaseModel):
    """An entry of ``search.list``."""

    id: ResourceId | None = None
    snippet: SearchSnippet | None = None

    def as_item(self) -> CatalogueItem | None:
        """Convert to the common vocabulary. Search alone escapes its texts for HTML."""
        ids = self.id or ResourceId()
        kinds = (
            (ItemType.VIDEO, ids.video_id),
            (ItemType.PLAYLIST, ids.playlist_id),
            (ItemType.ARTIST, ids.channel_id),
        )
        for kind, item_id in kinds:
            if item_id:
                return _item(kind, item_id, self.snippet or SearchSnippet(), is_escaped=True)
        return None


class SearchPage(BaseModel):
    """``search.list``."""

    items: list[SearchHit]
    next_token: str | None = Field(default=None, alias="nextPageToken")

    def as_items(self) -> list[CatalogueItem]:
        """Every hit that is something."""
        return [item for hit in self.items if (item := hit.as_item()) is not None]


class Resource(Video):
    """A video, playlist or channel."""

    snippet: SearchSnippet | None = None

    def as_item(self, kind: ItemType) -> CatalogueItem | None:
        """Convert to the common vocabulary; None for a playlist that only its owner sees."""
        if self.status is not None and self.status.privacy == "private":
            return None
        return _item(kind, self.id, self.snippet or SearchSnippet(), length_ms=self.duration_ms)


class ResourceList(BaseModel):
    """``videos.list``, ``playlists.list``."""

    items: list[Resource]


class ChannelList(ResourceList):
    """``channels.list``, which has no ``items`` where it knows none."""

    items: list[Resource] = []


def _item(
    kind: ItemType,
    item_id: str,
    snippet: SearchSnippet,
    *,
    length_ms: int | None = None,
    is_escaped: bool = False,
) -> CatalogueItem:
    title, channel = snippet.title or "", snippet.channel_title or ""
    if is_escaped:
        title, channel = html.unescape(title), html.unescape(channel)
    return CatalogueItem(
        provider=NAME,
        type=kind,
        id=item_id,
        title=title,
        url=ENTRY.address(kind, item_id),
        channel=None if kind is ItemType.ARTIST else channel or None,
        duration_ms=length_ms,
        artwork=snippet.artwork,
    )
