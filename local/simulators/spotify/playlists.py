"""The playlist endpoints."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from starlette.responses import JSONResponse, Response

from local.simulators.spotify.errors import NOT_FOUND, ApiError
from local.simulators.spotify.fields import select
from local.simulators.spotify.lookup import one
from local.simulators.spotify.middleware import Call
from local.simulators.spotify.resources import Resources, page
from local.simulators.spotify.settings import Settings
from local.simulators.spotify.state import Item, Playlist, SpotifyState, uri_of

_BATCH = 100
_MAX_PLAYLISTS = 11_000
_PAGE_IN_PLAYLIST = 100
_URI = re.compile(r"spotify:(track|episode):([0-9A-Za-z]{22})")


class Playlists:
    """Reads and writes playlists for the signed-in person."""

    def __init__(self, state: SpotifyState, settings: Settings, resources: Resources) -> None:
        self._state = state
        self._settings = settings
        self._resources = resources

    # --- reading --------------------------------------------------------------------------------------

    def mine(self, call: Call) -> Response:
        """``GET /me/playlists``: owned and followed ones."""
        playlists = [self._state.playlists[id_] for id_ in call.account.playlists]
        return call.page("/me/playlists", playlists, self._resources.playlist)

    def one(self, call: Call) -> Response:
        """``GET /playlists/{id}``: contents only for owner and collaborators, unless shapes are old."""
        playlist = self._visible(call)
        written = self._full(call, playlist)
        if not self._resources.old and not playlist.is_writable_by(call.account.id):
            del written["items"]
        return _selected(call, written)

    def _full(self, call: Call, playlist: Playlist) -> dict[str, Any]:
        return self._resources.playlist(call.base, playlist) | {
            "tracks" if self._resources.old else "items": self._page(call, playlist, _PAGE_IN_PLAYLIST, 0),
            "followers": {"href": None, "total": 0},
        }

    def items(self, call: Call) -> Response:
        """``GET /playlists/{id}/items``."""
        playlist = self._visible(call)
        if not self._resources.old and not playlist.is_writable_by(call.account.id):
            raise ApiError(403, "Forbidden")
        most = 100 if self._resources.old else 50
        limit, offset = call.window(most=most, default=min(most, 20))
        return _selected(call, self._page(call, playlist, limit, offset))

    def _page(self, call: Call, playlist: Playlist, limit: int, offset: int) -> dict[str, Any]:
        entries = playlist.entries[offset : offset + limit]
        link = f"{call.base}/playlists/{playlist.id}/{'tracks' if self._resources.old else 'items'}"
        carried = {name: value for name in ("fields", "additional_types") if (value := call.text(name))}
        items = [self._resources.entry(call.base, entry) for entry in entries]
        return page(link, items, limit=limit, offset=offset, total=len(playlist.entries), query=carried)

    # --- writing --------------------------------------------------------------------------------------

    def create(self, call: Call) -> Response:
        """``POST /me/playlists``. A playlist is public unless the body says otherwise."""
        body, account = call.object(), call.account
        owner = call.path.get("user_id", account.id)
        if owner != account.id:
            raise ApiError(403, "You cannot create a playlist for another user.")
        name = _typed(body, "name", str)
        if not name:
            raise ApiError(400, "Missing required field: name")
        public = _typed(body, "public", bool)
        public = True if public is None else public
        collaborative = _typed(body, "collaborative", bool) or False
        if collaborative and public:
            raise ApiError(400, "Collaborative playlists can't be public.")
        call.require(_modify_scope(public=public))
        if len(account.playlists) >= _MAX_PLAYLISTS:
            raise ApiError(400, "Playlist limit reached")
        playlist = self._state.create_playlist(
            account,
            name,
            description=_typed(body, "description", str) or "",
            public=public,
            collaborative=collaborative,
        )
        return JSONResponse(self._full(call, playlist), 201)

    def change(self, call: Call) -> Response:
        """``PUT /playlists/{id}``: name, description, public, collaborative."""
        playlist = self._writable(call, owner_only=True)
        body = call.object()
        public = _typed(body, "public", bool)
        if public is not None:
            call.require(_modify_scope(public=public))
        collaborative = _typed(body, "collaborative", bool)
        becomes_public = playlist.public if public is None else public
        if collaborative and becomes_public:
            raise ApiError(400, "Collaborative playlists can't be public.")
        name, description = _typed(body, "name", str), _typed(body, "description", str)
        if name == "":
            raise ApiError(400, "Playlist name cannot be empty")
        playlist.name = playlist.name if name is None else name
        playlist.description = playlist.description if description is None else description
        playlist.public = becomes_public
        playlist.collaborative = playlist.collaborative if collaborative is None else collaborative
        playlist.revision += 1
        return Response(status_code=200)

    def add(self, call: Call) -> Response:
        """``POST /playlists/{id}/items``: at most 100, at ``position`` or at the end."""
        playlist = self._writable(call)
        body = {"uris": call.body} if isinstance(call.body, list) else call.object()
        added = self._items(_uris(call, body))
        position = self._position(call, body, len(playlist.entries))
        if len(playlist.entries) + len(added) > self._settings.playlist_size_limit:
            raise ApiError(400, "Playlist size limit reached")
        playlist.entries[position:position] = self._state.entries(added, call.account.id)
        return _written(playlist, 201)

    @staticmethod
    def _position(call: Call, body: dict[str, Any], length: int) -> int:
        position = call.number("position", -1, 0, length)
        if position < 0:
            given = _typed(body, "position", int)
            position = length if given is None else given
        if not 0 <= position <= length:
            raise ApiError(400, "Index out of bounds.")
        return position

    def replace_or_reorder(self, call: Call) -> Response:
        """``PUT /playlists/{id}/items``: new contents, or a range moved elsewhere; never both."""
        playlist = self._writable(call)
        body = call.object()
        replaces = "uris" in body or call.text("uris") is not None
        moves = "range_start" in body or "insert_before" in body
        if replaces and moves:
            raise ApiError(400, "Reorder and replace are mutually exclusive.")
        if moves:
            self._reorder(playlist, body)
        elif replaces:
            items = self._items(_uris(call, body, may_be_empty=True))
            playlist.entries[:] = self._state.entries(items, call.account.id)
        else:
            raise ApiError(400, "Missing required field: uris")
        return _written(playlist, 200)

    @staticmethod
    def _reorder(playlist: Playlist, body: dict[str, Any]) -> None:
        start, before = _typed(body, "range_start", int), _typed(body, "insert_before", int)
        length = _typed(body, "range_length", int)
        length = 1 if length is None else length
        _check_snapshot(playlist, body)
        size = len(playlist.entries)
        if start is None or before is None:
            raise ApiError(400, "range_start and insert_before are required")
        if not (0 <= start < size and 0 <= before <= size and length >= 1 and start + length <= size):
            raise ApiError(400, "Index out of bounds.")
        if start <= before <= start + length:
            return
        moved = playlist.entries[start : start + length]
        del playlist.entries[start : start + length]
        before -= length if before > start else 0
        playlist.entries[before:before] = moved

    def remove(self, call: Call) -> Response:
        """``DELETE /playlists/{id}/items``: every entry of the given URIs."""
        playlist = self._writable(call)
        body = call.object()
        name = "tracks" if self._resources.old and "items" not in body else "items"
        listed = body.get(name)
        if not isinstance(listed, list) or not all(isinstance(row, dict) for row in listed):
            raise ApiError(400, f"Missing required field: {name}")
        if len(listed) > _BATCH:
            raise ApiError(400, f"You can remove a maximum of {_BATCH} items per request.")
        _check_snapshot(playlist, body)
        uris = {row.get("uri") for row in listed}
        for uri in uris:
            if not isinstance(uri, str) or not uri.startswith("spotify:"):
                raise ApiError(400, f"Invalid track uri: {uri}")
        playlist.entries[:] = [entry for entry in playlist.entries if uri_of(entry.item) not in uris]
        return _written(playlist, 200)

    # --- looking up -----------------------------------------------------------------------------------

    def _visible(self, call: Call) -> Playlist:
        playlist = one(call.path["playlist_id"], self._state.playlists)
        if playlist.owner == "spotify" and self._settings.mode == "development":
            raise ApiError(404, NOT_FOUND)  # editorial and algorithmic lists, since November 2024
        account = call.account
        if not playlist.is_visible_to(account.id) and playlist.id not in account.playlists:
            raise ApiError(404, NOT_FOUND)
        return playlist

    def _writable(self, call: Call, *, owner_only: bool = False) -> Playlist:
        playlist = self._visible(call)
        account = call.account
        if playlist.owner != account.id and (owner_only or not playlist.is_writable_by(account.id)):
            raise ApiError(403, "Forbidden")
        call.require(_modify_scope(public=playlist.public))
        return playlist

    def _items(self, uris: Sequence[Any]) -> list[Item]:
        items: list[Item] = []
        for uri in uris:
            match = _URI.fullmatch(uri) if isinstance(uri, str) else None
            if match is None:
                raise ApiError(400, f"Invalid track uri: {uri}")
            known: Mapping[str, Item]
            known = self._state.tracks if match[1] == "track" else self._state.episodes
            found = known.get(match[2])
            if found is None:
                raise ApiError(400, "Payload contains a non-existing ID")
            items.append(found)
        return items


def _uris(call: Call, body: dict[str, Any], *, may_be_empty: bool = False) -> Sequence[Any]:
    """From the query, which wins, or from the body."""
    listed = call.text("uris")
    uris = [uri.strip() for uri in listed.split(",")] if listed else body.get("uris")
    if not isinstance(uris, list) or not (uris or may_be_empty):
        raise ApiError(400, "No uris provided")
    if len(uris) > _BATCH:
        raise ApiError(400, f"You can add a maximum of {_BATCH} tracks per request.")
    return uris


def _typed[T](body: dict[str, Any], name: str, kind: type[T]) -> T | None:
    """A field of the body; null counts as absent."""
    value = body.get(name)
    if value is None:
        return None
    if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
        raise ApiError(400, f"Invalid value for field: {name}")
    return value


def _check_snapshot(playlist: Playlist, body: dict[str, Any]) -> None:
    snapshot_id = _typed(body, "snapshot_id", str)
    if snapshot_id is not None and not playlist.knows_snapshot(snapshot_id):
        raise ApiError(400, "Invalid snapshot_id")


def _modify_scope(*, public: bool) -> str:
    return "playlist-modify-public" if public else "playlist-modify-private"


def _written(playlist: Playlist, status: int) -> Response:
    playlist.revision += 1
    return JSONResponse({"snapshot_id": playlist.snapshot_id}, status)


def _selected(call: Call, written: dict[str, Any]) -> Response:
    fields = call.text("fields")
    if fields is None:
        return JSONResponse(written)
    try:
        return JSONResponse(select(written, fields))
    except ValueError as error:
        raise ApiError(400, str(error)) from error
