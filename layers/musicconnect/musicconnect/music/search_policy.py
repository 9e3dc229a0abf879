"""Say how a provider's search is asked for a recording. Pure: the registry of providers has one for each."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelListing:
    """How a provider lists what an artist's own, generated channel holds: for less than a search costs."""

    suffix: str
    """What stands behind the artist's name in the channel's."""
    channel_prefix: str
    """With what the channel's id begins."""
    list_prefix: str
    """With what the id of the playlist of its uploads begins instead."""
    list_bucket: str
    """The allowance that listing draws from, one unit a page."""
    search_bucket: str
    """The allowance that it spares."""
    page_size: int
    """Uploads on a page."""

    def list_id(self, channel_id: str) -> str:
        """Give the id of the playlist of a channel's uploads."""
        return self.list_prefix + channel_id.removeprefix(self.channel_prefix)


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchPolicy:
    """How many searches a track may cost, and what a search understands."""

    max_queries: int = 3
    """Searches per track; fewer where they are dear. A query without any hit may be replaced by the next."""
    finds_isrc: bool = False
    """Whether ``isrc:`` finds recordings by their code."""
    finds_fields: bool = False
    """Whether ``track:`` and ``artist:`` say what a word belongs to."""
    needs_fields: bool = False
    """Whether it finds nothing by words of which it is not told what they belong to."""
    catalogue: str | None = None
    """Whose open catalogue it is, where people can add what is missing."""
    channels: ChannelListing | None = None
    """How artists' channels are listed, where searches are dear and listing is not."""
    uses_seeds: bool = False
    """Whether what open data names is looked up before searching: where searches are dear."""
