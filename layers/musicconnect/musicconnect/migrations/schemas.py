"""Describe what the API takes and gives."""

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, ConfigDict, Field

from musicconnect.api.binding import Input
from musicconnect.api.responses import Output
from musicconnect.providers import registry

MAX_PLAYLISTS = 200
"""Of one migration."""

type Status = Literal["pending", "running", "completed", "failed"]
type MigrationStatus = Literal["pending", "running", "completed", "failed", "undone"]
type TrackStatus = Literal["pending", "matched", "failed"]
type StageName = Literal["read", "match", "create", "write", "verify", "undo", "done"]


def _known(provider: str) -> str:
    if provider not in registry.offered():
        raise ValueError(f"choose one of: {', '.join(registry.offered())}")
    return provider


def _known_source(provider: str) -> str:
    return provider if provider == registry.FILE else _known(provider)


def _distinct[T: str](ids: list[T]) -> list[T]:
    return list(dict.fromkeys(ids))


type Provider = Annotated[str, Field(max_length=40, examples=["spotify", "youtube"]), AfterValidator(_known)]
type SourceProvider = Annotated[
    str, Field(max_length=40, examples=["spotify", "youtube", "file"]), AfterValidator(_known_source)
]
type Privacy = Literal["private", "unlisted", "public"]
type PlaylistId = Annotated[str, Field(min_length=1, max_length=200)]


class Options(Input):
    """How a migration is to be made."""

    as_copy: bool = Field(
        default=False,
        description="Make a new playlist even of one that was moved there before; otherwise that one is "
        "updated: what is new is added at its end.",
    )
    remove_missing: bool = Field(
        default=False,
        description="When updating, take out what is no longer in the source. Not done when the source is "
        "empty or less than half of what it was.",
    )
    dry_run: bool = Field(default=False, description="Find the matches and write nothing.")


class MigrationCreate(Options):
    """Which playlists go where: named, or those of a dry run."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "source_provider": "spotify",
                    "target_provider": "youtube",
                    "playlists": "all",
                    "dry_run": True,
                }
            ]
        }
    )

    source_provider: Provider | None = Field(default=None, description="Not with `from_preview`.")
    target_provider: Provider | None = Field(default=None, description="Not with `from_preview`.")
    playlists: (
        Literal["all"]
        | Annotated[
            list[PlaylistId], Field(min_length=1, max_length=MAX_PLAYLISTS), AfterValidator(_distinct)
        ]
        | None
    ) = Field(
        default=None,
        description="The provider's own ids of playlists, in the order in which they are to be written, or "
        '"all": every playlist that can be read, liked songs included. Not with `from_preview`; with '
        "`library` it may be left out.",
        examples=[["37i9dQZF1DX0XUsuxWHRQd"], "all"],
    )
    privacy: Privacy = Field(
        default="private",
        description="Who may see playlists that are made; where the target has no `unlisted`, those are "
        "private, and where it has no `private`, those are unlisted, as the answer says. What is updated "
        "stays as it is.",
    )
    library: Annotated[list[Literal["artists", "albums"]], Field(max_length=2), AfterValidator(_distinct)] = (
        Field(
            default=[],
            description="What else moves into the target's own library: `artists`, whom you follow; on "
            "YouTube subscriptions; `albums`, which you saved, each as a playlist of its own where the "
            "target has no library of albums (`library` of `GET /v1/providers`). What is there already "
            "stays. Not with `from_preview`.",
        )
    )
    liked_as: Literal["playlist", "likes"] = Field(
        default="playlist",
        description="What liked songs become: a playlist of their own, or the target's own likes, in their "
        "order. What was liked there before stays.",
    )
    from_preview: int | None = Field(
        default=None,
        ge=1,
        lt=2**63,
        description="A dry run of yours, to be made real: its providers and its playlists, in its order.",
    )


class ListQuery(Input):
    """Which part of a list."""

    limit: int = Field(default=50, ge=1, le=200)
    cursor: str | None = Field(default=None, max_length=500, description="`next_cursor` of the page before.")


class RuleCreate(Input):
    """What a track is to become in every migration of yours."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "source_provider": "spotify",
                    "source_id": "5ovODbIxH3D9PN3iKkFXiz",
                    "target_provider": "youtube",
                    "target_id": "88S4I44-Hjv",
                }
            ]
        }
    )

    source_provider: SourceProvider
    source_id: Annotated[str, Field(min_length=1, max_length=200)]
    source_title: Annotated[str, Field(max_length=500)] = ""
    source_artist: Annotated[str, Field(max_length=500)] = ""
    target_provider: Provider
    target_id: Annotated[str, Field(min_length=1, max_length=200)] | None = Field(
        description="The provider's id of the counterpart; null: it does not exist there, leave it out."
    )
    target_link: Annotated[str, Field(min_length=1, max_length=2000)] | None = Field(
        default=None, description="A link to the counterpart, in place of `target_id`, which is null then."
    )
    target_title: Annotated[str, Field(max_length=500)] = ""
    target_artist: Annotated[str, Field(max_length=500)] = ""


class WaitingOrder(Input):
    """Which of your unfinished playlists come first."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"playlists": [12, 10]}]})

    playlists: Annotated[
        list[Annotated[int, Field(ge=1, lt=2**63)]], Field(min_length=1, max_length=MAX_PLAYLISTS)
    ] = Field(
        description="`id`s of migrated playlists, the first one first. Others come behind, as they are."
    )


class Rule(Output):
    """A choice of yours."""

    id: int
    source_provider: str
    source_id: str
    source_title: str
    source_artist: str
    target_provider: str
    target_id: str | None = Field(description="Null: it does not exist there.")
    target_title: str
    target_artist: str
    created_at: datetime


class RuleList(Output):
    """A page of rules, the latest first."""

    items: list[Rule]
    next_cursor: str | None


class TrackCounts(Output):
    """Tracks by what became of them."""

    total: int
    matched: int
    failed: int = Field(description="Those that need a review included.")
    needs_review: int
    written: int


class State(Output):
    """What something is doing or has done, for programs and for people."""

    code: str = Field(description="What it does or did; stable, unlike `status_message`.")
    params: dict[str, Any] = Field(description="What the sentence of `code` mentions, times in UTC.")
    status_message: str = Field(description="`code` in plain words, times in your zone.")


class Progress(Output):
    """How far a migration is."""

    percent: int = Field(ge=0, le=100)
    playlists: dict[Status, int] = Field(description="Playlists by status.")
    stages: dict[StageName, int] = Field(description="Unfinished playlists by stage.")
    tracks: TrackCounts
    waiting_for: Literal["quota", "provider"] | None = Field(
        description="What everything that is left waits for; null while something is being worked on."
    )
    waiting_until: datetime | None
    progressed_at: datetime | None = Field(description="When it last went on.")
    tracks_per_hour: float | None = Field(
        description="On average, up to `progressed_at`; null while nothing moves."
    )


class Cost(Output):
    """What writing a dry run would take."""

    units: int | None = Field(description="Of the target's daily allowance; null where it has none.")
    days: int = Field(description="Of the target, today included, next to what others wait for.")
    done_at: datetime = Field(description="When it would be done if it began now.")
    sharers: int = Field(description="People who wait for a part of the same days, the caller among them.")


class Migration(State):
    """A migration of one or more playlists."""

    id: int
    source_provider: str = Field(description='"file" where the playlists come out of an uploaded file.')
    source_file: str | None = Field(description="The name of that file.")
    import_id: int | None = Field(description="The import that made it out of that file, while it is kept.")
    target_provider: str
    status: MigrationStatus = Field(description="`undone`: completed, and rolled back since.")
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    is_paused: bool
    dry_run: bool
    privacy: Privacy = Field(description="Of the playlists that it makes.")
    liked_as: Literal["playlist", "likes"] = Field(description="What liked songs become.")
    from_preview: int | None = Field(description="The dry run that it was made of.")
    playlist_names: list[str] = Field(description="Of its first three playlists, as their source has them.")
    expected_at: datetime | None = Field(
        default=None,
        description="When it will be done: from what is left of the target's allowance today, from what "
        "waits ahead, and from what needs no search any more. Known once the source has been read.",
    )
    would_cost: Cost | None = Field(
        default=None, description="Of a dry run that has ended. Told of one migration, not in lists."
    )
    progress: Progress


class MigrationList(Output):
    """A page of migrations, the latest first."""

    items: list[Migration]
    next_cursor: str | None


class MigratedPlaylist(State):
    """One playlist of a migration."""

    id: int
    is_from_file: bool
    kind: Literal["playlist", "artists", "albums"] = Field(
        description="What it holds. `artists`: whom you follow, `albums`: which you saved; each stands as a "
        "track. An album that becomes a playlist is a `playlist`, its `source_playlist_id` begins with "
        "`album:`."
    )
    source_playlist_id: str
    source_name: str
    part: int = Field(description="Of a playlist that is more than the target holds, which part; from 1.")
    parts: int = Field(description="In how many parts it is moved. Known before anything is searched.")
    target_playlist_id: str | None
    target_name: str | None
    status: Status
    stage: StageName
    error_message: str | None = Field(description="`status_message` of one that failed.")
    percent: int = Field(ge=0, le=100)
    tracks: TrackCounts
    waiting_for: Literal["quota", "provider"] | None
    waiting_until: datetime | None
    would_cost: int | None = Field(
        description="Units of the target's daily allowance that writing the result of a dry run takes; null "
        "where there is none, or nothing to be written."
    )
    created_at: datetime
    finished_at: datetime | None


class WaitingPlaylist(State):
    """A playlist that is not finished yet."""

    id: int
    migration_id: int
    source_name: str
    part: int
    parts: int
    target_provider: str
    waiting_for: Literal["quota", "provider"] | None
    waiting_until: datetime | None


class WaitingPlaylistList(Output):
    """Your unfinished playlists, the first one first."""

    items: list[WaitingPlaylist]
    next_cursor: str | None = None


class MigratedPlaylistList(Output):
    """A page of playlists, in the order in which they were asked for."""

    items: list[MigratedPlaylist]
    next_cursor: str | None
