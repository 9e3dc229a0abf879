"""Read the target back, in the ids under which it was written."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import astuple, dataclass
from functools import partial

from musicconnect.migrations.engine.context import StepContext
from musicconnect.migrations.engine.sequence_diff import Relinker
from musicconnect.migrations.engine.store import TargetTrack
from musicconnect.music.model import ItemKind, ListKind, Page, PlaylistItem, Track
from musicconnect.providers.errors import ProviderError


@dataclass(frozen=True, slots=True)
class TargetEntry:
    """An entry of the target."""

    id: str
    """Under which it was written, as far as can be told."""
    listed_id: str
    item_id: str | None
    is_available: bool = True
    """Whether the provider still has what stands there."""

    def as_item(self, provider: str) -> PlaylistItem:
        """Give the form that a removal takes."""
        track = Track(provider=provider, id=self.listed_id, title="")
        return PlaylistItem(position=0, track=track, item_id=self.item_id)


def read_back(context: StepContext, expected: Sequence[TargetTrack]) -> list[TargetEntry] | None:
    """List the target in order; None when the step has to end, with what was read so far saved."""
    relinker = Relinker(
        [(track.target_track_id, track.target_title, track.target_artist) for track in expected]
    )
    is_library = context.row.kind is not ListKind.PLAYLIST
    so_far = context.row.target_read or {"listed": [], "cursor": None}
    listed, cursor = [TargetEntry(*entry) for entry in so_far["listed"]], so_far["cursor"]
    while True:
        if not context.budget.may_call():
            read = {"listed": [astuple(entry) for entry in listed], "cursor": cursor}
            context.commit(target_read=read if cursor is not None else None)
            return None
        try:
            page = context.target.playlist_items(context.target_playlist_id, cursor)
        except ProviderError:
            if context.row.target_read is not None:
                context.commit(target_read=None)  # Its cursor may be what is wrong.
            raise
        pages = [page, *_following(context, page)]
        listed += [
            TargetEntry(
                # Artists of one name are not one.
                item.track.id if is_library else relinker.id_of(item.track),
                item.track.id,
                item.item_id,
                item.track.kind is not ItemKind.UNAVAILABLE,
            )
            for page in pages
            for item in page.items
        ]
        cursor = pages[-1].cursor
        if cursor is None:
            return listed


def _following(context: StepContext, first: Page[PlaylistItem]) -> list[Page[PlaylistItem]]:
    """Fetch the pages after a first one together; none where they have to be walked through."""
    count = len(first.following)
    if count < 2 or context.budget.reserve(count) < count:
        return []
    fetch = partial(context.target.playlist_items, context.target_playlist_id)
    with ThreadPoolExecutor(context.target.limits.reads_at_once) as pool:
        return list(pool.map(fetch, first.following))
