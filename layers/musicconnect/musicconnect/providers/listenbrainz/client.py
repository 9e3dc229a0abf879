"""Act on ListenBrainz' playlists, and on the catalogue that is MusicBrainz'."""

from collections import Counter
from collections.abc import Collection, Sequence
from contextlib import suppress
from dataclasses import replace
from itertools import pairwise
from typing import Final
from urllib.parse import quote

from musicconnect.music.model import CatalogueItem, ItemType, Page, Playlist, PlaylistItem, Track
from musicconnect.platform import config, pagination
from musicconnect.providers.errors import NotFoundError
from musicconnect.providers.listenbrainz.catalogue import MAX_IDS, CatalogueCalls
from musicconnect.providers.listenbrainz.catalogue import item_of as shown
from musicconnect.providers.listenbrainz.entry import CALLS
from musicconnect.providers.listenbrainz.errors import error_for, musicbrainz_error_for
from musicconnect.providers.listenbrainz.responses import (
    NAME,
    Created,
    Done,
    Jspf,
    JspfDocument,
    JspfPage,
    Validation,
    is_mbid,
    item_of,
    jspf,
    mbid_of,
    playlist_of,
    written,
)
from musicconnect.providers.protocol import Added, Credentials, Exhaust, Limits, Privacy, Profile, Reserve
from musicconnect.providers.transport import ApiCall, Transport

LISTED: Final = 10
"""Playlists on a page of ours: the list does not say how many tracks they have, so that each is read."""


class ListenBrainzClient:
    """Acts on ListenBrainz for one linked account."""

    name = NAME
    # No limits on sizes and names are published, nor in its source: ours keep a playlist readable at once.
    limits = Limits(
        add_batch=100,
        remove_batch=100,
        removes_by_track=False,
        lookup_batch=MAX_IDS,
        page_size=10_000,
        search_limit=25,
        playlist_size=10_000,
        name_length=250,
        description_length=1000,
        move_batch=100,
    )

    def __init__(self, credentials: Credentials, reserve: Reserve, exhaust: Exhaust) -> None:
        timeout = config.provider_timeout()
        contact = config.provider_setting("MUSICBRAINZ_CONTACT", config.public_url() or "")
        self._credentials = credentials
        self._reserve = reserve
        self._call = Transport(
            provider=NAME,
            base_url=config.provider_setting("LISTENBRAINZ_API_URL", "https://api.listenbrainz.org"),
            timeout=timeout,
            credentials=credentials,
            reserve=reserve,
            exhaust=exhaust,
            error_for=error_for,
            scheme="Token",
        )
        self._booked_call = replace(self._call, reserve=lambda _bucket, _cost: None)
        musicbrainz = Transport(
            provider=NAME,
            base_url=config.provider_setting("MUSICBRAINZ_API_URL", "https://musicbrainz.org"),
            timeout=timeout,
            credentials=credentials,
            reserve=reserve,
            exhaust=exhaust,
            error_for=musicbrainz_error_for,
            scheme=None,
            # MusicBrainz wants to know whom to write to.
            headers={"User-Agent": f"MusicConnect/1.0 ( {contact} )"},
        )
        self._catalogue = CatalogueCalls(self._call, musicbrainz)
        self._user_name: str | None = None

    def profile(self) -> Profile:
        """Get whose token it is. ListenBrainz answers 200 to one that is no longer good."""
        for _ in range(2):
            token = self._credentials.access_token()
            told = self._call(Validation, _get("/1/validate-token"))
            if told.valid and told.user_name:
                self._user_name = told.user_name
                return Profile(provider_user_id=told.user_name.casefold(), display_name=told.user_name)
            self._credentials.renewed_token(token)
        raise AssertionError("a pasted token is never renewed")

    def playlists(self, cursor: str | None = None) -> Page[Playlist]:
        """List the person's own playlists, ten a page. One call, and one for each of them."""
        key = pagination.decode(cursor, int)
        offset = 0 if key is None else int(key[0])
        path = f"/1/user/{quote(self._me(), safe='')}/playlists"
        page = self._call(JspfPage, _get(path, count=LISTED, offset=offset))
        following = offset + len(page.playlists)
        if page.playlists:
            # All or none: half a page would be read again, and again for want of the same calls.
            self._reserve(CALLS, len(page.playlists))
        return Page(
            items=[
                one
                for listed in page.playlists
                if (one := self._described(listed.playlist.identifier)) is not None
            ],
            cursor=pagination.encode((following,)) if offset < following < page.playlist_count else None,
            total=page.playlist_count,
        )

    def playlist(self, playlist_id: str) -> Playlist:
        """Get one playlist's metadata, with all that is in it: there is no smaller answer."""
        found = self._read(playlist_id)
        return playlist_of(found, self._me(), len(found.track))

    def look(self, playlist_ids: Sequence[str]) -> dict[str, Playlist]:
        """Get several playlists' metadata, one by one."""
        found: dict[str, Playlist] = {}
        for playlist_id in playlist_ids:
            with suppress(NotFoundError):
                found[playlist_id] = self.playlist(playlist_id)
        return found

    def _described(self, identifier: str) -> Playlist | None:
        """Read one of a page, which is paid for; None where it has just been deleted."""
        try:
            found = self._booked_call(JspfDocument, _get(_path(mbid_of(identifier)))).playlist
        except NotFoundError:
            return None
        return playlist_of(found, self._me(), len(found.track))

    def playlist_items(self, playlist_id: str, cursor: str | None = None) -> Page[PlaylistItem]:  # noqa: ARG002
        """Get a playlist's contents: there is one page."""
        found = self._read(playlist_id)
        items = [item_of(track, position) for position, track in enumerate(found.track)]
        return Page(items=items, total=len(items), version=found.own.last_modified_at)

    def create_playlist(self, name: str, description: str, privacy: Privacy = "private") -> Playlist:
        """Create an empty playlist. What is not public only its owner sees."""
        body = jspf(title=name, annotation=written(description), public=privacy == "public")
        made = self._call(Created, _post("/1/playlist/create", body))
        return Playlist(
            provider=NAME,
            id=str(made.playlist_mbid),
            name=name,
            description=description,
            track_count=0,
            is_public=privacy == "public",
        )

    def add_items(
        self,
        playlist_id: str,
        track_ids: Sequence[str],
        position: int | None = None,
        *,
        key: str | None = None,  # noqa: ARG002 - it knows none
    ) -> Added:
        """Add at most 100 recordings, in order. ListenBrainz does not look whether they exist."""
        if not 0 < len(track_ids) <= self.limits.add_batch:
            raise ValueError(f"add 1 to {self.limits.add_batch} tracks at a time")
        missing = [index for index, mbid in enumerate(track_ids) if not is_mbid(mbid)]
        known = [mbid for mbid in track_ids if is_mbid(mbid)]
        if known:
            path = f"{_path(playlist_id)}/item/add" + ("" if position is None else f"/{position}")
            self._call(Done, _post(path, jspf(ids=known)))
        return Added(item_ids=[None] * len(track_ids), missing=missing)

    def remove_items(self, playlist_id: str, items: Sequence[PlaylistItem], /) -> None:
        """Remove at most 100 entries: one call to see where they are, and one for each run of neighbours.

        ListenBrainz removes by position, whatever stands there; what is gone already is passed over.
        """
        if not 0 < len(items) <= self.limits.remove_batch:
            raise ValueError(f"remove 1 to {self.limits.remove_batch} entries at a time")
        for start, count in reversed(_runs(_places(self._read(playlist_id), items))):
            body = {"index": start, "count": count}
            self._call(Done, _post(f"{_path(playlist_id)}/item/delete", body))

    def move_items(self, playlist_id: str, items: Sequence[PlaylistItem], position: int, /) -> None:
        """Move at most 100 neighbours: one call to see where they are, and one to move them."""
        if not 0 < len(items) <= self.limits.move_batch:
            raise ValueError(f"move 1 to {self.limits.move_batch} entries at a time")
        places = _places(self._read(playlist_id), items)
        if len(places) != len(items) or len(_runs(places)) != 1:
            raise NotFoundError("The entries stand elsewhere by now.", provider=NAME, reason="moved")
        body = {"mbid": playlist_id, "from": places[0], "to": position, "count": len(places)}
        self._call(Done, _post(f"{_path(playlist_id)}/item/move", body))

    def change_playlist(self, playlist_id: str, name: str, description: str) -> None:
        """Give a playlist another name and description. Collaborators that are not named would be removed."""
        own = self._read(playlist_id).own
        body = jspf(
            title=name,
            annotation=written(description),
            public=bool(own.public),
            collaborators=own.collaborators,
        )
        self._call(Done, _post(f"/1/playlist/edit/{quote(playlist_id, safe='')}", body))

    def search_tracks(self, query: str, limit: int) -> list[Track]:
        """Search recordings; see `CatalogueCalls.search_tracks`."""
        return self._catalogue.search_tracks(query, limit)

    def tracks(self, ids: Sequence[str]) -> list[Track]:
        """Look up at most 50 recordings, in the order asked for; unknown ids are left out."""
        return self._catalogue.tracks(ids)

    def search(
        self,
        query: str,
        types: Collection[ItemType],  # noqa: ARG002 - there is one
        limit: int,
        cursor: str | None = None,  # noqa: ARG002
    ) -> Page[CatalogueItem]:
        """Search MusicBrainz' recordings; there is one page."""
        return self._catalogue.search(query, limit)

    def durations(self, ids: Sequence[str]) -> dict[str, int]:
        """Look up milliseconds by id."""
        return {track.id: track.duration_ms for track in self.tracks(ids) if track.duration_ms}

    def items(self, kind: ItemType, ids: Sequence[str]) -> list[CatalogueItem]:
        """Look up entries of the catalogue, which are recordings; at most 50."""
        return [shown(track) for track in self.tracks(ids)] if kind is ItemType.TRACK else []

    def _me(self) -> str:
        if self._user_name is None:
            self.profile()
        assert self._user_name is not None
        return self._user_name

    def _read(self, playlist_id: str) -> Jspf:
        if not is_mbid(playlist_id.lower()):
            raise NotFoundError("ListenBrainz does not have it.", provider=NAME, reason="bad_id")
        return self._call(JspfDocument, _get(_path(playlist_id))).playlist


def _get(path: str, **params: int) -> ApiCall:
    return ApiCall(method="GET", path=path, bucket=CALLS, params=params)


def _post(path: str, body: object) -> ApiCall:
    assert isinstance(body, dict)
    return ApiCall(method="POST", path=path, bucket=CALLS, body=body)


def _path(playlist_id: str) -> str:
    return f"/1/playlist/{quote(playlist_id, safe='')}"


def _places(listed: Jspf, items: Sequence[PlaylistItem]) -> list[int]:
    """Find where entries stand now, if somebody else has put something in front of them or taken it out.

    What most of them have moved by is taken for what all have; then it is the nearest place of the recording.
    """
    there: dict[str, list[int]] = {}
    for index, track in enumerate(listed.track):
        there.setdefault(track.mbid, []).append(index)
    moved_by = Counter(index - item.position for item in items for index in there.get(item.track.id, []))
    shift = min(moved_by, key=lambda one: (-moved_by[one], abs(one)), default=0)
    found: list[int] = []
    for item in sorted(items, key=lambda one: one.position):
        free = there.get(item.track.id, [])
        if free:
            nearest = min((abs(index - item.position - shift), index) for index in free)[1]
            free.remove(nearest)
            found.append(nearest)
    return sorted(found)


def _runs(places: Sequence[int]) -> list[tuple[int, int]]:
    """Put neighbours together: where each run begins, and how long it is."""
    if not places:
        return []
    starts = [places[0], *(after for before, after in pairwise(places) if after != before + 1)]
    ends = [*(before for before, after in pairwise(places) if after != before + 1), places[-1]]
    return [(start, end - start + 1) for start, end in zip(starts, ends, strict=True)]
