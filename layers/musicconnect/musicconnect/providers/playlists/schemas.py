"""What callers send and get about playlist snapshots."""

from datetime import datetime
from typing import Any, Literal

from pydantic import ConfigDict, Field

from musicconnect.api.binding import Input
from musicconnect.api.responses import Output
from musicconnect.providers.playlists.sort_order import SortOrder


class PlaylistQuery(Input):
    """Which playlists to list."""

    provider: str | None = Field(default=None, max_length=50, description="Only this provider's.")
    q: str | None = Field(default=None, min_length=1, max_length=200, description="Part of the name.")
    sort: SortOrder = Field(
        default="known",
        description="`known`: as they became known; `name`; `tracks`: the largest first.",
    )
    limit: int = Field(default=50, ge=1, le=200)
    cursor: str | None = Field(
        default=None, max_length=2000, description="`next_cursor` of a page of the same order."
    )


class PlaylistTarget(Output):
    """Where a playlist was moved to."""

    provider: str
    provider_playlist_id: str
    name: str
    url: str = Field(description="Where the provider shows it.")
    migration_id: int = Field(description="The last migration into it.")
    since: datetime = Field(description="When the first one began.")


class PlaylistSnapshot(Output):
    """A playlist as it was last read."""

    id: int = Field(description="Our own id.")
    provider: str = Field(examples=["spotify"])
    provider_playlist_id: str = Field(description="The id that a migration takes.")
    name: str
    description: str
    track_count: int = Field(description="As the provider counts: unavailable entries included.")
    is_own: bool = Field(description="False where the provider does not give out the contents.")
    can_read: bool = Field(description="Whether its tracks can be listed and moved.")
    is_liked: bool = Field(description="The liked songs, shown as a playlist.")
    owner: str | None = Field(description="What people see as its owner; null where nobody says.")
    is_public: bool | None = Field(description="Null where the provider does not say.")
    url: str = Field(description="Where the provider shows it.")
    targets: list[PlaylistTarget] = Field(description="Where it was moved to, the oldest first.")
    last_synced_at: datetime


class PlaylistList(Output):
    """A page of playlists."""

    items: list[PlaylistSnapshot]
    next_cursor: str | None = None


class TracksQuery(Input):
    """Which part of a playlist."""

    cursor: str | None = Field(default=None, max_length=4000, description="`next_cursor` of the page before.")


class Reason(Output):
    """Why an entry would not be moved."""

    code: Literal["local-file", "episode", "unavailable"] = Field(
        description="Stable; clients may branch on it."
    )
    message: str = Field(description="The same in plain words.")


class PlaylistTrack(Output):
    """One entry of a playlist, as its provider has it."""

    position: int = Field(description="From 0.")
    id: str | None = Field(description="The provider's id of the track; null of what is gone.")
    kind: Literal["track", "video", "episode", "local", "unavailable"]
    title: str
    artists: list[str] = Field(description="Of a video, its channel.")
    album: str | None
    duration_ms: int | None
    added_at: datetime | None
    playable: bool = Field(description="False: it would not be moved, and `reason` says why.")
    reason: Reason | None
    url: str | None = Field(description="Where the provider shows it.")


class PlaylistTrackList(Output):
    """A page of a playlist, read from its provider at this moment."""

    items: list[PlaylistTrack]
    total: int | None = Field(description="Entries of the whole playlist, as the provider counts.")
    attribution: str = Field(description="What has to stand beside it.", examples=["Content from Spotify"])
    next_cursor: str | None


class SyncRequest(Input):
    """What to read again."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"provider": "spotify"}]})

    provider: str | None = Field(default=None, max_length=50, description="Null: every linked account.")


class SyncState(Output):
    """How the reading of an account's playlists stands."""

    account_id: int
    provider: str
    status: Literal["never", "pending", "running", "completed", "failed"]
    code: str = Field(description="Stable; clients may branch on it.")
    params: dict[str, Any] = Field(description="What the message mentions.")
    message: str = Field(description="The same in plain words, in your time zone.")
    started_at: datetime | None
    finished_at: datetime | None
    next_at: datetime | None = Field(description="When it goes on, or begins again by itself.")
    playlists: int = Field(description="How many are known at present.")
    is_under_way: bool


class SyncList(Output):
    """One entry per linked account."""

    items: list[SyncState]
    next_cursor: str | None = None
