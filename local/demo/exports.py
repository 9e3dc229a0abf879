"""The demonstration's end: what somebody owns, exported, downloaded and looked at."""

import hashlib
import io
import json
import zipfile
from typing import Any

import requests
from rich.console import Console

from local.demo.user import ApiUser
from local.stack.wait import wait_until

TIMEOUT = 60
SHOWN = 4
"""Lines of a file that are shown."""


def show(person: ApiUser, playlist_id: str, console: Console) -> dict[str, Any]:
    """Export a playlist, the history and the whole account; print the first lines; what came of it.

    Args:
        person: Who has linked Spotify and brought a history.
        playlist_id: Of a playlist on Spotify, its own id.
        console: Where to print.
    """
    playlist = {"type": "playlists_csv", "filters": {"provider": "spotify", "playlists": [playlist_id]}}
    exports = [
        build(person, body) for body in (playlist, {"type": "history_csv"}, {"type": "account_archive"})
    ]
    contents = [download(person, export) for export in exports]
    for export, content in zip(exports[:2], contents[:2], strict=True):
        console.print(
            f"[bold]{export['files'][0]['name']}[/bold], {export['status_message']}", soft_wrap=True
        )
        for line in content.decode("utf-8-sig").splitlines()[:SHOWN]:
            console.print(line, markup=False, highlight=False, no_wrap=True, overflow="ellipsis")
    manifest, sums_hold = checked(contents[2])
    rows = sum(file["rows"] for file in manifest["files"])
    console.print(
        f"[bold]{exports[2]['files'][0]['name']}[/bold], {len(manifest['files'])} files, {rows:,} rows; "
        f"every SHA-256 of its manifest {'holds' if sums_hold else 'DOES NOT HOLD'}",
        soft_wrap=True,
    )
    return {
        "exports": {
            export["type"]: {"rows": export["progress"]["rows_done"], "bytes": len(content)}
            for export, content in zip(exports, contents, strict=True)
        },
        "archive_files": len(manifest["files"]),
        "sums_hold": sums_hold,
    }


def went_well(exports: dict[str, Any]) -> bool:
    """Whether there was something in every file, and the archive is what its manifest says."""
    return bool(exports["sums_hold"] and all(one["rows"] > 0 for one in exports["exports"].values()))


def build(person: ApiUser, body: dict[str, Any], *, seconds: float = TIMEOUT) -> dict[str, Any]:
    """Ask for an export and wait until it is there, so many seconds at most."""
    path = f"/v1/exports/{person.call('POST', '/v1/exports', body)['id']}"
    wait_until(
        lambda: person.call("GET", path)["status"] in {"completed", "failed"},
        seconds=seconds,
        what=f"the export {body['type']}",
    )
    return dict(person.call("GET", path))


def download(person: ApiUser, export: dict[str, Any]) -> bytes:
    """Follow the redirect to the first file, without sending the session's token along."""
    answer = requests.get(
        person.api_url + export["files"][0]["download"],
        headers={"Authorization": f"Bearer {person.token}"},
        allow_redirects=False,
        timeout=TIMEOUT,
    )
    answer.raise_for_status()
    got = requests.get(answer.headers["Location"], timeout=TIMEOUT)
    got.raise_for_status()
    return got.content


def checked(archive: bytes) -> tuple[dict[str, Any], bool]:
    """An archive's manifest, and whether its files are as it says."""
    with zipfile.ZipFile(io.BytesIO(archive)) as files:
        manifest: dict[str, Any] = json.loads(files.read("manifest.json"))
        holds = all(
            hashlib.sha256(files.read(one["path"])).hexdigest() == one["sha256"] for one in manifest["files"]
        )
    return manifest, holds
