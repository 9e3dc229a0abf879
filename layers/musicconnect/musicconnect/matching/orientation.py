"""Decide which of two entries explains the other, and what each states as a fact."""

from dataclasses import dataclass

from musicconnect.matching.artists import Channel, read_channel
from musicconnect.matching.titles.youtube import parse_upload, read_description
from musicconnect.music.model import Track

_STATED_IN_TITLE = frozenset(
    ("remix", "cover", "instrumental", "karaoke", "mashup", "medley", "remaster", "stereo")
)


@dataclass(slots=True)
class Side:
    """What an entry says about its recording."""

    track: Track
    title: str
    artists: tuple[str, ...]
    """Empty where they are not facts but have to be read out of the text."""
    album: str | None
    is_art_track: bool
    """Whether the facts are those that a label delivered to YouTube."""

    @property
    def channel(self) -> Channel | None:
        """Who is named beside the title: the artists where they are facts, the uploader elsewhere."""
        if self.artists:
            return read_channel(", ".join(self.artists))
        return read_channel(self.track.channel) if self.track.channel else None

    @property
    def order(self) -> tuple[str, ...]:
        """Decides which of two equal sides explains the other, so that the score is symmetric."""
        return (self.title, *self.artists, self.album or "", self.track.channel or "", self.track.id)


def _side(track: Track) -> Side:
    if not track.artists and track.description:
        stated = read_description(track.description)
        if stated is not None:
            return Side(track, stated[0], stated[1], stated[2], is_art_track=True)
    return Side(track, track.title, track.artists, track.album, is_art_track=False)


def _read(side: Side) -> Side:
    """Read an upload as if its artists were known, where neither side states them."""
    upload = parse_upload(side.title, side.track.channel, side.track.description)
    title = upload.title or side.title
    stated = [version.replace("_", " ") for version in upload.versions if version not in _STATED_IN_TITLE]
    title = "".join((title, *(f" ({'8d' if version == 'eight d' else version})" for version in stated)))
    return Side(side.track, title, upload.artists, side.album or upload.album, is_art_track=False)


def orient(source: Track, candidate: Track) -> tuple[Side, Side]:
    """Give the side that explains and the side that is explained, whatever their order."""
    left, right = _side(source), _side(candidate)
    if bool(left.artists) != bool(right.artists):
        return (left, right) if left.artists else (right, left)
    if right.order < left.order:
        left, right = right, left
    return (left, right) if left.artists else (_read(left), right)
