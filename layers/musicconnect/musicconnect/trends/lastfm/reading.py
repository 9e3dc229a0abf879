"""Tell Last.fm's clients about a user's plays."""

from datetime import datetime
from typing import Any, Final

from musicconnect.trends.lastfm.call import Call
from musicconnect.trends.plays import store as plays_store
from musicconnect.trends.plays.model import StoredPlay, msid, to_time
from musicconnect.trends.scrobbling import now_playing, store

DEFAULT_LIMIT: Final = 50
MAX_LIMIT: Final = 1_000
MAX_PAGE: Final = 1_000_000
MAX_TIME_S: Final = 4_102_444_800
"""The year 2100."""


def get_info(call: Call) -> dict[str, Any]:
    """Tell who somebody is, and how much they have played."""
    user_id, name = call.reader()
    with call.database.transaction(user_id) as connection:
        first, _, count = plays_store.get_listen_span(connection, user_id, counted_only=True)
        tracks, artists, albums = plays_store.count_different(connection, user_id)
    since = int(first.timestamp()) if first else 0
    return {
        "user": {
            "name": name,
            "realname": "",
            "url": f"{call.request.base_url}/1/user/{name}/listens",
            "playcount": str(count),
            "artist_count": str(artists),
            "track_count": str(tracks),
            "album_count": str(albums),
            "country": "",
            "image": [],
            "registered": {"unixtime": str(since), "#text": since},  # the first play
            "type": "user",
            "subscriber": "0",
        }
    }


def get_recent_tracks(call: Call) -> dict[str, Any]:
    """List plays, newest first, page by page; before them what is playing."""
    user_id, name = call.reader()
    limit, page = _page(call)
    since, until = _time(call, "from", 0), _time(call, "to", 1)  # both bounds are included
    is_extended = call.parameters.get("extended") == "1"
    with call.database.transaction(user_id) as connection:
        total = plays_store.count_plays(connection, user_id, since=since, until=until)
        rows = plays_store.list_plays(
            connection, user_id, limit=limit, since=since, until=until, counted_only=True,
            offset=limit * (page - 1),
        )[:limit]  # fmt: skip
        ids = [msid(row.track_key) for row in rows]
        feedback = store.find_feedback(connection, user_id, ids, "msid") if is_extended else {}
    loved = {recording for recording, row in feedback.items() if row.score == 1}
    tracks = [_track(row, loved if is_extended else None) for row in rows]
    if page == 1 and since is None and until is None:
        tracks = [*_playing(call, user_id, is_extended=is_extended), *tracks]
    return {"recenttracks": {"@attr": _attributes(name, page, limit, total), "track": tracks}}


def get_loved_tracks(call: Call) -> dict[str, Any]:
    """List what somebody loves, newest first, page by page."""
    user_id, name = call.reader()
    limit, page = _page(call)
    with call.database.transaction(user_id) as connection:
        total = store.count_feedback(connection, user_id, score=1)
        rows = store.list_feedback(connection, user_id, score=1, limit=limit, offset=limit * (page - 1))
    tracks = [
        {
            "name": row.title or "",
            "mbid": str(row.recording) if row.id_kind == "mbid" else "",
            "url": "",
            "artist": {"name": row.artist or "", "mbid": "", "url": ""},
            "image": [],
            "streamable": {"fulltrack": "0", "#text": "0"},
            "date": _date(row.created_at),
        }
        for row in rows
    ]
    return {"lovedtracks": {"@attr": _attributes(name, page, limit, total), "track": tracks}}


def _playing(call: Call, user_id: int, *, is_extended: bool) -> list[dict[str, Any]]:
    row = now_playing.get(call.database, user_id)
    if row is None:
        return []
    metadata = row.metadata
    mbid = (metadata.get("additional_info") or {}).get("recording_mbid") or ""
    track = _described(
        metadata["track_name"], metadata["artist_name"], metadata.get("release_name"),
        mbid=mbid, url="", is_extended=is_extended,
    )  # fmt: skip
    return [track | ({"loved": "0"} if is_extended else {}) | {"@attr": {"nowplaying": "true"}}]


def _track(row: StoredPlay, loved: set[str] | None) -> dict[str, Any]:
    mbid = (row.details or {}).get("recording_mbid") or ""
    track = _described(
        row.title, row.artist, row.album, mbid=mbid, url=_link(row), is_extended=loved is not None
    )
    if loved is not None:
        track["loved"] = "1" if msid(row.track_key) in loved else "0"
    return track | {"date": _date(row.played_at)}


def _described(
    title: str, artist: str, album: str | None, *, mbid: Any, url: str, is_extended: bool
) -> dict[str, Any]:
    extended = {"name": artist, "mbid": "", "url": "", "image": []}
    return {
        "name": title,
        "artist": extended if is_extended else {"#text": artist, "mbid": ""},
        "album": {"#text": album or "", "mbid": ""},
        "mbid": str(mbid),
        "url": url,
        "image": [],
        "streamable": "0",
    }


def _link(row: StoredPlay) -> str:
    match row.provider, row.provider_track_id:
        case "spotify", str(track_id) if ":" not in track_id:
            return f"https://open.spotify.com/track/{track_id}"
        case "youtube", str(track_id) if ":" not in track_id:
            return f"https://www.youtube.com/watch?v={track_id}"
        case _:
            return ""


def _date(at: datetime) -> dict[str, str]:
    return {"uts": str(int(at.timestamp())), "#text": f"{at:%d %b %Y, %H:%M}"}


def _page(call: Call) -> tuple[int, int]:
    limit = call.parameters.number("limit", DEFAULT_LIMIT, least=1, most=MAX_LIMIT)
    return limit, call.parameters.number("page", 1, least=1, most=MAX_PAGE)


def _attributes(name: str, page: int, limit: int, total: int) -> dict[str, str]:
    pages = -(-total // limit)
    return {
        "user": name, "page": str(page), "perPage": str(limit), "totalPages": str(pages), "total": str(total),
    }  # fmt: skip


def _time(call: Call, name: str, after_s: int) -> datetime | None:
    if call.parameters.get(name) is None:
        return None
    return to_time((call.parameters.number(name, 0, least=0, most=MAX_TIME_S) + after_s) * 1000)
