"""What callers send and get about personal tokens."""

from datetime import datetime
from typing import Annotated, Final, Self

from pydantic import AfterValidator, ConfigDict, Field, StringConstraints, model_validator
from pydantic_core import PydanticCustomError

from musicconnect.api.binding import Input, printable
from musicconnect.api.responses import Output
from musicconnect.core.tokens.scopes import Scope

MAX_DAYS: Final = 366
"""That a token for more than listens lasts."""


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
    scope: Scope = Field(
        "listens",
        description="`listens`: sends plays, and reads them. `read`: reads everything, changes nothing. "
        "`everything`: acts as you do, but for letting others in and deleting the account.",
    )
    expires_in_days: int | None = Field(
        None,
        ge=1,
        le=3650,
        description="Days until it expires; until it is revoked if absent. Only tokens for listens may last "
        f"longer than {MAX_DAYS} days, or have no end.",
    )

    @model_validator(mode="after")
    def _ends(self) -> Self:
        if self.scope != "listens" and not 1 <= (self.expires_in_days or 0) <= MAX_DAYS:
            message = "A token for more than listens needs an end: expires_in_days of 1 to {days}"
            raise PydanticCustomError("expires_in_days", message, {"days": MAX_DAYS})
        return self


class TokenListQuery(Input):
    """Which part of the list."""

    limit: int = Field(50, ge=1, le=100, description="Tokens per page.")
    cursor: str | None = Field(None, max_length=200, description="`next_cursor` of the page before.")


class Token(Output):
    """A personal token, without the token itself."""

    id: int
    name: str
    scope: Scope
    created_at: datetime
    last_used_at: datetime | None = Field(description="To within five minutes.")
    expires_at: datetime | None


class NewToken(Token):
    """A token, and the only time it is shown."""

    token: str = Field(
        description=("Send it as `Authorization: Token <token>`; at /2.0 it is the password."),
        repr=False,
    )
    user_name: str = Field(description="Your name for programs that ask for one beside it.")


class TokenList(Output):
    """Newest first."""

    items: list[Token]
    next_cursor: str | None
