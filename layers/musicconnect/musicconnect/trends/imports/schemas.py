"""What callers send and get about imports of histories."""

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, ConfigDict, Field, StringConstraints

from musicconnect.api.binding import Input, printable
from musicconnect.api.responses import Output

MAX_UPLOAD_BYTES = 1024**3

type HistoryImportStatus = Literal["awaiting_upload", "pending", "running", "completed", "failed", "deleting"]


class HistoryImportCreate(Input):
    """A file to be uploaded."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"size_bytes": 1048576, "file_name": "my_spotify_data.zip"}]}
    )

    size_bytes: int = Field(
        ge=1, le=MAX_UPLOAD_BYTES, description="Its exact size; the link accepts no other."
    )
    file_name: Annotated[
        str,
        StringConstraints(max_length=200),
        AfterValidator(printable),
        Field(description="For you to recognize it by. The format is detected from the content."),
    ] = ""


class HistoryImportQuery(Input):
    """Which part of the list."""

    limit: int = Field(50, ge=1, le=100, description="Imports per page.")
    cursor: str | None = Field(None, max_length=200, description="`next_cursor` of the page before.")


class RecordFailure(Output):
    """A record that could not be read."""

    file: str = Field(description="Inside an archive; otherwise empty.")
    line: int = Field(description="1-based: the line of a text, the position in a JSON list or an HTML page.")
    reason: str


class ImportLedger(Output):
    """Counts of the records; at all times `total` = `accepted` + `duplicate` + `skipped` + `failed`."""

    total: int
    accepted: int
    duplicate: int
    skipped: int
    failed: int
    reasons: dict[str, dict[str, int]] = Field(
        description="Counts by reason, under `accepted` (by kind), `duplicate`, `skipped` and `failed`."
    )
    failures: list[RecordFailure] = Field(description="The first hundred.")


class UnreadFile(Output):
    """A file in an archive that may be a history and was not read."""

    name: str
    reason: str = Field(description="With advice.")


class HistoryImport(Output):
    """An upload and the counts of its records."""

    id: int
    status: HistoryImportStatus
    code: str = Field(description="What it does or did; stable, unlike `status_message`.")
    params: dict[str, Any] = Field(description="What the sentence of `code` mentions.")
    status_message: str
    file_name: str
    size_bytes: int
    formats: list[str] = Field(description="The formats found in it.")
    ignored_files: list[str] = Field(
        description="Files in an archive that are no histories; the first hundred."
    )
    unread_files: list[UnreadFile] = Field(
        description="Files in an archive that cannot be read, and why; the first twenty."
    )
    ledger: ImportLedger
    first_played_at: datetime | None
    last_played_at: datetime | None
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None


class UploadLink(Output):
    """Where to upload the file."""

    method: Literal["PUT"] = "PUT"
    url: str = Field(repr=False)
    headers: dict[str, str]
    expires_at: datetime


class NewHistoryImport(HistoryImport):
    """An import and the link for its upload."""

    upload: UploadLink


class HistoryImportList(Output):
    """Newest first."""

    items: list[HistoryImport]
    next_cursor: str | None
