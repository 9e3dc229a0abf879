"""What callers send about programs that they let in."""

from typing import Annotated

from pydantic import AfterValidator, ConfigDict, Field, StringConstraints

from musicconnect.api.binding import Input, printable


class AppApproval(Input):
    """A program to be let in."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"token": "692a00000123456789abcdef01234567", "app": "Last.fm: scrobbler"}]
        }
    )

    token: str = Field(
        pattern="^[0-9a-f]{32}$", description="What the program got from `auth.getToken`.", repr=False
    )
    app: Annotated[
        str,
        StringConstraints(min_length=1, max_length=100),
        AfterValidator(printable),
        Field(description="What it is called in your list of personal tokens.", examples=["Scrobbler"]),
    ]
