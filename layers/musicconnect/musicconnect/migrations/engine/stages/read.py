"""Read the source, position by position: the first stage."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import batched
from typing import Any

from musicconnect.migrations.engine import store
from musicconnect.migrations.engine.context import StepContext
from musicconnect.migrations.engine.stages import look_up
from musicconnect.migrations.engine.stages.prefetch import PagePrefetcher
from musicconnect.migrations.engine.store import TrackChange
from musicconnect.migrations.engine.transitions import Advance, Continue, StageResult, after_change, following
from musicconnect.music.codec import encode
from musicconnect.music.model import PLAYABLE, Playlist, PlaylistItem
from musicconnect.providers.errors import RejectedError, TransientError
from musicconnect.providers.match_store.model import Finding, from_art_track
from musicconnect.providers.playlists.contents import NOT_TRANSFERABLE, kind_of
from musicconnect.providers.protocol import Client
from musicconnect.providers.registry import FILE


def read(context: StepContext) -> StageResult:
    """Read the source page by page, again when it changed meanwhile. Raises `ProviderError`.

    A file is read already; of it only those entries are left of which a link says everything.
    """
    if context.row.source_provider == FILE:
        return look_up.look_up(context)
    if context.row.source_version is None:
        if not context.budget.may_call():
            return Continue()
        _begin(context, context.source.playlist(context.row.source_playlist_id))
    with _pages_of(context) as pages:
        while context.row.source_cursor is not None or context.row.read_count == 0:
            if not context.budget.may_call():
                return Continue()
            if _add_page(context, pages):
                return Advance(context.row.stage)
    if not context.budget.may_call():
        return Continue()
    if version_of(context.source.playlist(context.row.source_playlist_id)) == context.row.source_version:
        return _finish(context)
    verdict = after_change(rereads=context.row.reread_count, now=context.now(), seed=context.row.marker)
    context.commit(source_version=None, source_cursor=None, reread_count=context.row.reread_count + 1)
    return verdict


def version_of(playlist: Playlist) -> str:
    """Tell states of a playlist apart, by size where the provider gives nothing better."""
    return playlist.version or f"{playlist.track_count} tracks"


def rows_of(items: Sequence[PlaylistItem], first: int) -> list[dict[str, Any]]:
    """Make the rows of a page whose first entry has position ``first``.

    Positions are counted here: the provider's own have gaps where it leaves entries out.
    """
    rows = []
    for position, item in enumerate(items, first):
        track = item.track
        kind = kind_of(track)
        reason = NOT_TRANSFERABLE.get(kind)
        rows.append(
            {
                "position": position,
                "source_track_id": track.id or None,
                "source_title": track.title,
                "source_artist": track.artist_line,
                "source_kind": kind.value,
                "source": encode(track),
                "outcome": None if reason is None else "not_transferable",
                "status": "pending" if reason is None else "failed",
                **store.error_columns(reason),
            }
        )
    return rows


def _begin(context: StepContext, playlist: Playlist) -> None:
    context.commit(
        TrackChange(store.DELETE_TRACKS),
        source_version=version_of(playlist),
        source_name=playlist.name or context.row.source_name,
        source_description=playlist.description,
        source_cursor=None,
        track_count=playlist.track_count,
        read_count=0,
        failed_count=0,
        attempts=0,
    )


def _pages_of(context: StepContext) -> PagePrefetcher:
    client, playlist_id = context.source, context.row.source_playlist_id
    return PagePrefetcher(
        fetch=lambda cursor: client.playlist_items(playlist_id, cursor),
        complete=lambda page: replace(page, items=_with_lengths(client, page.items)),
        may_continue=lambda: not context.budget.is_spent(),
    )


def _add_page(context: StepContext, pages: PagePrefetcher) -> bool:
    """Read and store one page; True if it was the whole playlist, which no change can have split."""
    row = context.row
    try:
        page = pages.page(row.source_cursor)
    except RejectedError as error:
        if row.source_cursor is None:
            raise
        # A cursor does not last for ever, and this one may have waited for a day.
        context.commit(source_version=None, source_cursor=None)
        raise TransientError(error.message, provider=error.provider, reason=error.reason) from None
    if page.cursor is not None and page.cursor == row.source_cursor:
        raise TransientError(
            "The pages of the playlist go round in circles.",
            provider=row.source_provider,
            reason="same_cursor",
        )
    rows = rows_of(page.items, row.read_count)
    reports = [from_art_track(item.track) for item in page.items if item.track.kind in PLAYABLE]
    findings = [finding for finding in reports if finding is not None]
    read_count = row.read_count + len(rows)
    failed_count = row.failed_count + sum(entry["status"] == "failed" for entry in rows)
    changes = {"read_count": read_count, "failed_count": failed_count, "source_cursor": page.cursor}
    if page.cursor is None and (row.source_cursor is None or read_count == 0):
        _finish(context, TrackChange(store.ADD_TRACKS, rows), findings=findings, **changes)
        return True
    track_count = max(row.track_count, read_count)
    context.commit(
        TrackChange(store.ADD_TRACKS, rows), findings=findings, attempts=0, track_count=track_count, **changes
    )
    return False


def _finish(
    context: StepContext,
    tracks: TrackChange | None = None,
    *,
    findings: Sequence[Finding] = (),
    **changes: Any,
) -> Advance:
    """Go on to the next stage with all that was read.

    Likes are listed with the last one first: what becomes likes is written from the oldest on.
    """
    row = context.row
    stage = following(row.stage, row.counts)
    changes |= {"track_count": changes.get("read_count", row.read_count), "attempts": 0, "stage": stage}
    context.commit(
        tracks,
        findings=findings,
        also=(lambda connection: store.reverse_tracks(connection, row.id)) if row.into_likes else None,
        **changes,
    )
    return Advance(stage)


def _with_lengths(client: Client, items: Sequence[PlaylistItem]) -> Sequence[PlaylistItem]:
    """Fill in what a page leaves out of its tracks.

    YouTube tells an upload's length only when asked about it, 50 at a time; without it two editions of a
    recording cannot be told apart. Where every track would cost a call of its own, lengths are in the page.
    """
    without = [
        item.track.id
        for item in items
        if item.track.id and item.track.kind in PLAYABLE and item.track.duration_ms is None
    ]
    batch = client.limits.lookup_batch
    if batch == 1 or not without:
        return items
    known = {
        track.id: track
        for ids in batched(dict.fromkeys(without), batch, strict=False)
        for track in client.tracks(ids)
    }
    return [replace(item, track=known.get(item.track.id, item.track)) for item in items]
