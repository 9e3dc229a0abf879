"""Start a migration: check what it needs, select its playlists, ask for its first steps."""

from collections.abc import Sequence
from typing import Any, Literal

from psycopg import Connection

from musicconnect.api.binding import Caller, Repeat
from musicconnect.core import idempotency
from musicconnect.migrations import jobs_store
from musicconnect.migrations.api import queries, store
from musicconnect.migrations.engine.messages import send_first
from musicconnect.migrations.jobs_store import MigrationRequest
from musicconnect.migrations.schemas import MAX_PLAYLISTS, Migration, MigrationCreate
from musicconnect.music.model import ListKind, Playlist, ProviderName
from musicconnect.platform import clock, problems
from musicconnect.platform.database import Database
from musicconnect.platform.status import Reader
from musicconnect.providers import registry
from musicconnect.providers.accounts.clients import client_for, require_access, require_follows
from musicconnect.providers.errors import RejectedError
from musicconnect.providers.library import NAMES as LIBRARY_NAMES
from musicconnect.providers.library import is_album
from musicconnect.providers.playlists.service import known_playlists
from musicconnect.providers.protocol import Privacy
from musicconnect.providers.quota.reservations import QuotaReservation
from musicconnect.providers.registry import FILE, title

MAX_LOOKUPS = 20
"""Playlists unknown to the snapshots that one request may ask the provider about."""


def _privacy_at(target: ProviderName, wanted: Privacy) -> Privacy:
    """Give who will see playlists there: a provider without private ones makes unlisted ones."""
    return "unlisted" if wanted == "private" and not registry.get(target).private_playlists else wanted


def start(database: Database, caller: Caller, body: MigrationCreate, repeat: Repeat | None) -> Migration:
    """Start a migration, or find the one that was started with the same key and body.

    Raises:
        Problem: 409 when an account is not ready, a playlist cannot be read, or the key was used for another
            request; 422 when the request makes no sense or names what can be no playlist.
        ProviderError: a playlist had to be looked up, and the provider does not have it or does not answer.
    """
    _check_named_or_previewed(body)
    if body.from_preview is None and body.source_provider == body.target_provider:
        raise problems.invalid("body.target_provider", "The target must be another provider than the source.")
    reader = queries.reader_of(caller)
    with database.transaction(caller.user_id) as connection:
        earlier = _earlier(connection, repeat, reader)
        if earlier is not None:
            return earlier
        source, target, wanted, library, albums = _wanted(connection, body)
        require_access(connection, target, "write")
        is_file, source_file = source == FILE, None
        if is_file:
            assert body.from_preview is not None  # nothing else leads to a file
            job = store.get_job(connection, body.from_preview)
            source_file = job["source_file"] if job else None
            held = store.file_playlists(connection, body.from_preview)
        else:
            require_access(connection, source, "read")
            if library:
                _require_library(connection, source, target, library)
            ids = None if wanted == "all" else wanted
            known = known_playlists(connection, source, ids, limit=10 * MAX_PLAYLISTS)
    if body.liked_as == "likes" and registry.get(target).liked_id is None:
        raise problems.invalid("body.liked_as", f"Likes on {title(target)} cannot be written.")
    selected: Sequence[Playlist] = (
        [Playlist(provider=FILE, id=one, name=name, track_count=0) for one, name in held]
        if is_file
        else [
            *_select(database, caller.user_id, source, wanted, known),
            *_of_library(source, library),
            *albums,
        ]
    )
    now = clock.now()
    request = MigrationRequest(
        source_provider=source,
        target_provider=target,
        as_copy=body.as_copy,
        remove_missing=body.remove_missing,
        dry_run=body.dry_run,
        privacy=_privacy_at(target, body.privacy),
        liked_as=body.liked_as,
        preview_id=body.from_preview,
        source_file=source_file,
    )
    with database.transaction(caller.user_id) as connection:
        job_id = jobs_store.insert_job(
            connection,
            request,
            now,
            key=repeat.key if repeat else None,
            request_hash=repeat.request_hash if repeat else None,
        )
        if job_id is None:  # The same key, a moment ago.
            earlier = _earlier(connection, repeat, reader)
            assert earlier is not None
            return earlier
        playlist_ids = jobs_store.insert_playlists(connection, job_id, selected, request, now)
        if is_file and body.from_preview is not None:
            store.copy_file_tracks(connection, body.from_preview, job_id)
        QuotaReservation.register_demand(connection, target, caller.user_id, now)
        started = queries.find(connection, job_id, reader)
    send_first(caller.user_id, playlist_ids)
    return started


def _earlier(connection: Connection[Any], repeat: Repeat | None, reader: Reader) -> Migration | None:
    row = store.find_by_key(connection, repeat.key) if repeat is not None else None
    if repeat is None or row is None:
        return None
    if row[1] != repeat.request_hash:
        raise idempotency.reused()
    return queries.find(connection, row[0], reader)


def _check_named_or_previewed(body: MigrationCreate) -> None:
    """Raise the `Problem` 422 of a body that says too little, or the same thing twice."""
    for field in ("source_provider", "target_provider", "playlists", "library"):
        value = getattr(body, field)
        is_given = bool(value) if field == "library" else value is not None
        is_needed = field != "library" and not (field == "playlists" and body.library)
        if body.from_preview is None and not is_given and is_needed:
            raise problems.invalid(f"body.{field}", "Say this, or name a dry run in from_preview.")
        if body.from_preview is not None and is_given:
            raise problems.invalid(f"body.{field}", "The dry run in from_preview says this.")
    if body.from_preview is not None and body.dry_run:
        raise problems.invalid("body.dry_run", "What from_preview names is made real.")


def _wanted(
    connection: Connection[Any], body: MigrationCreate
) -> tuple[str, str, Literal["all"] | Sequence[str], list[ListKind], list[Playlist]]:
    """Give source, target, playlists, library and albums, as the body or the dry run that it names says them.

    Albums are those that a dry run found saved, where they become playlists.
    """
    if body.from_preview is None:
        assert body.source_provider is not None
        assert body.target_provider is not None
        library = [ListKind(kind) for kind in body.library]
        return body.source_provider, body.target_provider, body.playlists or [], library, []
    job = store.get_job(connection, body.from_preview)
    if job is None:
        raise problems.not_found("preview")
    if not job["dry_run"]:
        raise problems.invalid("body.from_preview", "This migration is no dry run.")
    sources = store.sources(connection, body.from_preview)
    source = job["source_provider"]
    ids = [one for one, kind, _ in sources if kind == ListKind.PLAYLIST and not is_album(one)]
    library = [ListKind(kind) for _, kind, _ in sources if kind != ListKind.PLAYLIST]
    albums = [
        Playlist(provider=source, id=one, name=name, track_count=0)
        for one, _, name in sources
        if is_album(one)
    ]
    return source, job["target_provider"], ids, library, albums


def _require_library(
    connection: Connection[Any], source: str, target: str, library: Sequence[ListKind]
) -> None:
    """Raise where a provider has no such part of a library, or the consent does not cover it.

    Raises:
        Problem: 422.
        ProviderError: the account has to be linked with more access.
    """
    for kind in library:
        # Where the target has no library of albums, they become playlists.
        for provider in (source,) if kind is ListKind.ALBUMS else (source, target):
            if kind not in registry.get(provider).library:
                raise problems.invalid("body.library", f"{title(provider)} has no {kind} in its library.")
        if kind is ListKind.ARTISTS:
            require_follows(connection, source, "read")
            require_follows(connection, target, "write")


def _of_library(source: str, library: Sequence[ListKind]) -> list[Playlist]:
    """Give parts of a library as playlists; how much they hold is known when they are read."""
    return [
        Playlist(
            provider=source,
            id=registry.get(source).library_id(kind),
            name=LIBRARY_NAMES[kind],
            track_count=0,
            kind=kind,
        )
        for kind in library
    ]


def _select(
    database: Database,
    user_id: int,
    provider: str,
    wanted: Literal["all"] | Sequence[str],
    known: dict[str, Playlist],
) -> Sequence[Playlist]:
    if wanted == "all":
        return _everything(database, user_id, provider, known)
    # A snapshot says what was there when it was made; only what it calls readable is taken on its word.
    unsure = [entry for entry in wanted if entry not in known or not known[entry].is_own]
    if len(unsure) > MAX_LOOKUPS:
        raise problems.conflict(
            "playlists-unknown",
            "Too many of the playlists are not known yet",
            f"{len(unsure)} are unknown, and {MAX_LOOKUPS} can be looked up at once. "
            "Have your playlists read first.",
        )
    found = {entry: _look_up(database, user_id, provider, entry) for entry in unsure}
    return [found.get(entry) or known[entry] for entry in wanted]


def _look_up(database: Database, user_id: int, provider: str, playlist_id: str) -> Playlist:
    """Ask the provider for a playlist and for its first page: only that shows whether it can be read."""
    client = client_for(database, user_id, provider, access="read")
    try:
        playlist = client.playlist(playlist_id)
    except RejectedError as error:
        raise problems.invalid("body.playlists", f"{playlist_id}: {error.message}") from None
    if not playlist.is_own:
        client.playlist_items(playlist.id)
    return playlist


def _everything(
    database: Database, user_id: int, provider: str, known: dict[str, Playlist]
) -> Sequence[Playlist]:
    selected = [playlist for playlist in known.values() if playlist.is_own]
    if not known:
        client, cursor = client_for(database, user_id, provider, access="read"), None
        while len(selected) <= MAX_PLAYLISTS:
            page = client.playlists(cursor)
            selected += [playlist for playlist in page.items if playlist.is_own]
            cursor = page.cursor
            if cursor is None:
                break
    if not selected:
        raise problems.conflict(
            "nothing-to-migrate",
            "There is no playlist to migrate",
            f"No playlist on {title(provider)} can be read with the linked account.",
        )
    if len(selected) > MAX_PLAYLISTS:
        raise problems.conflict(
            "too-many-playlists",
            "Too many playlists for one migration",
            f"Name at most {MAX_PLAYLISTS} of them in `playlists`.",
        )
    return selected
