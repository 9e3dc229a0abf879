"""Export what the demonstration's user owns, and save the files."""

import hashlib
import io
import json
import zipfile
from pathlib import Path
from typing import Any

from local.demo.user import ApiUser


def export_everything(user: ApiUser, playlist_id: str, folder: Path) -> dict[str, Any]:
    """Export a playlist of Spotify, the history and the whole account into a folder; gives the figures."""
    figures, manifest, sums_hold = {}, None, False
    playlist = {"type": "playlists_csv", "filters": {"provider": "spotify", "playlists": [playlist_id]}}
    for body in (playlist, {"type": "history_csv"}, {"type": "account_archive"}):
        export = build(user, body)
        content = download(user, export)
        (folder / export["files"][0]["name"]).write_bytes(content)
        figures[export["type"]] = {"rows": export["progress"]["rows_done"], "bytes": len(content)}
        if export["type"] == "account_archive":
            manifest, sums_hold = check_archive(content)
    assert manifest is not None
    return {"exports": figures, "archive_files": len(manifest["files"]), "sums_hold": sums_hold}


def build(user: ApiUser, body: dict[str, Any], *, seconds: float = 60.0) -> dict[str, Any]:
    """Ask for an export and wait until it is there, so many seconds at most."""
    return user.finished(f"/v1/exports/{user.call('POST', '/v1/exports', body)['id']}", seconds=seconds)


def download(user: ApiUser, export: dict[str, Any]) -> bytes:
    """Download an export's first file."""
    return user.download(export["files"][0]["download"])


def check_archive(archive: bytes) -> tuple[dict[str, Any], bool]:
    """Return an archive's manifest, and whether its files are as it says."""
    with zipfile.ZipFile(io.BytesIO(archive)) as files:
        manifest: dict[str, Any] = json.loads(files.read("manifest.json"))
        sums_hold = all(
            hashlib.sha256(files.read(file["path"])).hexdigest() == file["sha256"]
            for file in manifest["files"]
        )
    return manifest, sums_hold
