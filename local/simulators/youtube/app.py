"""The simulator as an ASGI application."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from local.simulators.catalogue import Catalogue
from local.simulators.clock import Clock
from local.simulators.control import Control, ControlError, JsonObject, control_route
from local.simulators.youtube import faults
from local.simulators.youtube.api import Gate, Method
from local.simulators.youtube.channels import Channels
from local.simulators.youtube.consent import AUTHORIZE_PATH, AuthorizationServer
from local.simulators.youtube.playlist_items import PlaylistItems
from local.simulators.youtube.playlists import Playlists
from local.simulators.youtube.search import Search
from local.simulators.youtube.settings import Settings
from local.simulators.youtube.state import LIKES, Account, Playlist, YouTubeState, as_privacy
from local.simulators.youtube.subscriptions import Subscriptions
from local.simulators.youtube.videos import Videos

API_PATH = "/youtube/v3"


class YouTubeSimulator:
    """What the control endpoint acts on (``local.simulators.control.Simulator``)."""

    def __init__(self, catalogue: Catalogue) -> None:
        self.clock = Clock()
        self.settings = Settings()
        self.ready_made_faults: Mapping[str, JsonObject] = faults.READY_MADE
        self.state = YouTubeState(catalogue, self.clock, self.settings)

    def reset(self) -> None:
        """Back to the catalogue; all tokens and codes are gone."""
        self.state.reset()

    def users(self) -> list[JsonObject]:
        """Everybody with an account, with their playlists and liked videos."""
        return [_describe(account) for account in self.state.accounts.values()]

    def add_user(self, body: JsonObject) -> JsonObject:
        """Make a person: ``{"id", "display_name", "channel": false for none, "channel_title"}``.

        ``subscriptions`` are ids of channels that they follow.
        """
        state = self.state
        user_id, name = body.get("id"), body.get("display_name")
        if not isinstance(user_id, str) or not user_id or not isinstance(name, str | None):
            raise ControlError(400, 'give {"id": text, "display_name": text}')
        unknown = body.keys() - {"id", "display_name", "channel", "channel_title", "subscriptions"}
        if unknown:
            raise ControlError(400, f"unknown: {', '.join(sorted(unknown))}")
        if user_id in state.accounts:
            raise ControlError(409, f"there is a person {user_id!r} already")
        channel_id = None if body.get("channel") is False else state.new_id("UC", 24)
        name = name or user_id
        channel_title = str(body.get("channel_title") or name)
        account = state.add_account(user_id, name, channel_id, channel_title)
        for followed in body.get("subscriptions", []):
            state.subscribe(account, str(followed))
        return _describe(account)

    def add_playlist(self, user_id: str, body: JsonObject) -> str:
        """Make a playlist: ``{"name", "description", "privacy", "manual_sort", "items"}``.

        Items are video ids of the catalogue, ``{"deleted": id}``, ``{"private": id}``, and ``{"track": id}``
        with the id of a Spotify track: its first upload.
        """
        state = self.state
        account = state.accounts.get(user_id)
        if account is None:
            raise ControlError(404, f"no person {user_id!r}")
        entries = body.get("items", [])
        if not isinstance(entries, list):
            raise ControlError(400, "items must be a list")
        playlist = state.add_playlist(
            account,
            title=str(body.get("name", "Untitled")),
            description=str(body.get("description", "")),
            privacy=str(body.get("privacy", "private")),
            manual_sort=bool(body.get("manual_sort", self.state.settings.manual_sort)),
        )
        try:
            first = self.clock.now() - timedelta(minutes=len(entries))
            state.add_entries(playlist, [self._resolve(entry) for entry in entries], first)
        except ValueError as error:
            state.remove_playlist(playlist)
            raise ControlError(400, str(error)) from error
        return playlist.id

    def playlist_truth(self, playlist_id: str) -> list[JsonObject]:
        """What is in a playlist; the liked videos of a person are ``LL:<person>``."""
        state = self.state
        name, _, user_id = playlist_id.partition(":")
        viewer = state.accounts.get(user_id)
        playlist = state.find_playlist(name if name == LIKES else playlist_id, viewer)
        if playlist is None:
            raise ControlError(404, f"no playlist {playlist_id!r}")
        return [
            {
                "id": item.video_id,
                "title": video.upload.title,
                "channel": video.upload.channel,
                "privacy": video.privacy,
                "item_id": item.id,
            }
            for item in playlist.items
            for video in [state.videos[item.video_id]]
        ]

    def quota(self) -> JsonObject:
        """The buckets."""
        return self.state.ledger.describe()

    def set_quota(self, limits: Mapping[str, int | None]) -> JsonObject:
        """Change what a bucket holds."""
        try:
            self.state.ledger.set_limits(limits)
        except ValueError as error:
            raise ControlError(400, str(error)) from error
        return self.quota()

    def set_video(self, body: JsonObject, video_id: str) -> None:
        """Make a video public, unlisted, private or deleted, and perhaps somebody's own.

        ``{"regions": {"blocked": [countries]}}`` or ``allowed`` restricts it instead, null lifts that.
        """
        if "regions" in body:
            if video_id not in self.state.videos:
                raise ControlError(404, f"no video {video_id!r}")
            self.state.set_regions(video_id, body["regions"])
            return
        owner = body.get("owner")
        if owner is not None and owner not in self.state.accounts:
            raise ControlError(404, f"no person {owner!r}")
        try:
            self.state.set_privacy(video_id, as_privacy(body.get("privacy")), owner)
        except ValueError as error:
            raise ControlError(400, str(error)) from error

    def set_uploads(self, body: JsonObject, channel_id: str) -> None:
        """Let a channel of the catalogue have more uploads: ``{"count": so many}``."""
        count = body.get("count")
        if channel_id not in self.state.channels:
            raise ControlError(404, f"no channel {channel_id!r}")
        if not isinstance(count, int) or count < 0:
            raise ControlError(400, "count must be a number")
        self.state.publish_more(channel_id, count)

    def _resolve(self, entry: Any) -> Any:
        if not isinstance(entry, dict) or not isinstance(track_id := entry.get("track"), str):
            return entry
        recording = self.state.catalogue.recording_of.get(track_id)
        if recording is None or not recording.uploads:
            raise ValueError(f"no upload of track {track_id!r}")
        return recording.uploads[0].video_id


def create_app(catalogue: Catalogue | None = None) -> Starlette:
    """API, authorization server and control endpoint, on the project's own catalogue if none is given."""
    simulator = YouTubeSimulator(catalogue or Catalogue.load())
    control = Control(simulator, simulator.clock)
    server = AuthorizationServer(simulator.state)
    gate = Gate(simulator.state)
    videos = Videos(simulator.state)
    api: dict[str, Mapping[str, Method]] = {
        "channels": Channels(simulator.state).methods(),
        "playlists": Playlists(simulator.state).methods(),
        "playlistItems": PlaylistItems(simulator.state).methods(),
        "subscriptions": Subscriptions(simulator.state).methods(),
        "search": Search(simulator.state).methods(),
        "videos": videos.methods(),
        "videos/rate": videos.rate_methods(),
    }
    return Starlette(
        routes=[
            *(
                control.route(f"{API_PATH}/{name}", gate.endpoint(methods), list(methods))
                for name, methods in api.items()
            ),
            control.route(AUTHORIZE_PATH, server.authorize, ["GET", "POST"]),
            control.route("/token", server.token, ["POST"]),
            control.route("/revoke", server.revoke, ["POST"]),
            control_route("PUT", "videos/{video_id}", simulator.set_video),
            control_route("PUT", "channels/{channel_id}/uploads", simulator.set_uploads),
            *control.routes(),
        ],
        exception_handlers={404: _unknown_path, 405: _unknown_path},
    )


def _describe(account: Account) -> JsonObject:
    def summary(playlist: Playlist, playlist_id: str) -> JsonObject:
        return {"id": playlist_id, "name": playlist.title, "count": len(playlist.items)}

    return {
        "id": account.id,
        "display_name": account.display_name,
        "channel_id": account.channel_id,
        "playlists": [summary(listed, listed.id) for listed in account.playlists.values()],
        "liked": summary(account.liked, f"{LIKES}:{account.id}") if account.liked else None,
        "subscriptions": list(account.subscriptions),
    }


async def _unknown_path(request: Request, _: Exception) -> Response:
    """What Google's front end says to a path or method that it does not know."""
    message = f"The requested URL {request.url.path} was not found on this server."
    return JSONResponse({"error": {"code": 404, "message": message, "status": "NOT_FOUND"}}, 404)
