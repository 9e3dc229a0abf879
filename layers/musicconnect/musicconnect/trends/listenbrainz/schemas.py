"""What callers send and get about plays, ours and ListenBrainz's."""

from datetime import UTC, datetime
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, Field

from musicconnect.api.binding import Input
from musicconnect.api.responses import Output


def _aware(value: datetime) -> datetime:
    return value if value.tzinfo else value.replace(tzinfo=UTC)


Moment = Annotated[datetime, AfterValidator(_aware)]
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
    source: SourceName | None = Field(None, description="Only what this source told.")


class PlayQuery(PlayFilter):
    """Which part of the list."""

    provider: ProviderName | None = Field(None, description="Only what was played there.")
    counted_only: bool = Field(False, description="Without skips and starts.")
    limit: int = Field(50, ge=1, le=500, description="Plays per page.")
    cursor: str | None = Field(None, max_length=200, description="`next_cursor` of the page before.")


class Play(Output):
    """A play, however many sources tell of it."""

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
    source: str = Field(description="Who tells of it; of several the one that knows most.")
    also_from: list[str] = Field(description="Who else tells of it.")
    import_id: int | None


class PlayList(Output):
    """Newest first."""

    items: list[Play]
    next_cursor: str | None


# -- ListenBrainz --------------------------------------------------------------------------------------------


class ListenBrainzInput(BaseModel):
    """Base of queries in ListenBrainz's manner: what is unknown is ignored."""


class TokenQuery(ListenBrainzInput):
    """The token to validate, where it is not in the header."""

    token: str | None = None


class ListenQuery(ListenBrainzInput):
    """Which listens."""

    min_ts: str | None = Field(None, description="Unix seconds; later listens only.")
    max_ts: str | None = Field(None, description="Unix seconds; earlier listens only.")
    count: str | None = Field(None, description="25 unless told, at most 1,000.")

    def given(self) -> dict[str, str]:
        """What was sent."""
        return {name: value for name, value in self.model_dump().items() if value is not None}


class SubmitResult(Output):
    """That the listens were taken in."""

    status: Literal["ok"]


class ListenBrainzErrorBody(Output):
    """An error, as ListenBrainz has them."""

    code: int
    error: str


class TokenValidation(Output):
    """Whose token it is."""

    code: Literal[200]
    message: str
    valid: bool
    user_name: str | None = Field(None, exclude_if=lambda name: name is None)


class ListenItem(Output):
    """A listen."""

    listened_at: int = Field(description="Unix seconds.")
    inserted_at: int
    recording_msid: str
    user_name: str
    track_metadata: dict[str, Any]


class ListenPage(Output):
    """Newest first."""

    user_id: str
    count: int
    listens: list[ListenItem]
    latest_listen_ts: int
    oldest_listen_ts: int


class ListenList(Output):
    """A person's listens."""

    payload: ListenPage


class ListenCountPayload(Output):
    """How many."""

    count: int


class ListenCount(Output):
    """How many listens a person has."""

    payload: ListenCountPayload
