"""``youtube.playlistItems``: what is in a playlist, and writing it one video at a time."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

from local.simulators.control import JsonObject
from local.simulators.youtube import errors, resources
from local.simulators.youtube.api import Call, Method
from local.simulators.youtube.parameters import LIST, PAGE_SIZE, STRING
from local.simulators.youtube.playlists import write_methods
from local.simulators.youtube.state import (
    LIKES,
    WATCH_HISTORY,
    WATCH_LATER,
    Account,
    Item,
    Playlist,
    YouTubeState,
)

_SERVICE = "youtube.api.v3.V3DataPlaylistItemService"
_NOTE_LENGTH = 280


@dataclass(frozen=True, slots=True)
class _Wanted:
    """What the body of a write asks for."""

    playlist_id: str
    video_id: str
    position: int | None
    note: str | None


class PlaylistItems:
    """The four methods."""

    def __init__(self, state: YouTubeState) -> None:
        self._state = state

    def methods(self) -> dict[str, Method]:
        """By HTTP method."""
        parts = resources.ITEM_PARTS
        return {
            "GET": Method(
                name=f"{_SERVICE}.List",
                handle=self.read,
                parts=parts,
                parameters={
                    "playlistId": STRING,
                    "id": LIST,
                    "videoId": STRING,
                    "maxResults": PAGE_SIZE,
                    "pageToken": STRING,
                },
            ),
            **write_methods(_SERVICE, parts, self.insert, self.update, self.delete),
        }

    # Reading

    async def read(self, call: Call) -> JsonObject:
        """``playlistItems.list``: a playlist's entries in order, or some entries by id."""
        query = call.query
        if query.only_filter("playlistId", "id") == "id":
            return self._by_id(call)
        playlist = self._find(query.strings["playlistId"], call.account)
        if not resources.shows_playlist(playlist, call.account):
            raise errors.error("items_not_accessible")
        if "pageToken" not in query.strings:
            playlist.lag.read()
        entries = playlist.visible_items(self._state.clock.timestamp())
        if playlist.is_special and playlist.id != LIKES:
            # What is no longer public leaves a channel's uploads; playlists of people keep the place.
            videos = self._state.videos
            entries = [item for item in entries if videos[item.video_id].privacy == "public"]
        video_id = query.strings.get("videoId")
        if video_id is None:
            return resources.page_response(
                "playlistItemListResponse",
                query,
                ("items", playlist.id),
                entries,
                lambda position, item: self._render(playlist, item, position, call),
            )
        positions = [position for position, item in enumerate(entries) if item.video_id == video_id]
        rendered = [self._render(playlist, entries[index], index, call) for index in positions]
        return resources.list_response(
            "playlistItemListResponse", rendered, total=len(rendered), per_page=query.page_size
        )

    def _by_id(self, call: Call) -> JsonObject:
        rendered = []
        for item_id in dict.fromkeys(call.query.lists["id"]):
            playlist, item = self._state.item_index.get(item_id, (None, None))
            if playlist is None or item is None:
                raise errors.error("playlist_item_not_found")
            if not resources.shows_playlist(playlist, call.account):
                raise errors.error("items_not_accessible")
            rendered.append(self._render(playlist, item, playlist.items.index(item), call))
        return resources.list_response(
            "playlistItemListResponse", rendered, total=len(rendered), per_page=call.query.page_size
        )

    def _render(self, playlist: Playlist, item: Item, position: int, call: Call) -> JsonObject:
        return resources.playlist_item(self._state, playlist, item, position, call.query.parts, call.account)

    # Writing

    async def insert(self, call: Call) -> JsonObject:
        """``playlistItems.insert``."""
        wanted = _wanted(call.body)
        playlist = self._own(call.caller, wanted.playlist_id)
        return await self._write(playlist, lambda: self._insert(call, wanted))

    async def update(self, call: Call) -> JsonObject:
        """``playlistItems.update``: the place within the playlist, and the note."""
        wanted = _wanted(call.body)
        playlist, _ = self._own_item(call.caller, call.body.get("id"))
        return await self._write(playlist, lambda: self._update(call, wanted))

    async def delete(self, call: Call) -> None:
        """``playlistItems.delete``."""
        item_id = call.query.strings.get("id")
        playlist, _ = self._own_item(call.caller, item_id)
        await self._write(playlist, lambda: self._delete(call, item_id))

    async def _write[T](self, playlist: Playlist, apply: Callable[[], T]) -> T:
        """Do one write at a time, at YouTube's pace; after a 409 it may have taken effect all the same."""
        settings = self._state.settings
        now = self._state.clock.timestamp()
        if (
            (playlist.is_being_written and settings.refuse_concurrent_writes)
            or (now - playlist.last_write) * 1000 < settings.write_spacing_ms
            or (now - playlist.made_at) * 1000 < settings.new_playlist_ms
        ):
            self._state.conflicts += 1
            every = settings.conflict_lands_every
            if every and self._state.conflicts % every == 0:
                apply()
            raise errors.error("aborted")
        playlist.is_being_written = True
        try:
            if settings.write_ms:
                await asyncio.sleep(settings.write_ms / 1000)
            # Everything is looked up again in here: other calls were served in the meantime.
            return apply()
        finally:
            playlist.is_being_written = False
            playlist.last_write = self._state.clock.timestamp()

    def _insert(self, call: Call, wanted: _Wanted) -> JsonObject:
        state = self._state
        playlist = self._own(call.caller, wanted.playlist_id)
        video = state.videos.get(wanted.video_id)
        if video is None or video.privacy == "deleted":
            raise errors.error("video_not_found")
        if video.privacy == "private":
            raise errors.error("failed_precondition")
        if len(playlist.items) >= state.settings.playlist_size:
            raise errors.error("playlist_full")
        if wanted.position is not None:
            _check_position(playlist, wanted.position, len(playlist.items))
        if state.settings.duplicates == "refuse" and any(
            item.video_id == wanted.video_id for item in playlist.items
        ):
            raise errors.error("already_in_playlist")
        item = state.add_item(playlist, wanted.video_id, position=wanted.position, note=wanted.note)
        playlist.lag.hide(
            item.id,
            state.clock.timestamp(),
            lag_ms=state.settings.item_lag_ms,
            reads=state.settings.item_lag_reads,
        )
        position = len(playlist.items) - 1 if wanted.position is None else wanted.position
        return self._render(playlist, item, position, call)

    def _update(self, call: Call, wanted: _Wanted) -> JsonObject:
        playlist, item = self._own_item(call.caller, call.body.get("id"))
        if wanted.playlist_id != playlist.id or wanted.video_id != item.video_id:
            raise errors.bad_item("invalidResourceType", "The entry's playlist and video cannot be changed.")
        position = playlist.items.index(item)
        if wanted.position is not None and wanted.position != position:
            _check_position(playlist, wanted.position, len(playlist.items) - 1)
            playlist.items.insert(wanted.position, playlist.items.pop(position))
            position = wanted.position
        if "contentDetails" in call.query.parts:
            item.note = wanted.note
        playlist.revision += 1
        return self._render(playlist, item, position, call)

    def _delete(self, call: Call, item_id: object) -> None:
        self._state.remove_item(*self._own_item(call.caller, item_id))

    # Whose it is

    def _find(self, playlist_id: str, viewer: Account | None) -> Playlist:
        if playlist_id in (WATCH_HISTORY, WATCH_LATER):
            raise errors.error(playlist_id)
        playlist = self._state.find_playlist(playlist_id, viewer)
        if playlist is None:
            raise errors.playlist_not_found()
        return playlist

    def _own(self, caller: Account, playlist_id: str) -> Playlist:
        playlist = self._find(playlist_id, caller)
        if playlist.owner is not caller:
            raise errors.error("items_not_accessible")
        if playlist.is_special:
            kind = "liked videos" if playlist.id == LIKES else "uploads"
            raise errors.bad_item(
                "playlistOperationUnsupported",
                f"The API does not support this operation on the {kind} playlist.",
            )
        return playlist

    def _own_item(self, caller: Account, item_id: object) -> tuple[Playlist, Item]:
        if not item_id:
            raise errors.missing_parameter("id")
        playlist, item = self._state.item_index.get(str(item_id), (None, None))
        if playlist is None or item is None:
            raise errors.error("playlist_item_not_found")
        if playlist.owner is not caller or playlist.is_special:
            raise errors.error("items_not_accessible")
        return playlist, item


def _check_position(playlist: Playlist, position: int, last: int) -> None:
    if not playlist.manual_sort:
        raise errors.bad_item(
            "manualSortRequired",
            "The request attempts to set the playlist item's position, but the playlist does not use manual "
            "sorting.",
        )
    if position > last:
        raise errors.bad_item(
            "invalidPlaylistItemPosition", "The request attempts to set an invalid or unsupported position."
        )


def _wanted(body: JsonObject) -> _Wanted:
    """Read the body of a write. Raises 400, in YouTube's order of complaints."""
    snippet = body.get("snippet")
    snippet = snippet if isinstance(snippet, dict) else {}
    playlist_id = snippet.get("playlistId")
    if not isinstance(playlist_id, str) or not playlist_id:
        raise errors.bad_item("playlistIdRequired", "The request must specify a playlist id.")
    resource = snippet.get("resourceId")
    if not isinstance(resource, dict) or not resource:
        raise errors.bad_item("resourceIdRequired", "The request must specify a resource id.")
    if resource.get("kind") != "youtube#video":
        raise errors.bad_item("invalidResourceType", "The type of the resource is not supported.")
    video_id = resource.get("videoId")
    if not isinstance(video_id, str) or not video_id:
        raise errors.bad_item("resourceIdRequired", "The request must specify a resource id.")
    position = snippet.get("position")
    if position is not None and (isinstance(position, bool) or not isinstance(position, int)):
        raise errors.invalid_value("playlist_item.snippet.position", "TYPE_UINT32", str(position))
    if position is not None and position < 0:
        raise errors.bad_item(
            "invalidPlaylistItemPosition", "The request attempts to set an invalid or unsupported position."
        )
    details = body.get("contentDetails")
    note = details.get("note") if isinstance(details, dict) else None
    if not isinstance(note, str | None) or len(note or "") > _NOTE_LENGTH:
        raise errors.bad_item("invalidContentDetails", "The contentDetails property is invalid.")
    return _Wanted(playlist_id, video_id, position, note)
