"""Reads the playlists of an export from their providers, page by page, through the quota ledger.

Every page is committed with the cursor behind it, so that whoever goes on, after a kill or a day's wait for
an allowance, goes on there. Nothing is written to object storage before everything has been read.
"""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from itertools import batched
from typing import Any, Final

from psycopg import Connection

from musicconnect.exports.model import Job, OutOfTimeError
from musicconnect.exports.playlists import staging_store
from musicconnect.exports.playlists.staging_store import PendingPlaylist
from musicconnect.music.model import ItemKind, Page, Playlist, PlaylistItem
from musicconnect.platform import clock
from musicconnect.platform.database import Database
from musicconnect.platform.status import Status
from musicconnect.platform.text import storable
from musicconnect.playlist_files import json_fields, urls
from musicconnect.playlist_files.model import entry_of, header_of
from musicconnect.providers.accounts.clients import client_for
from musicconnect.providers.errors import (
    ConsentRevokedError,
    NoChannelError,
    NotAllowedError,
    NotFoundError,
    NotLinkedError,
    ProviderError,
    RejectedError,
    ScopeMissingError,
)
from musicconnect.providers.protocol import Client
from musicconnect.providers.registry import PROVIDERS, title

MARGIN_MS: Final = 20_000
"""Milliseconds that must be left to make another call."""
MAX_REREADS: Final = 2
"""Of a playlist that keeps changing while it is read; then it is taken as it came."""
MAX_NOTES: Final = 200
PROVIDER_WIDE_ERRORS: Final = (NotLinkedError, ConsentRevokedError, ScopeMissingError, NoChannelError)
"""What stands in the way of a provider's playlists, all of them."""


@dataclass(frozen=True, slots=True)
class PlaylistReader:
    """One worker's share of reading an export's playlists."""

    database: Database
    job: Job
    hold: Callable[[Connection[Any]], None]
    """Raises ``LeaseLostError`` when the export is no longer ours."""
    save: Callable[[dict[str, Any], list[str], Status], None]
    """Writes down position, notes and what is going on."""
    remaining_ms: Callable[[], int]
    gives_up: bool
    """Whether a provider that fails for the moment has been asked often enough."""

    def run(self) -> None:
        """Read what is left.

        Raises:
            OutOfTimeError: something is left.
            RateLimitedError, TransientError, QuotaExhaustedError: to be gone on with later.
            LeaseLostError: it is not ours any more.
        """
        for provider in self._providers():
            client = client_for(self.database, self.job.user_id, provider)
            try:
                self._list(provider, client)
                while (wanted := self._next(provider)) is not None:
                    self._read_one(client, wanted)
            except PROVIDER_WIDE_ERRORS as error:
                self._do_without(provider, error)

    def _providers(self) -> list[str]:
        one = self.job.filters.get("provider")
        if one is not None:
            return [one]
        with self._transaction() as connection:
            rows = connection.execute(
                "SELECT provider FROM providers.accounts WHERE user_id = core.current_user_id()"
            ).fetchall()
        linked = {row[0] for row in rows}
        return [name for name in PROVIDERS if name in linked]

    # -- Which there are ---------------------------------------------------------------------------------

    def _list(self, provider: str, client: Client) -> None:
        """Note the playlists that are wanted, with what their provider tells of them."""
        listing: dict[str, Any] = self.job.position.setdefault("listing", {})
        state = listing.setdefault(provider, {"cursor": None, "is_done": False})
        if (ids := self.job.filters.get("playlists")) is not None and not state["is_done"]:
            with self._transaction() as connection:
                staging_store.add_playlists(connection, self.job.user_id, self.job.id, provider, ids)
            state["is_done"] = True
            self._say(provider)
        while not state["is_done"]:
            self._check_time()
            page = client.playlists(state["cursor"])
            with self._transaction() as connection:
                self.hold(connection)
                for playlist in page.items:
                    if playlist.is_own:
                        self._describe(connection, playlist)
                    else:
                        self._note(
                            f"{playlist.name}: {title(provider)} gives out its owner's playlists only."
                        )
            state["cursor"], state["is_done"] = page.cursor, page.cursor is None
            self._say(provider)

    def _describe(self, connection: Connection[Any], playlist: Playlist) -> None:
        staging_store.save_header(
            connection,
            self.job.user_id,
            self.job.id,
            playlist.provider,
            playlist.id,
            head=json_fields.to_json(header_of(playlist)),
            version=playlist.version,
        )

    def _next(self, provider: str) -> PendingPlaylist | None:
        with self._transaction() as connection:
            return staging_store.next_pending(connection, self.job.id, provider)

    # -- What is in them -----------------------------------------------------------------------------------

    def _read_one(self, client: Client, wanted: PendingPlaylist) -> None:
        """Read a playlist, or go on reading it, to its end."""
        try:
            if wanted.head is None:
                self._check_time()
                playlist = client.playlist(wanted.provider_playlist_id)
                with self._transaction() as connection:
                    self.hold(connection)
                    self._describe(connection, playlist)
                wanted = replace(
                    wanted, head=json_fields.to_json(header_of(playlist)), version=playlist.version
                )
            self._read_pages(client, wanted)
        except (NotFoundError, NotAllowedError, RejectedError) as error:
            if isinstance(error, NoChannelError):
                raise
            self._leave_out(wanted, error)
        except ProviderError as error:
            # What fails for the moment is tried again, but not for ever.
            if not self.gives_up or isinstance(error, PROVIDER_WIDE_ERRORS):
                raise
            self._leave_out(wanted, error)

    def _read_pages(self, client: Client, wanted: PendingPlaylist) -> None:
        # A place without a cursor is the end, once something has been read.
        while wanted.cursor is not None or wanted.read_count == 0:
            self._check_time()
            page = self._page(client, wanted)
            is_whole = wanted.read_count == 0 and page.cursor is None
            entries = [
                json_fields.to_json(entry_of(item, position, url=_url(item)))
                for position, item in enumerate(_with_lengths(client, page.items), wanted.read_count)
            ]
            with self._transaction() as connection:
                self.hold(connection)
                staging_store.add_entries(connection, self.job.user_id, wanted, entries, page.cursor)
                if is_whole:  # no change can have split what came in one page
                    staging_store.finish(connection, wanted, clock.now())
            wanted = replace(wanted, cursor=page.cursor, read_count=wanted.read_count + len(entries))
            self._say(wanted.provider)
            if is_whole:
                return
        self._check_time()
        self._check_unchanged(wanted, client.playlist(wanted.provider_playlist_id))

    def _page(self, client: Client, wanted: PendingPlaylist) -> Page[PlaylistItem]:
        try:
            return client.playlist_items(wanted.provider_playlist_id, wanted.cursor)
        except RejectedError:
            if wanted.cursor is None:
                raise
            # A cursor does not last for ever, and this one may have waited for a day.
            with self._transaction() as connection:
                self.hold(connection)
                staging_store.restart(connection, wanted, head=wanted.head or {}, version=wanted.version)
            raise OutOfTimeError from None

    def _check_unchanged(self, wanted: PendingPlaylist, now: Playlist) -> None:
        with self._transaction() as connection:
            self.hold(connection)
            if now.version == wanted.version or wanted.reread_count >= MAX_REREADS:
                staging_store.finish(connection, wanted, clock.now())
            else:
                staging_store.restart(
                    connection, wanted, head=json_fields.to_json(header_of(now)), version=now.version
                )
        if now.version != wanted.version and wanted.reread_count >= MAX_REREADS:
            self._note(f"{now.name}: it kept changing while it was read, and may be of more than one state.")
            self._say(wanted.provider)

    # -- What is left out -----------------------------------------------------------------------------------

    def _leave_out(self, wanted: PendingPlaylist, error: ProviderError) -> None:
        name = (wanted.head or {}).get("name") or wanted.provider_playlist_id
        self._note(f"{name}: {error.message}")
        with self._transaction() as connection:
            self.hold(connection)
            staging_store.skip(
                connection, self.job.id, storable(error.message), playlist=wanted.id, provider=wanted.provider
            )
        self._say(wanted.provider)

    def _do_without(self, provider: str, error: ProviderError) -> None:
        self._note(f"{title(provider)}: {error.message}")
        with self._transaction() as connection:
            self.hold(connection)
            staging_store.skip(
                connection, self.job.id, storable(error.message), playlist=None, provider=provider
            )
        self.job.position["listing"][provider] = {"cursor": None, "is_done": True}
        self._say(provider)

    def _note(self, text: str) -> None:
        text = storable(text)
        if text not in self.job.notes and len(self.job.notes) < MAX_NOTES:
            self.job.notes.append(text)

    # -- Around it -----------------------------------------------------------------------------------------

    def _say(self, provider: str) -> None:
        with self._transaction() as connection:
            done, wanted, entries = staging_store.progress(connection, self.job.id)
        self.save(
            self.job.position,
            self.job.notes,
            Status(
                "reading-playlists",
                {"provider": provider, "done": done, "total": wanted, "entries": entries},
            ),
        )

    def _check_time(self) -> None:
        if self.remaining_ms() < MARGIN_MS:
            raise OutOfTimeError

    def _transaction(self) -> AbstractContextManager[Connection[Any]]:
        return self.database.transaction(self.job.user_id)


def _url(item: PlaylistItem) -> str | None:
    kind = {ItemKind.EPISODE: "episode", ItemKind.LOCAL: "local", ItemKind.UNAVAILABLE: "unavailable"}.get(
        item.track.kind, "track"
    )
    return urls.url_of(kind, item.track.provider, item.track.id)  # type: ignore[arg-type]


def _with_lengths(client: Client, items: Sequence[PlaylistItem]) -> Sequence[PlaylistItem]:
    """Fill in lengths where a page has none and many are told by one call: players and matching want them."""
    without = [
        item.track.id
        for item in items
        if item.track.id and item.track.kind is ItemKind.VIDEO and item.track.duration_ms is None
    ]
    if client.limits.lookup_batch == 1 or not without:
        return items
    known: dict[str, int] = {}
    for ids in batched(dict.fromkeys(without), client.limits.lookup_batch, strict=False):
        known |= client.durations(ids)
    return [
        replace(item, track=replace(item.track, duration_ms=known[item.track.id]))
        if item.track.id in known
        else item
        for item in items
    ]
