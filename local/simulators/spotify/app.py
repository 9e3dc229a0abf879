"""Puts the Spotify simulator together: routes, control, state."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route
from starlette.types import ASGIApp, Receive, Scope, Send

from local.simulators.catalogue import Catalogue
from local.simulators.clock import Clock, iso
from local.simulators.control import (
    Control,
    ControlError,
    JsonObject,
    account_of,
    application,
    control_route,
    items_of,
    new_user_id,
)
from local.simulators.spotify.accounts import Accounts
from local.simulators.spotify.errors import ApiError
from local.simulators.spotify.library import Library
from local.simulators.spotify.limits import Limits
from local.simulators.spotify.lookup import Lookup
from local.simulators.spotify.middleware import Act, Call, Gate
from local.simulators.spotify.playlists import Playlists
from local.simulators.spotify.resources import Resources
from local.simulators.spotify.settings import READY_MADE_FAULTS, Settings
from local.simulators.spotify.state import Account, PlayedTrack, SpotifyState, uri_of

ALL_SCOPES = (
    "user-read-private playlist-read-private playlist-read-collaborative playlist-modify-private "
    "playlist-modify-public user-library-read user-library-modify user-follow-read user-follow-modify "
    "user-top-read user-read-recently-played"
)

# What development mode lost in February 2026 and (recommendations and so on) November 2024.
_REMOVED = (
    *(f"GET /{kind}" for kind in ("albums", "artists", "episodes", "shows", "audiobooks", "chapters")),
    *("GET /browse/new-releases", "GET /browse/categories", "GET /browse/categories/{category_id}"),
    *("GET /browse/categories/{category_id}/playlists", "GET /browse/featured-playlists"),
    *("GET /artists/{artist_id}/top-tracks", "GET /artists/{artist_id}/related-artists", "GET /markets"),
    *("GET /users/{user_id}/playlists", "GET /recommendations", "GET /audio-features"),
    *("GET /audio-features/{track_id}", "GET /audio-analysis/{track_id}"),
    *(
        f"{method} /me/{kind}"
        for kind in ("albums", "episodes", "shows", "audiobooks")
        for method in ("PUT", "DELETE")
    ),
    *(f"GET /me/{kind}/contains" for kind in ("albums", "episodes", "shows", "audiobooks", "following")),
    *("PUT /playlists/{playlist_id}/followers", "DELETE /playlists/{playlist_id}/followers"),
    "GET /playlists/{playlist_id}/followers/contains",
)
_ALBUM_FACTS = {"name", "release_date", "total_tracks", "upc"}
"""What of an album may be told otherwise."""


class SpotifySimulator:
    """The simulator as the control endpoint sees it; ``routes`` is what clients see."""

    ready_made_faults: Mapping[str, JsonObject] = READY_MADE_FAULTS

    def __init__(self, catalogue: Catalogue) -> None:
        self.settings = Settings()
        self._clock = Clock()
        self._state = SpotifyState(catalogue, self._clock)
        self._limits = Limits(self._clock)
        self._accounts = Accounts(self._state, self.settings, self._clock)
        self._resources = Resources(self._state, self.settings)
        self._playlists = Playlists(self._state, self.settings, self._resources)
        self._library = Library(self._state, self._resources)
        self._lookup = Lookup(catalogue, self._state, self.settings, self._resources)
        self._control = Control(self, self._clock)

    def routes(self) -> list[BaseRoute]:
        """Every route. The most used come first: they are tried in order."""
        control, gate = self._control, Gate(self._state, self.settings, self._accounts, self._limits)
        playlists, library, lookup = self._playlists, self._library, self._lookup

        def api(method: str, path: str, act: Act, *scopes: str, gone_in_new: bool = False) -> Route:
            withdrawn = (lambda: not self.settings.has_old_shapes) if gone_in_new else None
            return control.route(f"/v1{path}", gate.guard(act, scopes, withdrawn), [method])

        items, old_items = "/playlists/{playlist_id}/items", "/playlists/{playlist_id}/tracks"
        return [
            api("GET", "/search", lookup.search),
            api("POST", items, playlists.add),
            api("GET", items, playlists.items, "playlist-read-private"),
            api("PUT", items, playlists.replace_or_reorder),
            api("DELETE", items, playlists.remove),
            api("GET", "/tracks/{track_id}", lookup.track),
            api("GET", "/albums/{album_id}", lookup.album),
            api("GET", "/albums/{album_id}/tracks", lookup.album_tracks),
            api("GET", "/artists/{artist_id}", lookup.artist),
            api("GET", "/artists/{artist_id}/albums", lookup.artist_albums),
            api("GET", "/me/playlists", playlists.mine, "playlist-read-private"),
            api("POST", "/me/playlists", playlists.create),
            api("GET", "/playlists/{playlist_id}", playlists.one),
            api("PUT", "/playlists/{playlist_id}", playlists.change),
            api("GET", "/me", library.profile),
            api("GET", "/me/tracks", library.liked, "user-library-read"),
            api("GET", "/me/albums", library.albums, "user-library-read"),
            api("GET", "/me/following", library.following, "user-follow-read"),
            api("PUT", "/me/library", library.save),
            api("DELETE", "/me/library", library.drop),
            api("GET", "/me/library/contains", library.contains, "user-library-read"),
            api("GET", "/me/player/recently-played", library.recently_played, "user-read-recently-played"),
            api("GET", "/me/top/tracks", library.top_tracks, "user-top-read"),
            api("GET", "/me/top/artists", library.top_artists, "user-top-read"),
            # Only for applications that kept the old endpoints.
            api("GET", "/tracks", lookup.tracks, gone_in_new=True),
            api("GET", old_items, playlists.items, "playlist-read-private", gone_in_new=True),
            api("POST", old_items, playlists.add, gone_in_new=True),
            api("PUT", old_items, playlists.replace_or_reorder, gone_in_new=True),
            api("DELETE", old_items, playlists.remove, gone_in_new=True),
            api("PUT", "/me/following", library.follow, "user-follow-modify", gone_in_new=True),
            api("DELETE", "/me/following", library.unfollow, "user-follow-modify", gone_in_new=True),
            api("PUT", "/me/tracks", library.save_tracks, "user-library-modify", gone_in_new=True),
            api("DELETE", "/me/tracks", library.drop_tracks, "user-library-modify", gone_in_new=True),
            api("GET", "/me/tracks/contains", library.contains_tracks, "user-library-read", gone_in_new=True),
            api("POST", "/users/{user_id}/playlists", playlists.create, gone_in_new=True),
            api("GET", "/users/{user_id}", library.somebody, gone_in_new=True),
            *(
                api(method, path, _not_simulated, gone_in_new=True)
                for method, path in map(str.split, _REMOVED)
            ),
            control.route("/authorize", self._accounts.authorize, ["GET", "POST"]),
            control.route("/api/token", self._accounts.token, ["POST"]),
            *control.routes(),
            control_route("POST", "tokens", self._grant_tokens),
            control_route("POST", "users/{user_id}/revoke", self._revoke),
            control_route("POST", "users/{user_id}/plays", self._add_plays),
            control_route("PUT", "tracks/{track_id}", self._set_track),
            control_route("PUT", "albums/{album_id}", self._set_album),
            control_route("POST", "albums/{album_id}/withdraw", self._withdraw_album),
            control_route("PUT", "playlists/{playlist_id}/withdrawn", self._withdraw),
            Route("/v1/{rest:path}", _no_service, methods=["GET", "POST", "PUT", "DELETE", "PATCH"]),
        ]

    # --- what the control endpoint asks for -----------------------------------------------------------

    def reset(self) -> None:
        """Back to the state after the start."""
        self._state.reset()
        self._accounts.reset()
        self._lookup.reset()
        self._resources.reset()
        self._limits.reset()

    def users(self) -> list[JsonObject]:
        """Everybody, with what is in their library."""
        return [self._describe(account) for account in self._state.accounts.values()]

    def _describe(self, account: Account) -> JsonObject:
        playlists = [self._state.playlists[id_] for id_ in account.playlists]
        return {
            "id": account.id,
            "display_name": account.display_name,
            "account_id": account.account_id,
            "playlists": [
                {"id": p.id, "name": p.name, "count": len(p.entries), "owner": p.owner} for p in playlists
            ],
            "liked": len(account.liked),
            "albums": list(account.albums),
            "following": list(account.following),
        }

    def add_user(self, body: JsonObject) -> JsonObject:
        """``{"id", "display_name", "liked": [track ids], "albums": [ids], "following": [artist ids]}``."""
        user_id = new_user_id(body, self._state.accounts)
        known: dict[str, Mapping[str, Any]] = {
            "liked": self._state.tracks,
            "albums": self._state.albums,
            "following": self._state.artists,
        }
        for name, there in known.items():
            unknown = [id_ for id_ in body.get(name, []) if id_ not in there]
            if unknown:
                raise ControlError(400, f"{name}: none of these ids is known: {unknown}")
        account = self._state.add_account(user_id, str(body.get("display_name", user_id.title())))
        self._state.like(account, list(reversed(body.get("liked", []))))
        self._state.save_albums(account, list(reversed(body.get("albums", []))))
        self._state.follow(account, body.get("following", []))
        return self._describe(account)

    def add_playlist(self, user_id: str, body: JsonObject) -> str:
        """``{"name", "items", "description", "public", "collaborative", "collaborators"}``.

        Items are track ids or URIs, ``null``, ``{"local": ...}``, ``{"episode": ...}`` (see ``catalogue``) or
        ``{"track": {"title", "artists", "album", "duration_ms", "isrc"}}`` for one that the catalogue lacks.
        """
        account = self._account(user_id)
        items = items_of(body, self._state.item_of)
        playlist = self._state.create_playlist(
            account,
            str(body.get("name", "Untitled")),
            description=str(body.get("description", "")),
            public=bool(body.get("public", False)),
            collaborative=bool(body.get("collaborative", False)),
        )
        playlist.collaborators.update(body.get("collaborators", ()))
        playlist.entries.extend(self._state.entries(items, account.id))
        return playlist.id

    def playlist_truth(self, playlist_id: str) -> list[JsonObject]:
        """What is in a playlist, with the version, the recording's ISRC and when it was put in."""
        playlist = self._state.playlists.get(playlist_id)
        if playlist is None:
            raise ControlError(404, f"no playlist {playlist_id}")
        return [
            {
                "id": getattr(item, "id", None),
                "title": getattr(item, "title", None) or getattr(item, "name", None),
                "uri": uri_of(item),
                "isrc": getattr(item, "isrc", None),
                "artists": [artist.name for artist in getattr(item, "artists", ())],
                "added_at": iso(added_at),
            }
            for item, added_at in ((entry.item, entry.added_at) for entry in playlist.entries)
        ]

    def quota(self) -> JsonObject:
        """The burst window and the day's."""
        return self._limits.describe()

    def set_quota(self, limits: Mapping[str, int | None]) -> JsonObject:
        """``{"burst": n, "quota": n}``; null is no limit."""
        self._limits.set(limits)
        return self._limits.describe()

    def _account(self, user_id: str) -> Account:
        return account_of(self._state.accounts, user_id)

    def _grant_tokens(self, body: JsonObject) -> JsonObject:
        """``{"user", "scopes", "client_id"}`` to the answer of the token endpoint, without a consent page."""
        account = self._account(str(body.get("user", "ada")))
        scopes = tuple(body.get("scopes", ALL_SCOPES.split()))
        return self._accounts.grant(account.id, str(body.get("client_id", "control")), scopes)

    def _revoke(self, _: JsonObject, user_id: str) -> JsonObject:
        """What a user does on Spotify's own site."""
        return {"revoked": self._accounts.revoke(self._account(user_id).id)}

    def _withdraw(self, body: JsonObject, playlist_id: str) -> JsonObject:
        """``{"position": n}``: leave nothing of an entry but its place, as of a track that is withdrawn."""
        playlist, position = self._state.playlists.get(playlist_id), body.get("position")
        if playlist is None or not isinstance(position, int) or not 0 <= position < len(playlist.entries):
            raise ControlError(400, 'give the id of a playlist, and {"position": n}')
        playlist.entries[position] = replace(playlist.entries[position], item=None)
        return {"position": position}

    def _set_track(self, body: JsonObject, track_id: str) -> JsonObject:
        """``{"playable": bool}``: whether the track can be played in everybody's country."""
        if track_id not in self._state.tracks or not isinstance(body.get("playable"), bool):
            raise ControlError(400, 'give the id of a track, and {"playable": bool}')
        (self._state.unplayable.discard if body["playable"] else self._state.unplayable.add)(track_id)
        return {"id": track_id, "playable": body["playable"]}

    def _set_album(self, body: JsonObject, album_id: str) -> JsonObject:
        """``{"name", "release_date", "total_tracks", "upc"}``: what is told of an album from now on."""
        if album_id not in self._state.albums or not body or not body.keys() <= _ALBUM_FACTS:
            raise ControlError(400, f"give the id of an album, and some of: {sorted(_ALBUM_FACTS)}")
        self._state.change_album(album_id, body)
        return {"id": album_id, **body}

    def _withdraw_album(self, body: JsonObject, album_id: str) -> JsonObject:
        """``{"comes_back": bool}``: take an album away; it may come back at once, under another id."""
        if album_id not in self._state.albums:
            raise ControlError(404, f"no album {album_id}")
        comes_back = bool(body.get("comes_back", False))
        return {"id": self._state.withdraw_album(album_id, comes_back=comes_back)}

    def _add_plays(self, body: JsonObject, user_id: str) -> JsonObject:
        """``{"plays": [{"track_id", "played_at": iso}]}`` into the history of a user."""
        account = self._account(user_id)
        try:
            added = [
                PlayedTrack(self._state.tracks[row["track_id"]], datetime.fromisoformat(row["played_at"]))
                for row in body.get("plays", [])
            ]
        except (KeyError, TypeError, ValueError) as error:
            raise ControlError(400, f"plays: {error!r}") from error
        account.plays = sorted(account.plays + added, key=lambda play: play.played_at, reverse=True)
        return {"plays": len(account.plays)}


def _not_simulated(_: Call) -> Response:
    """An endpoint that extended mode has and this simulator does not."""
    raise ApiError(501, "Not simulated")


async def _no_service(_: Request) -> Response:
    return JSONResponse({"error": {"status": 404, "message": "Service not found"}}, 404)


class _WithoutTrailingSlash:
    """Spotify takes ``/v1/me/`` for ``/v1/me``; clients rely on it."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["path"].endswith("/") and len(scope["path"]) > 1:
            scope = {**scope, "path": scope["path"].rstrip("/")}
        await self._app(scope, receive, send)


def create_app(catalogue: Catalogue | None = None) -> ASGIApp:
    """The simulator as an ASGI application, with a state of its own."""
    simulator = SpotifySimulator(Catalogue.load() if catalogue is None else catalogue)
    return _WithoutTrailingSlash(application(simulator.routes()))
