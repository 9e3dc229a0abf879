"""Subscriptions on YouTube: the channels that a person follows, artists' among them."""

from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime

from pydantic import BaseModel, Field

from musicconnect.music.model import ItemKind, ListKind, Page, Playlist, PlaylistItem, Track
from musicconnect.providers.errors import NoChannelError, NotAllowedError, NotFoundError, RejectedError
from musicconnect.providers.protocol import Added
from musicconnect.providers.transport import ApiCall, EmptyResponse, Transport
from musicconnect.providers.youtube.entry import ENTRY
from musicconnect.providers.youtube.responses import NAME, EntryPage, PageInfo

PAGE_SIZE = 50
WRITE_COST = 50
_UPLOADS = 50
"""Of a channel, that say whose it is."""


class ChannelRef(BaseModel):
    """What is followed."""

    channel_id: str | None = Field(default=None, alias="channelId")


class SubscriptionSnippet(BaseModel):
    """What a subscription is about."""

    title: str | None = None
    published_at: datetime | None = Field(default=None, alias="publishedAt")
    resource: ChannelRef | None = Field(default=None, alias="resourceId")


class Subscription(BaseModel):
    """A subscription."""

    id: str
    snippet: SubscriptionSnippet | None = None

    def as_item(self, position: int) -> PlaylistItem:
        """Convert to the common vocabulary; a channel that YouTube generates for an artist has its name."""
        snippet = self.snippet or SubscriptionSnippet()
        title, channel_id = snippet.title or "", snippet.resource and snippet.resource.channel_id
        policy = ENTRY.search.channels
        suffix = policy.suffix if policy is not None else ""
        track = Track(
            provider=NAME,
            id=channel_id or "",
            title=title.removesuffix(suffix),
            channel=title,
            kind=ItemKind.ARTIST if channel_id else ItemKind.UNAVAILABLE,
        )
        return PlaylistItem(position=position, track=track, item_id=self.id, added_at=snippet.published_at)


class SubscriptionPage(BaseModel):
    """``subscriptions.list``."""

    items: list[Subscription] = []
    next_token: str | None = Field(default=None, alias="nextPageToken")
    page: PageInfo | None = Field(default=None, alias="pageInfo")


class Made(BaseModel):
    """A subscription that was made."""

    id: str | None = None


class YouTubeLibrary:
    """Reads and writes subscriptions."""

    def __init__(self, call: Transport) -> None:
        self._call = call

    def summary(self, kind: ListKind) -> Playlist:
        """Get how many there are. 1 unit."""
        page = self._page(maxResults=1)
        count = (page.page.total if page.page else None) or 0
        return Playlist(provider=NAME, id=kind, name="Subscriptions", track_count=count, kind=kind)

    def items(self, kind: ListKind, cursor: str | None = None) -> Page[PlaylistItem]:  # noqa: ARG002 - one
        """Get 50, in alphabetical order. 1 unit."""
        token = {"pageToken": cursor} if cursor else {}
        page = self._page(maxResults=PAGE_SIZE, order="alphabetical", **token)
        return Page(
            items=[one.as_item(position) for position, one in enumerate(page.items)],
            cursor=page.next_token,
            total=page.page.total if page.page else None,
        )

    def add(self, kind: ListKind, ids: Sequence[str], *, key: str | None = None) -> Added:  # noqa: ARG002
        """Subscribe to one channel. 50 units."""
        (channel_id,) = ids
        body = {"snippet": {"resourceId": {"kind": "youtube#channel", "channelId": channel_id}}}
        call = ApiCall(
            method="POST", path="/subscriptions", bucket="general", cost=WRITE_COST,
            params={"part": "snippet"}, body=body,
        )  # fmt: skip
        return Added(item_ids=[self._call(Made, call).id])

    def remove(self, kind: ListKind, items: Sequence[PlaylistItem]) -> None:  # noqa: ARG002 - one kind
        """End one subscription. 50 units, and one more where its id is not known."""
        (item,) = items
        wanted = item.item_id or self._subscription_to(item.track.id)
        if wanted is None:
            return
        call = ApiCall(
            method="DELETE", path="/subscriptions", bucket="general", cost=WRITE_COST, params={"id": wanted}
        )
        with suppress(NotFoundError):
            self._call(EmptyResponse, call)

    def titles_by(self, artist_id: str) -> list[str]:
        """List what a channel's last uploads are called, and the albums that labels name in them. 1 unit."""
        policy = ENTRY.search.channels
        if policy is None or not artist_id.startswith(policy.channel_prefix):
            return []
        list_id = policy.list_prefix + artist_id.removeprefix(policy.channel_prefix)
        params: dict[str, str | int] = {
            "part": "snippet,contentDetails,status", "playlistId": list_id, "maxResults": _UPLOADS,
        }  # fmt: skip
        call = ApiCall(method="GET", path="/playlistItems", bucket="general", params=params)
        try:
            page = self._call(EntryPage, call)
        except NoChannelError:
            raise
        except (NotFoundError, NotAllowedError, RejectedError):
            return []  # an empty channel has no list
        from musicconnect.matching.titles.youtube import read_description  # noqa: PLC0415 - takes a while

        titles: list[str] = []
        for index, entry in enumerate(page.items):
            track = entry.as_item(index).track
            if track.kind is ItemKind.UNAVAILABLE or not track.is_public:
                continue
            said = read_description(track.description or "")
            titles += [track.title, *([said[0], said[2] or ""] if said is not None else [])]
        return [title for title in dict.fromkeys(titles) if title]

    def _page(self, **params: str | int) -> SubscriptionPage:
        asked: dict[str, str | int] = {"part": "snippet", "mine": "true", **params}
        return self._call(
            SubscriptionPage, ApiCall(method="GET", path="/subscriptions", bucket="general", params=asked)
        )

    def _subscription_to(self, channel_id: str) -> str | None:
        found = self._page(forChannelId=channel_id).items
        return found[0].id if found else None
