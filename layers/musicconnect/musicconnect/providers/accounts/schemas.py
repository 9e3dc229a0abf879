"""What callers send and get about providers and playlists."""

from datetime import date, datetime
from typing import Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

from musicconnect.api.binding import Input
from musicconnect.api.responses import Output
from musicconnect.providers.entry import LinkedBy
from musicconnect.providers.protocol import Access

_STATE = r"^[A-Za-z0-9_-]{20,100}$"

type NextStepCode = Literal["not-linked", "consent-needed", "no-channel", "consent-ends", "read-only"]


class NextStep(Output):
    """What the user has to do."""

    code: NextStepCode = Field(description="Stable; clients may branch on it.")
    params: dict[str, Any] = Field(description="What the message mentions.")
    action: Literal["link"] = Field(default="link", description="The request that takes the step.")
    message: str = Field(description="The same in plain words.")


class ProviderStatus(Output):
    """A provider, and how the person's account with it stands."""

    provider: str = Field(examples=["spotify"])
    title: str = Field(examples=["Spotify"])
    linked: bool
    account_id: int | None = Field(default=None, description="Our own id of the linked account.")
    provider_user_id: str | None = Field(default=None, description="The account's id at the provider.")
    display_name: str | None = None
    status: Literal["not_linked", "active", "consent_needed", "no_channel"] = "not_linked"
    access: Access | None = Field(
        default=None, description="What the person consented to; write includes read."
    )
    linked_at: datetime | None = None
    authorized_at: datetime | None = Field(default=None, description="When the person last consented.")
    consent_ends_on: date | None = Field(
        default=None,
        description="Day (UTC) on which the consent ends by itself, where the provider has such a day.",
    )
    next_step: NextStep | None = Field(default=None, description="Null when there is nothing to do.")
    apps_page: str = Field(description="Where the person sees and withdraws consents at the provider.")
    library: list[Literal["artists", "albums"]] = Field(
        default=[],
        description="What of a person's library moves from and to it, beside playlists and liked songs.",
    )


class ProviderList(Output):
    """All providers."""

    items: list[ProviderStatus]
    next_cursor: str | None = None


class LinkRequest(Input):
    """How to link."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"access": "write"}]})

    access: Access = Field(
        default="read", description="Ask for `write` only when playlists are to be written to this provider."
    )
    follows: bool = Field(
        default=False,
        description="Ask as well to see, and with `write` to change, whom you follow: only when followed "
        "artists are to be moved. Providers that ask for it together with the rest do so anyway.",
    )
    return_url: str | None = Field(
        default=None,
        max_length=500,
        description="Where the browser goes with `provider`, `state` and `code` or `error` afterwards: one "
        "of the addresses that the deployer registered (`LinkReturnUrls`). Without one it goes to the "
        "console, which completes the link.",
    )


class LinkStarted(Output):
    """Where to go next."""

    authorize_url: str = Field(
        description="Open it in a browser and agree; or, where `linked_by` is `token`, copy the token there."
    )
    state: str = Field(description="Comes back with the code; single use.")
    expires_at: datetime
    linked_by: LinkedBy = Field(
        default="consent",
        description="`token`: nobody comes back from there. The token that the person pastes is the code "
        "that completes the link.",
    )


class LinkCompletion(Input):
    """What came back with the browser: `code` and `state`, or `error` and `state`."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"state": "the-state-that-came-back", "code": "the-code-that-came-back"}]
        }
    )

    state: str = Field(pattern=_STATE)
    code: str | None = Field(default=None, min_length=1, max_length=4096)
    error: str | None = Field(default=None, min_length=1, max_length=200)

    @model_validator(mode="after")
    def _one_of_both(self) -> Self:
        if (self.code is None) == (self.error is None):
            raise PydanticCustomError("code_or_error", "Give either code or error")
        return self


class Callback(BaseModel):
    """What a provider adds to the redirect URI; providers add more than this."""

    model_config = ConfigDict(extra="ignore", defer_build=True)

    state: str = Field(pattern=_STATE)
    code: str | None = Field(default=None, max_length=4096)
    error: str | None = Field(default=None, max_length=200)


class CallbackAnswer(Output):
    """The callback for callers that ask for JSON: the body of the completing request."""

    provider: str
    state: str
    code: str | None = None
    error: str | None = None
    complete_url: str = Field(description="Where to POST code (or error) and state, signed in.")


class Unlinked(Output):
    """What unlinking did."""

    provider: str
    revocation: Literal["revoked", "not_offered", "failed", "nothing_to_revoke"] = Field(
        description="Whether the provider was told to forget our access."
    )
    code: str = Field(description="Stable; clients may branch on it.")
    params: dict[str, Any] = Field(description="What the message mentions.")
    message: str = Field(description="What was done and what the user may still want to do.")
    apps_page: str
