"""Decide which of two entries explains the other, and what each states as a fact."""

from dataclasses import dataclass

from musicconnect.matching.artists import Channel, read_channel
from musicconnect.matching.model import Knowledge
from musicconnect.matching.normalization import clean, words
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
    is_art_track: bool = False
    """Whether the facts are those that a label delivered to YouTube."""
    known_channel: str | None = None
    """The artist whose own channel it is known to be."""

    @property
    def channel(self) -> Channel | None:
        """Who is named beside the title: the artists where they are facts, the uploader elsewhere."""
        if self.artists:
            return read_channel(", ".join(self.artists))
        name = self.known_channel or self.track.channel
        return read_channel(name) if name else None

    @property
    def order(self) -> tuple[str, ...]:
        """Decides which of two equal sides explains the other, so that the score is symmetric."""
        return (
            f"{len(self.title):06}",
            self.title,
            *self.artists,
            self.album or "",
            self.track.channel or "",
            self.track.id,
        )

    def other_namings(self, knowledge: Knowledge) -> list[tuple[str, ...]]:
        """Give the artists once more for each other name that the main one is known by."""
        if not self.artists:
            return []
        return [(other, *self.artists[1:]) for other in knowledge.names.get(self.artists[0], ())]


def _known(side: Side, artists: tuple[str, ...], knowledge: Knowledge) -> str | None:
    """Give the artist among some whose channel the side's is known to be."""
    owners = {tuple(words(clean(name))) for name in knowledge.channels.get(side.track.channel_id or "", ())}
    return next((name for name in artists if tuple(words(clean(name))) in owners), None) if owners else None


def _side(track: Track) -> Side:
    if not track.artists and track.description:
        stated = read_description(track.description)
        if stated is not None:
            return Side(track, stated[0], stated[1], stated[2], is_art_track=True)
    return Side(track, track.title, track.artists, track.album)


def _read(side: Side) -> Side:
    """Read an upload as if its artists were known, where neither side states them."""
    upload = parse_upload(side.title, side.track.channel, side.track.description)
    title = upload.title or side.title
    stated = [version.replace("_", " ") for version in upload.versions if version not in _STATED_IN_TITLE]
    title = "".join((title, *(f" ({'8d' if version == 'eight d' else version})" for version in stated)))
    return Side(side.track, title, upload.artists, side.album or upload.album)


def orient(source: Track, candidate: Track, knowledge: Knowledge | None = None) -> tuple[Side, Side]:
    """Give the side that explains and the side that is explained, whatever their order."""
    left, right = _side(source), _side(candidate)
    if bool(left.artists) != bool(right.artists):
        left, right = (left, right) if left.artists else (right, left)
    else:
        if right.order < left.order:
            left, right = right, left
        if not left.artists:
            left = _read(left)
    if knowledge is not None and not right.artists and right.track.channel_id:
        right.known_channel = _known(right, left.artists, knowledge)
    return left, right
