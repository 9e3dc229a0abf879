"""Puts the ListenBrainz simulator together: routes, control, state."""

import uuid
from collections.abc import Mapping

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
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
from local.simulators.listenbrainz.gate import Act, Gate, TokenRule, Windows
from local.simulators.listenbrainz.lookup import Lookup
from local.simulators.listenbrainz.playlists import Playlists
from local.simulators.listenbrainz.settings import READY_MADE_FAULTS, Settings
from local.simulators.listenbrainz.state import Account, ListenBrainzState


class ListenBrainzSimulator:
    """The simulator as the control endpoint sees it; ``routes`` is what clients see."""

    ready_made_faults: Mapping[str, JsonObject] = READY_MADE_FAULTS

    def __init__(self, catalogue: Catalogue) -> None:
        self.settings = Settings()
        self._clock = Clock()
        self._state = ListenBrainzState(catalogue, self._clock)
        self._windows = Windows(self._clock)
        self._gate = Gate(self._state, self.settings, self._windows)
        self._playlists = Playlists(self._state, self.settings, self._clock)
        self._lookup = Lookup(self._state, self.settings)
        self._control = Control(self, self._clock)

    def routes(self) -> list[BaseRoute]:
        """Every route."""
        control, gate, playlists, lookup = self._control, self._gate, self._playlists, self._lookup

        def api(method: str, path: str, act: Act, rule: TokenRule = "needed") -> Route:
            return control.route(f"/1{path}", gate.listenbrainz(act, rule), [method])

        return [
            api("GET", "/validate-token", playlists.validate, "unchecked"),
            api("GET", "/user/{name}/playlists", playlists.of_user, "optional"),
            api("POST", "/playlist/create", playlists.create),
            api("POST", "/playlist/edit/{mbid}", playlists.edit),
            api("GET", "/playlist/{mbid}", playlists.one, "optional"),
            api("POST", "/playlist/{mbid}/item/add", playlists.add),
            api("POST", "/playlist/{mbid}/item/add/{offset:int}", playlists.add),
            api("POST", "/playlist/{mbid}/item/delete", playlists.remove),
            api("POST", "/playlist/{mbid}/item/move", playlists.move),
            api("POST", "/playlist/{mbid}/delete", playlists.delete),
            api("POST", "/metadata/lookup/", lookup.by_names),
            api("GET", "/metadata/lookup/", lookup.by_name),
            api("POST", "/metadata/recording/", lookup.by_ids),
            control.route("/ws/2/isrc/{isrc}", gate.musicbrainz(lookup.by_isrc), ["GET"]),
            control.route("/ws/2/recording", gate.musicbrainz(lookup.by_words), ["GET"]),
            *control.routes(),
            control_route("POST", "tokens", lambda body: {"token": self._account(body["user"]).token}),
            control_route("POST", "users/{user_id}/reset-token", self._reset_token),
            control_route("POST", "users/{user_id}/collaborate/{mbid}", self._collaborate),
            control_route("POST", "recordings", self._enter),
            control_route("DELETE", "recordings/{mbid}", self._remove),
            Route("/{rest:path}", _no_endpoint, methods=["GET", "POST", "PUT", "DELETE"]),
        ]

    # --- what the control endpoint asks for -----------------------------------------------------------

    def reset(self) -> None:
        """Back to the state after the start."""
        self._state.reset()
        self._windows.reset()

    def users(self) -> list[JsonObject]:
        """Everybody, with what is theirs."""
        return [self._describe(account) for account in self._state.accounts.values()]

    def _describe(self, account: Account) -> JsonObject:
        playlists = [self._state.playlists[mbid] for mbid in account.playlists]
        return {
            "id": account.id,
            "display_name": account.user_name,
            "account_id": account.user_name.casefold(),
            "playlists": [
                {"id": p.mbid, "name": p.title, "count": len(p.entries), "public": p.public,
                 "annotation": p.annotation, "collaborators": p.collaborators}
                for p in playlists
            ],
        }  # fmt: skip

    def add_user(self, body: JsonObject) -> JsonObject:
        """``{"id", "display_name"}``."""
        user_id = new_user_id(body, self._state.accounts)
        name = str(body.get("display_name", user_id))
        if self._state.account_named(name) is not None:
            name = user_id  # names are unique
        return self._describe(self._state.add_account(user_id, name))

    def add_playlist(self, user_id: str, body: JsonObject) -> str:
        """``{"name", "items", "description", "public"}``; items as `ListenBrainzState.item_of` reads them."""
        ids = items_of(body, self._state.item_of)
        playlist = self._state.create_playlist(
            self._account(user_id),
            str(body.get("name", "Untitled")),
            annotation=str(body.get("description", "")),
            public=bool(body.get("public", False)),
            ids=ids,
        )
        return playlist.mbid

    def playlist_truth(self, playlist_id: str) -> list[JsonObject]:
        """What is in a playlist, with the titles of what MusicBrainz knows."""
        playlist = self._state.playlists.get(playlist_id)
        if playlist is None:
            raise ControlError(404, f"no playlist {playlist_id}")
        known = self._state.recordings
        return [
            {
                "id": entry.mbid,
                "title": known[entry.mbid].title if entry.mbid in known else None,
                "artists": list(known[entry.mbid].artists) if entry.mbid in known else [],
                "added_at": entry.added_at.isoformat(),
            }
            for entry in playlist.entries
        ]

    def quota(self) -> JsonObject:
        """Both limits."""
        return self._windows.describe()

    def set_quota(self, limits: Mapping[str, int | None]) -> JsonObject:
        """``{"calls": per ten seconds, "musicbrainz": per second}``; null is one that nobody notices."""
        self._windows.set(limits)
        return self._windows.describe()

    def _account(self, user_id: str) -> Account:
        return account_of(self._state.accounts, user_id)

    def _reset_token(self, _: JsonObject, user_id: str) -> JsonObject:
        """What a person does on their settings page."""
        account = self._account(user_id)
        account.token = str(uuid.uuid4())
        return {"token": account.token}

    def _enter(self, body: JsonObject) -> JsonObject:
        """``{"spotify": id}``: enter a recording that MusicBrainz lacks."""
        try:
            return {"id": self._state.enter(body["spotify"])}
        except KeyError as error:
            raise ControlError(404, f"nothing is lacking under {error}") from error

    def _remove(self, _: JsonObject, mbid: str) -> JsonObject:
        """Let MusicBrainz remove a recording."""
        if mbid not in self._state.recordings:
            raise ControlError(404, f"no recording {mbid}")
        self._state.remove(mbid)
        return {}

    def _collaborate(self, _: JsonObject, user_id: str, mbid: str) -> JsonObject:
        """Make somebody a collaborator of a playlist."""
        self._state.playlists[mbid].collaborators.append(self._account(user_id).user_name)
        return {"collaborators": self._state.playlists[mbid].collaborators}


async def _no_endpoint(_: Request) -> Response:
    return JSONResponse({"code": 404, "error": "Not Found"}, 404)


def create_app(catalogue: Catalogue | None = None) -> ASGIApp:
    """The simulator as an ASGI application, with a state of its own."""
    simulator = ListenBrainzSimulator(Catalogue.load() if catalogue is None else catalogue)
    return application(simulator.routes())
