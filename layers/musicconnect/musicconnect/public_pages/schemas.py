"""What strangers send."""

from pydantic import Field

from musicconnect.api.binding import Input

MAX_LINK_LENGTH = 2000
"""Characters, as `music.links` has it; a start does without that module."""


class LinkQuery(Input):
    """A link that is pasted into the page."""

    url: str | None = Field(default=None, max_length=MAX_LINK_LENGTH)


class ListQuery(Input):
    """Which view of a shared list."""

    at: str | None = Field(default=None, max_length=50)
    """As this provider has it; None: as the one from which it was shared."""
    page: int = Field(default=1, ge=1, le=100)
