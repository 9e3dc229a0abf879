"""``youtube.playlists``: reading, making, changing and deleting playlists."""

from typing import Any

from local.simulators.control import JsonObject
from local.simulators.youtube import errors, resources
from local.simulators.youtube.api import Call, Handler, Method
from local.simulators.youtube.parameters import BOOLEAN, LIST, PAGE_SIZE, STRING
from local.simulators.youtube.state import LIKES, WATCH_HISTORY, WATCH_LATER, Account, Playlist, YouTubeState

_SERVICE = "youtube.api.v3.V3DataPlaylistService"
WRITE_COST = 50
_TITLE_LENGTH = 150
_DESCRIPTION_LENGTH = 5000
_VISIBILITIES = ("public", "unlisted", "private")


def write_methods(service: str, parts: frozenset[str], *handlers: Handler) -> dict[str, Method]:
    """Describe insert, update and delete, by HTTP method."""
    insert, update, delete = handlers
    writing: Any = {"cost": WRITE_COST, "writes": True}
    return {
        "POST": Method(name=f"{service}.Insert", handle=insert, parts=parts, has_body=True, **writing),
        "PUT": Method(name=f"{service}.Update", handle=update, parts=parts, has_body=True, **writing),
        "DELETE": Method(
            name=f"{service}.Delete", handle=delete, parameters={"id": STRING}, needs_part=False, **writing
        ),
    }


class Playlists:
    """The four methods."""

    def __init__(self, state: YouTubeState) -> None:
        self._state = state

    def methods(self) -> dict[str, Method]:
        """By HTTP method."""
        parts = resources.PLAYLIST_PARTS
        filters = {"mine": BOOLEAN, "channelId": STRING, "id": LIST}
        reading = {**filters, "maxResults": PAGE_SIZE, "pageToken": STRING}
        return {
            "GET": Method(name=f"{_SERVICE}.List", handle=self.read, parts=parts, parameters=reading),
            **write_methods(_SERVICE, parts, self.insert, self.update, self.delete),
        }

    async def read(self, call: Call) -> JsonObject:
        """``playlists.list``: a person's own, a channel's public ones, or some by id."""
        query = call.query
        chosen = query.only_filter("mine", "channelId", "id")
        match chosen:
            case "mine":
                found, context = self._of_channel(call.caller, call), f"mine {call.caller.id}"
            case "channelId":
                channel_id = query.strings["channelId"]
                found, context = self._by_channel(channel_id, call), f"channel {channel_id}"
            case _:
                found, context = self._by_id(call), "id"
        now = self._state.clock.timestamp()
        return resources.page_response(
            "playlistListResponse",
            query,
            ("playlists", context),
            found,
            lambda _, playlist: resources.playlist(playlist, query.parts, now),
        )

    async def insert(self, call: Call) -> JsonObject:
        """``playlists.insert``; the visibility is public unless the body says otherwise."""
        state = self._state
        owner = call.caller
        title, description, language = _snippet(call.body)
        privacy = _privacy(call.body) or "public"
        limit = state.settings.playlists_per_day
        if limit is not None and state.count_made_today(owner) >= limit:
            raise errors.error("resource_exhausted")
        playlist = state.add_playlist(
            owner,
            title=title,
            description=description,
            privacy=privacy,
            default_language=language,
            manual_sort=state.settings.manual_sort,
        )
        state.record_made(playlist)
        now = state.clock.timestamp()
        owner.lag.hide(
            playlist.id, now, lag_ms=state.settings.playlist_lag_ms, reads=state.settings.playlist_lag_reads
        )
        return resources.playlist(playlist, call.query.parts, now)

    async def update(self, call: Call) -> JsonObject:
        """``playlists.update``: what a part that was sent does not mention is cleared."""
        playlist = self._own(call, call.body.get("id"))
        parts = call.query.parts
        title, description, language = _snippet(call.body)
        privacy = (_privacy(call.body) or "public") if "status" in parts else playlist.privacy
        if "snippet" in parts:
            playlist.title, playlist.description, playlist.default_language = title, description, language
        playlist.privacy = privacy
        playlist.revision += 1
        return resources.playlist(playlist, parts, self._state.clock.timestamp())

    async def delete(self, call: Call) -> None:
        """``playlists.delete``."""
        self._state.remove_playlist(self._own(call, call.query.strings.get("id")))

    def _own(self, call: Call, playlist_id: Any) -> Playlist:
        """The caller's playlist of that id, to be changed."""
        caller = call.caller
        if not playlist_id:
            raise errors.missing_parameter("id")
        if playlist_id in (WATCH_HISTORY, WATCH_LATER, LIKES):
            raise errors.error("playlist_forbidden")
        playlist = self._state.find_playlist(str(playlist_id), caller)
        if playlist is None:
            raise errors.playlist_not_found("youtube.playlist")
        if playlist.owner is not caller or playlist.is_special:
            raise errors.error("playlist_forbidden")
        return playlist

    def _of_channel(self, account: Account, call: Call) -> list[Playlist]:
        """A person's playlists, the newest first, as the caller may see them."""
        if "pageToken" not in call.query.strings:
            account.lag.read()
        account.lag.hides_any(self._state.clock.timestamp())
        return [
            playlist
            for playlist in reversed(account.playlists.values())
            if not account.lag.hides(playlist.id)
            and (account is call.account or playlist.privacy == "public")
        ]

    def _by_channel(self, channel_id: str, call: Call) -> list[Playlist]:
        state = self._state
        account = state.account_of_channel.get(channel_id)
        if account is not None:
            return self._of_channel(account, call)
        if channel_id in state.channels:
            return []
        raise errors.error("channel_not_found")

    def _by_id(self, call: Call) -> list[Playlist]:
        found = [
            self._state.find_playlist(playlist_id, call.account)
            for playlist_id in dict.fromkeys(call.query.lists["id"])
        ]
        return [
            playlist for playlist in found if playlist and resources.shows_playlist(playlist, call.account)
        ]


def _snippet(body: JsonObject) -> tuple[str, str, str | None]:
    """Title, description and language of a body. Raises 400."""
    snippet = body.get("snippet")
    title = snippet.get("title") if isinstance(snippet, dict) else None
    if not isinstance(snippet, dict) or not isinstance(title, str) or not title.strip():
        raise errors.bad_playlist("playlistTitleRequired", "The request must specify a playlist title.")
    description = "" if snippet.get("description") is None else snippet["description"]
    language = snippet.get("defaultLanguage")
    if (
        len(title) > _TITLE_LENGTH
        or not isinstance(description, str)
        or len(description) > _DESCRIPTION_LENGTH
        or not isinstance(language, str | None)
    ):
        raise errors.bad_playlist(
            "invalidPlaylistSnippet", "The request provides an invalid playlist snippet."
        )
    return title.strip(), description, language


def _privacy(body: JsonObject) -> str | None:
    """The visibility in a body; None when it says nothing. Raises 400."""
    status = body.get("status")
    privacy = status.get("privacyStatus") if isinstance(status, dict) else None
    if privacy is not None and privacy not in _VISIBILITIES:
        raise errors.invalid_value("playlist.status.privacy_status", "TYPE_ENUM", str(privacy))
    return privacy
