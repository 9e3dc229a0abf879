"""What HTTP accepts and answers about repairs."""

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from musicconnect.api.binding import Input
from musicconnect.providers.schemas import KnownProvider
from musicconnect.sync.schemas import PairedPlaylistId

type RepairStatus = Literal["checking", "proposed", "applying", "completed", "undoing", "undone", "failed"]
type RepairScheduleStatus = Literal["active", "sleeping", "lost"]
type CheckInterval = Literal["daily", "weekly", "monthly"]
type Country = Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}$")]
MAX_ENTRIES = 5_000


class NewRepair(Input):
    """A playlist to check. Nothing is written before you order it."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"provider": "youtube", "playlist_id": "PLFgquLnL59alCl_2TQvOiD5Vgm1hCaGSI", "country": "DE"}
            ]
        }
    )

    provider: str = Field(description="Of one of your linked accounts.", max_length=40)
    playlist_id: PairedPlaylistId = Field(description="The provider's id of the playlist.")
    country: Country | None = Field(
        None,
        description="Where you listen (ISO 3166-1 alpha-2). Without it nothing counts as blocked.",
    )


class RepairCounts(BaseModel):
    """How many entries: found, named, searched for, with a proposal, changed."""

    dead: int = 0
    named: int = Field(0, description="Of which is known what they were.")
    searched: int = 0
    sure: int = Field(0, description="With a proposal that is replaced without being named.")
    unsure: int = Field(0, description="With a proposal that needs your decision.")
    replaced: int = 0
    refused: int = Field(0, description="Changes that the provider refused.")


class Repair(BaseModel):
    """A check of a playlist, and what became of it; kept for 28 days."""

    id: int
    provider: str
    playlist_id: str
    name: str
    country: str | None
    status: RepairStatus
    code: str = Field(description="Of the state, for programs.")
    params: dict[str, Any]
    message: str = Field(description="The same for people.")
    counts: RepairCounts
    cost: dict[str, int] = Field(description="Units up to now, by allowance.")
    price: int = Field(
        description="Units that replacing all sure ones would cost; 0 where units are not counted."
    )
    can_be_undone: bool
    schedule_id: int | None = Field(description="The schedule whose check it is; null: you asked for it.")
    created_at: datetime
    finished_at: datetime | None
    next_at: datetime | None


class RepairList(BaseModel):
    """A page of repairs, the latest first."""

    items: list[Repair]
    next_cursor: str | None


class RepairPageQuery(Input):
    """Which page."""

    cursor: str | None = None
    limit: int = Field(50, ge=1, le=200)


class CheckedPlaylistQuery(Input):
    """Which playlists, and which page of them."""

    provider: KnownProvider | None = None
    with_dead: bool = Field(False, description="Only those with entries that cannot be played.")
    cursor: str | None = None
    limit: int = Field(50, ge=1, le=200)


class CheckedPlaylist(BaseModel):
    """A playlist that was checked within the last 28 days, as the latest check that ended has it."""

    provider: str
    playlist_id: str
    repair_id: int = Field(description="The check: `GET /v1/repairs/{repair_id}` and its entries say more.")
    dead: int | None = Field(
        description="Entries that cannot be played, without those that were replaced since; null: no check "
        "has ended yet."
    )
    checked_at: datetime | None = Field(description="When that check began.")
    is_being_checked: bool


class CheckedPlaylistList(BaseModel):
    """A page of playlists that were checked, by provider and id."""

    items: list[CheckedPlaylist]
    next_cursor: str | None


class RepairProposal(BaseModel):
    """What could stand in an entry's place."""

    track_id: str
    title: str
    artist: str
    duration_ms: int | None
    score: float | None = Field(description="0 to 100.")
    is_sure: bool = Field(description="False: it is replaced only if you name the entry.")
    url: str | None


type EntryState = Literal[
    "searching", "unknown", "nothing_found", "not_in_catalogue", "proposed", "replaced", "refused", "left"
]


class RepairEntry(BaseModel):
    """An entry that cannot be played."""

    number: int
    position: int = Field(description="0-based, when the playlist was read.")
    track_id: str | None
    cause: Literal["deleted", "private", "blocked", "unavailable"]
    message: str
    title: str | None = Field(description="What it was; null where nobody may know it.")
    artist: str | None
    known_by: Literal["provider", "migration", "match_store", "pair", "plays"] | None
    proposal: RepairProposal | None
    state: EntryState
    error: str | None


class RepairEntryList(BaseModel):
    """A page of entries, in the order of the playlist."""

    items: list[RepairEntry]
    next_cursor: str | None


class RepairOrder(Input):
    """Which entries to replace."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"entries": [1, 3]}]})

    entries: list[Annotated[int, Field(ge=1)]] | None = Field(
        None, min_length=1, max_length=MAX_ENTRIES,
        description="Numbers of entries with a proposal; without it, all whose proposals are sure.",
    )  # fmt: skip


class NewRepairSchedule(NewRepair):
    """A playlist to check again and again. You are told of what is found; nothing is written."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "provider": "youtube",
                    "playlist_id": "PLFgquLnL59alCl_2TQvOiD5Vgm1hCaGSI",
                    "country": "DE",
                    "schedule": "weekly",
                }
            ]
        }
    )

    schedule: CheckInterval = Field("weekly", description="How often; a month is 30 days.")


class RepairScheduleChange(Input):
    """What to change; it also goes on with one whose playlist was gone."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"schedule": "daily"}]})

    schedule: CheckInterval | None = None
    country: Country | None = None


class RepairSchedule(BaseModel):
    """A playlist that is checked again and again."""

    id: int
    provider: str
    playlist_id: str
    name: str
    country: str | None
    schedule: CheckInterval
    status: RepairScheduleStatus = Field(
        description="`sleeping`: no usable account is linked; `lost`: the playlist is gone, or not yours."
    )
    code: str = Field(description="Of the state, for programs.")
    params: dict[str, Any]
    message: str = Field(description="The same for people.")
    created_at: datetime
    next_at: datetime | None = Field(description="When it is checked again.")
    latest: Repair | None = Field(description="The latest check of the last 28 days.")


class RepairScheduleList(BaseModel):
    """The person's schedules, in the order in which they were made."""

    items: list[RepairSchedule]
