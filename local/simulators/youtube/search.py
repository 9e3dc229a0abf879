"""``youtube.search``: what comes up for a few words."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from local.simulators.catalogue import Upload
from local.simulators.control import JsonObject
from local.simulators.youtube import errors, resources
from local.simulators.youtube.api import Call, Method
from local.simulators.youtube.parameters import DATETIME, LIST, PAGE_SIZE, STRING, one_of
from local.simulators.youtube.ranking import SearchIndex, by_share
from local.simulators.youtube.state import Playlist, YouTubeState

_SEARCH_DEPTH = 500
"""Results that can be paged through, whatever ``totalResults`` says."""
_TOTAL_ESTIMATE = 1_000_000
"""What ``totalResults`` of a search never exceeds; it is a guess on YouTube as well."""


class Search:
    """``youtube.search``."""

    def __init__(self, state: YouTubeState) -> None:
        self._state = state
        self._index = SearchIndex(state.catalogue.uploads_by_id.values())

    def methods(self) -> dict[str, Method]:
        """By HTTP method."""
        return {
            "GET": Method(
                name="youtube.api.v3.V3DataSearchService.List",
                handle=self.read,
                bucket="search",
                parts=resources.SEARCH_PARTS,
                parameters=_SEARCH_PARAMETERS,
            )
        }

    async def read(self, call: Call) -> JsonObject:
        """``search.list``: hits of every type asked for, videos first."""
        query = call.query
        types = set(query.lists.get("type") or ("video", "channel", "playlist"))
        if not types <= {"video", "channel", "playlist"}:
            raise errors.parameter("invalidParameter", f"Invalid type: {','.join(sorted(types))}", "type")
        if types != {"video"} and any(name.startswith("video") for name in query.strings):
            message = (
                "The request contains an invalid combination of search filters and/or restrictions. "
                "Note that you must set the type parameter to video if you set one of its filters."
            )
            raise errors.ApiError(400, "invalidSearchFilter", "youtube.search", message)
        finders: dict[str, Callable[[Call], Sequence[Any]]]
        finders = {"video": self._videos, "channel": self._channels, "playlist": self._playlists}
        found: list[tuple[str, Any]] = [
            (kind, hit) for kind, find in finders.items() if kind in types for hit in find(call)
        ]
        asked = sorted(pair for pair in query.strings.items() if pair[0] != "pageToken")
        context = ("search", asked, sorted(types))
        return resources.page_response(
            "searchListResponse",
            query,
            context,
            found[:_SEARCH_DEPTH],
            lambda _, hit: _RENDER[hit[0]](hit[1], query.parts),
            total=min(len(found) * 997, _TOTAL_ESTIMATE),
            extra={"regionCode": query.strings.get("regionCode", "US")},
        )

    def _videos(self, call: Call) -> list[Upload]:
        query = call.query.strings
        text = query.get("q", "")
        videos = self._state.videos
        hits = self._index.search(text) if text.strip() else self._index.everything()
        found = [
            video.upload
            for hit in hits
            if (video := videos[hit.video_id]).privacy == "public" and _passes(video.upload, query)
        ]
        key = _ORDERS.get(query.get("order", "relevance"))
        return sorted(found, key=key) if key else found

    def _channels(self, call: Call) -> list[tuple[str, str]]:
        titles = [((channel_id, title), title) for channel_id, title in self._state.channels.items()]
        return by_share(call.query.strings.get("q", ""), titles)

    def _playlists(self, call: Call) -> list[Playlist]:
        public = [
            (playlist, playlist.title)
            for playlist in self._state.playlists.values()
            if playlist.privacy == "public" and not playlist.is_special
        ]
        return by_share(call.query.strings.get("q", ""), public)


_LENGTHS = {"short": (0, 240), "medium": (240, 1201), "long": (1201, 10**9)}
"""``videoDuration`` in seconds: under 4 minutes, to 20 minutes, longer."""

_ORDERS: dict[str, Callable[[Upload], Any]] = {
    "date": lambda upload: [-ord(character) for character in upload.published_at],
    "viewCount": lambda upload: -upload.view_count,
    "rating": lambda upload: -upload.view_count,
    "title": lambda upload: upload.title.casefold(),
}

_SEARCH_PARAMETERS = {
    "q": STRING,
    "type": LIST,
    "maxResults": PAGE_SIZE,
    "pageToken": STRING,
    "order": one_of("date", "rating", "viewCount", "relevance", "title", "videoCount"),
    "channelId": STRING,
    "regionCode": STRING,
    "relevanceLanguage": STRING,
    "safeSearch": one_of("none", "moderate", "strict"),
    "publishedAfter": DATETIME,
    "publishedBefore": DATETIME,
    "topicId": STRING,
    "videoCategoryId": STRING,
    "videoDuration": one_of("any", "short", "medium", "long"),
    "videoDefinition": one_of("any", "standard", "high"),
    "videoEmbeddable": one_of("any", "true"),
    "videoSyndicated": one_of("any", "true"),
    "videoLicense": one_of("any", "youtube", "creativeCommon"),
}


def _passes(upload: Upload, query: Mapping[str, str]) -> bool:
    low, high = _LENGTHS.get(query.get("videoDuration", "any"), (0, 10**9))
    return (
        query.get("videoCategoryId") in (None, upload.category_id)
        and query.get("channelId") in (None, upload.channel_id)
        and low <= upload.duration_s < high
        and query.get("publishedAfter", "") <= upload.published_at
        and upload.published_at < query.get("publishedBefore", "9999")
    )


def _video_hit(upload: Upload, parts: frozenset[str]) -> JsonObject:
    return resources.search_result(
        "video",
        upload.video_id,
        title=upload.title,
        description=upload.description,
        channel_id=upload.channel_id,
        channel_title=upload.channel,
        published_at=upload.published_at,
        parts=parts,
        live=not upload.duration_s,
    )


def _channel_hit(channel: tuple[str, str], parts: frozenset[str]) -> JsonObject:
    channel_id, title = channel
    return resources.search_result(
        "channel",
        channel_id,
        title=title,
        description="",
        channel_id=channel_id,
        channel_title=title,
        published_at="2015-03-14T09:26:53Z",
        parts=parts,
    )


def _playlist_hit(playlist: Playlist, parts: frozenset[str]) -> JsonObject:
    return resources.search_result(
        "playlist",
        playlist.id,
        title=playlist.title,
        description=playlist.description,
        channel_id=playlist.owner.channel_id,
        channel_title=playlist.owner.channel_title,
        published_at=playlist.published_at,
        parts=parts,
    )


_RENDER: dict[str, Callable[[Any, frozenset[str]], JsonObject]] = {
    "video": _video_hit,
    "channel": _channel_hit,
    "playlist": _playlist_hit,
}
