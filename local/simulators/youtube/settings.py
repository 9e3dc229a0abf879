"""The switches of the YouTube simulator, as ``PUT /_control/settings`` takes them."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field


class Settings(BaseModel):
    """How the simulator behaves where YouTube's behaviour varies or is not published."""

    model_config = ConfigDict(extra="forbid", validate_assignment=True)

    # The application (Google Cloud project) that calls
    client_id: str = "musicconnect-local"
    client_secret: str = "local-secret"
    redirect_uris: list[str] | None = None
    """Registered addresses, compared exactly; None accepts any loopback or HTTPS address."""
    project_number: str = "123456789012"
    api_enabled: bool = True
    """False: every call answers 403 ``accessNotConfigured``."""

    # Tokens
    testing_mode: bool = False
    """The consent screen is "External, Testing": refresh tokens die after seven days."""
    access_token_seconds: int = Field(default=3599, ge=1)
    refresh_tokens_per_account: int = Field(default=100, ge=1)
    """Live refresh tokens per account and client; the oldest is dropped without a word."""
    no_channel: Literal["signup_required", "empty"] = "signup_required"
    """What ``channels.list?mine=true`` answers to an account without a channel: 401, or an empty list."""

    # Writes into playlists
    refuse_concurrent_writes: bool = True
    """409 when a write into a playlist arrives while another one is going on."""
    write_ms: float = Field(default=1, ge=0)
    """How long a write into a playlist goes on, in ms."""
    write_spacing_ms: float = Field(default=0, ge=0)
    """409 when the previous write into the same playlist ended less than this ago, in ms of the simulator's
    clock."""
    new_playlist_ms: float = Field(default=0, ge=0)
    """409 when a write arrives less than this after the playlist was made, in ms of the simulator's clock."""
    conflict_lands_every: int = Field(default=4, ge=0)
    """Every n-th 409 of these kinds takes effect all the same; 0: none does."""
    duplicates: Literal["accept", "refuse"] = "accept"
    """Whether a playlist takes the same video twice; refused with 409 ``videoAlreadyInPlaylist``."""
    playlist_size: int = Field(default=5000, ge=0)
    """Entries at which a playlist is full."""
    manual_sort: bool = False
    """Whether new playlists are sorted by hand; if not, giving a position is 400 ``manualSortRequired``."""
    playlists_per_day: int | None = Field(default=10, ge=0)
    """Playlists a channel can make per Pacific day before 429 ``RESOURCE_EXHAUSTED``; None: any number."""

    subscriptions_limit: int | None = Field(default=2000, ge=0)
    """Channels that a person can follow before 400 ``subscriptionForbidden``; None: any number."""

    # Eventual consistency: a new thing is left out of lists until both of its conditions are met.
    item_lag_ms: float = Field(default=0, ge=0)
    """New playlist entries, in ms of the simulator's clock."""
    item_lag_reads: int = Field(default=0, ge=0)
    """New playlist entries, in reads of the list that do not show them yet (a paged read counts once)."""
    playlist_lag_ms: float = Field(default=0, ge=0)
    """New playlists in the owner's list of playlists, in ms of the simulator's clock."""
    playlist_lag_reads: int = Field(default=0, ge=0)
    """New playlists, in reads of the owner's list of playlists that do not show them yet."""
    subscription_lag_reads: int = Field(default=0, ge=0)
    """New subscriptions, in reads of the list of them that do not show them yet."""
