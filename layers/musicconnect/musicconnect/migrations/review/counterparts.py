"""Find what a person names as a track's counterpart: one of its candidates, or a link."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from itertools import batched
from typing import Any

from psycopg import Connection
from psycopg.rows import DictRow

from musicconnect.matching import Outcome
from musicconnect.migrations import file_tracks
from musicconnect.migrations.review.schemas import TrackChoice
from musicconnect.music import links
from musicconnect.music.codec import decode
from musicconnect.music.model import ItemKind, ItemType, ListKind, Track
from musicconnect.platform import problems
from musicconnect.platform.database import Database
from musicconnect.platform.logging import logger
from musicconnect.platform.problems import Problem
from musicconnect.providers import library
from musicconnect.providers.accounts.clients import client_for
from musicconnect.providers.errors import ProviderError
from musicconnect.providers.match_store import votes
from musicconnect.providers.registry import FILE, PROVIDERS, title

_LINKED = (ItemType.TRACK, ItemType.VIDEO, ItemType.ARTIST, ItemType.ALBUM)
_LISTS = {ItemKind.ARTIST: ListKind.ARTISTS, ItemKind.ALBUM: ListKind.ALBUMS}
_NOT_OF_TRACKS = {"artist", "score", "parts", "reasons"}


def look_up(database: Database, user_id: int, choices: Sequence[TrackChoice]) -> dict[str, Track]:
    """Look up the tracks that links name, by ``provider:id``.

    What the provider has not is missing. A provider that cannot be asked now (a spent allowance, an outage)
    keeps nobody from deciding: then only the ids are known.
    """
    wanted: dict[tuple[str, ItemKind], list[str]] = {}
    for choice in choices:
        if (link := _link(choice.link)) is not None:
            wanted.setdefault((link.provider, _kind(link)), []).append(link.id)
    found: dict[str, Track] = {}
    for (provider, kind), ids in wanted.items():
        client = client_for(database, user_id, provider, access="read")
        if kind in _LISTS:
            if _LISTS[kind] not in PROVIDERS[provider].library:
                continue
            client = library.view(client, _LISTS[kind])
        for batch in batched(dict.fromkeys(ids), client.limits.lookup_batch, strict=False):
            try:
                tracks = client.tracks(batch)
            except ProviderError as error:
                logger.info("link not looked up", provider=provider, error=type(error).__name__)
                tracks = [Track(provider=provider, id=track_id, title="", kind=kind) for track_id in batch]
            found |= {_key(provider, kind, track.id): track for track in tracks}
            if len(batch) == 1 and len(tracks) == 1:
                # A channel may be named by its handle.
                found[_key(provider, kind, batch[0])] = tracks[0]
    return found


def of_link(text: str, row: DictRow, found: Mapping[str, Track]) -> Track:
    """Give the track, artist or album that a link names, as the row of ``track`` holds one.

    Raises `Problem` 422 for one of elsewhere, or that is not there.
    """
    link, provider = _link(text), row["target_provider"]
    wanted = ItemKind(row["source_kind"])
    if wanted not in _LISTS:
        wanted = ItemKind.TRACK
    what = f"an {wanted}" if wanted in _LISTS else f"a {wanted}"
    if link is None or link.provider != provider or _kind(link) is not wanted:
        raise problems.invalid("body.link", f"This is no link to {what} on {title(provider)}.")
    track = found.get(_key(provider, wanted, link.id))
    if track is None:
        raise problems.invalid(
            "body.link", f"{title(provider)} has no such {wanted}: it is deleted, private or never was."
        )
    return track


def _kind(link: links.Link) -> ItemKind:
    """Give the kind of row that a link may be the counterpart of; a video is as good as a track."""
    kinds = {ItemType.ARTIST: ItemKind.ARTIST, ItemType.ALBUM: ItemKind.ALBUM}
    return kinds.get(link.type, ItemKind.TRACK)


def _key(provider: str, kind: ItemKind, item_id: str) -> str:
    return f"{provider}:{kind}:{item_id}"


def of_candidates(row: DictRow, candidate_id: str | None) -> Track:
    """Give one of a track's candidates; the best where none is named. Raises `Problem` 422 or 409."""
    entries = row["candidates"] or []
    if candidate_id is None and not entries:
        raise no_candidate()
    for entry in entries:
        if candidate_id is None or entry["id"] == candidate_id:
            facts = {name: entry[name] for name in entry.keys() - _NOT_OF_TRACKS}
            return decode(row["target_provider"], facts)
    raise problems.invalid("body.candidate", "None of the track's candidates has this id.")


def no_candidate() -> Problem:
    """Make the 409 for a track of which the best candidate is to be taken, and that has none."""
    return problems.conflict(
        "no-candidate", "The track has no candidates", "Name a link to its counterpart, or leave it out."
    )


def share(
    connection: Connection[Any], choices: Sequence[tuple[DictRow, Track, Track | None]], now: datetime
) -> None:
    """Tell the match store what people chose, as far as it is anybody else's business.

    What a file calls a track is its owner's word: it counts for the same words, and for no provider's id.
    """
    cast = []
    for row, source, target in choices:
        if row["source_track_id"] is None or source.provider == row["target_provider"]:
            continue
        if source.kind in _LISTS:
            continue  # The store knows tracks.
        replaced = row["target_track_id"] if row["outcome"] == Outcome.MATCHED else None
        cast.append(
            votes.Vote(
                source=file_tracks.anonymous_track(source) if row["source_provider"] == FILE else source,
                target_provider=row["target_provider"],
                target=target,
                instead_of=replaced,
            )
        )
    votes.cast(connection, cast, now)


def _link(text: str | None) -> links.Link | None:
    if text is None:
        return None
    try:
        link = links.parse(text)
    except links.LinkError:
        return None
    return link if link.type in _LINKED and link.provider in PROVIDERS else None
