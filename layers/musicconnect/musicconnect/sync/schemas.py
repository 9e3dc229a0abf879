"""What HTTP accepts and answers about pairs."""

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from musicconnect.api.binding import Input

type Mode = Literal["two_way", "mirror", "add_only"]
type Schedule = Literal["by_hand", "hourly", "daily", "weekly"]
type PairStatus = Literal["active", "asking", "paused", "sleeping", "lost"]
type PairedPlaylistId = Annotated[str, StringConstraints(min_length=1, max_length=200, pattern=r"^[\w-]+$")]

MAX_PAIRS_AT_ONCE = 50


class PairSide(Input):
    """A playlist of a pair."""

    provider: str = Field(description="Of one of your linked accounts.", max_length=40)
    playlist_id: PairedPlaylistId = Field(description="The provider's id of the playlist.")


class PairOptions(Input):
    """How a pair is kept in step."""

    mode: Mode = Field(
        "two_way", description="`mirror` and `add_only` go from left to right; `add_only` takes nothing out."
    )
    schedule: Schedule = "daily"
    max_removals: int = Field(50, ge=0, le=1000, description="A run that would take out more stops and asks.")
    max_removal_share: float = Field(0.2, ge=0, le=1, description="So does one above this share, from 11 on.")
    keeps_order: bool = Field(
        True, description="Whether entries are moved so that both sides have one order."
    )
    removes_foreign: bool = Field(
        False, description="In `mirror`: whether entries that you put into the right side go, too."
    )


class NewPair(PairOptions):
    """Two playlists that are to stay in step."""

    left: PairSide
    right: PairSide


class PairsCreate(Input):
    """Pairs to make, all or none."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "items": [
                        {
                            "left": {"provider": "spotify", "playlist_id": "37i9dQZF1DX0XUsuxWHRQd"},
                            "right": {
                                "provider": "youtube",
                                "playlist_id": "PLFgquLnL59alCl_2TQvOiD5Vgm1hCaGSI",
                            },
                            "mode": "two_way",
                            "schedule": "daily",
                        }
                    ]
                }
            ]
        }
    )

    items: list[NewPair] = Field(min_length=1, max_length=MAX_PAIRS_AT_ONCE)


class PairChange(Input):
    """What to change about a pair; what is left out stays. Another mode is shown before it is written."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"schedule": "weekly"}]})

    mode: Mode | None = None
    schedule: Schedule | None = None
    max_removals: int | None = Field(None, ge=0, le=1000)
    max_removal_share: float | None = Field(None, ge=0, le=1)
    keeps_order: bool | None = None
    removes_foreign: bool | None = None


class SideState(BaseModel):
    """A playlist of a pair, and what it was called last."""

    provider: str
    playlist_id: str
    name: str


class Pair(BaseModel):
    """Two playlists that are kept in step, and how that stands."""

    id: int
    left: SideState
    right: SideState
    mode: Mode
    schedule: Schedule
    max_removals: int
    max_removal_share: float
    keeps_order: bool
    removes_foreign: bool
    status: PairStatus
    code: str = Field(description="Of the state, for programs.")
    params: dict[str, Any]
    message: str = Field(description="The same for people.")
    is_approved: bool = Field(description="False: what comes next is shown to you before it is written.")
    run_id: int | None = Field(description="The run that waits for your word or is being written.")
    checked_at: datetime | None = Field(description="When both sides were last read whole.")
    created_at: datetime
    next_at: datetime | None


class PairList(BaseModel):
    """A page of pairs."""

    items: list[Pair]
    next_cursor: str | None


class MadePairs(BaseModel):
    """The pairs that were made, in the order in which they were asked for."""

    items: list[Pair]


class PairPageQuery(Input):
    """Which page."""

    cursor: str | None = None
    limit: int = Field(50, ge=1, le=200)


class HeldTrack(BaseModel):
    """A song that a stopped run would have taken out."""

    title: str
    artist: str


class PairGuard(BaseModel):
    """Why a run stopped, with numbers; `contested` stops nothing and needs no answer."""

    code: Literal["source-empty", "many-removals", "slow-leak", "many-moves", "contested"]
    message: str
    provider: str | None = None
    count: int
    of: int | None = None
    units: int | None = Field(None, description="Of `many-moves`: what writing them would cost of the day.")
    total: int | None = Field(None, description="Of `slow-leak`: removals within a week, these included.")
    tracks: list[HeldTrack] = []


class PairRun(BaseModel):
    """One run of a pair."""

    id: int
    pair_id: int
    cause: Literal["hand", "schedule", "undo"]
    status: Literal["pending", "asking", "running", "completed", "dropped", "failed"]
    code: str
    params: dict[str, Any]
    message: str
    guards: list[PairGuard]
    counts: dict[str, Any] = Field(description="By side and kind of change, and of the pair's tracks.")
    cost: dict[str, dict[str, int]] = Field(description="Calls and units, by provider and allowance.")
    undoes: int | None = Field(description="Of an undo: the first run that it takes back.")
    undone_by: int | None
    can_be_undone: bool
    created_at: datetime
    finished_at: datetime | None


class PairRunList(BaseModel):
    """A page of runs, the latest first."""

    items: list[PairRun]
    next_cursor: str | None


class PairRunChange(BaseModel):
    """One change of a run, planned or made."""

    number: int
    side: Literal["left", "right"]
    provider: str
    kind: Literal["add", "remove", "move", "rename"]
    track_id: str
    url: str | None = Field(description="Where the provider shows the track; null of a new name.")
    title: str
    artist: str
    reason: str
    state: Literal["planned", "intended", "restoring", "done", "dropped", "refused"]
    error: str | None


class PairRunChangeList(BaseModel):
    """A page of changes: left side first, in the order in which they are made."""

    items: list[PairRunChange]
    next_cursor: str | None


class PairAnswer(Input):
    """What you say to what a pair asks."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"answer": "yes"}]})

    answer: Literal["yes", "no"] = Field(
        description="`yes`: write it. `no`: leave both sides as they are; the pair rests until you resume it."
    )


class PairTrackQuery(PairPageQuery):
    """Which tracks of a pair."""

    only: Literal["review", "without_counterpart", "all"] = "all"


class PairTrackMissing(BaseModel):
    """Why nothing stands on a side of a pair, where its person can do something about it."""

    code: Literal["not-in-catalogue"]
    params: dict[str, Any] = Field(description="`catalogue`: whose it is.")
    message: str = Field(description="The same for people.")


class PairTrack(BaseModel):
    """A recording of a pair, and what stands of it on each side."""

    id: int
    title: str
    artist: str
    left: str = Field(description="State on the left side.")
    left_track_id: str | None
    right: str
    right_track_id: str | None
    needs_review: bool = Field(description="Say what it is with a rule: `POST /v1/migrations/rules`.")
    missing: PairTrackMissing | None = Field(
        description="Of one that an open catalogue lacks; it is looked for again at every later run."
    )


class PairTrackList(BaseModel):
    """A page of the recordings of a pair, in its order."""

    items: list[PairTrack]
    next_cursor: str | None
