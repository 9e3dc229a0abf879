"""What the API takes and gives."""

from datetime import datetime
from typing import Annotated, Any, Final, Literal, Self, get_args
from zoneinfo import available_timezones

from pydantic import AfterValidator, ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

from musicconnect.api.binding import Input
from musicconnect.api.responses import Output
from musicconnect.api.times import Day
from musicconnect.exports.model import ExportStatus, ExportType
from musicconnect.providers import registry

MAX_PLAYLISTS: Final = 500
"""That one request may name."""


_PLAYLISTS: Final = tuple(name for name in get_args(ExportType.__value__) if name.startswith("playlists_"))
_HISTORY: Final = ("history_json", "history_csv")
_CSV: Final = tuple(name for name in get_args(ExportType.__value__) if name.endswith("_csv"))
APPLIES: Final = {
    "filters.provider": (*_PLAYLISTS, *_HISTORY, "pins_csv", "migrations_csv", "trends_csv"),
    "filters.playlists": _PLAYLISTS,
    "filters.from": (*_HISTORY, "pins_csv", "migrations_csv", "trends_csv"),
    "filters.to": (*_HISTORY, "pins_csv", "migrations_csv", "trends_csv"),
    "filters.time_zone": (*_HISTORY, "pins_csv", "migrations_csv", "account_archive"),
    "options.json": ("history_json", "playlists_json"),
    "options.bom": (*_CSV, "account_archive"),
    "options.columns": ("playlists_csv",),
    "options.compression": (*_HISTORY, "pins_csv", "migrations_csv", "trends_csv"),
    "options.bundle": _PLAYLISTS,
}
"""To which types a filter or an option applies."""


def _known(provider: str) -> str:
    if provider != "other" and provider not in registry.PROVIDERS:
        raise ValueError(f"choose one of: {', '.join(registry.PROVIDERS)}, other")
    return provider


def _zone(name: str) -> str:
    if name not in available_timezones():
        raise ValueError("not a time zone of the IANA database, such as Europe/Berlin")
    return name


def _distinct(ids: list[str]) -> list[str]:
    return list(dict.fromkeys(ids))


type PlaylistId = Annotated[str, Field(min_length=1, max_length=200)]


class Filters(Input):
    """What is to be in it. Everything, if nothing is said."""

    model_config = ConfigDict(serialize_by_alias=True)

    provider: Annotated[str, Field(max_length=40), AfterValidator(_known)] | None = Field(
        default=None,
        description="Playlists and pins of it, migrations from or to it, what was played there (`other` "
        "where the source does not say).",
        examples=["spotify"],
    )
    playlists: (
        Annotated[list[PlaylistId], Field(min_length=1, max_length=MAX_PLAYLISTS), AfterValidator(_distinct)]
        | None
    ) = Field(default=None, description="The provider's own ids of playlists; `provider` says whose.")
    first: Day | None = Field(
        default=None,
        alias="from",
        description="First day: played, pinned or migrated on.",
        examples=["2026-01-01"],
    )
    last: Day | None = Field(default=None, alias="to", description="Last day.", examples=["2026-12-31"])
    time_zone: Annotated[str, Field(max_length=64), AfterValidator(_zone)] | None = Field(
        default=None,
        description="Whose days they are, and in which times are written. Your own, if left out.",
        examples=["Europe/Berlin"],
    )

    @model_validator(mode="after")
    def _sensible(self) -> Self:
        if self.first and self.last and self.last < self.first:
            raise PydanticCustomError("range", "`to` lies before `from`")
        if self.playlists and (self.provider is None or self.provider == "other"):
            raise PydanticCustomError(
                "provider", "with `playlists`, `provider` has to say whose ids they are"
            )
        return self


class Options(Input):
    """How it is to be written."""

    model_config = ConfigDict(serialize_by_alias=True)

    json_form: Literal["array", "lines"] = Field(
        default="array",
        alias="json",
        description="JSON as one array, or as JSON lines; playlists as one document, or as lines.",
    )
    bom: bool = Field(
        default=False, description="Begin CSV with a byte order mark, which some spreadsheets need for UTF-8."
    )
    columns: Literal["all", "soundiiz"] = Field(
        default="all",
        description="Of playlists as CSV: everything, under the names that Exportify and TuneMyMusic know; "
        "or the table that Soundiiz takes, which holds less.",
    )
    compression: Literal["none", "gzip"] = "none"
    bundle: Literal["auto", "zip", "files"] = Field(
        default="auto",
        description="Playlists in one zip, or each in a file of its own; `auto`: a zip where there are "
        "several.",
    )


class ExportCreate(Input):
    """What to export."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"type": "history_csv", "filters": {"from": "2026-01-01"}, "options": {"compression": "gzip"}}
            ]
        }
    )

    type: ExportType
    filters: Filters = Field(default_factory=Filters)
    options: Options = Field(default_factory=Options)

    @model_validator(mode="after")
    def _applicable(self) -> Self:
        for part in ("filters", "options"):
            model: Input = getattr(self, part)
            fields = type(model).model_fields
            for name in model.model_fields_set:
                path = f"{part}.{fields[name].alias or name}"
                if getattr(model, name) is not None and self.type not in APPLIES[path]:
                    raise PydanticCustomError("not_applicable", f"`{path}` does not apply to {self.type}")
        if self.filters.provider == "other" and self.type not in _HISTORY:
            raise PydanticCustomError(
                "not_applicable", "only plays have been told of by nobody in particular"
            )
        return self


class ExportQuery(Input):
    """Which part of a list."""

    limit: int = Field(default=50, ge=1, le=100)
    cursor: str | None = Field(default=None, max_length=200, description="`next_cursor` of the page before.")


class DownloadQuery(Input):
    """Which file."""

    file: int | None = Field(
        default=None, ge=1, lt=2**63, description="`id` of one of the files; needed where there are several."
    )


class ExportFile(Output):
    """A file that can be downloaded."""

    id: int
    name: str
    mime_type: str
    size_bytes: int
    row_count: int = Field(description="Plays, pins, tracks, entries of playlists; headers not counted.")
    created_at: datetime
    expires_at: datetime
    download: str = Field(description="Path that leads to a link signed at that moment.")


class ExportProgress(Output):
    """How far it is."""

    rows_done: int
    rows_expected: int | None = Field(description="Null until it is counted.")
    bytes: int = Field(description="Stored so far.")
    percent: int = Field(ge=0, le=100)


class Export(Output):
    """An export and its files."""

    id: int
    type: ExportType
    status: ExportStatus
    status_code: str = Field(
        description="What it does or how it ended, for programs.", examples=["waiting-for-quota"]
    )
    status_params: dict[str, Any] = Field(description="What the message mentions; times in UTC.")
    status_message: str = Field(description="The same in words, times in your time zone.")
    filters: Filters
    options: Options
    progress: ExportProgress
    notes: list[str] = Field(description="What was left out, and why.")
    requested_at: datetime
    started_at: datetime | None
    completed_at: datetime | None
    files: list[ExportFile]


class ExportList(Output):
    """A page of exports, the latest first."""

    items: list[Export]
    next_cursor: str | None
