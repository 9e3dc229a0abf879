"""Results of matching: scores with their parts, choices with their reasons, readings of uploads."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Literal

from musicconnect.music.model import Track

SAME_LENGTH_MS = 2000
"""Entries of one normal form are looked at only when their lengths are so close together."""

type Featured = Literal["keep", "drop", "plain"]
"""What to do with guests named in a title: leave them, take them out, or write them without brackets."""


type Content = Literal["same", "explicit", "clean"]
"""Which words a person wants: those of the source, or the explicit or clean ones wherever there are some."""


@dataclass(frozen=True, slots=True)
class Preferences:
    """What a person wants where versions differ."""

    content: Content = "same"
    is_lenient: bool = False
    """Whether differences that leave most of the sound as it is are let pass: a radio edit, mono, a live
    album's track without the word, a guest. Other performances, remixes and covers are never let pass."""


class Outcome(StrEnum):
    """What comes of choosing among candidates."""

    MATCHED = "matched"
    """The best candidate is the same recording, and may be written without asking."""
    NEEDS_REVIEW = "needs_review"
    """Something comes close, but a person has to decide."""
    NO_MATCH = "no_match"
    """None of the candidates is worth a person's time."""


@dataclass(slots=True)
class Score:
    """How sure the matcher is that two entries are the same recording."""

    total: float
    """0 to 100, read as the chance in per cent that the recordings are the same."""
    evidence: float
    """The same as log-odds: orders candidates where the total has run into 100."""
    parts: dict[str, float]
    """Named evidence, each 0 to 100; 50 says nothing either way. A part without evidence is left out."""
    reasons: list[str]
    """List what a person would want to know, most important first."""


@dataclass(frozen=True, slots=True)
class Scored:
    """A candidate with its score."""

    track: Track
    score: Score


@dataclass(frozen=True, slots=True)
class Choice:
    """The decision about a list of candidates."""

    outcome: Outcome
    best: Scored | None
    """The first of ``ranked``; None when there were no candidates."""
    ranked: list[Scored]
    """All candidates, best first; the order in which they came in does not matter."""
    reasons: list[str]


@dataclass(frozen=True, slots=True)
class Knowledge:
    """What has been learned from earlier matches. Names are compared by their letters and digits only."""

    channels: Mapping[str, Collection[str]] = field(default_factory=dict)
    """Id of a channel (``Track.channel_id``) to the names of the artists whose own channel it is."""
    names: Mapping[str, Collection[str]] = field(default_factory=dict)
    """Name of an artist, as a track states it, to the other names of the same artist."""


class ChannelKind(StrEnum):
    """Whose channel an upload is on."""

    ART_TRACK = "art_track"
    """``Artist - Topic``: made by YouTube from what the label delivered."""
    VEVO = "vevo"
    OFFICIAL = "official"
    """The artist's own: the channel bears the name of the artist that the title names."""
    LABEL = "label"
    LYRICS = "lyrics"
    COVER = "cover"
    """Lives by other people's songs: covers, karaoke, tributes, reactions, lessons."""
    OTHER = "other"
    UNKNOWN = "unknown"
    """No channel was given."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Upload:
    """What the text around a video says about the recording in it."""

    artist: str | None
    """As a person would write it; None where neither title, channel nor description tells."""
    title: str | None
    album: str | None = None
    artists: tuple[str, ...] = ()
    """The artists one by one, featured ones last."""
    versions: tuple[str, ...] = ()
    """Names of the version facts, such as ``live`` or ``remix``; see ``musicconnect.matching.versions``."""
    channel_kind: ChannelKind = ChannelKind.UNKNOWN


type LessonKind = Literal["channel", "alias"]


@dataclass(frozen=True, slots=True)
class Lesson:
    """What one accepted match teaches."""

    kind: LessonKind
    subject: str
    """The id of a channel; of two names the key that sorts first."""
    artist: str
    """Key of the artist's name, or of the other name."""
    recording: str
    """Key of the recording: a lesson of one recording alone is none."""


@dataclass(frozen=True, slots=True)
class LearnedNames:
    """What has been learned, as far as it concerns the tracks in question."""

    channels: frozenset[tuple[str, str]] = frozenset()
    """Id of a channel, and key of an artist whose recordings it publishes."""
    aliases: frozenset[tuple[str, str]] = frozenset()
    """Keys of two names of one artist, either way round."""

    def __bool__(self) -> bool:
        return bool(self.channels or self.aliases)


NOTHING_LEARNED = LearnedNames()
