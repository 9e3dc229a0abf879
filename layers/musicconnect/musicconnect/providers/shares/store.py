"""The SQL of shares. Every function runs in the caller's transaction."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, LiteralString

from psycopg import Connection
from psycopg.rows import class_row
from psycopg.types.json import Jsonb

from musicconnect.music.model import ProviderName


@dataclass(frozen=True, slots=True, kw_only=True)
class ShareRow:
    """A share as its owner sees it."""

    playlist_id: int
    slug: str
    shared_by: str
    shown: int
    total: int
    left_out: int
    created_at: datetime
    read_at: datetime
    expires_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class SharedPlaylist:
    """A share as a stranger sees it."""

    provider: ProviderName
    name: str
    address: str | None
    shared_by: str
    entries: list[dict[str, Any]]
    total: int
    left_out: int
    read_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ShareContent:
    """What a playlist held when it was read to be shown."""

    provider: ProviderName
    name: str
    address: str | None
    entries: Sequence[dict[str, Any]]
    total: int
    left_out: int


_COLUMNS: LiteralString = """
    playlist_id, slug, shared_by, jsonb_array_length(entries) AS shown, total, left_out, created_at, read_at,
    expires_at"""


def find(connection: Connection[Any], playlist_id: int, now: datetime) -> ShareRow | None:
    """Get the share of one of the person's playlists; None if it is not shown, or no longer."""
    with connection.cursor(row_factory=class_row(ShareRow)) as cursor:
        return cursor.execute(
            f"""
            SELECT {_COLUMNS} FROM providers.shares
            WHERE playlist_id = %s AND expires_at > %s
              AND user_id = (SELECT core.current_user_id())""",  # noqa: S608 - a constant
            [playlist_id, now],
        ).fetchone()


def save(
    connection: Connection[Any],
    playlist_id: int,
    content: ShareContent,
    *,
    new_slug: str,
    shared_by: str,
    now: datetime,
    expires_at: datetime,
) -> ShareRow:
    """Show a playlist of the person's, or what it holds by now; its address stays, unless it has ended."""
    with connection.cursor(row_factory=class_row(ShareRow)) as cursor:
        row = cursor.execute(
            f"""
            INSERT INTO providers.shares AS s (user_id, playlist_id, slug, provider, name, address, shared_by,
                entries, total, left_out, created_at, read_at, expires_at)
            VALUES (core.current_user_id(), %(playlist)s, %(slug)s, %(provider)s, %(name)s, %(address)s,
                %(by)s, %(entries)s, %(total)s, %(left_out)s, %(now)s, %(now)s, %(expires)s)
            ON CONFLICT (playlist_id) DO UPDATE SET
                slug = CASE WHEN s.expires_at > %(now)s THEN s.slug ELSE excluded.slug END,
                name = excluded.name, address = excluded.address, shared_by = excluded.shared_by,
                entries = excluded.entries, total = excluded.total, left_out = excluded.left_out,
                read_at = excluded.read_at, expires_at = excluded.expires_at
            RETURNING {_COLUMNS}""",  # noqa: S608 - a constant
            {
                "playlist": playlist_id, "slug": new_slug, "provider": content.provider,
                "name": content.name, "address": content.address, "by": shared_by,
                "entries": Jsonb(list(content.entries)), "total": content.total,
                "left_out": content.left_out, "now": now, "expires": expires_at,
            },
        ).fetchone()  # fmt: skip
    assert row is not None
    return row


def delete(connection: Connection[Any], playlist_id: int) -> bool:
    """Show a playlist of the person's no longer; False if it was not shown."""
    found = connection.execute(
        "DELETE FROM providers.shares WHERE playlist_id = %s AND user_id = (SELECT core.current_user_id())",
        [playlist_id],
    )
    return found.rowcount > 0


def find_shared(connection: Connection[Any], slug: str, now: datetime) -> SharedPlaylist | None:
    """Get what whoever has the address may see; None if there is nothing, or no longer."""
    with connection.cursor(row_factory=class_row(SharedPlaylist)) as cursor:
        return cursor.execute("SELECT * FROM providers.find_shared_playlist(%s, %s)", [slug, now]).fetchone()
