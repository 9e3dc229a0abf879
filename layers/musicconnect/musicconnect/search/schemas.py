"""Requests and answers of the search API."""

from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any, Final, Literal

from pydantic import ConfigDict, Field, field_validator
from pydantic_core import PydanticCustomError

from musicconnect.api.binding import Input
from musicconnect.api.responses import Output
from musicconnect.platform.text import is_storable
from musicconnect.providers.schemas import EVERY, KnownProvider, ProviderFilter

if TYPE_CHECKING:
    from musicconnect.music.model import ItemType

MAX_LINK_LENGTH: Final = 2000
"""Characters, as `music.links` has it; a start does without that module."""

type Kind = Literal["track", "video", "album", "artist", "playlist"]
type SearchSource = Literal["live", "cache", "match_store"]
type PastStatus = Literal["answered", "partly", "failed"]
type Outcome = Literal["matched", "needs_review", "no_match", "unanswered"]

_KIND = r"(?:track|video|album|artist|playlist)"
_Text = Annotated[str, Field(min_length=1, max_length=500)]


class SearchQuery(Input):
    """What to search for."""

    q: _Text = Field(
        description="1 to 500 characters in any script; handed to the providers as it is, so their operators "
        "work (`isrc:`, `artist:`, quotes on Spotify; `-` and `|` on YouTube)."
    )
    provider: ProviderFilter = Field(
        EVERY, description="Where to search; `all`: everywhere but at optional providers that are not linked."
    )
    type: str = Field(
        "track",
        pattern=rf"^{_KIND}(?:,{_KIND})*$",
        description="What for: one or several of `track`, `album`, `artist`, `playlist`, `video`, with "
        "commas between. `track` finds recordings everywhere: tracks, and on YouTube music videos.",
    )
    limit: int = Field(10, ge=1, le=50, description="At most so many items of each type.")
    cursor: str | None = Field(
        None, max_length=3000, description="`next_cursor` of a group: goes on with that group alone."
    )

    @field_validator("q")
    @classmethod
    def _tidy(cls, text: str) -> str:
        if not is_storable(text):
            raise PydanticCustomError("not_text", "This is not text in Unicode")
        from musicconnect.search import query_plan  # noqa: PLC0415 - a start needs none of it

        plain = query_plan.tidy(text)
        if not plain:
            raise PydanticCustomError("empty", "Type something to search for")
        return plain

    @property
    def types(self) -> "tuple[ItemType, ...]":
        """Give the types, each once."""
        from musicconnect.music.model import ItemType  # noqa: PLC0415 - as above

        return tuple(dict.fromkeys(ItemType(kind) for kind in self.type.split(",")))


class Attribution(Output):
    """What has to stand beside anything from a provider's catalogue."""

    text: str
    url: str = Field(description="The link that has to go with it.")


class SearchItem(Output):
    """An entry of a provider's catalogue."""

    provider: KnownProvider
    type: Kind
    id: str
    url: str = Field(description="Where the provider shows it.")
    title: str = Field(description="As the provider has it; of an artist the name.")
    artists: list[str] = Field(default_factory=list, description="Where the provider knows them.")
    channel: str | None = Field(default=None, description="Uploader of a video, owner of a playlist.")
    album: str | None = None
    duration_ms: int | None = None
    artwork: str | None = Field(default=None, description="Address of a picture. Show it uncropped.")
    explicit: bool | None = None
    isrc: str | None = None
    attribution: Attribution


class GroupError(Output):
    """Why a provider's part is missing, and what to do."""

    code: str = Field(description="Stable; the last part of the problem type that says the same.")
    params: dict[str, Any] = Field(
        default_factory=dict, description="What the message mentions, such as `provider` and `until`."
    )
    message: str = Field(description="The same in words, times in your time zone.")
    retry_after: int | None = Field(default=None, description="Seconds after which it may work.")


class SearchGroup(Output):
    """What one provider has. Groups are to be shown apart, never mixed into one list."""

    provider: KnownProvider
    title: str
    url: str | None = Field(
        default=None,
        description="The same search on the provider's own page, for whoever wants to look there; null where "
        "it has none. Whether the provider answered here makes no difference.",
    )
    items: list[SearchItem]
    next_cursor: str | None = None
    source: SearchSource | None = Field(
        None,
        description="`live`: asked just now. `cache`: the same search was answered within the last day. "
        "`match_store`: what matching knows, since the provider could not be asked. Null: nothing.",
    )
    fetched_at: datetime | None = Field(default=None, description="When the oldest part was fetched.")
    age_seconds: int | None = None
    error: GroupError | None = None


class SearchAnswer(Output):
    """The answer of all searched providers."""

    query: str
    groups: list[SearchGroup]


class HistoryQuery(Input):
    """Which part of the history."""

    limit: int = Field(50, ge=1, le=200)
    cursor: str | None = Field(default=None, max_length=200)


class PastQuery(Output):
    """A search of yours."""

    id: int
    query: str
    provider: ProviderFilter
    type: str
    results_count: int
    status: PastStatus = Field(
        description="`answered` by all that were asked, `partly` by some of them, `failed` by nobody: then 0 "
        "results say nothing."
    )
    failures: dict[str, str] = Field(description="By provider the code of why it did not answer.")
    searched_at: datetime


class History(Output):
    """Your searches, the latest first."""

    items: list[PastQuery]
    next_cursor: str | None = None


class Cleared(Output):
    """How many rows were deleted."""

    deleted: int


class PinCreate(Input):
    """What to pin: these three of an item that a search returned."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"provider": "spotify", "type": "track", "id": "5ovODbIxH3D9PN3iKkFXiz"}]
        }
    )

    provider: KnownProvider
    type: Kind
    id: str = Field(min_length=1, max_length=100, pattern=r"^[0-9A-Za-z_-]+$")


class PinsQuery(Input):
    """Which pins."""

    provider: KnownProvider | None = None
    type: Kind | None = None
    limit: int = Field(50, ge=1, le=200)
    cursor: str | None = Field(default=None, max_length=200)


class Pin(Output):
    """A pinned item."""

    id: int
    provider: KnownProvider
    type: Kind
    item_id: str
    title: str | None = Field(
        description="Null where it may not be stored any longer and the provider could not be asked again."
    )
    subtitle: str | None = Field(default=None, description="Artists, channel or owner.")
    url: str
    attribution: Attribution
    pinned_at: datetime


class PinList(Output):
    """Your pins, the latest first."""

    items: list[Pin]
    next_cursor: str | None = None


_Url = Annotated[str, Field(min_length=1, max_length=MAX_LINK_LENGTH)]


class ResolveQuery(Input):
    """Which link."""

    url: _Url = Field(description="A link or URI of one of the services, in any form they hand out.")


class ResolveRequest(Input):
    """Which links."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"urls": ["https://youtu.be/88S4I44-Hjv?t=43"]}]}
    )

    urls: list[_Url] = Field(min_length=1, max_length=100)


class CounterpartCandidate(Output):
    """An entry that may be the counterpart."""

    item: SearchItem
    score: float | None = Field(description="0 to 100: how sure it is.")
    reasons: list[str]


class Counterpart(Output):
    """What is known of a recording on another provider."""

    provider: KnownProvider
    outcome: Outcome = Field(
        description="`matched`: this is it. `needs_review`: something comes close, see `candidates`. "
        "`no_match`: nothing does. `unanswered`: nobody could be asked, see `error`."
    )
    item: SearchItem | None = None
    score: float | None = Field(default=None, description="0 to 100.")
    parts: dict[str, float] = Field(
        default_factory=dict, description="The evidence, each 0 to 100; 50 says nothing either way."
    )
    reasons: list[str] = Field(default_factory=list)
    reason_codes: list[str] = Field(
        default_factory=list,
        description="`reasons`, for programs. `not-in-catalogue`: the catalogue is open, and you "
        "can add the recording to it.",
    )
    candidates: list[CounterpartCandidate] = Field(default_factory=list)
    source: Literal["match_store", "seed", "channel", "search"] | None = Field(
        default=None,
        description="What named it: what was found before, open data, the artist's own channel, a search.",
    )
    confirmed_by: Literal["score", "person"] | None = None
    fetched_at: datetime | None = None
    error: GroupError | None = None


class LinkOut(Output):
    """What a link leads to."""

    provider: KnownProvider
    type: Kind
    id: str
    url: str = Field(description="The plain form of the link.")
    start_seconds: int | None = None
    playlist_id: str | None = None


class Resolved(Output):
    """A link and its counterparts on the other providers."""

    url: str = Field(description="As it was sent.")
    link: LinkOut | None = None
    item: SearchItem | None = Field(default=None, description="What it is.")
    counterparts: list[Counterpart] = Field(
        default_factory=list, description="One for each other provider. Only recordings have any."
    )
    error: GroupError | None = None


class ResolvedList(Output):
    """Links in the order in which they were sent."""

    items: list[Resolved]
    searches_spent: dict[str, int] = Field(description="By provider.")
