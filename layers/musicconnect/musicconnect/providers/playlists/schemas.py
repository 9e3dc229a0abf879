"""What callers send and get about playlist snapshots."""

from datetime import datetime
from typing import Any, Literal

from pydantic import ConfigDict, Field

from musicconnect.api.binding import Input
from musicconnect.api.responses import Output


class PlaylistQuery(Input):
    """Which playlists to list."""

    provider: str | None = Field(default=None, max_length=50, description="Only this provider's.")
    limit: int = Field(default=50, ge=1, le=200)
    cursor: str | None = Field(default=None, max_length=500)


class PlaylistSnapshot(Output):
    """A playlist as it was last read."""

    id: int = Field(description="Our own id.")
    provider: str = Field(examples=["spotify"])
    provider_playlist_id: str = Field(description="The id that a migration takes.")
    name: str
    description: str
    track_count: int = Field(description="As the provider counts: unavailable entries included.")
    is_own: bool = Field(description="False where the provider does not give out the contents.")
    is_liked: bool = Field(description="The liked songs, shown as a playlist.")
    last_synced_at: datetime


class PlaylistList(Output):
    """A page of playlists."""

    items: list[PlaylistSnapshot]
    next_cursor: str | None = None


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
