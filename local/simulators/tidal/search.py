"""Search over TIDAL's catalogue: words of title, version, artists and album, popular ones first."""

import base64
import math
from collections import defaultdict
from typing import Any

from local.simulators.spotify.search import Query, rank_names, tokens
from local.simulators.tidal.catalogue import TidalTrack
from local.simulators.tidal.state import TidalState

_NEEDED = 0.5
"""Share of the query's weight that a hit has to cover."""
_TITLE, _ARTIST, _ALBUM = 3.0, 2.0, 0.8
MAX_HITS = 300


class Search:
    """Finds things, and names what it found by an opaque id."""

    def __init__(self, state: TidalState) -> None:
        self._state = state
        self.reset()

    def reset(self) -> None:
        """Index what there is."""
        self._tracks: list[TidalTrack] = []
        self._postings: defaultdict[str, dict[int, float]] = defaultdict(dict)
        self._new = 0
        for track in self._state.tracks.values():
            self._add(track)

    def _add(self, track: TidalTrack) -> None:
        number = len(self._tracks)
        self._tracks.append(track)
        texts = (
            (f"{track.title} {track.version or ''}", _TITLE),
            (" ".join(one.name for one in track.artists), _ARTIST),
            (track.album.title, _ALBUM),
        )
        for text, weight in texts:
            for token in tokens(text):
                posting = self._postings[token]
                posting[number] = max(posting.get(number, 0.0), weight)

    def id_of(self, query: str) -> str:
        """Give the id of a search; it says nothing to whoever does not know how it is made."""
        return base64.urlsafe_b64encode(query.encode()[::-1]).decode().rstrip("=")

    def query_of(self, id_: str) -> str | None:
        """Give the query behind an id; None where it is no id of a search."""
        try:
            return base64.urlsafe_b64decode(id_ + "=" * (-len(id_) % 4))[::-1].decode()
        except ValueError:
            return None

    def hits(self, id_: str, name: str) -> list[dict[str, Any]]:
        """List the hits of a search, best first: those of one kind, or the best of all."""
        query = self.query_of(id_) or ""
        match name:
            case "tracks":
                return [{"type": "tracks", "id": track.id} for track in self._ranked(query)]
            case "topHits":
                return [hit for kind in ("tracks", "artists", "albums") for hit in self.hits(id_, kind)[:1]]
            case "videos":
                return []
            case _:
                return self._named(query, name)

    def _named(self, query: str, kind: str) -> list[dict[str, Any]]:
        words = Query(tuple(tokens(query)))
        state = self._state
        things = {
            "albums": [
                (f"{album.title} {' '.join(one.name for one in album.artists)}", album.id)
                for album in state.albums.values()
            ],
            "artists": [(one.name, one.id) for one in state.artists.values()],
            "playlists": [(p.name, p.id) for p in state.playlists.values() if p.access == "PUBLIC"],
        }[kind]
        return [{"type": kind, "id": id_} for id_ in rank_names(things, words, kind)[:MAX_HITS]]

    def _ranked(self, query: str) -> list[TidalTrack]:
        for track in self._state.new_tracks[self._new :]:
            self._add(track)
        self._new = len(self._state.new_tracks)
        words = list(tokens(query))
        rarity = {
            word: math.log(1 + len(self._tracks) / (1 + len(self._postings.get(word, ())))) for word in words
        }
        covered: defaultdict[int, float] = defaultdict(float)
        weighted: defaultdict[int, float] = defaultdict(float)
        for word, worth in rarity.items():
            for number, weight in self._postings.get(word, {}).items():
                covered[number] += worth
                weighted[number] += worth * weight
        whole = sum(rarity.values()) or 1.0
        scores = [
            (-(weighted[number] + 1.5 * share) / whole - self._tracks[number].popularity, number)
            for number, share in covered.items()
            if share >= _NEEDED * whole and self._tracks[number].id in self._state.tracks
        ]
        return [self._tracks[number] for _, number in sorted(scores)[:MAX_HITS]]
