"""ListenBrainz' playlists, as JSPF."""

import re
import uuid
from typing import Any

from local.simulators.clock import Clock
from local.simulators.listenbrainz.gate import ApiError, Call
from local.simulators.listenbrainz.settings import Settings
from local.simulators.listenbrainz.state import Account, Entry, ListenBrainzState, Playlist

MAX_ADDED = 100
PLAYLIST_EXTENSION = "https://musicbrainz.org/doc/jspf#playlist"
TRACK_EXTENSION = "https://musicbrainz.org/doc/jspf#track"
RECORDING_URI = "https://musicbrainz.org/recording/"
_TAG = re.compile(r"</?(?!(?:a|strong|b|em|i|u|ul|li|p|br)\b)[a-zA-Z][^>]*>")
"""HTML that is taken out of an annotation."""


class Playlists:
    """Reads and changes playlists."""

    def __init__(self, state: ListenBrainzState, settings: Settings, clock: Clock) -> None:
        self._state = state
        self._settings = settings
        self._clock = clock

    def validate(self, call: Call) -> dict[str, Any]:
        """``GET /1/validate-token``: 200 for a bad one, too."""
        token = call.token or call.query.get("token")
        if not token:
            raise ApiError(400, "You need to provide an Authorization token.")
        account = self._state.account_of_token(token)
        if account is None:
            return {"code": 200, "message": "Token invalid.", "valid": False}
        return {"code": 200, "message": "Token valid.", "valid": True, "user_name": account.user_name}

    def of_user(self, call: Call) -> dict[str, Any]:
        """``GET /1/user/{name}/playlists``: without tracks; private ones for their owner only."""
        owner = self._state.account_named(call.path["name"])
        if owner is None:
            raise ApiError(404, f"Cannot find user: {call.path['name']}")
        count, offset = call.number("count", 25), call.number("offset", 0)
        seen = [
            playlist
            for mbid in owner.playlists
            if (playlist := self._state.playlists[mbid]).public or call.account is owner
        ]
        return {
            "playlists": [
                {"playlist": self._jspf(one, tracks=False)} for one in seen[offset : offset + count]
            ],
            "playlist_count": len(seen),
            "count": count,
            "offset": offset,
        }

    def one(self, call: Call) -> dict[str, Any]:
        """``GET /1/playlist/{mbid}``: all of it."""
        return {"playlist": self._jspf(self._visible(call), tracks=True)}

    def create(self, call: Call) -> dict[str, Any]:
        """``POST /1/playlist/create``."""
        sent = self._sent(call)
        extension = (sent.get("extension") or {}).get(PLAYLIST_EXTENSION) or {}
        if not str(sent.get("title") or "").strip() or not isinstance(extension.get("public"), bool):
            raise ApiError(400, "JSPF playlist must contain title and extension/.../public")
        owner = self._owner(call)
        made = self._state.create_playlist(
            owner,
            sent["title"],
            annotation=_clean(sent.get("annotation") or ""),
            public=extension["public"],
            ids=self._ids(sent),
        )
        made.collaborators = list(extension.get("collaborators") or [])
        return {"status": "ok", "playlist_mbid": made.mbid}

    def edit(self, call: Call) -> dict[str, Any]:
        """``POST /1/playlist/edit/{mbid}``: what is left out stays, but for collaborators."""
        playlist, sent = self._own(call), self._sent(call)
        extension = (sent.get("extension") or {}).get(PLAYLIST_EXTENSION) or {}
        playlist.title = sent.get("title") or playlist.title
        if "annotation" in sent:
            playlist.annotation = _clean(sent["annotation"] or "")
        playlist.public = bool(extension.get("public", playlist.public))
        playlist.collaborators = list(extension.get("collaborators") or [])
        playlist.modified_at = self._clock.now()
        return {"status": "ok"}

    def add(self, call: Call) -> dict[str, Any]:
        """``POST /1/playlist/{mbid}/item/add[/{offset}]``."""
        playlist, ids = self._writable(call), self._ids(self._sent(call))
        if len(ids) > MAX_ADDED:
            raise ApiError(400, f"You may only add max {MAX_ADDED} recordings per call")
        offset = int(call.path.get("offset", len(playlist.entries)))
        new = self._state.entries(ids, self._owner(call))
        entries = [*playlist.entries[:offset], *new, *playlist.entries[offset:]]
        self._state.write(playlist, entries)
        return {"status": "ok"}

    def remove(self, call: Call) -> dict[str, Any]:
        """``POST /1/playlist/{mbid}/item/delete``: whatever stands there."""
        playlist, body = self._writable(call), call.body()
        index, count = self._place(body, "index", playlist), self._place(body, "count", playlist)
        self._state.write(playlist, playlist.entries[:index] + playlist.entries[index + count :])
        return {"status": "ok"}

    def move(self, call: Call) -> dict[str, Any]:
        """``POST /1/playlist/{mbid}/item/move``."""
        playlist, body = self._writable(call), call.body()
        start, to, count = (self._place(body, name, playlist) for name in ("from", "to", "count"))
        moved = playlist.entries[start : start + count]
        rest = playlist.entries[:start] + playlist.entries[start + count :]
        self._state.write(playlist, [*rest[:to], *moved, *rest[to:]])
        return {"status": "ok"}

    def delete(self, call: Call) -> dict[str, Any]:
        """``POST /1/playlist/{mbid}/delete``."""
        playlist = self._own(call)
        self._owner(call).playlists.remove(playlist.mbid)
        del self._state.playlists[playlist.mbid]
        return {"status": "ok"}

    def _place(self, body: dict[str, Any], name: str, playlist: Playlist) -> int:
        value = body.get(name)
        if type(value) is not int or not 0 <= value <= len(playlist.entries):
            raise ApiError(400, f"move instruction values must all be positive integers: {name}")
        return value

    def _owner(self, call: Call) -> Account:
        assert call.account is not None
        return call.account

    def _visible(self, call: Call) -> Playlist:
        try:
            mbid = str(uuid.UUID(call.path["mbid"]))
        except ValueError as error:
            raise ApiError(400, "Provided playlist ID is invalid.") from error
        playlist = self._state.playlists.get(mbid)
        if playlist is None or not (playlist.public or self._may_write(playlist, call)):
            raise ApiError(404, f"Cannot find playlist: {mbid}")
        return playlist

    def _may_write(self, playlist: Playlist, call: Call) -> bool:
        if call.account is None:
            return False
        return call.account.user_name in (playlist.creator, *playlist.collaborators)

    def _writable(self, call: Call) -> Playlist:
        playlist = self._visible(call)
        if not self._may_write(playlist, call):
            raise ApiError(403, "You are not allowed to add recordings to this playlist.")
        return playlist

    def _own(self, call: Call) -> Playlist:
        playlist = self._visible(call)
        if call.account is None or playlist.creator != call.account.user_name:
            raise ApiError(403, "You are not allowed to edit this playlist.")
        return playlist

    def _sent(self, call: Call) -> dict[str, Any]:
        sent = call.body().get("playlist")
        if not isinstance(sent, dict):
            raise ApiError(400, "JSPF playlist must contain a playlist")
        return sent

    def _ids(self, sent: dict[str, Any]) -> list[str]:
        """Read the recordings: of several identifiers the first one counts."""
        found = []
        for index, track in enumerate(sent.get("track") or []):
            identifier = track.get("identifier") if isinstance(track, dict) else None
            uri = identifier[0] if isinstance(identifier, list) and identifier else identifier
            try:
                if not isinstance(uri, str) or not uri.startswith(RECORDING_URI):
                    raise ValueError
                found.append(str(uuid.UUID(uri.removeprefix(RECORDING_URI))))
            except ValueError as error:
                raise ApiError(400, f"JSPF track {index} must have an identifier of a recording") from error
        return found

    def _jspf(self, playlist: Playlist, *, tracks: bool) -> dict[str, Any]:
        return {
            "title": playlist.title,
            "creator": playlist.creator,
            "annotation": playlist.annotation,
            "identifier": f"https://listenbrainz.org/playlist/{playlist.mbid}",
            "date": playlist.created_at.isoformat(),
            "extension": {
                PLAYLIST_EXTENSION: {
                    "public": playlist.public,
                    "creator": playlist.creator,
                    "last_modified_at": playlist.modified_at.isoformat(),
                    "collaborators": playlist.collaborators,
                }
            },
            "track": [self._track(entry) for entry in playlist.entries] if tracks else [],
        }

    def _track(self, entry: Entry) -> dict[str, Any]:
        uri = RECORDING_URI + entry.mbid
        told: dict[str, Any] = {
            "identifier": uri if self._settings.identifiers_as_text else [uri],
            "extension": {
                TRACK_EXTENSION: {"added_by": entry.added_by, "added_at": entry.added_at.isoformat()}
            },
        }
        found = self._state.recordings.get(entry.mbid)
        if found is not None:
            told |= {"title": found.title, "creator": found.credit}
            if found.album:
                told["album"] = found.album
            if found.length_ms:
                told["duration"] = found.length_ms
        return told


def _clean(text: str) -> str:
    return _TAG.sub("", text)
