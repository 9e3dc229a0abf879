"""Divide what is more than the target holds, before anything of it is searched."""

import secrets
from typing import Any

from psycopg import Connection

from musicconnect.migrations.engine import parts_store
from musicconnect.migrations.engine.context import StepContext
from musicconnect.migrations.engine.parts import assign
from musicconnect.migrations.engine.parts_store import NewPart


def split(context: StepContext) -> None:
    """Make further playlists of what does not fit into one; each is searched for and written by itself.

    What was divided before stays in the part where it is. Entries that cannot be moved take no place.
    """
    row = context.row
    if row.parts is not None or row.into_likes:
        return
    size = context.target.limits.playlist_size
    is_too_large = row.track_count - row.failed_count > size
    if not is_too_large and not row.is_update:
        return
    with context.database.transaction(row.user_id) as connection:
        earlier = parts_store.earlier_parts(connection, row.id) if row.is_update else []
        if not is_too_large and len(earlier) < 2:
            return
        tracks = parts_store.tracks(connection, row.id)
        before = [parts_store.moved_ids(connection, part.id) for part in earlier]
    parts = assign([(track.source_track_id if track.is_movable else None) for track in tracks], size, before)
    count = max(parts, default=0) + 1
    if count == 1:
        return
    positions: list[list[int]] = [[] for _ in range(count)]
    failed = [0] * count
    for track, part in zip(tracks, parts, strict=True):
        positions[part].append(track.position)
        failed[part] += not track.is_movable
    targets = {part.part: part for part in earlier}
    made = [
        NewPart(
            part=number,
            parts=count,
            marker=f"mc-{secrets.token_hex(8)}",
            target_playlist_id=targets[number].target_playlist_id if number in targets else None,
            target_name=targets[number].target_name if number in targets else None,
            positions=positions[number - 1],
            failed=failed[number - 1],
        )
        for number in range(2, count + 1)
    ]

    def divide(connection: Connection[Any]) -> None:
        for part in made:
            parts_store.divide(connection, row.id, part, context.now())

    first = len(positions[0])
    context.commit(
        also=divide, parts=count, track_count=first, read_count=first, failed_count=failed[0]
    )  # fmt: skip
