"""What Last.fm's clients send, as far as it can be said for all methods."""

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, WithJsonSchema

from musicconnect.api.responses import Output


class LastfmQuery(BaseModel):
    """The parameters of any method; their names are compared without case."""

    model_config = ConfigDict(extra="allow", defer_build=True)

    method: str | None = Field(None, description="Such as `track.scrobble`, in any case.")
    format: str | None = Field(None, description="`json`, or `xml`, which is the default.")
    sk: str | None = Field(None, description="The session key.")
    api_key: str | None = Field(None, description="Anything.")


type FormText = Annotated[
    str,
    WithJsonSchema(
        {
            "type": "object",
            "contentMediaType": "application/x-www-form-urlencoded",
            "properties": {
                name: {"type": "string"}
                for name in (
                    "method", "username", "password", "sk", "artist", "track", "album", "timestamp",
                    "artist[0]", "track[0]", "timestamp[0]",
                )
            },
            "additionalProperties": {"type": "string"},
            "examples": [
                {"method": "track.scrobble", "artist": "Abba", "track": "Waterloo", "timestamp": "1795341600"}
            ],
        }
    ),
]  # fmt: skip
"""A form, in whose place the query may have the parameters."""


class LastfmErrorBody(Output):
    """An error in Last.fm's shape."""

    error: int
    message: str


class LastfmAnswer(Output):
    """The answer of any method, named for what it holds."""

    model_config = ConfigDict(extra="allow", defer_build=True)

    session: dict[str, Any] | None = None
    scrobbles: dict[str, Any] | None = None
    nowplaying: dict[str, Any] | None = None
    recenttracks: dict[str, Any] | None = None
    user: dict[str, Any] | None = None
