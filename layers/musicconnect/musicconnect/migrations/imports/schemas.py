"""Describe what callers send and get about files of playlists."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import AfterValidator, ConfigDict, Field, StringConstraints

from musicconnect.api.binding import printable
from musicconnect.api.responses import Output
from musicconnect.migrations.imports.model import PlaylistImportStatus
from musicconnect.migrations.schemas import ListQuery, Options, Provider, State

MAX_BYTES = 64 * 1024**2
"""Of one upload."""


class PlaylistImportCreate(Options):
    """A file of playlists that is to be uploaded, and where they are to go."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"target_provider": "youtube", "size_bytes": 2048, "file_name": "road_trip.csv"}]
        }
    )

    target_provider: Provider
    size_bytes: int = Field(ge=1, le=MAX_BYTES, description="Its exact size; the link takes no other.")
    file_name: Annotated[
        str,
        StringConstraints(max_length=200),
        AfterValidator(printable),
        Field(
            description="Names the playlist where the format does not (CSV, some M3U). What the file is, is "
            "found out from its content."
        ),
    ] = ""


class PlaylistImportQuery(ListQuery):
    """Which part of the list."""

    limit: int = Field(50, ge=1, le=100, description="Imports per page.")


class UnreadPart(Output):
    """Something that could not be read, while the rest could."""

    file: str = Field(description="Inside a zip; otherwise empty.")
    line: int = Field(description="1-based: the line of a text, the place in a list; 0: the file as a whole.")
    reason: str


class PlaylistImport(State):
    """An uploaded file, and the migration that comes of it."""

    id: int
    target_provider: str
    as_copy: bool
    remove_missing: bool
    dry_run: bool
    status: PlaylistImportStatus = Field(
        description="Of reading the file; how far its playlists are, the migration says."
    )
    file_name: str
    size_bytes: int
    formats: list[str] = Field(description="What was found in it.")
    playlists: int
    entries: int
    failed: int = Field(description="Rows, and files of a zip, that could not be read.")
    failures: list[UnreadPart] = Field(description="The first hundred.")
    migration_id: int | None = Field(
        description="The migration of the playlists that the file itself holds; null where it only links "
        "to some."
    )
    migration_ids: list[int] = Field(
        description="The migrations that it began; watch those. One of what the file holds, and one for each "
        "provider whose playlists it links to."
    )
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None


class PlaylistUploadLink(Output):
    """Where to send the file."""

    method: Literal["PUT"] = "PUT"
    url: str = Field(repr=False)
    headers: dict[str, str]
    expires_at: datetime


class NewPlaylistImport(PlaylistImport):
    """An import and the link to upload its file with."""

    upload: PlaylistUploadLink


class PlaylistImportList(Output):
    """Newest first."""

    items: list[PlaylistImport]
    next_cursor: str | None
