"""Reading artist, title and the rest out of a YouTube entry."""

import html

from musicconnect.matching.model import ChannelKind, Upload


def parse_upload(title: str, channel: str | None = None, description: str | None = None) -> Upload:
    """Read artist and title out of the text around a video."""
    text = html.unescape(title).strip()
    kind = ChannelKind.UNKNOWN if channel is None else ChannelKind.OTHER
    if channel and channel.endswith(" - Topic"):
        artist = channel.removesuffix(" - Topic")
        return Upload(artist=artist, title=text, artists=(artist,), channel_kind=ChannelKind.ART_TRACK)
    artist, dash, song = text.partition(" - ")
    if dash:
        return Upload(artist=artist, title=song, artists=(artist,), channel_kind=kind)
    return (
        Upload(artist=channel, title=text, artists=(channel,) if channel else (), channel_kind=kind)
        if description is None or channel
        else Upload(artist=None, title=text, channel_kind=kind)
    )


def clean_title(title: str, *, featured: str = "keep") -> str:
    """A title without what is no part of it."""
    return title
