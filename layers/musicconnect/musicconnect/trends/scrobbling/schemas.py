"""What callers send and get about who may read their plays."""

from datetime import datetime

from pydantic import ConfigDict, Field

from musicconnect.api.binding import Input
from musicconnect.api.responses import Output


class SharingUpdate(Input):
    """Whether others may read what you play."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"is_public": True}]})

    is_public: bool = Field(description="Whether anybody may read your plays, as at ListenBrainz.")


class Sharing(Output):
    """Whether others may read what you play."""

    is_public: bool
    changed_at: datetime | None = Field(description="Null: you never said, and nobody may.")
    user_name: str = Field(description="Your name in the addresses of ListenBrainz's API and Last.fm's.")
