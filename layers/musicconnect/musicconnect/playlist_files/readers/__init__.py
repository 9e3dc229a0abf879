"""Files of playlists, read as streams and found out by content, never by name."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import IO, Final

from musicconnect.platform.storage import archives
from musicconnect.platform.storage.archives import UnreadableError
from musicconnect.playlist_files.model import Entry, PlaylistHeader
from musicconnect.playlist_files.readers.detect import FORMATS, DetectedPlaylistFormat, detect_format
from musicconnect.playlist_files.readers.source import Source

__all__ = [
    "FORMATS", "DetectedPlaylistFormat", "ReadError", "Source", "UnreadableError", "detect_format",
    "read_playlists", "read_source", "sources",
]  # fmt: skip

MAX_MEMBERS: Final = 2_000
"""Files in a zip."""
MAX_UNPACKED: Final = 1024**3
"""Bytes of all of them together, unpacked."""
ARCHIVED: Final = "playlists/json/"
"""Where our archive of an account has its playlists whole."""


@dataclass(frozen=True, slots=True)
class ReadError:
    """Something that could not be read, while the rest could."""

    file: str
    """In a zip; otherwise empty."""
    line: int
    """1-based: the line of a text, the place in a list; 0: the file as a whole."""
    reason: str


def read_playlists(
    file: IO[bytes], *, file_name: str = "", report: Callable[[ReadError], None] = lambda _: None
) -> Iterator[PlaylistHeader | Entry]:
    """The playlists of a file, or of a zip of files: each `PlaylistHeader` followed by its entries.

    A head that comes again, the very same object, means that its playlist goes on.

    Args:
        file: Seekable.
        file_name: What it is called; names the playlist where the format does not.
        report: Told of everything that is left out.

    Raises:
        UnreadableError: there is no playlist in it. Its text is for the person.
    """
    found = False
    for source in sources(file, file_name):
        is_alone = source.upload.archive is None
        try:
            detected = detect_format(source)
            if not isinstance(detected, DetectedPlaylistFormat):
                if is_alone:
                    raise UnreadableError(detected or NOT_KNOWN)
                report(ReadError(source.name, 0, detected or "it is no playlist that we know"))
                continue
            yield from read_source(source, detected, report)
            found = True
        except UnreadableError as error:
            if is_alone:
                raise
            report(ReadError(source.name, 0, str(error)))
    if not found:
        raise UnreadableError(f"Nothing in the zip file is a playlist. {NOT_KNOWN}")


NOT_KNOWN: Final = f"What can be read: {', '.join(FORMATS.values())}."


def sources(file: IO[bytes], file_name: str = "") -> list[Source]:
    """The files of an upload. Raises `UnreadableError` if it is a zip that cannot be read."""
    upload = archives.open_uploaded(file, max_members=MAX_MEMBERS, max_unpacked=MAX_UNPACKED)
    # Our archive of an account has every playlist twice, and much besides.
    is_archive = any(name.startswith(ARCHIVED) for name in upload.names)
    return [
        Source(upload, member, name if upload.archive else file_name)
        for member, name in enumerate(upload.names)
        # What Macs put beside every file.
        if not name.startswith("__MACOSX/") and not name.rpartition("/")[2].startswith("._")
        if not is_archive or name.startswith(ARCHIVED)
    ]


def read_source(
    source: Source, detected: DetectedPlaylistFormat, report: Callable[[ReadError], None]
) -> Iterator[PlaylistHeader | Entry]:
    """The playlists of one file; see `read_playlists`.

    Raises:
        UnreadableError: the file is damaged; what was given of its last playlist is not the whole of it.
    """
    name = source.name if source.upload.archive else ""
    yield from detected.read(source, lambda line, reason: report(ReadError(name, line, reason)))
