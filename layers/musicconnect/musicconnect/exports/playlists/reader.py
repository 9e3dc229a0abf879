"""Read the playlists of an export from their providers, page by page, through the quota ledger.

Every page is committed with the cursor behind it, so that whoever goes on, after a kill or a day's wait for
an allowance, goes on there. Nothing is written to object storage before everything has been read.
"""

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, replace
from itertools import batched
from typing import Any, Final

from psycopg import Connection

from musicconnect.exports import store
from musicconnect.exports.model import Job, OutOfTimeError, check_time
from musicconnect.exports.playlists import staging_store
from musicconnect.exports.playlists.staging_store import PendingPlaylist
from musicconnect.music.model import ItemKind, Page, Playlist, PlaylistItem
from musicconnect.platform import clock
from musicconnect.platform.database import Database
from musicconnect.platform.status import Status
from musicconnect.platform.text import storable
from musicconnect.platform.work.deadline import Deadline
from musicconnect.platform.work.lease import Lease
from musicconnect.playlist_files import json_fields, urls
from musicconnect.playlist_files.model import entry_of, header_of
from musicconnect.providers.accounts.clients import client_for, linked_providers
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
from musicconnect.providers.registry import title

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
    lease: Lease
    deadline: Deadline
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
                self._skip(provider, error)

    def _providers(self) -> list[str]:
        one = self.job.filters.get("provider")
        if one is not None:
            return [one]
        with self._transaction() as connection:
            return linked_providers(connection)

    # -- Which there are ---------------------------------------------------------------------------------

    def _list(self, provider: str, client: Client) -> None:
        """List the playlists that are wanted, with what their provider says of them."""
        listing: dict[str, Any] = self.job.position.setdefault("listing", {})
        state = listing.setdefault(provider, {"cursor": None, "is_done": False})
        if (ids := self.job.filters.get("playlists")) is not None and not state["is_done"]:
            with self._transaction() as connection:
                staging_store.add_playlists(connection, self.job.user_id, self.job.id, provider, ids)
            state["is_done"] = True
            self._save(provider)
        while not state["is_done"]:
            check_time(self.deadline)
            page = client.playlists(state["cursor"])
            with self._leased() as connection:
                for playlist in page.items:
                    if playlist.is_own:
                        self._describe(connection, playlist)
                    else:
                        self._note(
                            f"{playlist.name}: {title(provider)} gives out its owner's playlists only."
                        )
            state["cursor"], state["is_done"] = page.cursor, page.cursor is None
            self._save(provider)

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
                check_time(self.deadline)
                playlist = client.playlist(wanted.provider_playlist_id)
                with self._leased() as connection:
                    self._describe(connection, playlist)
                wanted = replace(
                    wanted, head=json_fields.to_json(header_of(playlist)), version=playlist.version
                )
            self._read_pages(client, wanted)
        except (NotFoundError, NotAllowedError, RejectedError) as error:
            if isinstance(error, NoChannelError):
                raise
            self._skip(wanted.provider, error, wanted)
        except ProviderError as error:
            # What fails for the moment is tried again, but not for ever.
            if not self.gives_up or isinstance(error, PROVIDER_WIDE_ERRORS):
                raise
            self._skip(wanted.provider, error, wanted)

    def _read_pages(self, client: Client, wanted: PendingPlaylist) -> None:
        # A place without a cursor is the end, once something has been read.
        while wanted.cursor is not None or wanted.read_count == 0:
            check_time(self.deadline)
            page = self._page(client, wanted)
            is_whole = wanted.read_count == 0 and page.cursor is None
            entries = [
                json_fields.to_json(entry_of(item, position, url=_url(item)))
                for position, item in enumerate(_with_lengths(client, page.items), wanted.read_count)
            ]
            with self._leased() as connection:
                staging_store.add_entries(connection, self.job.user_id, wanted, entries, page.cursor)
                if is_whole:  # no change can have split what came in one page
                    staging_store.finish(connection, wanted, clock.now())
            wanted = replace(wanted, cursor=page.cursor, read_count=wanted.read_count + len(entries))
            self._save(wanted.provider)
            if is_whole:
                return
        check_time(self.deadline)
        self._check_unchanged(wanted, client.playlist(wanted.provider_playlist_id))

    def _page(self, client: Client, wanted: PendingPlaylist) -> Page[PlaylistItem]:
        try:
            return client.playlist_items(wanted.provider_playlist_id, wanted.cursor)
        except RejectedError:
            if wanted.cursor is None:
                raise
            # A cursor does not last for ever, and this one may have waited for a day.
            with self._leased() as connection:
                staging_store.restart(connection, wanted, head=wanted.head or {}, version=wanted.version)
            raise OutOfTimeError from None

    def _check_unchanged(self, wanted: PendingPlaylist, now: Playlist) -> None:
        with self._leased() as connection:
            if now.version == wanted.version or wanted.reread_count >= MAX_REREADS:
                staging_store.finish(connection, wanted, clock.now())
            else:
                staging_store.restart(
                    connection, wanted, head=json_fields.to_json(header_of(now)), version=now.version
                )
        if now.version != wanted.version and wanted.reread_count >= MAX_REREADS:
            self._note(f"{now.name}: it kept changing while it was read, and may be of more than one state.")
            self._save(wanted.provider)

    # -- What is left out -----------------------------------------------------------------------------------

    def _skip(self, provider: str, error: ProviderError, wanted: PendingPlaylist | None = None) -> None:
        """Do without a playlist, or without all of a provider's that are still to be read."""
        name = (wanted.head or {}).get("name") or wanted.provider_playlist_id if wanted else title(provider)
        self._note(f"{name}: {error.message}")
        playlist_id = wanted.id if wanted else None
        with self._leased() as connection:
            staging_store.skip(
                connection, self.job.id, storable(error.message), playlist=playlist_id, provider=provider
            )
        if wanted is None:
            self.job.position["listing"][provider] = {"cursor": None, "is_done": True}
        self._save(provider)

    def _note(self, text: str) -> None:
        text = storable(text)
        if text not in self.job.notes and len(self.job.notes) < MAX_NOTES:
            self.job.notes.append(text)

    # -- Around it -----------------------------------------------------------------------------------------

    def _save(self, provider: str) -> None:
        with self._transaction() as connection:
            done, wanted, entries = staging_store.progress(connection, self.job.id)
            params = {"provider": provider, "done": done, "total": wanted, "entries": entries}
            store.save_progress(connection, self.lease, self.job, Status("reading-playlists", params))

    def _transaction(self) -> AbstractContextManager[Connection[Any]]:
        return self.database.transaction(self.job.user_id)

    @contextmanager
    def _leased(self) -> Iterator[Connection[Any]]:
        with self._transaction() as connection:
            store.extend_lease(connection, self.lease)
            yield connection


def _url(item: PlaylistItem) -> str | None:
    kind = {ItemKind.EPISODE: "episode", ItemKind.LOCAL: "local", ItemKind.UNAVAILABLE: "unavailable"}.get(
        item.track.kind, "track"
    )
    return urls.url_of(kind, item.track.provider, item.track.id)  # type: ignore[arg-type]


def _with_lengths(client: Client, items: Sequence[PlaylistItem]) -> Sequence[PlaylistItem]:
    """Fill in lengths where a page has none and one call gives many: players and matching need them."""
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
