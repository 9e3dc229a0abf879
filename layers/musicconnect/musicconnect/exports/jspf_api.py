"""Give a user's playlists to ListenBrainz's clients, as JSPF.

They are those whose contents are kept here: what was read for a migration, or out of a file. Above `trends`
and `migrations`, since it joins the one's callers with the other's tables.
"""

import uuid
from datetime import UTC
from typing import Any, Final

from musicconnect.api.binding import Request
from musicconnect.migrations import contents
from musicconnect.migrations.contents import ReadPlaylist
from musicconnect.music.model import Track
from musicconnect.platform.database import Database
from musicconnect.playlist_files.urls import url_of
from musicconnect.trends.listenbrainz.schemas import JspfList, JspfPlaylist
from musicconnect.trends.listenbrainz.validation import parse_count, parse_offset
from musicconnect.trends.scrobbling import people
from musicconnect.trends.scrobbling.errors import RefusedError

PLAYLIST_EXTENSION: Final = "https://musicbrainz.org/doc/jspf#playlist"


def list_playlists(database: Database, name: str, query: dict[str, str], request: Request) -> JspfList:
    """List the user's playlists, the newest reading first, without their tracks."""
    user_id = people.require_self(database, name, request)
    count, offset = parse_count(query.get("count")), parse_offset(query.get("offset"), 0)
    with database.transaction(user_id) as connection:
        rows, total = contents.list_page(connection, limit=count, offset=offset)
    return JspfList(
        playlists=[JspfPlaylist(playlist=_head(row, name, request)) for row in rows],
        playlist_count=total,
        count=count,
        offset=offset,
    )


def list_none(database: Database, name: str, query: dict[str, str], request: Request) -> JspfList:
    """List playlists of a kind of which there are none here: made for users, or by several."""
    people.require_self(database, name, request)
    count, offset = parse_count(query.get("count")), parse_offset(query.get("offset"), 0)
    return JspfList(playlists=[], playlist_count=0, count=count, offset=offset)


def get_playlist(database: Database, playlist_mbid: str, request: Request) -> JspfPlaylist:
    """Get one of the user's playlists with its tracks."""
    user_id = people.authenticate(database, request)
    try:
        wanted = uuid.UUID(playlist_mbid)
    except ValueError:
        raise RefusedError(400, "Provided playlist ID is invalid.") from None
    with database.transaction(user_id) as connection:
        row = contents.find(connection, wanted.int) if wanted.int < 2**63 else None
        if row is None:
            raise RefusedError(404, f"Cannot find playlist: {playlist_mbid}")
        tracks = contents.tracks(connection, row)
    head = _head(row, people.user_name(database, user_id), request)
    return JspfPlaylist(playlist=head | {"track": [_track(track) for track in tracks]})


def _head(row: ReadPlaylist, name: str, request: Request) -> dict[str, Any]:
    head = {
        "title": row.name,
        "creator": name,
        # Clients take the id behind /playlist/.
        "identifier": f"{request.base_url}/playlist/{uuid.UUID(int=row.id)}",
        "date": row.read_at.astimezone(UTC).isoformat(),
        "extension": {PLAYLIST_EXTENSION: {"public": False, "creator": name}},
        "track": [],
    }
    return head | ({"annotation": row.description} if row.description else {})


def _track(track: Track) -> dict[str, Any]:
    address = url_of("track", track.provider, track.id)
    members = {
        "title": track.title,
        "creator": track.artist_line,
        "album": track.album,
        "duration": track.duration_ms,
        "identifier": [address] if address else [],
    }
    return {name: value for name, value in members.items() if value is not None}
