"""What ListenBrainz's clients send and get."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, WithJsonSchema

from musicconnect.api.responses import Output


class ListenBrainzInput(BaseModel):
    """Base of ListenBrainz's queries: unknown fields are ignored."""

    model_config = ConfigDict(defer_build=True)


class TokenValidationQuery(ListenBrainzInput):
    """The token to validate, where it is not in the header."""

    token: str | None = None


class ListenQuery(ListenBrainzInput):
    """Which listens."""

    min_ts: str | None = Field(None, description="Unix seconds; later listens only.")
    max_ts: str | None = Field(None, description="Unix seconds; earlier listens only.")
    count: str | None = Field(None, description="25 by default, at most 1,000.")

    def given(self) -> dict[str, str]:
        """Get what was sent."""
        return {name: value for name, value in self.model_dump().items() if value is not None}


type SubmissionText = Annotated[
    str,
    WithJsonSchema(
        {
            "type": "object",
            "required": ["listen_type", "payload"],
            "properties": {
                "listen_type": {"type": "string", "enum": ["single", "playing_now", "import"]},
                "payload": {"type": "array", "items": {"type": "object"}},
            },
            "examples": [
                {
                    "listen_type": "single",
                    "payload": [
                        {
                            "listened_at": 1_795_341_600,
                            "track_metadata": {"artist_name": "Abba", "track_name": "Waterloo"},
                        }
                    ],
                }
            ],
        }
    ),
]
"""A submission, which is read as ListenBrainz reads it."""


class SubmitResult(Output):
    """The listens were added."""

    status: Literal["ok"]


class ListenBrainzErrorBody(Output):
    """An error in ListenBrainz's shape."""

    code: int
    error: str


class TokenValidation(Output):
    """Whose token it is."""

    code: Literal[200]
    message: str
    valid: bool
    user_name: str | None = Field(None, exclude_if=lambda name: name is None)


class ListenItem(Output):
    """A listen."""

    listened_at: int = Field(description="Unix seconds.")
    inserted_at: int
    recording_msid: str
    user_name: str
    track_metadata: dict[str, Any]


class ListenPage(Output):
    """Newest first."""

    user_id: str
    count: int
    listens: list[ListenItem]
    latest_listen_ts: int
    oldest_listen_ts: int


class ListenList(Output):
    """A user's listens."""

    payload: ListenPage


class ListenCountPayload(Output):
    """How many."""

    count: int


class ListenCount(Output):
    """How many listens a user has."""

    payload: ListenCountPayload
