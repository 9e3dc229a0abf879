"""What ListenBrainz's clients send and get."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, WithJsonSchema

from musicconnect.api.responses import Output


class ListenBrainzInput(BaseModel):
    """Base of ListenBrainz's queries: unknown fields are ignored."""

    model_config = ConfigDict(defer_build=True)


class TokenValidationQuery(ListenBrainzInput):
    """The token to validate, where it is not in the header."""

    token: str | None = None


class SubmitQuery(ListenBrainzInput):
    """What the answer is to have."""

    return_msid: str | None = Field(None, description="Anything: the answer names what is being played.")


class LatestImportQuery(ListenBrainzInput):
    """Whose mark, and of which service."""

    user_name: str | None = None
    service: str = Field("lastfm", description="`lastfm` or `librefm`.")


class ListenQuery(ListenBrainzInput):
    """Which listens."""

    min_ts: str | None = Field(None, description="Unix seconds; later listens only.")
    max_ts: str | None = Field(None, description="Unix seconds; earlier listens only.")
    count: str | None = Field(None, description="25 by default, at most 1,000.")

    def given(self) -> dict[str, str]:
        """Get what was sent."""
        return {name: value for name, value in self.model_dump().items() if value is not None}


class ListenBrainzErrorBody(Output):
    """An error in ListenBrainz's shape; one about a listen has the members of the listen, too."""

    model_config = ConfigDict(extra="allow", from_attributes=True, defer_build=True)

    code: int = Field(description="The HTTP status.")
    error: str


class StatisticsQuery(ListenBrainzInput):
    """Of which time, and which part of a list."""

    range: str | None = Field(
        None,
        description=(
            "this_week, this_month, this_year, or the last one that is over: week, month, quarter, "
            "half_yearly, year; all_time by default."
        ),
    )
    count: str | None = Field(None, description="25 by default, at most 1,000.")
    offset: str | None = None

    def given(self) -> dict[str, str]:
        """Get what was sent."""
        return {name: value for name, value in self.model_dump().items() if value is not None}


class PageQuery(ListenBrainzInput):
    """Which part of a list."""

    count: str | None = Field(None, description="25 by default, at most 1,000.")
    offset: str | None = None

    def given(self) -> dict[str, str]:
        """Get what was sent."""
        return {name: value for name, value in self.model_dump().items() if value is not None}


class FeedbackQuery(ListenBrainzInput):
    """Which feedback."""

    score: str | None = Field(None, description="1: love; -1: hate.")
    count: str | None = Field(None, description="25 by default, at most 1,000.")
    offset: str | None = None
    metadata: str | None = Field(None, description="`true`: with titles and artists.")

    def given(self) -> dict[str, str]:
        """Get what was sent."""
        return {name: value for name, value in self.model_dump().items() if value is not None}


class RecordingsQuery(ListenBrainzInput):
    """Which recordings."""

    recording_msids: str | None = Field(None, description="Separated by commas.")
    recording_mbids: str | None = Field(None, description="Separated by commas.")

    def given(self) -> dict[str, str]:
        """Get what was sent."""
        return {name: value for name, value in self.model_dump().items() if value is not None}


type SubmissionText = Annotated[
    str,
    WithJsonSchema(
        {
            "type": "object",
            "required": ["listen_type", "payload"],
            "properties": {
                "listen_type": {"type": "string", "enum": ["single", "playing_now", "import"]},
                "payload": {"type": "array", "items": {"type": "object"}},
            },
            "examples": [
                {
                    "listen_type": "single",
                    "payload": [
                        {
                            "listened_at": 1_795_341_600,
                            "track_metadata": {"artist_name": "Abba", "track_name": "Waterloo"},
                        }
                    ],
                }
            ],
        }
    ),
]
"""A submission, which is read as ListenBrainz reads it."""
type ListenText = Annotated[
    str,
    WithJsonSchema(
        {
            "type": "object",
            "required": ["listened_at", "recording_msid"],
            "properties": {
                "listened_at": {"type": ["number", "string"], "description": "Unix seconds."},
                "recording_msid": {"type": "string"},
            },
            "examples": [
                {"listened_at": 1_795_341_600, "recording_msid": "0b1c2d3e-4f50-8617-8800-000000000000"}
            ],
        }
    ),
]
"""A listen to delete."""
type PlayerText = Annotated[
    str,
    WithJsonSchema(
        {
            "description": "`client` may be the player's `submission_client`; anything else is ignored.",
            "examples": [{"client": "a player"}],
        }
    ),
]
"""Who says that nothing is being played."""
type ImportMarkText = Annotated[
    str,
    WithJsonSchema(
        {
            "type": "object",
            "required": ["ts"],
            "properties": {
                "ts": {"type": "integer", "description": "Unix seconds."},
                "service": {"type": "string", "description": "`lastfm` or `librefm`."},
            },
            "examples": [{"ts": 1_795_341_600, "service": "lastfm"}],
        }
    ),
]
"""Up to when a history was brought."""
type FeedbackText = Annotated[
    str,
    WithJsonSchema(
        {
            "type": "object",
            "required": ["score"],
            "properties": {
                "recording_msid": {"type": ["string", "null"]},
                "recording_mbid": {"type": ["string", "null"]},
                "score": {"type": "integer", "description": "1: love; -1: hate; 0: neither."},
            },
            "examples": [{"recording_msid": "0b1c2d3e-4f50-8617-8800-000000000000", "score": 1}],
        }
    ),
]
"""Love or hate."""
type RecordingsText = Annotated[
    str,
    WithJsonSchema(
        {
            "type": "object",
            "properties": {
                "recording_msids": {"type": "array", "items": {"type": "string"}},
                "recording_mbids": {"type": "array", "items": {"type": "string"}},
            },
            "examples": [{"recording_msids": ["0b1c2d3e-4f50-8617-8800-000000000000"]}],
        }
    ),
]
"""Recordings."""


class SubmitResult(Output):
    """The listens were added."""

    status: Literal["ok"]
    recording_msid: str | None = Field(
        None,
        exclude_if=lambda recording: recording is None,
        description="With `return_msid`, of what is being played.",
    )


class StatusWithMessage(Output):
    """It was done."""

    status: Literal["ok"]
    message: str


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
    """A user's listens."""

    payload: ListenPage


class ListenCountPayload(Output):
    """How many."""

    count: int


class ListenCount(Output):
    """How many listens a user has."""

    payload: ListenCountPayload


class NowPlayingItem(Output):
    """What is being played."""

    track_metadata: dict[str, Any]
    user_name: str
    playing_now: Literal[True]


class NowPlayingPage(Output):
    """At most one."""

    user_id: str
    count: int
    playing_now: Literal[True]
    listens: list[NowPlayingItem]


class NowPlayingList(Output):
    """What a user is listening to."""

    payload: NowPlayingPage


class LatestImport(Output):
    """Up to when a history was brought."""

    musicbrainz_id: str
    latest_import: int = Field(description="Unix seconds; 0: never.")
    status: None
    error: None


class Statistics(Output):
    """A statistic; which members it has depends on what was asked for."""

    payload: dict[str, Any]


class FeedbackItem(Output):
    """Love (1) or hate (-1); 0: neither."""

    user_id: str
    recording_msid: str | None
    recording_mbid: str | None
    score: int
    created: int | None = Field(description="Unix seconds.")
    track_metadata: dict[str, Any] | None


class FeedbackList(Output):
    """Newest first."""

    feedback: list[FeedbackItem]
    count: int
    total_count: int
    offset: int


class FeedbackForRecordings(Output):
    """In the order of the question."""

    feedback: list[FeedbackItem]


class JspfPlaylist(Output):
    """A playlist as JSPF."""

    playlist: dict[str, Any]


class JspfList(Output):
    """Playlists without their tracks."""

    playlists: list[JspfPlaylist]
    playlist_count: int = Field(description="Of all pages.")
    count: int
    offset: int
