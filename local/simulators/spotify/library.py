"""Profile, liked songs, library, listening: what belongs to the signed-in person besides playlists."""

import re
from collections import Counter
from collections.abc import Container
from datetime import datetime
from urllib.parse import urlencode

from starlette.responses import JSONResponse, Response

from local.simulators.catalogue import Artist, SpotifyTrack
from local.simulators.clock import iso
from local.simulators.spotify.errors import NOT_FOUND, ApiError
from local.simulators.spotify.middleware import Call
from local.simulators.spotify.resources import Resources
from local.simulators.spotify.state import REACHABLE_PLAYS, Account, PlayedTrack, SpotifyState

_LIBRARY_BATCH = 40
_URI = re.compile(r"spotify:([a-z]+):([0-9A-Za-z_.-]+)")
_SAVABLE = {
    "track": "user-library-modify",
    "album": "user-library-modify",
    "episode": "user-library-modify",
    "show": "user-library-modify",
    "audiobook": "user-library-modify",
    "user": "user-follow-modify",
    "playlist": "playlist-modify-public",
}
"""Kinds of URI that can be put into the library, and the scope it takes. Artists can only be asked for."""
_TIME_RANGES = {"short_term": 28, "medium_term": 182, "long_term": 365}


class Library:
    """Answers for the signed-in person."""

    def __init__(self, state: SpotifyState, resources: Resources) -> None:
        self._state = state
        self._resources = resources

    def profile(self, call: Call) -> Response:
        """``GET /me``."""
        return JSONResponse(self._resources.profile(call.base, call.account))

    # --- library --------------------------------------------------------------------------------------

    def liked(self, call: Call) -> Response:
        """``GET /me/tracks``: the last liked first. Entries still say ``track``."""

        def write(base: str, like: tuple[str, datetime]) -> dict[str, object]:
            track_id, added_at = like
            track = self._resources.track(base, self._state.tracks[track_id])
            return {"added_at": iso(added_at), "track": track}

        return call.page("/me/tracks", list(reversed(call.account.liked.items())), write)

    def save(self, call: Call) -> Response:
        """``PUT /me/library``."""
        account = call.account
        uris = self._library_uris(call, writing=True)
        self._state.like(account, [id_ for _, kind, id_ in uris if kind == "track"])
        self._state.save_albums(account, [id_ for _, kind, id_ in uris if kind == "album"])
        for uri, kind, id_ in uris:
            if kind == "playlist" and id_ not in account.playlists:
                account.playlists.insert(0, id_)
            elif kind not in ("track", "album", "playlist"):
                account.other_saved.add(uri)
        return Response(status_code=200)

    def drop(self, call: Call) -> Response:
        """``DELETE /me/library``. Dropping a playlist of one's own is how it is deleted."""
        account = call.account
        for uri, kind, id_ in self._library_uris(call, writing=True):
            if kind == "track":
                account.liked.pop(id_, None)
            elif kind == "album":
                account.albums.pop(id_, None)
            elif kind == "playlist" and id_ in account.playlists:
                account.playlists.remove(id_)
            account.other_saved.discard(uri)
        return Response(status_code=200)

    def contains(self, call: Call) -> Response:
        """``GET /me/library/contains``."""
        account = call.account
        return JSONResponse(
            [_has(account, uri, kind, id_) for uri, kind, id_ in self._library_uris(call, writing=False)]
        )

    def _library_uris(self, call: Call, *, writing: bool) -> list[tuple[str, str, str]]:
        """The URIs of the query, as URI, kind and id."""
        listed = call.text("uris")
        if listed is None:
            raise ApiError(400, "Missing required parameter: uris")
        uris = [uri.strip() for uri in listed.split(",")]
        if len(uris) > _LIBRARY_BATCH:
            raise ApiError(400, f"Too many uris: a maximum of {_LIBRARY_BATCH} is allowed")
        found = []
        for uri in uris:
            match = _URI.fullmatch(uri)
            if match is None:
                raise ApiError(400, f"Invalid uri: {uri}")
            kind, id_ = match.groups()
            if kind not in _SAVABLE and (writing or kind != "artist"):
                raise ApiError(400, f"Unsupported uri type: {kind}")
            if writing:
                call.require(_SAVABLE[kind])
                self._check_exists(kind, id_)
            found.append((uri, kind, id_))
        return found

    def _check_exists(self, kind: str, id_: str) -> None:
        known: dict[str, Container[str]]
        known = {"track": self._state.tracks, "playlist": self._state.playlists, "album": self._state.albums}
        if kind in known and id_ not in known[kind]:
            raise ApiError(404, NOT_FOUND)

    def albums(self, call: Call) -> Response:
        """``GET /me/albums``: the last saved first, in full."""

        def write(base: str, saved: tuple[str, datetime]) -> dict[str, object]:
            album_id, added_at = saved
            album = self._state.albums.get(album_id)
            if album is None:
                return {"added_at": iso(added_at), "album": None}
            tracks = [track for track in self._state.tracks.values() if track.album.id == album_id]
            return {"added_at": iso(added_at), "album": self._resources.full_album(base, album, tracks)}

        return call.page("/me/albums", list(reversed(call.account.albums.items())), write)

    def following(self, call: Call) -> Response:
        """``GET /me/following``: followed artists, behind the one that ``after`` names."""
        if call.text("type") != "artist":
            raise ApiError(400, "Missing or unsupported type: artist")
        limit, after = call.number("limit", 20, 1, 50), call.text("after")
        # In which order is not documented, but for that one id leads to the next.
        ids = sorted(call.account.following)
        rest = [id_ for id_ in ids if after is None or id_ > after]
        shown = rest[:limit]
        link, last = f"{call.base}/me/following", shown[-1] if len(rest) > limit else None
        asked = {"type": "artist", "limit": str(limit)}
        artists = {
            "href": f"{link}?{urlencode(asked)}",
            "limit": limit,
            "next": None if last is None else f"{link}?{urlencode({**asked, 'after': last})}",
            "cursors": {"after": last},
            "total": len(ids),
            "items": [self._resources.artist(call.base, self._state.artists[id_]) for id_ in shown],
        }
        return JSONResponse({"artists": artists})

    # --- extended mode only ---------------------------------------------------------------------------

    def follow(self, call: Call) -> Response:
        """``PUT /me/following``."""
        self._state.follow(call.account, self._followed_ids(call))
        return Response(status_code=204)

    def unfollow(self, call: Call) -> Response:
        """``DELETE /me/following``. Whom nobody follows is no error."""
        for artist_id in self._followed_ids(call):
            call.account.following.pop(artist_id, None)
        return Response(status_code=204)

    def _followed_ids(self, call: Call) -> list[str]:
        if call.text("type") != "artist":
            raise ApiError(400, "Missing or unsupported type: artist")
        listed = call.text("ids")
        ids = listed.split(",") if listed else call.object().get("ids")
        if not isinstance(ids, list) or not ids or len(ids) > 50:
            raise ApiError(400, "Invalid ids")
        if not all(id_ in self._state.artists for id_ in ids):
            raise ApiError(404, NOT_FOUND)
        return ids

    def save_tracks(self, call: Call) -> Response:
        """``PUT /me/tracks``."""
        self._state.like(call.account, self._track_ids(call))
        return Response(status_code=200)

    def drop_tracks(self, call: Call) -> Response:
        """``DELETE /me/tracks``."""
        for track_id in self._track_ids(call):
            call.account.liked.pop(track_id, None)
        return Response(status_code=200)

    def contains_tracks(self, call: Call) -> Response:
        """``GET /me/tracks/contains``."""
        return JSONResponse([track_id in call.account.liked for track_id in self._track_ids(call)])

    def _track_ids(self, call: Call) -> list[str]:
        listed = call.text("ids")
        ids = listed.split(",") if listed else call.object().get("ids")
        if not isinstance(ids, list) or not ids or len(ids) > 50:
            raise ApiError(400, "Invalid ids")
        if not all(id_ in self._state.tracks for id_ in ids):
            raise ApiError(404, NOT_FOUND)
        return ids

    def somebody(self, call: Call) -> Response:
        """``GET /users/{id}``."""
        return JSONResponse(self._resources.public_profile(call.base, call.path["user_id"]))

    # --- listening ------------------------------------------------------------------------------------

    def recently_played(self, call: Call) -> Response:
        """``GET /me/player/recently-played``: the newest first, by cursor in milliseconds."""
        limit = call.number("limit", 20, 1, 50)
        after, before = call.number("after", -1, 0, 2**53), call.number("before", -1, 0, 2**53)
        if after >= 0 and before >= 0:
            raise ApiError(400, "Only one of after or before may be specified")
        plays = [
            play
            for play in call.account.plays[:REACHABLE_PLAYS]
            if (after < 0 or _millis(play) > after) and (before < 0 or _millis(play) < before)
        ]
        shown = plays[:limit]
        link = f"{call.base}/me/player/recently-played"
        answer: dict[str, object] = {
            "href": f"{link}?{urlencode({'limit': limit})}",
            "items": [
                {
                    "track": self._resources.track(call.base, play.track),
                    "played_at": iso(play.played_at, millis=True),
                    "context": None,
                }
                for play in shown
            ],
            "limit": limit,
            "next": None,
            "cursors": None,
        }
        if shown:
            oldest = str(_millis(shown[-1]))
            answer["cursors"] = {"after": str(_millis(shown[0])), "before": oldest}
            if len(plays) > limit:
                answer["next"] = f"{link}?{urlencode({'before': oldest, 'limit': limit})}"
        return JSONResponse(answer)

    def top_tracks(self, call: Call) -> Response:
        """``GET /me/top/tracks``: by plays, then likes, then popularity."""
        return call.page("/me/top/tracks", self._top(call), self._resources.track)

    def top_artists(self, call: Call) -> Response:
        """``GET /me/top/artists``: who stands behind the top tracks."""
        artists: dict[str, Artist] = {}
        for track in self._top(call):
            for artist in track.artists:
                artists.setdefault(artist.id, artist)
        return call.page("/me/top/artists", list(artists.values()), self._resources.artist)

    def _top(self, call: Call) -> list[SpotifyTrack]:
        days = _TIME_RANGES.get(call.text("time_range") or "medium_term")
        if days is None:
            raise ApiError(400, "Invalid time range")
        account = call.account
        counts = Counter(
            play.track.id
            for play in account.plays
            if (account.plays[0].played_at - play.played_at).days <= days
        )
        counts.update(dict.fromkeys(account.liked, 0))
        tracks = [self._state.tracks[track_id] for track_id in counts]
        return sorted(tracks, key=lambda track: (-counts[track.id], -track.popularity, track.id))


def _has(account: Account, uri: str, kind: str, id_: str) -> bool:
    if kind == "track":
        return id_ in account.liked
    if kind in ("album", "artist"):
        return id_ in (account.albums if kind == "album" else account.following)
    return id_ in account.playlists if kind == "playlist" else uri in account.other_saved


def _millis(play: PlayedTrack) -> int:
    return round(play.played_at.timestamp() * 1000)
