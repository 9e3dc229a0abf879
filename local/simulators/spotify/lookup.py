"""Search, and tracks by id."""

import re
from collections.abc import Mapping
from typing import Any

from starlette.responses import JSONResponse, Response

from local.simulators.catalogue import Album, Artist, Catalogue, SpotifyTrack
from local.simulators.spotify.errors import NOT_FOUND, ApiError
from local.simulators.spotify.middleware import Call
from local.simulators.spotify.resources import Resources, page
from local.simulators.spotify.search import Index, Query, parse_query, rank_names
from local.simulators.spotify.settings import Settings
from local.simulators.spotify.state import SpotifyState

_TYPES = ("album", "artist", "playlist", "track", "show", "episode", "audiobook")
_ID = re.compile(r"[0-9A-Za-z]{22}")


class Lookup:
    """Finds things in the catalogue."""

    def __init__(
        self, catalogue: Catalogue, state: SpotifyState, settings: Settings, resources: Resources
    ) -> None:
        self._catalogue = catalogue
        self._state = state
        self._settings = settings
        self._resources = resources
        self.reset()

    def reset(self) -> None:
        """Index the catalogue anew."""
        self._index = Index(self._catalogue.tracks_by_id.values())
        self._indexed_extras = 0

    def track(self, call: Call) -> Response:
        """``GET /tracks/{id}``."""
        track = one(call.path["track_id"], self._state.tracks)
        return JSONResponse(self._resources.track(call.base, track))

    def album(self, call: Call) -> Response:
        """``GET /albums/{id}``."""
        album = one(call.path["album_id"], self._state.albums)
        tracks = [track for track in self._state.tracks.values() if track.album.id == album.id]
        return JSONResponse(self._resources.full_album(call.base, album, tracks))

    def album_tracks(self, call: Call) -> Response:
        """``GET /albums/{id}/tracks``: simplified tracks, without album and ISRC."""
        album = one(call.path["album_id"], self._state.albums)
        tracks = [track for track in self._state.tracks.values() if track.album.id == album.id]
        tracks.sort(key=lambda track: (track.disc_number, track.track_number, track.id))
        return call.page(f"/albums/{album.id}/tracks", tracks, self._resources.simplified_track)

    def artist_albums(self, call: Call) -> Response:
        """``GET /artists/{id}/albums``: what the artist is named on, the newest first."""
        artist = one(call.path["artist_id"], self._state.artists)
        albums = [album for album in self._state.albums.values() if artist in album.artists]
        albums.sort(key=lambda album: (album.release_date, album.id), reverse=True)
        return call.page(f"/artists/{artist.id}/albums", albums, self._resources.album)

    def artist(self, call: Call) -> Response:
        """``GET /artists/{id}``."""
        artist = one(call.path["artist_id"], self._state.artists)
        return JSONResponse(self._resources.artist(call.base, artist))

    def tracks(self, call: Call) -> Response:
        """``GET /tracks?ids=``, extended mode only; unknown ids give null."""
        ids = (call.text("ids") or "").split(",")
        if not ids[0] or len(ids) > 50:
            raise ApiError(400, "Invalid ids")
        found = [self._state.tracks.get(id_) for id_ in ids]
        return JSONResponse(
            {"tracks": [track and self._resources.track(call.base, track) for track in found]}
        )

    def search(self, call: Call) -> Response:
        """``GET /search``."""
        text = call.text("q") or call.text("query")  # links to other pages say "query", as Spotify's do
        if text is None:
            raise ApiError(400, "No search query")
        types = (call.text("type") or "").split(",")
        if not types[0]:
            raise ApiError(400, "Missing parameter type")
        for kind in types:
            if kind not in _TYPES:
                raise ApiError(400, f"Bad search type field {kind}")
        most = self._settings.search_limit
        limit, offset = call.window(most=most, default=20 if most > 10 else 5, last_offset=1000)
        query = parse_query(text)
        answer = {}
        for kind in types:
            hits = self._hits(call, kind, query)
            shown = [self._write(call, hit) for hit in hits[offset : offset + limit]]
            link, asked = f"{call.base}/search", {"query": text, "type": kind}
            answer[f"{kind}s"] = page(link, shown, limit=limit, offset=offset, total=len(hits), query=asked)
        return JSONResponse(answer)

    def _hits(self, call: Call, kind: str, query: Query) -> list[Any]:
        state = self._state
        match kind:
            case "track":
                for track in state.extra_tracks[self._indexed_extras :]:
                    self._index.add(track)
                self._indexed_extras = len(state.extra_tracks)
                return self._index.search(query)
            case "album":
                albums = list(state.albums.values())
                if "upc" in query.filters:
                    return [album for album in albums if album.upc == query.filters["upc"]]
                named = ((f"{a.name} {' '.join(artist.name for artist in a.artists)}", a) for a in albums)
                return rank_names(named, query, "album")
            case "artist":
                return rank_names(((a.name, a) for a in state.artists.values()), query, "artist")
            case "playlist":
                me = call.caller.id if call.caller else None
                lists = (p for p in state.playlists.values() if p.is_visible_to(me))
                return rank_names(((p.name, p) for p in lists), query, "playlist")
            case _:
                return []

    def _write(self, call: Call, hit: Any) -> dict[str, Any]:
        match hit:
            case SpotifyTrack():
                return self._resources.track(call.base, hit)
            case Album():
                return self._resources.album(call.base, hit)
            case Artist():
                return self._resources.artist(call.base, hit)
            case _:
                return self._resources.playlist(call.base, hit)


def one[T](id_: str, known: Mapping[str, T]) -> T:
    """Find something by its id; 400 when it is none, 404 when there is nothing of that id."""
    if not _ID.fullmatch(id_):
        raise ApiError(400, "Invalid base62 id")
    if id_ not in known:
        raise ApiError(404, NOT_FOUND)
    return known[id_]
