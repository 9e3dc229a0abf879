"""Export a playlist as a file, and import that very file as a new playlist."""

from pathlib import Path
from typing import Any

from local.demo import exports
from local.demo.user import ApiUser


def reimport(user: ApiUser, playlist_id: str, folder: Path) -> dict[str, Any]:
    """Export a playlist of Spotify as XSPF, and import the file into Spotify.

    Returns:
        ``file_name``, ``entries``, ``written`` and ``playlist_id``, Spotify's of the new playlist.
    """
    filters = {"provider": "spotify", "playlists": [playlist_id]}
    export = exports.build(user, {"type": "playlists_xspf", "filters": filters})
    content = exports.download(user, export)
    file_name = export["files"][0]["name"]
    (folder / file_name).write_bytes(content)
    file = user.upload("/v1/imports/playlists", content, file_name, target_provider="spotify")
    job = user.finished(f"/v1/migrations/{file['migration_id']}")
    (playlist,) = user.every(f"/v1/migrations/{job['id']}/playlists")
    return {
        "file_name": file_name,
        "entries": file["entries"],
        "written": job["progress"]["tracks"]["written"],
        "playlist_id": playlist["target_playlist_id"],
    }
