"""Act on the YouTube Data API."""

from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from itertools import batched

from musicconnect.music.model import CatalogueItem, ItemType, Page, Playlist, PlaylistItem, Track
from musicconnect.platform.config import ProviderSettings
from musicconnect.providers.errors import NoChannelError, NotAllowedError, NotFoundError
from musicconnect.providers.protocol import Added, Credentials, Exhaust, Limits, Privacy, Profile, Reserve
from musicconnect.providers.transport import ApiCall, EmptyResponse, Transport
from musicconnect.providers.youtube.errors import error_for
from musicconnect.providers.youtube.library import YouTubeLibrary
from musicconnect.providers.youtube.responses import (
    NAME,
    Channels,
    EntryPage,
    InsertResult,
    PlaylistPage,
    PlaylistShape,
    SearchResult,
    VideoLengths,
    Videos,
)
from musicconnect.providers.youtube.search_responses import (
    LOOKUPS,
    RESOURCES,
    ChannelList,
    ResourceList,
    SearchPage,
)

LIKED = "LL"
"""YouTube's own id of the liked videos, in ``contentDetails.relatedPlaylists`` of every channel."""
WRITE_COST = 50
MUSIC = "10"
"""The id of the video category."""
_FIRST = "first"
_CURSOR = "page:"
# Neither may stand in a title or description.
_HARMLESS = str.maketrans("<>", "‹›")


class YouTubeClient:
    """Acts on YouTube for one linked account."""

    name = NAME
    # 5,000 entries is common knowledge; Google publishes no number in the API's documentation.
    limits = Limits(
        add_batch=1,
        remove_batch=1,
        removes_by_track=False,
        lookup_batch=50,
        page_size=50,
        search_limit=50,
        playlist_size=5_000,
        name_length=150,
        description_length=5_000,
        lists_absence=False,
        reads_at_once=8,
    )

    def __init__(
        self, settings: ProviderSettings, credentials: Credentials, reserve: Reserve, exhaust: Exhaust
    ) -> None:
        self._credentials = credentials
        self._call = Transport(
            provider=NAME,
            base_url=settings.youtube_api_url,
            timeout=settings.timeout,
            credentials=credentials,
            reserve=reserve,
            exhaust=exhaust,
            error_for=error_for,
        )
        self.library = YouTubeLibrary(self._call)

    def profile(self) -> Profile:
        """Get the account's channel. 1 unit.

        Raises:
            NoChannelError: it has none. YouTube says so by an error or by an empty list.
        """
        channels = self._call(Channels, _list("/channels", part="snippet", mine="true"))
        if not channels.items:
            self._credentials.no_channel()
            raise NoChannelError(
                "The Google account has no YouTube channel.", provider=NAME, reason="no_channel"
            )
        channel = channels.items[0]
        title = channel.snippet.title if channel.snippet else None
        return Profile(provider_user_id=channel.id, display_name=title or channel.id)

    def playlists(self, cursor: str | None = None) -> Page[Playlist]:
        """List the channel's own playlists; those saved from others are not listable. 1 unit.

        The first page holds the liked videos alone, or nothing where YouTube does not give them out.
        """
        if cursor is None:
            try:
                liked = [self._liked()]
            except NoChannelError:
                raise
            except (NotFoundError, NotAllowedError):
                liked = []
            return Page(items=liked, cursor=_FIRST)
        page = self._call(
            PlaylistPage,
            self._page_call("/playlists", cursor, part="snippet,status,contentDetails", mine="true"),
        )
        return Page(
            items=[shape.as_playlist() for shape in page.items],
            cursor=_next(page.next_token),
            total=page.page.total if page.page else None,
        )

    def playlist(self, playlist_id: str) -> Playlist:
        """Get one playlist's metadata. 1 unit."""
        if playlist_id == LIKED:
            return self._liked()
        page = self._call(
            PlaylistPage, _list("/playlists", part="snippet,status,contentDetails", id=playlist_id)
        )
        if not page.items:
            raise NotFoundError(
                "YouTube does not have the playlist (any more).", provider=NAME, reason="empty_list"
            )
        return page.items[0].as_playlist()

    def look(self, playlist_ids: Sequence[str]) -> dict[str, Playlist]:
        """Get several playlists' metadata, 50 by a call. 1 unit each."""
        found = {LIKED: self._liked()} if LIKED in playlist_ids else {}
        rest = [one for one in dict.fromkeys(playlist_ids) if one != LIKED]
        for ids in batched(rest, self.limits.page_size, strict=False):
            call = _list(
                "/playlists", part="snippet,status,contentDetails", id=",".join(ids), maxResults=len(ids)
            )
            for shape in self._call(PlaylistPage, call).items:
                found[shape.id] = shape.as_playlist()
        return found

    def playlist_items(self, playlist_id: str, cursor: str | None = None) -> Page[PlaylistItem]:
        """Get one page of a playlist's contents, in playlist order. 1 unit."""
        page = self._call(
            EntryPage,
            self._page_call(
                "/playlistItems", cursor, part="snippet,contentDetails,status", playlistId=playlist_id
            ),
        )
        return Page(
            items=[entry.as_item(index) for index, entry in enumerate(page.items)],
            cursor=_next(page.next_token),
            total=page.page.total if page.page else None,
        )

    def create_playlist(self, name: str, description: str, privacy: Privacy = "private") -> Playlist:
        """Create an empty playlist. 50 units."""
        texts = {"title": name.translate(_HARMLESS), "description": description.translate(_HARMLESS)}
        body = {"snippet": texts, "status": {"privacyStatus": privacy}}
        return self._call(PlaylistShape, _insert("/playlists", "snippet,status", body)).as_playlist()

    def add_items(
        self,
        playlist_id: str,
        track_ids: Sequence[str],
        position: int | None = None,
        *,
        key: str | None = None,  # noqa: ARG002 - it knows none
    ) -> Added:
        """Add one video. 50 units. Not idempotent, and never two at a time into one playlist.

        Without a position YouTube appends; it refuses positions in playlists that sort themselves.
        """
        if playlist_id == LIKED:
            self._rate(track_ids, "like")
            return Added(item_ids=[None])
        if len(track_ids) != self.limits.add_batch:
            raise ValueError("YouTube takes one video at a time")
        body = {"snippet": _place(playlist_id, track_ids[0], position)}
        return Added(item_ids=[self._call(InsertResult, _insert("/playlistItems", "snippet", body)).id])

    def remove_items(self, playlist_id: str, items: Sequence[PlaylistItem], /) -> None:
        """Remove one entry, by the id of its place. 50 units."""
        if playlist_id == LIKED:
            with suppress(NotFoundError):
                self._rate([item.track.id for item in items], "none")
            return
        if len(items) != self.limits.remove_batch or items[0].item_id is None:
            raise ValueError("YouTube removes one place at a time, by its id")
        params = {"id": items[0].item_id}
        call = ApiCall(
            method="DELETE", path="/playlistItems", bucket="general", cost=WRITE_COST, params=params
        )
        with suppress(NotFoundError):
            self._call(EmptyResponse, call)

    def move_items(self, playlist_id: str, items: Sequence[PlaylistItem], position: int, /) -> None:
        """Move one entry, by the id of its place. 50 units."""
        if len(items) != self.limits.move_batch or items[0].item_id is None:
            raise ValueError("YouTube moves one place at a time, by its id")
        snippet = _place(playlist_id, items[0].track.id, position)
        self._call(EmptyResponse, _update("/playlistItems", {"id": items[0].item_id, "snippet": snippet}))

    def change_playlist(self, playlist_id: str, name: str, description: str) -> None:
        """Give a playlist another name and description. 51 units.

        YouTube clears what a part that is sent does not mention; the language it is asked for first.
        """
        listed = self._call(PlaylistPage, _list("/playlists", part="snippet", id=playlist_id))
        if not listed.items:
            raise NotFoundError(
                "YouTube does not have the playlist (any more).", provider=NAME, reason="empty_list"
            )
        now = listed.items[0].snippet
        snippet = {"title": name.translate(_HARMLESS), "description": description.translate(_HARMLESS)}
        if now is not None and now.language:
            snippet["defaultLanguage"] = now.language
        self._call(EmptyResponse, _update("/playlists", {"id": playlist_id, "snippet": snippet}))

    def _rate(self, video_ids: Sequence[str], rating: str) -> None:
        """Like one video, or no longer. 50 units."""
        if len(video_ids) != self.limits.likes_batch:
            raise ValueError("YouTube takes one rating at a time")
        params: dict[str, str | int] = {"id": video_ids[0], "rating": rating}
        self._call(
            EmptyResponse,
            ApiCall(method="POST", path="/videos/rate", bucket="general", cost=WRITE_COST, params=params),
        )

    def search_tracks(self, query: str, limit: int) -> list[Track]:
        """Search music videos, best first. One of the day's searches, no units."""
        result = self._call(SearchResult, self._search_call(query, ItemType.VIDEO, limit))
        return [track for hit in result.items if (track := hit.as_track()) is not None]

    def tracks(self, ids: Sequence[str]) -> list[Track]:
        """Look up at most 50 videos, in the order asked for, without unknown ids. 1 unit."""
        known = _known(ids, self.limits.lookup_batch)
        if not known:
            return []
        videos = self._call(
            Videos, _list("/videos", part="snippet,contentDetails,status", id=",".join(known))
        )
        found = {video.id: video.as_track() for video in videos.items}
        return [found[video_id] for video_id in known if video_id in found]

    def search(
        self, query: str, types: Collection[ItemType], limit: int, cursor: str | None = None
    ) -> Page[CatalogueItem]:
        """Search for one type; one page. One of the day's searches, whatever the limit.

        Hits have no length; `durations` tells it, 50 for a unit.
        """
        (kind,) = types
        found = self._call(SearchPage, self._search_call(query, kind, limit, **_page_token(cursor)))
        return Page(items=found.as_items(), cursor=_next(found.next_token))

    def durations(self, ids: Sequence[str]) -> dict[str, int]:
        """Look up milliseconds by id, of at most 50 videos; live streams have none. 1 unit."""
        known = _known(ids, self.limits.lookup_batch)
        if not known:
            return {}
        fields = "items(id,contentDetails/duration)"
        call = _list("/videos", part="contentDetails", id=",".join(known), fields=fields)
        listed = self._call(VideoLengths, call)
        return {video.id: length for video in listed.items if (length := video.duration_ms) is not None}

    def items(self, kind: ItemType, ids: Sequence[str]) -> list[CatalogueItem]:
        """Look up at most 50 videos, playlists or channels, in the order asked for. 1 unit.

        A channel may be asked for by its handle (``@name``), alone.
        """
        known = _known(ids, self.limits.lookup_batch)
        if not known:
            return []
        path, part = LOOKUPS[kind]
        shape = ChannelList if kind is ItemType.ARTIST else ResourceList
        if kind is ItemType.ARTIST and known[0].startswith("@"):
            listed = self._call(shape, _list(path, part=part, forHandle=known[0]))
            return [item for entry in listed.items if (item := entry.as_item(kind)) is not None]
        listed = self._call(shape, _list(path, part=part, id=",".join(known), maxResults=len(known)))
        found = {entry.id: item for entry in listed.items if (item := entry.as_item(kind)) is not None}
        return [found[item_id] for item_id in known if item_id in found]

    def _page_call(self, path: str, cursor: str | None, **params: str) -> ApiCall:
        return _list(path, maxResults=self.limits.page_size, **params, **_page_token(cursor))

    def _search_call(self, query: str, kind: ItemType, limit: int, **more: str) -> ApiCall:
        params: dict[str, str | int] = {
            "part": "snippet",
            "q": query,
            "type": RESOURCES[kind],
            "maxResults": max(1, min(limit, self.limits.search_limit)),
            **({"videoCategoryId": MUSIC} if kind is ItemType.VIDEO else {}),
            **more,
        }
        return ApiCall(method="GET", path="/search", bucket="search", params=params)

    def _liked(self) -> Playlist:
        # The list itself tells how long it is; there is no playlist resource to rely on.
        page = self._call(
            EntryPage, _list("/playlistItems", part="contentDetails", playlistId=LIKED, maxResults=1)
        )
        return Playlist(
            provider=NAME,
            id=LIKED,
            name="Liked videos",
            track_count=(page.page.total if page.page else None) or 0,
            version=page.etag,
            is_liked=True,
        )


def _known(ids: Sequence[str], limit: int) -> list[str]:
    if len(ids) > limit:
        raise ValueError(f"look up at most {limit} at a time")
    # A comma separates ids; YouTube's own never contain one.
    return [one for one in dict.fromkeys(ids) if one and "," not in one]


def _list(path: str, **params: str | int) -> ApiCall:
    return ApiCall(method="GET", path=path, bucket="general", params=params)


def _insert(path: str, part: str, body: Mapping[str, object]) -> ApiCall:
    return ApiCall(
        method="POST", path=path, bucket="general", cost=WRITE_COST, params={"part": part}, body=body
    )


def _update(path: str, body: Mapping[str, object]) -> ApiCall:
    return ApiCall(
        method="PUT", path=path, bucket="general", cost=WRITE_COST, params={"part": "snippet"}, body=body
    )


def _place(playlist_id: str, video_id: str, position: int | None) -> dict[str, object]:
    resource = {"kind": "youtube#video", "videoId": video_id}
    place: dict[str, object] = {"playlistId": playlist_id, "resourceId": resource}
    return place if position is None else place | {"position": position}


def _page_token(cursor: str | None) -> dict[str, str]:
    return {"pageToken": cursor.removeprefix(_CURSOR)} if cursor and cursor.startswith(_CURSOR) else {}


def _next(token: str | None) -> str | None:
    return f"{_CURSOR}{token}" if token else None
