"""Puts the TIDAL simulator together: routes, control, state."""

from collections.abc import Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route
from starlette.types import ASGIApp

from local.simulators.catalogue import Catalogue
from local.simulators.clock import Clock
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
from local.simulators.tidal.accounts import Accounts
from local.simulators.tidal.errors import ApiError
from local.simulators.tidal.graph import Graph
from local.simulators.tidal.limits import TokenBucket
from local.simulators.tidal.lookup import Lookup
from local.simulators.tidal.middleware import Act, Gate
from local.simulators.tidal.playlists import Playlists
from local.simulators.tidal.search import Search
from local.simulators.tidal.settings import READY_MADE_FAULTS, SCOPES, Settings
from local.simulators.tidal.state import Account, TidalState

_COLLECTIONS = {
    "tracks": "userCollectionTracks",
    "albums": "userCollectionAlbums",
    "artists": "userCollectionArtists",
}
_ALBUM_FACTS = {"title", "release_date", "barcode_id"}
"""What of an album may be told otherwise."""


class TidalSimulator:
    """The simulator as the control endpoint sees it; ``routes`` is what clients see."""

    ready_made_faults: Mapping[str, JsonObject] = READY_MADE_FAULTS

    def __init__(self, catalogue: Catalogue) -> None:
        self.settings = Settings()
        self._clock = Clock()
        self._state = TidalState(catalogue, self._clock)
        self._bucket = TokenBucket(self._clock, self.settings)
        self._accounts = Accounts(self._state, self.settings, self._clock)
        self._search = Search(self._state)
        self._graph = Graph(self._state, self.settings, self._clock, self._search)
        self._lookup = Lookup(self._state, self.settings, self._graph, self._search)
        self._playlists = Playlists(self._state, self.settings, self._graph, self._clock)
        self._gate = Gate(self._state, self.settings, self._accounts, self._bucket, self._clock)
        self._control = Control(self, self._clock)

    def routes(self) -> list[BaseRoute]:
        """Every route. The most used come first: they are tried in order."""
        control, gate, lookup, playlists = self._control, self._gate, self._lookup, self._playlists

        def api(method: str, path: str, act: Act, scope: str | None = None, missing: int = 404) -> Route:
            return control.route(f"/v2{path}", gate.guard(act, scope, missing), [method])

        items, write = "/playlists/{id}/relationships/items", "playlists.write"
        saved = "/userCollectionPlaylists/{id}/relationships/items"
        read_saved = lookup.related("userCollectionPlaylists", "items", "me")
        return [
            api("GET", "/searchResults", lookup.search, "search.read"),
            api("GET", "/tracks", lookup.many("tracks", "id", "isrc", "owners.id")),
            api("POST", items, playlists.add, write),
            api("GET", items, lookup.related("playlists", "items")),
            api("DELETE", items, playlists.remove, write),
            api("PATCH", items, playlists.reorder, write),
            api("GET", "/playlists", playlists.many),
            api("POST", "/playlists", playlists.create, write),
            api("GET", "/playlists/{id}", lookup.one("playlists")),
            api("PATCH", "/playlists/{id}", playlists.change, write),
            api("DELETE", "/playlists/{id}", playlists.delete, write),
            api("GET", "/tracks/{id}", lookup.one("tracks")),
            api("GET", "/albums", lookup.many("albums", "id", "barcodeId", "owners.id")),
            api("GET", "/albums/{id}", lookup.one("albums")),
            api("GET", "/albums/{id}/relationships/items", lookup.related("albums", "items")),
            api("GET", "/artists", lookup.many("artists", "id", "handle", "owners.id")),
            api("GET", "/artists/{id}", lookup.one("artists")),
            api("GET", "/artists/{id}/relationships/albums", lookup.related("artists", "albums")),
            *(
                api(
                    "GET",
                    f"/searchResults/{{id}}/relationships/{name}",
                    lookup.related("searchResults", name),
                    "search.read",
                )
                for name in ("tracks", "albums", "artists", "playlists", "videos", "topHits")
            ),
            api("GET", "/searchResults/{id}", lookup.old_search, "search.read"),
            api("GET", "/users/{id}", playlists.me),
            *(
                api(method, f"/{name}/{{id}}{rest}", act, f"collection.{scope}", 403)
                for kind, name in _COLLECTIONS.items()
                for method, rest, act, scope in (
                    ("GET", "", playlists.collection(name), "read"),
                    ("GET", "/relationships/items", lookup.related(name, "items", "me"), "read"),
                    ("POST", "/relationships/items", playlists.collect(kind), "write"),
                    ("DELETE", "/relationships/items", playlists.discard(kind), "write"),
                )
            ),
            api("GET", saved, read_saved, "collection.read", 403),
            control.route("/authorize", self._accounts.authorize, ["GET", "POST"]),
            control.route("/v1/oauth2/token", self._accounts.token, ["POST"]),
            *control.routes(),
            control_route("POST", "tokens", self._grant_tokens),
            control_route("POST", "users/{user_id}/revoke", self._revoke),
            control_route("POST", "users/{user_id}/country", self._move),
            control_route("POST", "tracks/{track_id}/churn", self._churn),
            control_route("PUT", "albums/{album_id}", self._set_album),
            control_route("POST", "albums/{album_id}/withdraw", self._withdraw_album),
            Route("/v2/{rest:path}", _no_endpoint, methods=["GET", "POST", "PUT", "DELETE", "PATCH"]),
        ]

    # --- what the control endpoint asks for -----------------------------------------------------------

    def reset(self) -> None:
        """Back to the state after the start."""
        self._state.reset()
        self._accounts.reset()
        self._search.reset()
        self._bucket.reset()
        self._gate.reset()

    def users(self) -> list[JsonObject]:
        """Everybody, with what is theirs."""
        return [self._describe(account) for account in self._state.accounts.values()]

    def _describe(self, account: Account) -> JsonObject:
        playlists = [self._state.playlists[id_] for id_ in (*account.playlists, *account.saved)]
        return {
            "id": account.id,
            "display_name": account.display_name,
            "account_id": account.user_id,
            "playlists": [
                {"id": p.id, "name": p.name, "count": len(p.entries), "owner": p.owner, "access": p.access}
                for p in playlists
            ],
            "liked": len(account.liked),
            "albums": list(account.albums),
            "following": list(account.artists),
        }

    def add_user(self, body: JsonObject) -> JsonObject:
        """``{"id", "display_name", "country", "liked": [ids], "albums": [ids], "following": [ids]}``."""
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
        account.country = str(body.get("country", account.country))
        account.liked.update(dict.fromkeys(reversed(body.get("liked", [])), self._clock.now()))
        account.albums.update(dict.fromkeys(reversed(body.get("albums", [])), self._clock.now()))
        account.artists.update(dict.fromkeys(reversed(body.get("following", [])), self._clock.now()))
        return self._describe(account)

    def add_playlist(self, user_id: str, body: JsonObject) -> str:
        """``{"name", "items", "description", "access"}``; items as `TidalState.item_of` reads them."""
        account = self._account(user_id)
        items = items_of(body, self._state.item_of)
        playlist = self._state.create_playlist(
            account,
            str(body.get("name", "Untitled")),
            description=str(body.get("description", "")),
            access=body.get("access", "UNLISTED"),
            items=self._state.entries(items),
        )
        return playlist.id

    def playlist_truth(self, playlist_id: str) -> list[JsonObject]:
        """What is in a playlist, with titles and ISRCs of what is not gone."""
        playlist = self._state.playlists.get(playlist_id)
        if playlist is None:
            raise ControlError(404, f"no playlist {playlist_id}")
        found = []
        for entry in playlist.entries:
            track = self._state.tracks.get(entry.id)
            found.append(
                {
                    "id": entry.id,
                    "item_id": entry.item_id,
                    "title": track and track.title,
                    "isrc": track and track.isrc,
                    "artists": [artist.name for artist in track.artists] if track else [],
                }
            )
        return found

    def quota(self) -> JsonObject:
        """The token bucket."""
        return self._bucket.describe()

    def set_quota(self, limits: Mapping[str, int | None]) -> JsonObject:
        """``{"tokens": n}``; null is a bucket that nobody notices."""
        self._bucket.set(limits)
        return self._bucket.describe()

    def _account(self, user_id: str) -> Account:
        return account_of(self._state.accounts, user_id)

    def _grant_tokens(self, body: JsonObject) -> JsonObject:
        """``{"user", "scopes", "client_id"}`` to the answer of the token endpoint, without a consent page."""
        account = self._account(str(body.get("user", "ada")))
        scopes = tuple(body.get("scopes", SCOPES))
        return self._accounts.grant(account.id, str(body.get("client_id", "control")), scopes)

    def _revoke(self, _: JsonObject, user_id: str) -> JsonObject:
        """What a user does on TIDAL's own site."""
        return {"revoked": self._accounts.revoke(self._account(user_id).id)}

    def _move(self, body: JsonObject, user_id: str) -> JsonObject:
        """``{"country"}``: where the account is from now on."""
        self._account(user_id).country = str(body["country"])
        return {"country": body["country"]}

    def _churn(self, _: JsonObject, track_id: str) -> JsonObject:
        """Kill a track's id; gives the song's new one."""
        if track_id not in self._state.tracks:
            raise ControlError(404, f"no track {track_id}")
        return {"id": self._state.churn(track_id)}

    def _set_album(self, body: JsonObject, album_id: str) -> JsonObject:
        """``{"title", "release_date", "barcode_id"}``: what is told of an album from now on."""
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


async def _no_endpoint(_: Request) -> Response:
    return ApiError(404, "No such endpoint").response()


def create_app(catalogue: Catalogue | None = None) -> ASGIApp:
    """The simulator as an ASGI application, with a state of its own."""
    simulator = TidalSimulator(Catalogue.load() if catalogue is None else catalogue)
    return application(simulator.routes())
