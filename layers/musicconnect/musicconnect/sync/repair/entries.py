"""Find the entries of a playlist that cannot be played, and what they were. Pure."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any, Final, Literal

from musicconnect.changes.alignment import common
from musicconnect.changes.model import Entry, Kind, Numbering, Operation, entries
from musicconnect.music.codec import decode, encode
from musicconnect.music.model import Absence, ItemKind, PlaylistItem, Track
from musicconnect.platform.status import Status

OWNER: Final = "repairs"
"""Whose change sets they are."""
REPLACED = Status("replaced-dead")
"""The reason of a replacement."""
SEARCH_AGAIN: Final = timedelta(days=7)
"""After this time a schedule searches again for what it found, or did not find."""
type KnownBy = Literal["provider", "migration", "match_store", "pair", "plays"]
"""Who says what an entry was."""


@dataclass(frozen=True, slots=True)
class DeadEntry:
    """An entry that cannot be played, and what could stand there instead."""

    number: int
    """1-based, in the order of the playlist."""
    ref: str
    """Of the change set that replaces it."""
    position: int
    """0-based."""
    track_id: str
    cause: Absence
    known_by: KnownBy | None = None
    recording: Track | None = None
    """What it was; None where nobody may know it."""
    is_searched: bool = False
    proposal: "Proposal | None" = None
    searched_at: str | None = None
    """RFC 3339, in UTC."""
    is_not_in_catalogue: bool = False
    """Whether it was searched for, and the provider's open catalogue does not have it."""

    def to_json(self) -> dict[str, Any]:
        """Encode it as JSON."""
        recording = self.recording and {"provider": self.recording.provider, **encode(self.recording)}
        return {
            "number": self.number, "ref": self.ref, "position": self.position, "track_id": self.track_id,
            "cause": self.cause.value, "known_by": self.known_by, "is_searched": self.is_searched,
            "recording": recording, "proposal": self.proposal and self.proposal.to_json(),
            "searched_at": self.searched_at, "is_not_in_catalogue": self.is_not_in_catalogue,
        }  # fmt: skip

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> "DeadEntry":
        """Decode what `to_json` gave."""
        recording, proposal = values["recording"], values["proposal"]
        return cls(
            **{
                **values,
                "cause": Absence(values["cause"]),
                "recording": recording and decode(recording["provider"], recording),
                "proposal": proposal and Proposal(**proposal),
            }
        )


@dataclass(frozen=True, slots=True)
class Proposal:
    """What could stand in an entry's place."""

    track_id: str
    title: str
    artist: str
    duration_ms: int | None
    """Milliseconds."""
    score: float | None
    """0 to 100."""
    is_sure: bool
    """False: it is replaced only if the person names the entry."""

    def to_json(self) -> dict[str, Any]:
        """Encode it as JSON."""
        return {name: getattr(self, name) for name in self.__dataclass_fields__}


@dataclass(frozen=True, slots=True)
class Finding:
    """What a look at a playlist tells."""

    before: Sequence[Entry]
    dead: list[DeadEntry] = field(default_factory=list)


def find_dead(
    items: Sequence[PlaylistItem], looked_up: Mapping[str, Track | None], country: str | None
) -> Finding:
    """Find the entries that cannot be played.

    Args:
        items: The playlist, read whole.
        looked_up: What the provider told when it was asked about entries by id; None: it has none of that id.
        country: Of the person (ISO 3166-1 alpha-2); None: what is blocked somewhere counts as playable.
    """
    before = entries(items)
    found = Finding(before)
    for position, (entry, item) in enumerate(zip(before, items, strict=True)):
        track = item.track
        if track.kind in (ItemKind.LOCAL, ItemKind.EPISODE):
            continue
        told = looked_up.get(track.id)
        is_missing = track.id in looked_up and told is None
        cause = track.absence_in(country) or (None if told is None else told.absence_in(country))
        if cause is None and (is_missing or not entry.is_available):
            cause = Absence.UNAVAILABLE
        if cause is None:
            continue
        named = (told or track) if entry.is_available else None
        is_named = named is not None and bool(named.title)
        found.dead.append(
            DeadEntry(
                len(found.dead) + 1, entry.ref, position, entry.track_id, cause,
                known_by="provider" if is_named else None, recording=named if is_named else None,
            )
        )  # fmt: skip
    return found


def name_by_neighbours(finding: Finding, written: Sequence[tuple[str, Track]]) -> dict[int, Track]:
    """Name entries without an id by what a migration wrote there, by their numbers.

    Only where as many tracks are missing between two entries that are there as there are nameless ones.
    """
    listed = [entry.track_id for entry in finding.before]
    pairs = common([entry_id for entry_id, _ in written], listed)
    nameless = {dead.position: dead.number for dead in finding.dead if not dead.track_id}
    found: dict[int, Track] = {}
    ends = [(-1, -1), *pairs, (len(written), len(listed))]
    for (row, place), (next_row, next_place) in pairwise(ends):
        missing = written[row + 1 : next_row]
        gap = [nameless[index] for index in range(place + 1, next_place) if index in nameless]
        if len(missing) == len(gap):
            found |= {number: track for number, (_, track) in zip(gap, missing, strict=True)}
    return found


def named(dead: Sequence[DeadEntry], known_by: KnownBy, tracks: Mapping[int, Track]) -> list[DeadEntry]:
    """Name entries, by their numbers, that nobody has named yet."""
    return [
        replace(one, known_by=known_by, recording=tracks[one.number])
        if one.recording is None and one.number in tracks and tracks[one.number].title
        else one
        for one in dead
    ]


def carried_over(dead: Sequence[DeadEntry], before: Sequence[DeadEntry], now: datetime) -> list[DeadEntry]:
    """Take over what the check before found lately, so that a schedule does not search for it every day."""
    gone = {one.track_id for one in dead}
    known = {
        (one.track_id, one.recording.title, one.recording.artist_line): one
        for one in before
        if one.recording is not None
        and one.searched_at is not None
        and now - datetime.fromisoformat(one.searched_at) < SEARCH_AGAIN
        and (one.proposal is None or one.proposal.track_id not in gone)
    }
    found = []
    for one in dead:
        recording = one.recording
        earlier = recording and known.get((one.track_id, recording.title, recording.artist_line))
        if earlier:
            one = replace(  # noqa: PLW2901 - the entry, as it was known
                one,
                is_searched=True,
                proposal=earlier.proposal,
                searched_at=earlier.searched_at,
                is_not_in_catalogue=earlier.is_not_in_catalogue,
            )
        found.append(one)
    return found


def is_news(dead: Sequence[DeadEntry], before: Sequence[DeadEntry]) -> bool:
    """Tell whether something cannot be played that could be at the check before."""
    now, then = (Counter((one.track_id, one.cause) for one in entries) for entries in (dead, before))
    return bool(now - then)


def plan_replacements(dead: Sequence[DeadEntry]) -> list[Operation]:
    """Plan that each proposal stands in its entry's place; where it is refused, the entry stays."""
    plan = Numbering()
    for one in dead:
        if one.proposal is None:
            continue
        added = plan.append(
            Kind.ADD, track_id=one.proposal.track_id, after=one.ref, subject=one.number, reason=REPLACED,
            title=one.proposal.title, artist=one.proposal.artist,
        )  # fmt: skip
        recording = one.recording
        plan.append(
            Kind.REMOVE, ref=one.ref, track_id=one.track_id, subject=one.number, requires=added.number,
            reason=REPLACED, title=recording.title if recording else "",
            artist=recording.artist_line if recording else "",
        )  # fmt: skip
    return plan.operations
