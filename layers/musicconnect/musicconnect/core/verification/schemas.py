"""What callers send and get about what is proved by mail."""

from datetime import datetime
from typing import Annotated, Any, Self

from pydantic import ConfigDict, Field, StringConstraints, model_validator
from pydantic_core import PydanticCustomError

from musicconnect.api.binding import Input
from musicconnect.api.responses import Accepted
from musicconnect.core.schemas import AsCookie, Email, NewPassword, Password

_EXAMPLE = "x" * 43
_Handle = Annotated[str, StringConstraints(pattern="^[A-Za-z0-9_-]{43}$")]


def _examples(**more: Any) -> ConfigDict:
    return ConfigDict(json_schema_extra={"examples": [{"token": _EXAMPLE, **more}]})


class Proof(Input):
    """What was in the mail: the link's token, or the code with what was answered when it was asked for."""

    model_config = _examples()

    token: _Handle | None = Field(None, description="What stands behind `#` in the link.", repr=False)
    confirmation: _Handle | None = Field(
        None, description="`confirmation` of the answer that announced the mail.", repr=False
    )
    code: Annotated[str, StringConstraints(pattern="^[0-9]{6}$")] | None = Field(
        None, description="The six digits of the mail. Five tries.", repr=False
    )

    @model_validator(mode="after")
    def _one_or_the_other(self) -> Self:
        by_code = self.confirmation is not None and self.code is not None
        if by_code == (self.token is not None) or (self.confirmation is None) != (self.code is None):
            raise PydanticCustomError("proof", "Send either token, or confirmation with code")
        return self


class SessionProof(Proof):
    """What was in the mail, and how the session is to come."""

    model_config = _examples()

    as_cookie: AsCookie = False


class PasswordReset(Proof):
    """What was in the mail, and the password that is to be."""

    model_config = _examples(new_password="wrong donkey charger paperclip")  # noqa: S106 - an example

    new_password: NewPassword
    revoke_tokens: bool = Field(True, description="Revoke personal tokens, too; false leaves them valid.")


class AddressOnly(Input):
    """An address that a mail is to go to."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"email": "ada@example.org"}]})

    email: Email


class AddressChange(Input):
    """The address that is to be, and the password."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"email": "ada@example.net", "password": "correct horse battery staple"}]
        }
    )

    email: Email
    password: Password


class MailAnnounced(Accepted):
    """That a mail goes out, if there is anybody to send it to. It is the same for whatever address."""

    confirmation: str = Field(description="Send it with the code of the mail.", repr=False)
    expires_at: datetime = Field(description="Until when link and code of the mail are good.")
