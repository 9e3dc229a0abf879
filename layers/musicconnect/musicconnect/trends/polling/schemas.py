"""What callers send and get about polling."""

from datetime import datetime

from pydantic import Field

from musicconnect.api.binding import Input
from musicconnect.api.responses import Output


class PollingUpdate(Input):
    """Whether Spotify is to be asked."""

    enabled: bool


class PollingGap(Output):
    """Plays of this time may be missing: Spotify tells the last fifty and no more."""

    from_at: datetime
    until_at: datetime
    noticed_at: datetime


class Polling(Output):
    """Whether Spotify is asked what you played."""

    available: bool = Field(description="Whether this deployment polls at all; see docs/compliance.md.")
    enabled: bool
    status_message: str
    last_polled_at: datetime | None
    next_poll_at: datetime | None
    gaps: list[PollingGap] = Field(description="The latest twenty.")
