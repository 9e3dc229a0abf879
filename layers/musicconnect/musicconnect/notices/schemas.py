"""What callers send and get about notices."""

from datetime import datetime
from typing import Any, Literal

from pydantic import ConfigDict, Field

from musicconnect.api.binding import Input
from musicconnect.api.responses import Output
from musicconnect.notices.codes import Mail, NoticeCode


class NoticeQuery(Input):
    """Which part of the list."""

    unread: bool = Field(False, description="Only what has not been read.")
    limit: int = Field(50, ge=1, le=100, description="Notices per page.")
    cursor: str | None = Field(None, max_length=200, description="`next_cursor` of the page before.")


class Notice(Output):
    """Something you were told."""

    id: int
    code: NoticeCode
    params: dict[str, Any] = Field(description="What the code is about: ids and numbers.")
    title: str
    message: str = Field(description="The same in words, in your time zone.")
    occurred_at: datetime
    read_at: datetime | None


class NoticeList(Output):
    """Newest first; those of the last 90 days."""

    items: list[Notice]
    next_cursor: str | None
    unread: int = Field(description="How many have not been read, on all pages.")


class UnsubscribeQuery(Input):
    """Whose mail of which kind is ended."""

    token: str = Field(max_length=300, description="From the link in the mail.")


class NoticeChange(Input):
    """Whether it was read."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"is_read": True}]})

    is_read: bool


class ReadUntil(Input):
    """Up to where the list was read."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"until": 17}]})

    until: int = Field(ge=1, lt=2**63, description="Id of the newest notice that was shown.")


class MarkedRead(Output):
    """How many were marked."""

    marked: int


class ChannelChoice(Output):
    """How notices of a kind reach you, beside the list."""

    mail: Mail = Field(description="`at_once`, `daily`: in a digest of your own morning, or `none`.")
    webhook: bool = Field(description="Whether your webhooks get it.")
    is_fixed: bool = Field(description="Whether it cannot be changed: what concerns your account's safety.")


class Settings(Output):
    """How notices reach you, by kind."""

    kinds: dict[NoticeCode, ChannelChoice]


class ChoiceChange(Input):
    """What is to change about a kind."""

    mail: Literal["at_once", "daily", "none"] | None = None
    webhook: bool | None = None


class SettingsChange(Input):
    """What is to change, by kind."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"kinds": {"migration-completed": {"mail": "daily"}}}]}
    )

    kinds: dict[NoticeCode, ChoiceChange] = Field(max_length=50)
