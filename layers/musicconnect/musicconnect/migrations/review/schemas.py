"""Describe what the API takes and gives of tracks: their matches, and people's decisions about them."""

from datetime import datetime
from typing import Annotated, Any, Literal, Self

from pydantic import ConfigDict, Field, model_validator

from musicconnect.api.binding import Input
from musicconnect.api.responses import Output
from musicconnect.migrations.schemas import ListQuery, TrackStatus

MAX_CHOICES = 500
"""Of one request."""
MAX_LINKS = 50
"""Of one request: each has to be looked up."""

type TrackOutcome = Literal["matched", "needs_review", "no_match", "not_transferable"]
type RowId = Annotated[int, Field(ge=1, lt=2**63)]
type Code = Annotated[str, Field(min_length=1, max_length=60, pattern=r"^[a-z0-9-]+$")]


class MigratedTracksQuery(ListQuery):
    """Which tracks, in which order."""

    limit: int = Field(default=100, ge=1, le=200)
    playlist_id: int | None = Field(
        default=None, ge=1, lt=2**63, description="Of one migrated playlist: `id` of /playlists."
    )
    status: TrackStatus | None = None
    outcome: TrackOutcome | None = Field(default=None, description="What became of it.")
    reason: Code | None = Field(default=None, description="With this code among `reasons`.")
    code: Code | None = Field(default=None, description="Not moved for this reason: `code`.")
    written: bool | None = Field(default=None, description="Whether it stands in the target.")
    sort: Literal["position", "score"] = Field(
        default="position", description="`score`: the least sure first, those without a score before all."
    )


class CountsQuery(Input):
    """Which tracks are counted."""

    migration_id: int | None = Field(default=None, ge=1, lt=2**63, description="Of one migration.")
    playlist_id: int | None = Field(default=None, ge=1, lt=2**63, description="Of one migrated playlist.")


class Resolution(Input):
    """What a track is to become: give exactly one of the three."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"leave_out": True}]})

    candidate: Annotated[str, Field(min_length=1, max_length=200)] | None = Field(
        default=None, description="`id` of one of the track's candidates."
    )
    link: Annotated[str, Field(min_length=1, max_length=500)] | None = Field(
        default=None,
        description="A link to the track on the target.",
        examples=["https://youtu.be/AbCdEfGhIjK"],
    )
    leave_out: bool = Field(default=False, description="It does not exist there.")

    @model_validator(mode="after")
    def _exactly_one(self) -> Self:
        if (self.candidate is not None) + (self.link is not None) + self.leave_out != 1:
            raise ValueError("give one of candidate, link and leave_out")
        return self


class TrackChoice(Input):
    """What one of many tracks is to become: give exactly one of the four."""

    track_id: RowId
    best: bool = Field(default=False, description="The first of its candidates.")
    candidate: Annotated[str, Field(min_length=1, max_length=200)] | None = None
    link: Annotated[str, Field(min_length=1, max_length=500)] | None = None
    leave_out: bool = False

    @model_validator(mode="after")
    def _exactly_one(self) -> Self:
        if self.best + (self.candidate is not None) + (self.link is not None) + self.leave_out != 1:
            raise ValueError("give one of best, candidate, link and leave_out")
        return self


class TrackChoices(Input):
    """What many tracks are to become."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"choices": [{"track_id": 1, "best": True}]}]})

    choices: Annotated[list[TrackChoice], Field(min_length=1, max_length=MAX_CHOICES)]

    @model_validator(mode="after")
    def _each_once(self) -> Self:
        if len({choice.track_id for choice in self.choices}) < len(self.choices):
            raise ValueError("name each track once")
        if sum(choice.link is not None for choice in self.choices) > MAX_LINKS:
            raise ValueError(f"give at most {MAX_LINKS} links at once")
        return self


class Span(Output):
    """Where in a title something stands."""

    side: Literal["source", "target"]
    start: int = Field(description="In characters of the title, from 0.")
    end: int = Field(description="Behind the last one.")


class MatchReason(Output):
    """One reason of a score, or of what became of a track."""

    code: str = Field(description="Stable, unlike `text`.")
    about: Literal[
        "title",
        "artist",
        "album",
        "version",
        "length",
        "words",
        "guests",
        "rival",
        "search",
        "person",
        "store",
        "other",
    ]
    sign: Literal["for", "against", "open"] = Field(
        description="Whether it speaks for the match; `open`: nothing was compared."
    )
    params: dict[str, Any]
    text: str
    spans: list[Span] = Field(description="Where the titles state the version that it is about.")


class TrackSide(Output):
    """A track on the service that it comes from, or on the one that it goes to."""

    provider: str = Field(description='"file": made from what the file says of the track.')
    id: str | None
    url: str | None = Field(description="Where the service shows it.")
    title: str
    artist: str
    album: str | None
    channel: str | None
    duration_ms: int | None
    isrc: str | None


class MatchCandidate(Output):
    """What came close."""

    id: str
    url: str | None = Field(description="Where the target shows it.")
    title: str
    artist: str
    album: str | None = None
    channel: str | None = None
    duration_ms: int | None = None
    isrc: str | None = None
    score: float = Field(description="0 to 100, with one decimal.")
    parts: dict[str, float]
    reasons: list[str]
    reason_details: list[MatchReason]


class TrackDecision(Output):
    """What its person decided about a track last."""

    id: int
    kind: Literal["candidate", "link", "leave_out"]
    status: Literal["queued", "applied"] = Field(
        description="`queued`: applied as soon as nobody is at work on the playlist."
    )
    decided_at: datetime


class MigratedTrack(Output):
    """One track of a migrated playlist."""

    id: int
    migration_id: int
    playlist_id: int
    playlist_name: str
    position: int = Field(
        description="In the source, from 0; of liked songs that become likes from the oldest on."
    )
    source_provider: str = Field(
        description='Whose `source_track_id` it is; "file": made from what the file says of the track.'
    )
    source_track_id: str | None
    source_title: str
    source_artist: str
    source_kind: str
    source: TrackSide
    target_provider: str
    target_track_id: str | None
    target_title: str | None
    target_artist: str | None
    target: TrackSide | None = Field(description="Its counterpart; null: there is none.")
    status: TrackStatus
    outcome: TrackOutcome | None
    match_score: float | None = Field(description="0 to 100, with one decimal.")
    match_parts: dict[str, float] | None
    match_reasons: list[str]
    reason_details: list[MatchReason] = Field(description="`match_reasons`, for programs.")
    candidates: list[MatchCandidate]
    code: str | None = Field(description="Why it is not moved; stable, unlike `error_message`.")
    params: dict[str, Any] | None
    error_message: str | None
    written: bool
    decision: TrackDecision | None


class MigratedTrackList(Output):
    """A page of tracks."""

    items: list[MigratedTrack]
    next_cursor: str | None


class TrackTally(Output):
    """How many tracks there are of what."""

    total: int
    written: int
    outcomes: dict[str, int] = Field(description="By outcome; `pending`: not decided yet.")
    reasons: dict[str, int] = Field(
        description="Of those that need a review or have no match, by code of a reason; each one counts."
    )
    codes: dict[str, int] = Field(description="Of those that are not moved, by `code`.")
    found_by: dict[str, int] = Field(
        description="Of those with a counterpart, by what named it: `rule`, `match_store`, `source`, `seed` "
        "(open data), `channel` (the artist's own), `search`."
    )


class ChoiceResult(Output):
    """What came of the choice about one track."""

    track_id: int
    status: Literal["applied", "queued", "refused"]
    code: str | None = Field(description="Why it was refused; stable.")
    message: str | None


class ChoiceResults(Output):
    """What came of choices, in their order."""

    items: list[ChoiceResult]
    applied: int
    queued: int = Field(description="Applied as soon as nobody is at work on the playlist.")
    refused: int
