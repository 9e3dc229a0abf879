"""What callers send and get about imports."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, StringConstraints

from musicconnect.api.binding import Input
from musicconnect.api.responses import Output
from musicconnect.core.schemas import printable

MAX_BYTES = 1024**3
"""Of one upload."""


class ImportCreate(Input):
    """A file that is to be uploaded."""

    size_bytes: int = Field(ge=1, le=MAX_BYTES, description="Its exact size; the link takes no other.")
    file_name: Annotated[
        str,
        StringConstraints(max_length=200),
        AfterValidator(printable),
        Field(description="For you to recognise it by. What the file is, is found out from its content."),
    ] = ""


class HistoryImportQuery(Input):
    """Which part of the list."""

    limit: int = Field(50, ge=1, le=100, description="Imports per page.")
    cursor: str | None = Field(None, max_length=200, description="`next_cursor` of the page before.")


class RecordFailure(Output):
    """A record that could not be read."""

    file: str = Field(description="Inside a zip; otherwise empty.")
    line: int = Field(description="1-based: the line of a text, the place in a JSON list.")
    reason: str


class ImportCounts(Output):
    """What became of the records: `total` = `accepted` + `duplicate` + `skipped` + `failed`, at all times."""

    total: int
    accepted: int
    duplicate: int
    skipped: int
    failed: int
    reasons: dict[str, dict[str, int]] = Field(
        description="Counts by reason, under `accepted` (by kind), `duplicate`, `skipped` and `failed`."
    )
    failures: list[RecordFailure] = Field(description="The first hundred.")


class HistoryImport(Output):
    """An upload and its ledger."""

    id: int
    status: Literal["awaiting_upload", "pending", "running", "completed", "failed", "deleting"]
    status_message: str
    file_name: str
    size_bytes: int
    formats: list[str] = Field(description="What was found in it.")
    ignored_files: list[str] = Field(description="Files in a zip that are no histories; the first hundred.")
    counts: ImportCounts
    first_played_at: datetime | None
    last_played_at: datetime | None
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None


class UploadLink(Output):
    """Where to send the file."""

    method: Literal["PUT"] = "PUT"
    url: str = Field(repr=False)
    headers: dict[str, str]
    expires_at: datetime


class NewHistoryImport(HistoryImport):
    """An import and the link to upload its file with."""

    upload: UploadLink


class HistoryImportList(Output):
    """Newest first."""

    items: list[HistoryImport]
    next_cursor: str | None


class DeletionResult(Output):
    """What was taken back."""

    deleted: int = Field(description="Plays that are gone.")
    remaining: int = Field(description="Plays that stay, because somebody else tells of them too.")
    complete: bool = Field(description="False if there was not enough time: send the same request again.")
