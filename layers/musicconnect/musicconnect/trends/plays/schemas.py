"""What callers send and get about plays."""

from datetime import UTC, datetime
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from musicconnect.api.binding import Input
from musicconnect.api.responses import Output

Moment = Annotated[
    datetime, AfterValidator(lambda value: value if value.tzinfo else value.replace(tzinfo=UTC))
]
"""A time; one without an offset is UTC."""
SourceName = Literal[
    "spotify_extended", "spotify_api", "spotify_account", "listenbrainz", "scrobbler_log", "lastfm", "maloja",
    "koito", "youtube_takeout",
]  # fmt: skip
ProviderName = Literal["spotify", "youtube", "other"]


class PlayFilter(Input):
    """Which plays: a period, a source, or both."""

    since: Moment | None = Field(None, description="The earliest start. Without an offset it is UTC.")
    until: Moment | None = Field(None, description="The first start that is too late.")
    source: SourceName | None = Field(None, description="Only what this source reports.")


class PlayQuery(PlayFilter):
    """Which part of the list."""

    provider: ProviderName | None = Field(None, description="Only what was played there.")
    counted_only: bool = Field(False, description="Without skips and starts.")
    limit: int = Field(50, ge=1, le=500, description="Plays per page.")
    cursor: str | None = Field(None, max_length=200, description="`next_cursor` of the page before.")


class Play(Output):
    """A play, however many sources report it."""

    id: str
    played_at: datetime = Field(description="The start.")
    kind: Literal["play", "skip", "start"] = Field(description="`start`: more than that is not known.")
    counts: bool
    title: str
    artist: str
    album: str | None
    provider: ProviderName = Field(description="Where it was played; `other`: not known.")
    provider_track_id: str | None
    track: str = Field(description="The same for the same artist and title, whatever the source.")
    ms_played: int | None
    duration_ms: int | None
    source: str = Field(description="The source of the report; of several the one that knows most.")
    also_from: list[str] = Field(description="Other sources that report it.")
    import_id: int | None


class PlayList(Output):
    """Newest first."""

    items: list[Play]
    next_cursor: str | None


class DeletionResult(Output):
    """What was deleted."""

    deleted: int = Field(description="Plays that are gone.")
    remaining: int = Field(description="Plays that remain, because another source reports them too.")
    complete: bool = Field(description="False if there was not enough time: send the same request again.")
