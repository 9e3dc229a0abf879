"""Read both sides of a pair, each whole and in one version."""

from collections.abc import Callable

from musicconnect.changes.listing import read_items
from musicconnect.music.model import PlaylistItem
from musicconnect.platform.work.budget import StepBudget
from musicconnect.providers.errors import TransientError
from musicconnect.providers.protocol import Client
from musicconnect.sync import schedule
from musicconnect.sync.merge.state import LEFT, RIGHT, SIDES
from musicconnect.sync.names import Named
from musicconnect.sync.store import PairRow


class SideReader:
    """What one step has read of a pair's sides."""

    def __init__(self, row: PairRow, client: Callable[[int], Client], budget: StepBudget) -> None:
        self._row = row
        self._client = client
        self._budget = budget
        self._just_read: dict[int, tuple[str, list[PlaylistItem]]] = {}
        """Of a side: its version then, and what it showed."""
        self.shown: list[Named] = []
        """What both sides are called, as far as they have been read."""

    def names(self) -> list[tuple[str, str]]:
        """Give the name and the description of each side, as a pair's state holds them."""
        return [(one.name, one.description) for one in self.shown]

    def read_both(
        self, versions: tuple[str | None, str | None]
    ) -> tuple[tuple[list[PlaylistItem], list[PlaylistItem]], tuple[str, str]] | None:
        """Read both sides whole, each with one version before and after; None when the step has to end.

        Raises:
            ProviderError: a call failed, or a playlist changed while it was read.
        """
        listed: list[list[PlaylistItem]] = []
        shown: list[Named] = []
        after: list[str] = []
        for side in SIDES:
            client, playlist_id = self._client(side), self._row.sides[side][1]
            before = versions[side] or schedule.version_of(client.playlist(playlist_id))
            items = read_items(client, playlist_id, self._budget)
            if items is None:
                return None
            playlist = client.playlist(playlist_id)
            present = schedule.version_of(playlist)
            if present != before:
                raise TransientError(
                    "The playlist changed while it was read.", provider=client.name, reason="changing"
                )
            listed.append(items)
            after.append(present)
            shown.append(Named.of(playlist))
            self._just_read[side] = (present, items)
        self.shown = shown
        return (listed[LEFT], listed[RIGHT]), (after[LEFT], after[RIGHT])

    def still_shown(self, side: int) -> list[PlaylistItem] | None:
        """Give what a side showed when this step read it, if its version is still the same; else None.

        One call in the place of a whole reading. Before the first write only: the next step reads.
        """
        version, items = self._just_read.pop(side, ("", None))
        if items is None or self._row.is_liked(side):
            return None
        playlist = self._client(side).playlist(self._row.sides[side][1])
        return items if schedule.version_of(playlist) == version else None
