"""Names of files that bring back the names of playlists.

CSV has no place for a playlist's name: as with Exportify, the file's name is it. What no file's name may hold
on one of the usual systems is written in percent, as in addresses, and undone when the file is read.
"""

import re
from collections.abc import Container
from dataclasses import replace
from typing import Final
from urllib.parse import quote, unquote

from musicconnect.playlist_files.model import PlaylistHeader

MAX_NAME_BYTES: Final = 180
"""Bytes of a file's name without its extension: systems take 255, and some add to it."""
_FORBIDDEN: Final = re.compile(r'[\x00-\x1f\x7f%/\\:*?"<>|~]')
_RESERVED: Final = re.compile(r"(?:con|prn|aux|nul|com\d|lpt\d)(?=\.|$)", re.IGNORECASE)
_COPY: Final = re.compile(r" ~\d+$")
_EXTENSION: Final = re.compile(
    r"\.(?:csv|tsv|txt|json|jsonl|ndjson|xspf|xml|jspf|m3u8?|pls)(?:\.gz)?$", re.IGNORECASE
)


def file_name(name: str, extension: str, taken: Container[str] = ()) -> str:
    """What the file of a playlist is called.

    Args:
        name: Of the playlist.
        extension: Without a dot.
        taken: Names of other files beside it, in lower case: some systems do not tell case apart.
    """
    text = _FORBIDDEN.sub(_in_percent, name.encode("utf-8", "replace").decode())
    if not text:
        text = "%"
    if text[0] in " .-" or _RESERVED.match(text):
        text = f"%{ord(text[0]):02X}{text[1:]}"
    if text[-1] in " .":
        text = f"{text[:-1]}%{ord(text[-1]):02X}"
    text = _shortened(text)
    found, copies = f"{text}.{extension}", 1
    while found.lower() in taken:
        copies += 1
        found = f"{text} ~{copies}.{extension}"
    return found


def playlist_name(name: str, *, is_ours: bool) -> str:
    """What the playlist is called whose file has this name.

    Args:
        name: Of the file, with or without folders.
        is_ours: Whether `file_name` made it.
    """
    text = _EXTENSION.sub("", name.replace("\\", "/").rpartition("/")[2])
    if text == "%":  # what `file_name` makes of no name
        return ""
    return unquote(_COPY.sub("", text), errors="replace") if is_ours else text


def _in_percent(match: re.Match[str]) -> str:
    return quote(match[0], safe="") if match[0] != "~" else "%7E"


def _shortened(text: str) -> str:
    """The text cut to as many bytes as a name may have, at no half of a character or of a percent."""
    while len(text.encode()) > MAX_NAME_BYTES:
        text = text[:-1]
    return re.sub(r"%[0-9A-F]?$", "", text) or "%" if "%" in text[-2:] and text != "%" else text


def with_file_name(head: PlaylistHeader, file: str, *, is_ours: bool = False) -> PlaylistHeader:
    """The head, called like its file where it has no name of its own."""
    return head if head.name else replace(head, name=playlist_name(file, is_ours=is_ours))
