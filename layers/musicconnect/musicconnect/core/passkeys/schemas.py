"""What callers send and get about passkeys."""

from datetime import datetime
from typing import Annotated, Any

from pydantic import AfterValidator, ConfigDict, Field, StringConstraints
from pydantic.config import JsonDict

from musicconnect.api.binding import Input, printable
from musicconnect.api.responses import Output
from musicconnect.core.schemas import AsCookie, Password

_CEREMONY = "x" * 43
_CREDENTIAL: JsonDict = {
    "id": "c2hvcnRlcg",
    "rawId": "c2hvcnRlcg",
    "type": "public-key",
    "response": {"clientDataJSON": "e30", "attestationObject": "oA"},
    "clientExtensionResults": {},
}
_Ceremony = Annotated[
    str,
    StringConstraints(pattern="^[A-Za-z0-9_-]{43}$"),
    Field(description="`ceremony` of the answer with the options.", repr=False),
]
_Credential = Annotated[
    dict[str, Any],
    Field(description="What the browser made of the options, by `toJSON()`.", repr=False),
]
_Name = Annotated[
    str,
    StringConstraints(min_length=1, max_length=100),
    AfterValidator(printable),
    Field(description="Where it is kept.", examples=["Phone"]),
]


class PasskeyBegin(Input):
    """That it is really you: a passkey lets in for good."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"password": "correct horse battery staple"}]})

    password: Password


class PasskeyCreate(Input):
    """A new passkey."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"ceremony": _CEREMONY, "name": "Phone", "credential": _CREDENTIAL}]}
    )

    ceremony: _Ceremony
    name: _Name
    credential: _Credential


class PasskeyRename(Input):
    """Another name."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"name": "Old phone"}]})

    name: _Name


class PasskeySignIn(Input):
    """What a passkey signed."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"ceremony": _CEREMONY, "credential": _CREDENTIAL}]}
    )

    ceremony: _Ceremony
    credential: _Credential
    as_cookie: AsCookie = False


class PasskeyOptions(Output):
    """What the browser is to be asked with."""

    ceremony: str = Field(description="Send it with what the browser makes of it.", repr=False)
    options: dict[str, Any] = Field(
        description="For `PublicKeyCredential.parseCreationOptionsFromJSON` or `parseRequestOptionsFromJSON`."
    )
    expires_at: datetime


class Passkey(Output):
    """A passkey, without its key."""

    id: int
    name: str
    created_at: datetime
    last_used_at: datetime | None


class PasskeyList(Output):
    """All of them, oldest first, on one page."""

    items: list[Passkey]
    next_cursor: None = None
