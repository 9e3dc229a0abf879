"""Decide which new names and descriptions go over to the other side of a pair, and take that back. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

from musicconnect.changes.model import ChangeSet, Kind, Operation, State
from musicconnect.music.model import Playlist
from musicconnect.platform import text
from musicconnect.platform.status import Status
from musicconnect.providers.protocol import Limits
from musicconnect.sync.merge.settings import Mode
from musicconnect.sync.merge.state import LEFT, RIGHT, SIDES

RENAMED: Final = Status("renamed-there")
_REPLACED: Final = str.maketrans("‹›", "<>")
"""What YouTube, which takes no angle brackets, is given for them."""
type Field = Literal["name", "description"]
FIELDS: Final[tuple[Field, ...]] = ("name", "description")


@dataclass(frozen=True, slots=True)
class Named:
    """What a side is called."""

    name: str
    description: str = ""

    @classmethod
    def of(cls, playlist: Playlist) -> "Named":
        """Give what a provider shows."""
        return cls(playlist.name, playlist.description)

    def get(self, which: Field) -> str:
        """Give one of the two texts."""
        return self.name if which == "name" else self.description


def plan(
    before: Sequence[Named], shown: Sequence[Named], mode: Mode, limits: Sequence[Limits]
) -> dict[int, Named]:
    """Plan what sides are to be called, by side; none where a side keeps its name.

    A text that changed on one side since the last run goes over, where the mode lets it; the left one where
    both changed. Each side is compared with what that very side showed: providers cut and replace characters.

    Args:
        before: What each side showed at the last run; empty: nothing is known, and nothing goes over.
        shown: What each side shows.
        mode: Of the pair.
        limits: Of each side's provider.
    """
    if not before:
        return {}
    texts: list[dict[Field, str]] = [{}, {}]
    for which in FIELDS:
        changed = [shown[side].get(which) != before[side].get(which) for side in SIDES]
        if not any(changed) or (mode is not Mode.TWO_WAY and not changed[LEFT]):
            continue
        source = LEFT if changed[LEFT] else RIGHT
        target = 1 - source
        wanted = _fitting(shown[source].get(which), which, limits[target])
        if wanted is not None and wanted != shown[target].get(which):
            texts[target][which] = wanted
    return {
        side: Named(
            texts[side].get("name", shown[side].name),
            texts[side].get("description", shown[side].description),
        )
        for side in SIDES
        if texts[side]
    }


def plan_undo(sets: Sequence[ChangeSet], shown: Named) -> Named | None:
    """Plan what a side is to be called without what some sets wrote; None: it keeps its name.

    Args:
        sets: Of that side, the latest first.
        shown: What it shows. A text that somebody has changed since stays.
    """
    done = [
        one
        for change_set in sets
        for one in reversed(change_set.operations)
        if one.kind is Kind.RENAME and one.state is State.DONE and one.restores
    ]
    result = Named(*(_without(done, which, shown.get(which)) for which in FIELDS))
    return None if result == shown else result


def _without(renames: Sequence[Operation], which: Field, text: str) -> str:
    """Give a text without what was written, the latest first; what somebody wrote between stays."""
    for one in renames:
        if _read(text) != _read(Named(one.name, one.description).get(which)):
            break
        name, description = one.restores[0]
        text = Named(name, description or "").get(which)
    return text


def operation(number: int, wanted: Named, shown: Named, reason: Status) -> Operation:
    """Make the operation that renames a side; it keeps what it replaces, for an undo."""
    return Operation(
        number=number, kind=Kind.RENAME, name=wanted.name, description=wanted.description, title=wanted.name,
        reason=reason, restores=[(shown.name, shown.description)],
    )  # fmt: skip


def _read(value: str) -> str:
    """Give a text in the form in which what a provider made of ours equals ours."""
    return text.one_line(value).translate(_REPLACED)


def _fitting(value: str, which: Field, limits: Limits) -> str | None:
    """Cut a text to what a provider takes; None: it takes nothing of it."""
    line = text.one_line(value)
    if which == "description":
        return text.truncate(line, limits.description_length)
    return text.truncate(line, limits.name_length) if text.is_visible(line) else None
