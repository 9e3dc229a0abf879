"""What YouTube answers, as far as we read it.

Tolerant on purpose: fields may be absent or null, new ones are ignored. Only a list that is absent altogether
is no answer: taking it for an empty one would lose what is there.
"""

import html
from dataclasses import replace
from datetime import datetime

from pydantic import BaseModel, Field

from musicconnect.music.model import Absence, Details, ItemKind, Playlist, PlaylistItem, Track
from musicconnect.providers.durations import duration_ms

NAME = "youtube"
DELETED_TITLE, PRIVATE_TITLE = "Deleted video", "Private video"
UNAVAILABLE_TITLES = frozenset({DELETED_TITLE, PRIVATE_TITLE})
_UPLOADS_GONE = {"deleted": Absence.DELETED, "failed": Absence.UNAVAILABLE, "rejected": Absence.UNAVAILABLE}
"""By ``uploadStatus``."""


class PageInfo(BaseModel):
    """How many there are."""

    total: int | None = Field(default=None, alias="totalResults")


class Snippet(BaseModel):
    """What a channel, playlist, video or hit tells."""

    title: str | None = None
    description: str | None = None
    channel_title: str | None = Field(default=None, alias="channelTitle")
    channel_id: str | None = Field(default=None, alias="channelId")
    language: str | None = Field(default=None, alias="defaultLanguage")


class Channel(BaseModel):
    """An entry of ``channels.list``."""

    id: str
    snippet: Snippet | None = None


class Channels(BaseModel):
    """``channels.list``; without ``items`` where the account has no channel."""

    items: list[Channel] = []


class Status(BaseModel):
    """Who may see something: ``public``, ``unlisted``, ``private``."""

    privacy: str | None = Field(default=None, alias="privacyStatus")
    upload: str | None = Field(default=None, alias="uploadStatus")


class PlaylistContents(BaseModel):
    """How much is in a playlist."""

    count: int | None = Field(default=None, alias="itemCount")


class PlaylistShape(BaseModel):
    """A playlist's metadata."""

    id: str
    etag: str | None = None
    snippet: Snippet | None = None
    contents: PlaylistContents | None = Field(default=None, alias="contentDetails")
    status: Status | None = None

    def as_playlist(self) -> Playlist:
        """Convert to the common vocabulary."""
        snippet = self.snippet or Snippet()
        return Playlist(
            provider=NAME,
            id=self.id,
            name=snippet.title or "",
            description=snippet.description or "",
            track_count=(self.contents.count if self.contents else None) or 0,
            version=self.etag,
            owner=snippet.channel_title or None,
            is_public=self.status.privacy == "public" if self.status and self.status.privacy else None,
        )


class PlaylistPage(BaseModel):
    """A page of ``playlists.list``."""

    items: list[PlaylistShape]
    next_token: str | None = Field(default=None, alias="nextPageToken")
    page: PageInfo | None = Field(default=None, alias="pageInfo")


class ResourceId(BaseModel):
    """What an entry or a hit refers to: one of these."""

    video_id: str | None = Field(default=None, alias="videoId")
    playlist_id: str | None = Field(default=None, alias="playlistId")
    channel_id: str | None = Field(default=None, alias="channelId")


class Thumbnail(BaseModel):
    """A picture in one size."""

    url: str | None = None


class EntrySnippet(BaseModel):
    """What an entry tells. ``channel*`` would be whoever added it; the uploader is ``videoOwner*``."""

    published_at: datetime | None = Field(default=None, alias="publishedAt")
    title: str | None = None
    description: str | None = None
    position: int | None = None
    resource: ResourceId | None = Field(default=None, alias="resourceId")
    owner_title: str | None = Field(default=None, alias="videoOwnerChannelTitle")
    owner_id: str | None = Field(default=None, alias="videoOwnerChannelId")
    thumbnails: dict[str, Thumbnail | None] | None = None
    """By size, the smallest first."""

    def as_details(self) -> Details:
        """What a list tells beside."""
        pictures = [picture.url for picture in (self.thumbnails or {}).values() if picture and picture.url]
        return Details(
            artist_ids=(self.owner_id,) if self.owner_id else (),
            artwork=pictures[-1] if pictures else None,
        )


class PlaylistEntry(BaseModel):
    """A place in a playlist."""

    id: str | None = None
    snippet: EntrySnippet | None = None
    contents: ResourceId | None = Field(default=None, alias="contentDetails")
    status: Status | None = None

    def as_item(self, index: int) -> PlaylistItem:
        """Convert to the common vocabulary; ``index`` stands in for an absent position.

        Deleted and private videos stay in their place without an uploader. A person's own private video has
        one, and so has a video that is only called "Private video".
        """
        snippet = self.snippet or EntrySnippet()
        video_id = (self.contents and self.contents.video_id) or (
            snippet.resource and snippet.resource.video_id
        )
        title = snippet.title or ""
        is_gone = not video_id or (
            snippet.owner_title is None
            and snippet.owner_id is None
            and (not title or title in UNAVAILABLE_TITLES)
        )
        return PlaylistItem(
            position=index if snippet.position is None else snippet.position,
            track=Track(
                provider=NAME,
                id=video_id or "",
                title=title,
                channel=snippet.owner_title,
                channel_id=snippet.owner_id,
                description=snippet.description,
                kind=ItemKind.UNAVAILABLE if is_gone else ItemKind.VIDEO,
                is_public=_is_public(self.status),
                absence=self._absence(title) if is_gone else None,
            ),
            item_id=self.id,
            added_at=snippet.published_at,
            details=snippet.as_details(),
        )

    def _absence(self, title: str) -> Absence:
        privacy = self.status.privacy if self.status else None
        if privacy == "private" or title == PRIVATE_TITLE:
            return Absence.PRIVATE
        # The status of a deleted video is not specified; its title is in English whatever the language.
        return Absence.DELETED if title == DELETED_TITLE else Absence.UNAVAILABLE


class EntryPage(BaseModel):
    """A page of ``playlistItems.list``."""

    items: list[PlaylistEntry]
    etag: str | None = None
    next_token: str | None = Field(default=None, alias="nextPageToken")
    page: PageInfo | None = Field(default=None, alias="pageInfo")


class InsertResult(BaseModel):
    """What ``playlistItems.insert`` made."""

    id: str


class Regions(BaseModel):
    """Where a video can be watched: in these countries alone, or everywhere else."""

    allowed: list[str] | None = None
    blocked: list[str] | None = None


class VideoContents(BaseModel):
    """How long a video is, and where it can be watched."""

    duration: str | None = None
    regions: Regions | None = Field(default=None, alias="regionRestriction")


class Video(BaseModel):
    """An entry of ``videos.list``."""

    id: str
    snippet: Snippet | None = None
    contents: VideoContents | None = Field(default=None, alias="contentDetails")
    status: Status | None = None

    @property
    def duration_ms(self) -> int | None:
        """Milliseconds; None of a live stream."""
        return duration_ms(self.contents.duration if self.contents else None)

    def as_track(self) -> Track:
        """Convert to the common vocabulary."""
        known = _track(
            self.id, self.snippet or Snippet(), self.duration_ms, is_public=_is_public(self.status)
        )
        regions = (self.contents and self.contents.regions) or Regions()
        return replace(
            known,
            absence=_UPLOADS_GONE.get((self.status and self.status.upload) or ""),
            allowed_in=None if regions.allowed is None else frozenset(regions.allowed),
            blocked_in=frozenset(regions.blocked or ()),
        )


class Videos(BaseModel):
    """``videos.list``; unknown ids are simply missing."""

    items: list[Video]


class VideoLengths(BaseModel):
    """``videos.list`` with nothing but lengths; a mask may leave out an empty list."""

    items: list[Video] = []


class VideoHit(BaseModel):
    """An entry of ``search.list``."""

    id: ResourceId | None = None
    snippet: Snippet | None = None

    def as_track(self) -> Track | None:
        """Convert to the common vocabulary; None for what is no video. Search alone escapes its texts."""
        if self.id is None or not self.id.video_id:
            return None
        snippet = self.snippet or Snippet()
        plain = Snippet(
            title=html.unescape(snippet.title or ""),
            description=html.unescape(snippet.description or ""),
            channelTitle=html.unescape(snippet.channel_title or ""),
            channelId=snippet.channel_id,
        )
        # Search finds what is public and nothing else.
        return _track(self.id.video_id, plain, None, is_public=True)


class SearchResult(BaseModel):
    """``search.list``."""

    items: list[VideoHit]


def _is_public(status: Status | None) -> bool:
    """Whether YouTube says so; where it says nothing, nobody else is told."""
    return status is not None and status.privacy == "public"


def _track(video_id: str, snippet: Snippet, length_ms: int | None, *, is_public: bool) -> Track:
    return Track(
        provider=NAME,
        id=video_id,
        title=snippet.title or "",
        duration_ms=length_ms,
        channel=snippet.channel_title or None,
        channel_id=snippet.channel_id,
        description=snippet.description,
        kind=ItemKind.VIDEO,
        is_public=is_public,
    )
