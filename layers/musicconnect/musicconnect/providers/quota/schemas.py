"""What callers get about allowances."""

from datetime import datetime

from pydantic import Field

from musicconnect.api.responses import Output


class Quota(Output):
    """What is left of one allowance."""

    bucket: str = Field(examples=["search"])
    is_personal: bool = Field(
        description="Whether it is the caller's own; else the whole installation shares it."
    )
    title: str
    unit: str = Field(examples=["searches"])
    used: int = Field(description="Booked by us in the provider's current day.")
    limit: int | None = Field(description="Per day of the provider; null where it publishes none.")
    remaining: int | None = Field(description="Null where nobody knows.")
    remaining_tracks: int | None = Field(
        default=None, description="Tracks that can be written of it; null where tracks are not paid for."
    )
    resets_at: datetime | None
    my_used: int | None = Field(default=None, description="Of `used`, for the caller.")
    my_part: int | None = Field(
        default=None, description="Of a whole day, if all who want some now use up theirs."
    )
    sharers: int | None = Field(default=None, description="Who want some now, the caller among them.")


class QuotaList(Output):
    """The allowances of a provider: those that the whole installation shares, then the caller's own."""

    items: list[Quota]
    next_cursor: str | None = None
