"""What callers send and get about accounts and sessions."""

import unicodedata
from datetime import datetime
from typing import Annotated, Literal

from pydantic import AfterValidator, ConfigDict, Field, StringConstraints
from pydantic_core import PydanticCustomError

from musicconnect.api.binding import Input, printable
from musicconnect.api.responses import Output
from musicconnect.core import common_passwords, emails
from musicconnect.core.tokens.schemas import Token
from musicconnect.matching import Content
from musicconnect.platform.text import is_visible

MIN_PASSWORD_LENGTH = 10


def _email(value: str) -> str:
    value = emails.normalize(value)
    if not emails.is_email(value):
        raise PydanticCustomError("email", "This is not an email address")
    return value


def _not_blank(value: str) -> str:
    if sum(map(is_visible, value.strip())) + value.strip().count(" ") < MIN_PASSWORD_LENGTH:
        message = "Blanks at the ends, and what is not seen, do not count: at least {length} characters"
        raise PydanticCustomError("password", message, {"length": MIN_PASSWORD_LENGTH})
    return value


def _not_common(value: str) -> str:
    if common_passwords.is_common(value):
        message = "This password is one of those that are tried first: take another one"
        raise PydanticCustomError("password", message)
    return value


def _normalised_password(value: str) -> str:
    # The same password typed on another system must be the same bytes (NIST SP 800-63B, section 5.1.1.2).
    return unicodedata.normalize("NFKC", value)


def _time_zone(value: str) -> str:
    from zoneinfo import ZoneInfo  # noqa: PLC0415 - few requests name a time zone

    # The database's folders and aliases beside IANA's names, which other systems need not have.
    foreign = value.startswith(("posix/", "right/")) or value in {"localtime", "posixrules", "Factory"}
    try:
        ZoneInfo("" if foreign else value)
    except (OSError, ValueError, LookupError):  # a folder, a path out of the database, no such name
        message = "This is not an IANA time zone, such as Europe/Berlin"
        raise PydanticCustomError("time_zone", message) from None
    return value


Email = Annotated[
    str,
    StringConstraints(min_length=3, max_length=emails.MAX_LENGTH),
    AfterValidator(_email),
    Field(description="Email address. Compared and kept without case.", examples=["ada@example.org"]),
]
NewPassword = Annotated[
    str,
    StringConstraints(min_length=MIN_PASSWORD_LENGTH, max_length=200, strip_whitespace=False),
    AfterValidator(_normalised_password),
    AfterValidator(_not_blank),
    AfterValidator(_not_common),
    Field(
        description="10 to 200 characters, not the address, and none of the most common passwords.",
        examples=["correct horse battery staple"],
        repr=False,
    ),
]
Password = Annotated[
    str,
    StringConstraints(min_length=1, max_length=200, strip_whitespace=False),
    AfterValidator(_normalised_password),
    Field(examples=["correct horse battery staple"], repr=False),
]
DisplayName = Annotated[
    str, StringConstraints(min_length=1, max_length=100), AfterValidator(printable), Field(examples=["Ada"])
]
TimeZone = Annotated[
    str,
    StringConstraints(min_length=1, max_length=64),
    AfterValidator(_time_zone),
    Field(description="IANA time zone, in which this person's days begin.", examples=["Europe/Berlin"]),
]

Strictness = Literal["strict", "lenient"]


AsCookie = Annotated[
    bool,
    Field(
        description="For browsers: the session goes into a cookie that scripts cannot read, and `token` is "
        "null. Only pages of this origin may ask for it.",
    ),
]


class SignUp(Input):
    """A new account."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "email": "ada@example.org",
                    "password": "correct horse battery staple",
                    "display_name": "Ada",
                    "time_zone": "Europe/Berlin",
                }
            ]
        }
    )

    email: Email
    password: NewPassword
    display_name: DisplayName | None = Field(default=None, description="Default: what stands before the @.")
    time_zone: TimeZone = "UTC"
    as_cookie: AsCookie = False


class SignIn(Input):
    """An address and its password."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"email": "ada@example.org", "password": "correct horse battery staple"}]
        }
    )

    email: Annotated[
        str,
        StringConstraints(min_length=1, max_length=emails.MAX_LENGTH),
        AfterValidator(emails.normalize),
        Field(examples=["ada@example.org"]),
    ]
    password: Password
    as_cookie: AsCookie = False


class PasswordChange(Input):
    """The password that is valid now, and the one that is to be."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "current_password": "correct horse battery staple",
                    "new_password": "wrong donkey charger paperclip",
                }
            ]
        }
    )

    current_password: Password
    new_password: NewPassword
    revoke_tokens: bool = Field(
        True,
        description="Revoke personal tokens, as sessions elsewhere are; false leaves them valid.",
    )


class ProfileChange(Input):
    """What is absent or null stays as it is."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"display_name": "Ada", "time_zone": "Europe/Berlin"}]}
    )

    display_name: DisplayName | None = None
    time_zone: TimeZone | None = None
    match_content: Content | None = Field(
        default=None,
        description="Which words to find where a recording has both: `explicit` or `clean` ones, or the "
        "`same` as the source. Where only the others are found, you are asked.",
    )
    match_strictness: Strictness | None = Field(
        default=None,
        description="`strict`: you are asked about every difference. `lenient`: what leaves most of the "
        "sound as it is (a radio edit, mono, a guest) is taken; other performances, remixes and covers "
        "never are.",
    )


class PasswordChanged(Output):
    """What a new password has ended, and what it has not."""

    sessions_ended: int
    tokens_revoked: int
    tokens: list[Token] = Field(
        description="Personal tokens that are still valid; end those that you do not know."
    )


class SessionQuery(Input):
    """Which part of the list."""

    limit: int = Field(default=50, ge=1, le=100, description="Sessions per page.")
    cursor: str | None = Field(default=None, max_length=200, description="`next_cursor` of the page before.")


class User(Output):
    """A person's profile."""

    id: int
    email: str
    email_confirmed_at: datetime | None = Field(
        description="When you showed that you read what is sent there; null: not yet."
    )
    display_name: str
    time_zone: str
    match_content: Content
    match_strictness: Strictness
    created_at: datetime
    updated_at: datetime


class NewSession(Output):
    """A session, and the only time its token is shown."""

    token: str | None = Field(
        description="Send it as `Authorization: Bearer <token>`. Null where it went into a cookie.",
        repr=False,
    )
    session_id: int
    expires_at: datetime
    user: User


class Session(Output):
    """Where a person is signed in."""

    id: int
    current: bool = Field(description="Whether this request came with it.")
    ip_address: str | None
    user_agent: str | None
    created_at: datetime
    last_used_at: datetime = Field(description="To within five minutes.")
    expires_at: datetime


class SessionList(Output):
    """Newest first."""

    items: list[Session]
    next_cursor: str | None


class Revoked(Output):
    """How many sessions ended."""

    revoked: int


class Service(Output):
    """One of the services that MusicConnect consists of."""

    name: str
    base_url: str = Field(description="Below which all its operations lie.")
    description: str
    routes: list[str] = Field(description="Its operations, as method and path.")
    is_active: bool = Field(
        description="Whether this deployment has it, and it is switched on; its operations are 503 otherwise."
    )
    reason: str | None = Field(description="Why it is switched off, where the operators say so.")


class ServiceList(Output):
    """All of them, on one page."""

    items: list[Service]
    next_cursor: None = None


class Health(Output):
    """That the API answers and reaches its database."""

    status: str = Field(examples=["ok"])
