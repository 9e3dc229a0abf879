"""The JSON resources of the API, built from the state."""

import base64
import hashlib
import html
import json
import re
from collections.abc import Callable, Collection, Sequence
from typing import Any

from local.simulators.control import JsonObject
from local.simulators.youtube.parameters import Query, page_offset, page_tokens
from local.simulators.youtube.state import (
    LIKES,
    Account,
    Item,
    Playlist,
    Subscription,
    Video,
    YouTubeState,
)

CHANNEL_PARTS = frozenset({"id", "snippet", "contentDetails", "statistics", "status"})
PLAYLIST_PARTS = frozenset({"id", "snippet", "status", "contentDetails", "player"})
ITEM_PARTS = frozenset({"id", "snippet", "contentDetails", "status"})
VIDEO_PARTS = frozenset({"id", "snippet", "contentDetails", "status", "statistics", "topicDetails", "player"})
SUBSCRIPTION_PARTS = frozenset({"id", "snippet", "contentDetails", "subscriberSnippet"})
SEARCH_PARTS = frozenset({"id", "snippet"})

MUSIC_CATEGORY = "10"
_MUSIC_TOPIC = "https://en.wikipedia.org/wiki/Music"
_CUT = 160
"""Characters of a description that a search result shows."""

_LICENSED = ("art_track", "official_video", "official_audio", "lyric_video")
_THUMBNAILS = (
    ("default", "default", 120, 90),
    ("medium", "mqdefault", 320, 180),
    ("high", "hqdefault", 480, 360),
    ("standard", "sddefault", 640, 480),
)
_GONE = {
    "deleted": ("Deleted video", "This video is unavailable.", "privacyStatusUnspecified"),
    "private": ("Private video", "This video is private.", "private"),
}


def etag(*content: object) -> str:
    """27 characters that change when the content does."""
    text = json.dumps(content, ensure_ascii=False, separators=(",", ":"))
    digest = hashlib.blake2b(text.encode(errors="surrogatepass"), digest_size=20).digest()
    return base64.urlsafe_b64encode(digest).decode().rstrip("=")


def duration(seconds: int) -> str:
    """ISO 8601 as YouTube writes it: ``PT3M27S``, ``P1DT2H``; ``P0D`` for a live broadcast."""
    minutes, second = divmod(seconds, 60)
    hours, minute = divmod(minutes, 60)
    day, hour = divmod(hours, 24)
    time = "".join(f"{n}{unit}" for n, unit in ((hour, "H"), (minute, "M"), (second, "S")) if n)
    if not time:
        return f"P{day}D"
    return f"P{day}DT{time}" if day else f"PT{time}"


def escape_title(title: str) -> str:
    """HTML entities as ``search.list`` puts them into titles (``&#39;``, not Python's ``&#x27;``)."""
    return html.escape(title).replace("&#x27;", "&#39;")


def cut_description(description: str) -> str:
    """One line of about 160 characters, cut between words."""
    line = re.sub(r"\s+", " ", description).strip()
    if len(line) <= _CUT:
        return line
    head = line[:_CUT]
    return (head[: head.rfind(" ")] if " " in head else head) + " ..."


def thumbnails(video_id: str, *, standard: bool = True) -> JsonObject:
    """Pictures of a video; the larger ones are not always there."""
    return {
        name: {"url": f"https://i.ytimg.com/vi/{video_id}/{file}.jpg", "width": width, "height": height}
        for name, file, width, height in _THUMBNAILS[: None if standard else -1]
    }


def _resource(
    kind: str,
    resource_id: object,
    parts: Collection[str],
    builders: dict[str, Callable[[], JsonObject | None]],
    version: object = None,
) -> JsonObject:
    """A resource with the parts that were asked for; a part that turns out to be None is left out."""
    built = {name: build() for name, build in builders.items() if name in parts}
    content = {name: part for name, part in built.items() if part is not None}
    tag = etag(resource_id, version, content)
    return {"kind": f"youtube#{kind}", "etag": tag, "id": resource_id, **content}


def channel(
    state: YouTubeState, channel_id: str, title: str, parts: Collection[str], likes: str = ""
) -> JsonObject:
    """A channel; ``likes`` is the playlist of liked videos, shown to its owner."""
    uploads = state.uploads_of.get(channel_id, [])

    def snippet() -> JsonObject:
        return {
            "title": title,
            "description": "",
            "publishedAt": "2015-03-14T09:26:53Z",
            "thumbnails": {},
            "localized": {"title": title, "description": ""},
        }

    def statistics() -> JsonObject:
        views = sum(state.videos[video_id].upload.view_count for video_id in uploads)
        return {
            "viewCount": str(views),
            "subscriberCount": str(views // 250),
            "hiddenSubscriberCount": False,
            "videoCount": str(len(uploads)),
        }

    return _resource(
        "channel",
        channel_id,
        parts,
        {
            "snippet": snippet,
            "contentDetails": lambda: {
                "relatedPlaylists": {"likes": likes, "uploads": "UU" + channel_id[2:]}
            },
            "statistics": statistics,
            "status": lambda: {
                "privacyStatus": "public",
                "isLinked": True,
                "longUploadsStatus": "longUploadsUnspecified",
            },
        },
    )


def playlist(entry: Playlist, parts: Collection[str], now: float) -> JsonObject:
    """A playlist, counting what lists show at ``now`` (seconds since the epoch)."""
    count = len(entry.visible_items(now))

    def snippet() -> JsonObject:
        first = entry.items[0].video_id if entry.items else None
        language = {"defaultLanguage": entry.default_language} if entry.default_language else {}
        return {
            "publishedAt": entry.published_at,
            "channelId": entry.owner.channel_id,
            "title": entry.title,
            "description": entry.description,
            "thumbnails": thumbnails(first) if first else {},
            "channelTitle": entry.owner.channel_title,
            **language,
            "localized": {"title": entry.title, "description": entry.description},
        }

    return _resource(
        "playlist",
        entry.id,
        parts,
        {
            "snippet": snippet,
            "status": lambda: {"privacyStatus": entry.privacy},
            "contentDetails": lambda: {"itemCount": count},
            "player": lambda: {
                "embedHtml": f'<iframe src="https://www.youtube.com/embed/videoseries?list={entry.id}"></iframe>'
            },
        },
        version=(entry.revision, count),
    )


def playlist_item(  # noqa: PLR0917 - one for each thing that it depends on
    state: YouTubeState,
    owner: Playlist,
    item: Item,
    position: int,
    parts: Collection[str],
    viewer: Account | None,
) -> JsonObject:
    """One place in a playlist; a deleted video, and a private one of somebody else, leaves a shell."""
    video = state.videos[item.video_id]
    upload = video.upload
    gone = None if video.is_shown_to(viewer) else _GONE.get(video.privacy)

    def snippet() -> JsonObject:
        title, description = gone[:2] if gone else (upload.title, upload.description)
        uploader = {"videoOwnerChannelTitle": upload.channel, "videoOwnerChannelId": upload.channel_id}
        return {
            "publishedAt": item.added_at,
            "channelId": owner.owner.channel_id,
            "title": title,
            "description": description,
            "thumbnails": {} if gone else thumbnails(item.video_id),
            "channelTitle": owner.owner.channel_title,
            "playlistId": owner.id,
            "position": position,
            "resourceId": {"kind": "youtube#video", "videoId": item.video_id},
            **({} if gone else uploader),
        }

    def content_details() -> JsonObject:
        details = {"videoId": item.video_id}
        if item.note is not None:
            details["note"] = item.note
        if not gone:
            details["videoPublishedAt"] = upload.published_at
        return details

    return _resource(
        "playlistItem",
        item.id,
        parts,
        {
            "snippet": snippet,
            "contentDetails": content_details,
            "status": lambda: {"privacyStatus": gone[2] if gone else video.privacy},
        },
    )


def video(entry: Video, parts: Collection[str]) -> JsonObject:
    """A video."""
    upload = entry.upload

    def snippet() -> JsonObject:
        return {
            "publishedAt": upload.published_at,
            "channelId": upload.channel_id,
            "title": upload.title,
            "description": upload.description,
            "thumbnails": thumbnails(upload.video_id),
            "channelTitle": upload.channel,
            "categoryId": upload.category_id,
            "liveBroadcastContent": "none" if upload.duration_s else "live",
            "localized": {"title": upload.title, "description": upload.description},
        }

    return _resource(
        "video",
        upload.video_id,
        parts,
        {
            "snippet": snippet,
            "contentDetails": lambda: {
                "duration": duration(upload.duration_s),
                "dimension": "2d",
                "definition": "hd",
                "caption": "false",
                "licensedContent": upload.kind in _LICENSED,
                "contentRating": {},
                "projection": "rectangular",
                **({"regionRestriction": dict(entry.regions)} if entry.regions else {}),
            },
            "status": lambda: {
                "uploadStatus": "processed",
                "privacyStatus": entry.privacy,
                "license": "youtube",
                "embeddable": True,
                "publicStatsViewable": True,
                "madeForKids": False,
            },
            "statistics": lambda: {
                "viewCount": str(upload.view_count),
                "likeCount": str(upload.view_count // 80),
                "favoriteCount": "0",
                "commentCount": str(upload.view_count // 2000),
            },
            "topicDetails": lambda: (
                {"topicCategories": [_MUSIC_TOPIC]} if upload.category_id == MUSIC_CATEGORY else None
            ),
            "player": lambda: {
                "embedHtml": f'<iframe src="//www.youtube.com/embed/{upload.video_id}"></iframe>'
            },
        },
    )


def subscription(
    state: YouTubeState, account: Account, one: Subscription, parts: Collection[str]
) -> JsonObject:
    """A subscription: its own id, and the channel that is followed."""
    title = state.channel_title(one.channel_id)

    def snippet() -> JsonObject:
        return {
            "publishedAt": one.published_at,
            "title": title,
            "description": "",
            "resourceId": {"kind": "youtube#channel", "channelId": one.channel_id},
            "channelId": account.channel_id,
            "thumbnails": {},
        }

    def content_details() -> JsonObject:
        count = len(state.uploads_of.get(one.channel_id, []))
        return {"totalItemCount": count, "newItemCount": 0, "activityType": "all"}

    builders: dict[str, Callable[[], JsonObject | None]] = {
        "snippet": snippet,
        "contentDetails": content_details,
    }
    return _resource("subscription", one.id, parts, builders)


def search_result(
    kind: str,
    result_id: str,
    *,
    title: str,
    description: str,
    channel_id: str | None,
    channel_title: str,
    published_at: str,
    parts: Collection[str],
    live: bool = False,
) -> JsonObject:
    """A hit of ``search.list``: ``kind`` is ``video``, ``channel`` or ``playlist``."""
    resource_id = {"kind": f"youtube#{kind}", f"{kind}Id": result_id}

    def snippet() -> JsonObject:
        return {
            "publishedAt": published_at,
            "channelId": channel_id,
            "title": escape_title(title),
            "description": cut_description(description),
            "thumbnails": thumbnails(result_id, standard=False) if kind == "video" else {},
            "channelTitle": channel_title,
            "liveBroadcastContent": "live" if live else "none",
        }

    return _resource("searchResult", resource_id, parts, {"snippet": snippet})


def list_response(
    kind: str,
    items: Sequence[JsonObject],
    *,
    total: int,
    per_page: int,
    page: JsonObject | None = None,
    extra: JsonObject | None = None,
) -> JsonObject:
    """The frame around resources; ``page`` has the tokens of the next and the previous page."""
    page = page or {}
    return {
        "kind": f"youtube#{kind}",
        "etag": etag([item["etag"] for item in items], total, per_page, page),
        **page,
        **(extra or {}),
        "pageInfo": {"totalResults": total, "resultsPerPage": per_page},
        "items": list(items),
    }


def page_response[T](
    kind: str,
    query: Query,
    context: tuple[object, ...],
    found: Sequence[T],
    render: Callable[[int, T], JsonObject],
    **more: Any,
) -> JsonObject:
    """The page of a whole list that a query asks for; ``render`` makes the resource at a position.

    ``context`` names the list: a page token of another one is refused. ``more`` may have ``total`` instead of
    the list's length, and ``extra`` members of the answer.
    """
    size = query.page_size
    offset = page_offset(query.strings.get("pageToken"), *context)
    items = [render(offset + index, one) for index, one in enumerate(found[offset : offset + size])]
    page = page_tokens(offset, size, len(found), *context)
    return list_response(kind, items, **{"total": len(found), "per_page": size, "page": page, **more})


def shows_playlist(entry: Playlist, viewer: Account | None) -> bool:
    """Whether the viewer may see that the playlist exists. ``LL`` is always the viewer's own."""
    return entry.owner is viewer or entry.id == LIKES or entry.privacy in ("public", "unlisted")
