"""Find out that a counterpart is no longer there, drop it for everybody, and look for another one."""

from collections.abc import Mapping, Sequence
from itertools import batched
from typing import Any

from psycopg import Connection

from musicconnect.migrations.engine import mend_store
from musicconnect.migrations.engine.context import StepContext
from musicconnect.migrations.engine.stages.mend import count_again
from musicconnect.migrations.engine.store import TargetTrack, TrackChange
from musicconnect.music.model import ListKind
from musicconnect.providers.errors import (
    DuplicateRefusedError,
    NotFoundError,
    PlaylistFullError,
    ProviderError,
    RejectedError,
    SelfSortedError,
)
from musicconnect.providers.match_store import service as match_store

_OF_THE_PLAYLIST = (DuplicateRefusedError, PlaylistFullError, SelfSortedError)


def is_gone(context: StepContext, track_id: str, error: RejectedError | NotFoundError) -> bool:
    """Tell whether a track was refused because the provider no longer has it: it is asked."""
    return not isinstance(error, _OF_THE_PLAYLIST) and bool(gone_of(context, [track_id]))


def gone_of(context: StepContext, track_ids: Sequence[str]) -> set[str]:
    """Give those that the provider does not show any more; none of those that it cannot be asked about."""
    gone: set[str] = set()
    for batch in batched(dict.fromkeys(track_ids), context.target.limits.lookup_batch, strict=False):
        if not context.budget.may_call():
            break
        try:
            found = {track.id for track in context.target.tracks(batch)}
        except ProviderError:
            break
        gone |= set(batch) - found
    return gone


def search_again(
    context: StepContext, tracks: Sequence[TargetTrack], replaced: Mapping[int, Any] | None = None
) -> None:
    """Drop the counterparts of tracks for everybody; the tracks are looked for again.

    Args:
        context: Of the step.
        tracks: Whose counterparts are gone.
        replaced: By the id of a track, the dead entry that stands at its place.
    """
    dead = list(dict.fromkeys(track.target_track_id for track in tracks))

    def also(connection: Connection[Any]) -> None:
        match_store.drop_dead(connection, context.row.target_provider, dead)

    rows = [{"id": track.id, "replaced": (replaced or {}).get(track.id)} for track in tracks]
    # The store knows tracks: an artist's id may be a track's, too.
    is_shared = context.row.kind is ListKind.PLAYLIST
    context.commit(TrackChange(mend_store.SEARCH_AGAIN, rows), also=also if is_shared else None)
    count_again(context)
