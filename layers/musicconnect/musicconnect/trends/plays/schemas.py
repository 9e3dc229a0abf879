"""What callers send and get about plays."""

from datetime import datetime
from typing import Literal, Self

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from musicconnect.api.binding import Input
from musicconnect.api.responses import Output
from musicconnect.api.times import Moment

type SourceName = Literal[
    "spotify_extended", "spotify_api", "spotify_account", "listenbrainz", "scrobbler_log", "lastfm", "maloja",
    "koito", "youtube_takeout",
]  # fmt: skip
type PlayProvider = Literal["spotify", "youtube", "other"]


class PlayFilter(Input):
    """Which plays: a period, a source, or both."""

    since: Moment | None = Field(
        None, description="The earliest start: a time with its offset, or a day (UTC)."
    )
    until: Moment | None = Field(
        None, description="The first start that is too late: a time with its offset, or a day (UTC)."
    )
    source: SourceName | None = Field(None, description="Only what this source reports.")


class PlayDeletion(PlayFilter):
    """What to delete: both ends of a period, a source, both, or explicitly everything."""

    all: bool = Field(False, description="Delete every play of yours, or all that `source` reports.")

    @model_validator(mode="after")
    def _explicit(self) -> Self:
        if (self.since is None) != (self.until is None):
            raise PydanticCustomError("period", "`since` and `until` go together: name both ends")
        if self.all and self.since is not None:
            raise PydanticCustomError("period", "Give either `all=true` or a period")
        if self.since is not None and self.until is not None and self.until <= self.since:
            raise PydanticCustomError("period", "`until` has to be later than `since`")
        if not self.all and self.since is None and self.source is None:
            raise PydanticCustomError(
                "period", "Say what to delete: `since` and `until`, `source`, or `all=true`"
            )
        return self


class PlayQuery(PlayFilter):
    """Which part of the list."""

    provider: PlayProvider | None = Field(None, description="Only what was played there.")
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
    provider: PlayProvider = Field(description="Where it was played; `other`: not known.")
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
