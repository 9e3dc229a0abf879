"""Histories of our own making, in the formats that people have."""

import io
import json
import zipfile
from collections.abc import Iterable
from typing import Any


def account_row(number: int, song: str) -> dict[str, Any]:
    """Spotify account data."""
    ended = f"2024-01-{1 + number // 1440 % 28:02} {number // 60 % 24:02}:{number % 60:02}"
    return {"endTime": ended, "artistName": "Abba", "trackName": song, "msPlayed": 60_000 + number}


def extended_row(number: int, song: str) -> dict[str, Any]:
    """Spotify extended history."""
    return {
        "ts": f"2024-01-15T{number // 60 % 24:02}:{number % 60:02}:00Z",
        "ms_played": 60_000,
        "ip_addr": "203.0.113.5",
        "master_metadata_track_name": song,
        "master_metadata_album_artist_name": "Abba",
        "master_metadata_album_album_name": None,
        "spotify_track_uri": "spotify:track:0fYVliAYKHuPmECRs1pbRf",
    }


def listen_line(number: int, song: str) -> bytes:
    """A line of ListenBrainz' export."""
    metadata = {"track_name": song, "artist_name": "Abba", "mbid_mapping": None}
    line = {"listened_at": 1_600_000_000.0 + number, "inserted_at": 1.5, "track_metadata": metadata}
    return json.dumps(line, ensure_ascii=False).encode() + b"\n"


def lastfm_csv(songs: list[str]) -> bytes:
    """Last.fm, in the dialect with ``uts``."""
    quoted = ['"' + song.replace('"', '""') + '"' for song in songs]
    rows = [f'"{1_600_000_000 + n}","",Abba,"",{song}' for n, song in enumerate(quoted)]
    return "\r\n".join(["uts,utc_time,artist,album,track", *rows, ""]).encode()


def scrobbler_log(songs: list[str]) -> bytes:
    """What players on their own write."""
    lines = ["#AUDIOSCROBBLER/1.1", "#TZ/UTC", "#CLIENT/Rockbox"]
    lines += [f"Abba\tArrival\t{song}\t1\t200\tL\t{1_600_000_000 + n}\t" for n, song in enumerate(songs)]
    return "\n".join([*lines, ""]).encode()


def as_json(rows: Iterable[Any]) -> bytes:
    """A JSON array with every character as it is."""
    return json.dumps(list(rows), ensure_ascii=False).encode()


def as_zip(files: dict[str, bytes]) -> bytes:
    """A zip of files."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return buffer.getvalue()
