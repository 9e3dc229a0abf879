"""Look up what a file names by links alone: as far as its person has linked who knows."""

from itertools import groupby
from typing import Any, Final

from musicconnect.migrations.engine import links_store, store
from musicconnect.migrations.engine.context import StepContext
from musicconnect.migrations.engine.links_store import SAVE_LOOKUPS, UnnamedTrack
from musicconnect.migrations.engine.store import TrackChange
from musicconnect.migrations.engine.transitions import Advance, Continue
from musicconnect.music.codec import encode
from musicconnect.music.model import Track
from musicconnect.platform.status import Status
from musicconnect.providers.errors import (
    ConsentRevokedError,
    NoChannelError,
    NotAllowedError,
    NotFoundError,
    NotLinkedError,
    RejectedError,
    ScopeMissingError,
)
from musicconnect.providers.playlists.contents import NOT_TRANSFERABLE, kind_of
from musicconnect.providers.registry import FILE

NOBODY_KNOWS: Final = (
    ConsentRevokedError, NoChannelError, NotAllowedError, NotFoundError, NotLinkedError, RejectedError,
    ScopeMissingError,
)  # fmt: skip
"""Errors after which a provider's links stay as they are: the match store may know them all the same."""


def look_up(context: StepContext) -> Advance | Continue:
    """Name the tracks that links lead to, a batch for a call. Raises `ProviderError` for what passes."""
    # At the target itself they are looked up when they are matched.
    passed = {FILE, context.row.target_provider}
    while True:
        with context.database.transaction(context.row.user_id) as connection:
            unnamed = links_store.list_unnamed(connection, context.row.id, passed)
        if not unnamed:
            return context.advance()
        for provider, tracks in groupby(sorted(unnamed, key=_provider), _provider):
            client = context.reader(provider)
            batch = list(tracks)[: client.limits.lookup_batch]
            if not context.budget.may_call():
                return Continue()
            try:
                found = client.tracks([one.track_id for one in batch])
            except NOBODY_KNOWS:
                passed.add(provider)
                continue
            _save(context, batch, found)


def _provider(track: UnnamedTrack) -> str:
    return track.provider


def _save(context: StepContext, asked: list[UnnamedTrack], found: list[Track]) -> None:
    known = {track.id: track for track in found}
    rows = [_row(one, known.get(one.track_id)) for one in asked]
    failed = sum(one.count for one, row in zip(asked, rows, strict=True) if row["status"] == "failed")
    context.commit(
        TrackChange(SAVE_LOOKUPS, rows), attempts=0, failed_count=context.row.failed_count + failed
    )


def _row(asked: UnnamedTrack, track: Track | None) -> dict[str, Any]:
    why = Status("link-gone", {"provider": asked.provider})
    reason = why if track is None else NOT_TRANSFERABLE.get(kind_of(track))
    shown = track or Track(provider=asked.provider, id=asked.track_id, title="")
    return {
        "source_track_id": asked.track_id,
        "source_title": shown.title,
        "source_artist": shown.artist_line,
        "source_kind": kind_of(shown).value,
        "source": {**encode(shown), "id": asked.track_id, "provider": asked.provider},
        "outcome": None if reason is None else "not_transferable",
        "status": "pending" if reason is None else "failed",
        **store.error_columns(reason),
    }
