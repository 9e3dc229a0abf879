"""What callers send and get about playlists that they show to strangers."""

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, ConfigDict, Field

from musicconnect.api.binding import Input, printable
from musicconnect.api.responses import Output

_Name = Annotated[str, AfterValidator(printable), Field(max_length=60)]


class ShareRequest(Input):
    """How a playlist is shown."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"shared_by": "Noor"}]})

    shared_by: _Name = Field(
        default="", description="What you want to be called on the page. Empty: nobody is named."
    )


class Share(Output):
    """A playlist that whoever has its address may see."""

    playlist_id: int = Field(description="Our own id of the playlist.")
    url: str = Field(description="Where it is shown. Nobody can guess it.")
    status: Literal["shown", "paused"] = Field(
        description="`paused`: whoever has the address finds nothing there until you share it again."
    )
    code: str = Field(description="Of the state, for programs: `shown`, or why it is paused.")
    params: dict[str, Any]
    message: str = Field(description="The same for people.")
    shared_by: str
    shown: int = Field(description="Entries that the page shows.")
    total: int = Field(description="Entries that it could show; it shows the first 500.")
    left_out: int = Field(description="Local files, episodes, private videos and what is gone.")
    shared_at: datetime
    read_at: datetime = Field(description="When it was read: the page shows it as it was then.")
    expires_at: datetime = Field(
        description="When the page goes, unless it is read again before: that happens by itself, days before."
    )
    paused_at: datetime | None


class ShareState(Output):
    """Whether a playlist is shown to strangers."""

    is_offered: bool = Field(description="Whether this deployment has pages for shared playlists.")
    share: Share | None = Field(description="Null: it is not shown.")
