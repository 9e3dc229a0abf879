"""Playlists and collections: what a person has, and writing it."""

from collections.abc import Mapping
from typing import Any

from starlette.responses import Response

from local.simulators.clock import Clock, iso
from local.simulators.tidal.documents import Writer, links, page_of
from local.simulators.tidal.errors import ApiError, JsonApiResponse, bad_request, not_found
from local.simulators.tidal.graph import Graph
from local.simulators.tidal.middleware import Act, Call
from local.simulators.tidal.settings import Settings
from local.simulators.tidal.state import Account, Entry, Playlist, TidalState

MAX_ADD = 50
MAX_REORDER = 20
_SORTS = {"createdAt": "created_at", "lastModifiedAt": "modified_at", "name": "name"}


class Playlists:
    """Reads and writes playlists and the liked songs for the signed-in person."""

    def __init__(self, state: TidalState, settings: Settings, graph: Graph, clock: Clock) -> None:
        self._state = state
        self._settings = settings
        self._graph = graph
        self._clock = clock

    # --- reading ------------------------------------------------------------------------------------------

    def me(self, call: Call) -> Response:
        """``GET /users/{id}``; only the caller is there."""
        account = self._owner(call)
        return self._one(call, "users", account.user_id)

    def collection(self, kind: str) -> Act:
        """``GET /userCollection.../{id}``."""
        return lambda call: self._one(call, kind, self._owner(call).user_id)

    def _owner(self, call: Call) -> Account:
        if call.path["id"] not in ("me", call.account.user_id):
            raise not_found()
        return call.account

    def _one(self, call: Call, kind: str, id_: str, status: int = 200) -> Response:
        writer = Writer(self._graph, self._settings, call.viewer)
        resource = writer.primary(kind, id_, call.tree(kind))
        document: dict[str, Any] = {"data": resource, "links": links(call.address, call.query, None)}
        if "include" in call.query:
            document["included"] = writer.included()
        return JsonApiResponse(document, status)

    def many(self, call: Call) -> Response:
        """``GET /playlists``: somebody's, or some by their ids."""
        found = call.filters("owners.id", "collaborators.id", "id")
        tree = call.tree("playlists")
        match found:
            case {"owners.id": [owner]}:
                playlists = self._of(call, owner)
            case {"id": ids}:
                playlists = [p for id_ in ids[:20] if (p := self._graph.visible(id_, call.viewer))]
            case {"collaborators.id": _}:
                playlists = []
            case _:
                raise bad_request("filter", "One filter is needed: owners.id, collaborators.id, id")
        sort = call.query.get("sort", "-createdAt")
        attribute = _SORTS.get(sort.removeprefix("-"))
        if attribute is None:
            raise bad_request("sort", "Unknown sort")
        playlists.sort(key=lambda playlist: str(getattr(playlist, attribute)), reverse=sort.startswith("-"))
        refs = [{"type": "playlists", "id": playlist.id} for playlist in playlists]
        page, cursor = page_of(refs, call.query.get("page[cursor]"), short=self._settings.short_pages)
        writer = Writer(self._graph, self._settings, call.viewer)
        data = [writer.primary("playlists", ref["id"], tree) for ref in page]
        document: dict[str, Any] = {"data": data, "links": links(call.address, call.query, cursor)}
        if "include" in call.query:
            document["included"] = writer.included()
        return JsonApiResponse(document)

    def _of(self, call: Call, owner: str) -> list[Playlist]:
        account = call.account if owner in ("me", call.account.user_id) else None
        if account is None:
            account = next((one for one in self._state.accounts.values() if one.user_id == owner), None)
        if account is None:
            return []
        playlists = [self._state.playlists[id_] for id_ in account.playlists]
        sees_all = account is call.account and "playlists.read" in call.viewer.token.scopes
        return [playlist for playlist in playlists if sees_all or playlist.access == "PUBLIC"]

    # --- writing ------------------------------------------------------------------------------------------

    def create(self, call: Call) -> Response:
        """``POST /playlists``."""
        attributes = self._attributes(call)
        playlist = self._state.create_playlist(
            call.account,
            str(attributes["name"]),
            description=str(attributes.get("description") or ""),
            access=attributes.get("accessType", "PUBLIC"),
        )
        playlist.writer = call.viewer.token.text
        return self._one(call, "playlists", playlist.id, 201)

    def change(self, call: Call) -> Response:
        """``PATCH /playlists/{id}``."""
        playlist = self._own(call)
        attributes = self._attributes(call, is_new=False)
        playlist.name = str(attributes.get("name", playlist.name))
        playlist.description = str(attributes.get("description", playlist.description) or "")
        playlist.access = attributes.get("accessType", playlist.access)
        playlist.modified_at = self._clock.now()
        return self._one(call, "playlists", playlist.id)

    @staticmethod
    def _attributes(call: Call, *, is_new: bool = True) -> Mapping[str, Any]:
        match call.body:
            case {"data": {"type": "playlists", "attributes": dict() as attributes}}:
                pass
            case _:
                raise ApiError(400, "data must be a playlist", "INVALID_REQUEST")
        name = attributes.get("name")
        if (is_new or "name" in attributes) and (not isinstance(name, str) or not name):
            raise ApiError(400, "name must not be empty", "INVALID_REQUEST")
        if attributes.get("accessType", "PUBLIC") not in ("PUBLIC", "UNLISTED"):
            raise ApiError(400, "accessType must be PUBLIC or UNLISTED", "INVALID_ENUM_VALUE")
        return attributes

    def delete(self, call: Call) -> Response:
        """``DELETE /playlists/{id}``."""
        playlist = self._own(call)
        del self._state.playlists[playlist.id]
        call.account.playlists.remove(playlist.id)
        return self._done(call)

    def add(self, call: Call) -> Response:
        """``POST /playlists/{id}/relationships/items``: 200 with what was added and what was skipped."""
        playlist = self._own(call)
        rows = call.data(MAX_ADD)
        place = self._place(playlist, call.body)
        present = {entry.id for entry in playlist.entries}
        now = self._clock.now().replace(microsecond=0)
        added: list[Entry] = []
        skipped = []
        for row in rows:
            kind, id_ = row["type"], row["id"]
            if kind not in ("tracks", "videos"):
                raise ApiError(400, "type must be tracks or videos", "INVALID_ENUM_VALUE")
            if id_ not in (self._state.tracks if kind == "tracks" else self._state.videos):
                skipped.append({"type": kind, "id": id_, "reason": "NOT_FOUND"})
            elif self._settings.skips_duplicates and id_ in present:
                skipped.append({"type": kind, "id": id_, "reason": "ALREADY_PRESENT"})
            else:
                (entry,) = self._state.entries([(kind, id_)])
                present.add(id_)
                added.append(Entry(entry.item_id, kind, id_, now))
        if len(playlist.entries) + len(added) > self._settings.playlist_size_limit:
            raise ApiError(400, "The playlist is full", "TOO_MANY_ITEMS_IN_PLAYLIST")
        entries = [*playlist.entries[:place], *added, *playlist.entries[place:]]
        playlist.write(entries, call.viewer.token.text, self._clock.now())
        data = [
            {"type": e.type, "id": e.id, "meta": {"itemId": e.item_id, "addedAt": iso(e.added_at)}}
            for e in added
        ]
        document: dict[str, Any] = {"data": data, "links": {"self": call.address}}
        if skipped:
            document["meta"] = {"skipped": skipped}
        return JsonApiResponse(document)

    def remove(self, call: Call) -> Response:
        """``DELETE /playlists/{id}/relationships/items``: by the id of the place and of what is there."""
        playlist = self._own(call)
        wanted = self._places(playlist, call.data(MAX_ADD))
        if wanted is None:
            status = self._settings.gone_item_status
            if status >= 400:
                raise ApiError(status, "Item not found")
            wanted = {str((row.get("meta") or {}).get("itemId")) for row in call.body["data"]}
        entries = [entry for entry in playlist.entries if entry.item_id not in wanted]
        playlist.write(entries, call.viewer.token.text, self._clock.now())
        return self._done(call)

    def reorder(self, call: Call) -> Response:
        """``PATCH /playlists/{id}/relationships/items``."""
        playlist = self._own(call)
        rows = call.data(MAX_REORDER)
        wanted = self._places(playlist, rows)
        if wanted is None:
            raise not_found()
        by_id = {entry.item_id: entry for entry in playlist.entries}
        moved = [by_id[row["meta"]["itemId"]] for row in rows]
        rest = [entry for entry in playlist.entries if entry.item_id not in wanted]
        before = (call.body.get("meta") or {}).get("positionBefore")
        place = len(rest)
        if before is not None:
            place = next((i for i, entry in enumerate(rest) if entry.item_id == before), -1)
            if place < 0:
                raise not_found()
        playlist.write([*rest[:place], *moved, *rest[place:]], call.viewer.token.text, self._clock.now())
        return self._done(call)

    @staticmethod
    def _places(playlist: Playlist, rows: list[dict[str, Any]]) -> set[str] | None:
        """Give the ids of places; None when one of them is not there or holds something else."""
        known = {entry.item_id: entry for entry in playlist.entries}
        found = set()
        for row in rows:
            item_id = (row.get("meta") or {}).get("itemId")
            if not isinstance(item_id, str):
                raise ApiError(400, "meta.itemId is needed", "INVALID_REQUEST")
            entry = known.get(item_id)
            if entry is None or (entry.type, entry.id) != (row["type"], row["id"]):
                return None
            found.add(item_id)
        return found

    @staticmethod
    def _place(playlist: Playlist, body: Mapping[str, Any]) -> int:
        before = (body.get("meta") or {}).get("positionBefore")
        if before is None:
            return len(playlist.entries)
        for index, entry in enumerate(playlist.entries):
            if entry.item_id == before:
                return index
        raise not_found()

    def collect(self, kind: str) -> Act:
        """``POST /userCollection.../{id}/relationships/items``: put tracks, albums or artists in."""

        def act(call: Call) -> Response:
            account = self._owner(call)
            now, there = self._clock.now(), account.collection(kind)
            known: Mapping[str, Any] = getattr(self._state, kind)
            data, skipped = [], []
            for row in call.data(MAX_ADD):
                if row["id"] in there or row["id"] not in known:
                    reason = "ALREADY_PRESENT" if row["id"] in there else "NOT_FOUND"
                    skipped.append({"type": kind, "id": row["id"], "reason": reason})
                    continue
                there[row["id"]] = now
                data.append({"type": kind, "id": row["id"], "meta": {"addedAt": iso(now)}})
            document: dict[str, Any] = {"data": data, "links": {"self": call.address}}
            if skipped:
                document["meta"] = {"skipped": skipped}
            return JsonApiResponse(document)

        return act

    def discard(self, kind: str) -> Act:
        """``DELETE /userCollection.../{id}/relationships/items``: take tracks, albums or artists out."""

        def act(call: Call) -> Response:
            there = self._owner(call).collection(kind)
            for row in call.data(MAX_ADD):
                there.pop(row["id"], None)
            return self._done(call)

        return act

    def _own(self, call: Call) -> Playlist:
        playlist = self._state.playlists.get(call.path["id"])
        if playlist is None or playlist.owner != call.account.id:
            raise not_found()
        return playlist

    @staticmethod
    def _done(call: Call) -> Response:
        return JsonApiResponse({"links": {"self": call.address}})
