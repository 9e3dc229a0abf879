"""An export and its files as they are stored."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Literal

from musicconnect.platform.status import Status
from musicconnect.platform.work.deadline import Deadline

MARGIN_MS: Final = 20_000
"""Milliseconds that must be left to make another call, or begin another part."""

type ExportType = Literal[
    "playlists_csv",
    "playlists_json",
    "playlists_xspf",
    "playlists_jspf",
    "playlists_m3u8",
    "history_json",
    "history_csv",
    "pins_csv",
    "migrations_csv",
    "trends_csv",
    "account_archive",
]


type ExportStatus = Literal["pending", "running", "completed", "failed"]


@dataclass(frozen=True, slots=True)
class Job:
    """A stored export."""

    id: int
    user_id: int
    export_type: ExportType
    status: ExportStatus
    status_code: str
    status_params: dict[str, Any]
    requested_at: datetime
    started_at: datetime | None
    completed_at: datetime | None
    filters: dict[str, Any]
    options: dict[str, Any]
    storage_token: str
    rows_done: int
    rows_expected: int | None
    bytes_done: int
    notes: list[str]
    position: dict[str, Any]
    attempts: int
    request_hash: str | None

    @property
    def state(self) -> Status:
        """What it does, or how it ended."""
        return Status(self.status_code, self.status_params)


@dataclass(frozen=True, slots=True)
class File:
    """A stored file of an export."""

    id: int
    export_job_id: int
    storage_bucket: str
    storage_key: str
    mime_type: str
    size_bytes: int
    created_at: datetime
    expires_at: datetime
    name: str
    row_count: int


class OutOfTimeError(Exception):
    """Too little time is left for the next step; another invocation goes on."""


def check_time(deadline: Deadline) -> None:
    """See that there is time for another call or part.

    Raises:
        OutOfTimeError: there is not.
    """
    if deadline.remaining_ms < MARGIN_MS:
        raise OutOfTimeError
