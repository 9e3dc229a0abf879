"""Look-ups: by names and ids at ListenBrainz, by ISRC and by words at MusicBrainz."""

import difflib
import re
from typing import Any

from local.simulators.listenbrainz.catalogue import MusicBrainzRecording, mbid
from local.simulators.listenbrainz.gate import ApiError, Call
from local.simulators.listenbrainz.settings import Settings
from local.simulators.listenbrainz.state import ListenBrainzState

MAX_NAMES, MAX_NAMES_LENGTH, MAX_IDS, MAX_HITS = 50, 250, 1000, 100
SIMILAR = 0.75
_ISRC = re.compile(r"[A-Z]{2}[A-Z0-9]{3}\d{7}", re.IGNORECASE)


def _plain(text: str) -> str:
    return re.sub(r"[\W_]+", "", text.casefold())


def _words(text: str) -> set[str]:
    return set(re.findall(r"\w+", text.casefold()))


class Lookup:
    """Answers look-ups."""

    def __init__(self, state: ListenBrainzState, settings: Settings) -> None:
        self._state = state
        self._settings = settings

    def by_names(self, call: Call) -> list[dict[str, Any]]:
        """``POST /1/metadata/lookup/``: one entry for each that was asked, with an id where it was found."""
        asked = call.body().get("recordings")
        if not isinstance(asked, list) or not asked:
            raise ApiError(400, "recordings: a list that is not empty")
        if len(asked) > MAX_NAMES:
            raise ApiError(400, f"Cannot lookup more than {MAX_NAMES} recordings at a time")
        answers = []
        for index, one in enumerate(asked):
            names = [str(one.get(name) or "") for name in ("artist_name", "recording_name")]
            if not all(names):
                raise ApiError(400, "artist_name and recording_name are required")
            answer = {"index": index, "artist_name_arg": names[0], "recording_name_arg": names[1]}
            answers.append(answer | self._named(*names))
        return answers

    def by_name(self, call: Call) -> dict[str, Any]:
        """``GET /1/metadata/lookup/``: the hit, or an empty object."""
        names = [call.query.get(name, "") for name in ("artist_name", "recording_name")]
        if not all(names):
            raise ApiError(400, "artist_name and recording_name are required")
        return self._named(*names)

    def by_ids(self, call: Call) -> dict[str, Any]:
        """``POST /1/metadata/recording/``: by id; what is unknown is missing."""
        asked = call.body().get("recording_mbids")
        if not isinstance(asked, list) or not 0 < len(asked) <= MAX_IDS:
            raise ApiError(400, f"recording_mbids: 1 to {MAX_IDS}")
        known = {one: self._state.recordings[one] for one in asked if one in self._state.recordings}
        return {
            id_: {
                "recording": {"name": one.title, "length": one.length_ms, "rels": []},
                "artist": {
                    "name": one.credit,
                    "artists": [
                        {"name": name, "artist_mbid": mbid(f"artist {name}"), "join_phrase": ""}
                        for name in one.artists
                    ],
                },
                "release": {"name": one.album, "year": int(one.release_date[:4])} if one.album else {},
            }
            for id_, one in known.items()
        }

    def by_isrc(self, call: Call) -> dict[str, Any]:
        """``GET /ws/2/isrc/{isrc}``."""
        isrc = call.path["isrc"]
        if not _ISRC.fullmatch(isrc):
            raise ApiError(400, "Invalid isrc.")
        found = self._state.by_isrc.get(isrc.upper(), [])
        if not found:
            raise ApiError(404, "Not Found")
        inc = call.query.get("inc", "").split(" ")
        described = [self._described(self._state.recordings[id_], inc) for id_ in found]
        return {"isrc": isrc.upper(), "recordings": described}

    def by_words(self, call: Call) -> dict[str, Any]:
        """``GET /ws/2/recording?query=``: the more words are there, the better."""
        words = _words(call.query.get("query", ""))
        if not words:
            raise ApiError(400, "The 'query' parameter must not be empty.")
        limit = min(MAX_HITS, call.number("limit", 25))
        scored = [
            (len(words & _words(f"{one.title} {one.credit}")) / len(words), one)
            for one in self._state.recordings.values()
        ]
        hits = sorted((pair for pair in scored if pair[0] > 0), key=lambda pair: (-pair[0], pair[1].id))
        return {
            "count": len(hits),
            "offset": 0,
            "recordings": [
                {"score": round(100 * score), **self._described(one, ["artist-credits", "releases"])}
                for score, one in hits[:limit]
            ],
        }

    def _named(self, artist: str, title: str) -> dict[str, Any]:
        if len(artist) + len(title) > MAX_NAMES_LENGTH:
            raise ApiError(400, f"artist_name and recording_name: {MAX_NAMES_LENGTH} characters together")
        theirs = [
            one
            for one in self._state.recordings.values()
            if _plain(artist) in {_plain(one.credit), _plain(one.artists[0])}
        ]
        exact = next((one for one in theirs if _plain(one.title) == _plain(title)), None)
        return {} if (hit := exact or self._similar(theirs, title)) is None else _hit(hit)

    def _similar(self, theirs: list[MusicBrainzRecording], title: str) -> MusicBrainzRecording | None:
        def likeness(one: MusicBrainzRecording) -> float:
            return difflib.SequenceMatcher(None, _plain(one.title), _plain(title)).ratio()

        best = max(theirs, key=likeness, default=None)
        if best is None or (likeness(best) < SIMILAR and not self._settings.near_misses):
            return None
        return best

    def _described(self, one: MusicBrainzRecording, inc: list[str]) -> dict[str, Any]:
        told: dict[str, Any] = {
            "id": one.id,
            "title": one.title,
            "length": one.length_ms,
            "disambiguation": one.disambiguation,
            "video": False,
        }
        if "artist-credits" in inc:
            told["artist-credit"] = [
                {"name": name, "joinphrase": "", "artist": {"id": mbid(f"artist {name}"), "name": name}}
                for name in one.artists
            ]
        if "releases" in inc and one.album:
            told["releases"] = [
                {"id": mbid(f"release {one.album}"), "title": one.album, "date": one.release_date}
            ]
        return told


def _hit(one: MusicBrainzRecording) -> dict[str, Any]:
    return {
        "artist_credit_name": one.credit,
        "artist_mbids": [mbid(f"artist {name}") for name in one.artists],
        "recording_mbid": one.id,
        "recording_name": one.title,
        "release_mbid": mbid(f"release {one.album}"),
        "release_name": one.album,
    }
