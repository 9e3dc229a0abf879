"""What callers send and get about polling."""

from datetime import datetime
from typing import Any

from pydantic import ConfigDict, Field

from musicconnect.api.binding import Input
from musicconnect.api.responses import Output


class PollingUpdate(Input):
    """Whether Spotify is to be polled."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"enabled": True}]})

    enabled: bool


class PollingGap(Output):
    """A time of which plays may be missing: Spotify lists only the last fifty."""

    from_at: datetime
    until_at: datetime
    noticed_at: datetime


class Polling(Output):
    """Whether Spotify is polled for your plays, and how that goes."""

    available: bool = Field(description="Whether this deployment polls at all; see docs/compliance.md.")
    enabled: bool
    code: str = Field(description="What it does or did; stable, unlike `status_message`.")
    params: dict[str, Any] = Field(description="What the sentence of `code` mentions.")
    status_message: str
    last_polled_at: datetime | None
    next_poll_at: datetime | None
    gaps: list[PollingGap] = Field(description="The latest twenty.")
