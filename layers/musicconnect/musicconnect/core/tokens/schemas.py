"""What callers send and get about personal tokens."""

from datetime import datetime
from typing import Annotated

from pydantic import AfterValidator, ConfigDict, Field, StringConstraints

from musicconnect.api.binding import Input, printable
from musicconnect.api.responses import Output


class TokenCreate(Input):
    """A new token."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"name": "Scrobbler on my phone", "expires_in_days": 365}]}
    )

    name: Annotated[
        str,
        StringConstraints(min_length=1, max_length=100),
        AfterValidator(printable),
        Field(description="What it is for.", examples=["Scrobbler on my phone"]),
    ]
    expires_in_days: int | None = Field(
        None, ge=1, le=3650, description="Days until it expires; until it is revoked if absent."
    )


class TokenListQuery(Input):
    """Which part of the list."""

    limit: int = Field(50, ge=1, le=100, description="Tokens per page.")
    cursor: str | None = Field(None, max_length=200, description="`next_cursor` of the page before.")


class Token(Output):
    """A personal token, without the token itself."""

    id: int
    name: str
    created_at: datetime
    last_used_at: datetime | None = Field(description="To within five minutes.")
    expires_at: datetime | None


class NewToken(Token):
    """A token, and the only time it is shown."""

    token: str = Field(
        description=(
            "Send it as `Authorization: Token <token>` to /1/* and /v1/plays; at /2.0 it is the password."
        ),
        repr=False,
    )
    user_name: str = Field(description="Your name for programs that ask for one beside it.")


class TokenList(Output):
    """Newest first."""

    items: list[Token]
    next_cursor: str | None
