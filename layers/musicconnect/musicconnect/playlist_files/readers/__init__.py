"""Files of playlists, read as streams and found out by content, never by name."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import IO, Final

from musicconnect.files import archives
from musicconnect.files.archives import Upload
from musicconnect.files.budget import MIB, Budget, Limits
from musicconnect.files.errors import BudgetError, UnreadableError
from musicconnect.platform.work.deadline import MAX_STEP_S
from musicconnect.playlist_files.model import Entry, PlaylistHeader, PlaylistLink
from musicconnect.playlist_files.readers.detect import FORMATS, DetectedPlaylistFormat, detect_format
from musicconnect.playlist_files.readers.source import Source

__all__ = [
    "FORMATS", "DetectedPlaylistFormat", "ReadError", "Source", "UnreadableError", "detect_format",
    "not_known", "open_upload", "read_playlists", "read_source", "sources",
]  # fmt: skip

LIMITS: Final = Limits(unpacked_bytes=1024 * MIB, members=2_000, rows=5_000_000, seconds=MAX_STEP_S)
"""Of one upload, which is read in one step."""
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
) -> Iterator[PlaylistHeader | Entry | PlaylistLink]:
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
    with open_upload(file, file_name) as upload:
        for unread in upload.unread:
            report(ReadError(unread.name, 0, unread.reason))
        for source in sources(upload, file_name):
            try:
                detected = detect_format(source)
                if not isinstance(detected, DetectedPlaylistFormat):
                    if not upload.is_archive:
                        raise UnreadableError(detected or not_known(file_name))
                    report(ReadError(source.name, 0, detected or "it is no playlist that we know"))
                    continue
                yield from read_source(source, detected, report)
                found = True
            except BudgetError:
                raise
            except UnreadableError as error:
                if not upload.is_archive:
                    raise
                report(ReadError(source.name, 0, str(error)))
    if not found:
        raise UnreadableError(f"Nothing in the archive is a playlist. {NOT_KNOWN}")


NOT_KNOWN: Final = f"What can be read: {', '.join(FORMATS.values())}."


def not_known(file_name: str) -> str:
    """Say of a file that it is none of the formats."""
    said = f'"{file_name}"' if file_name else "The file"
    return f"{said} is no playlist that we know. {NOT_KNOWN}"


def open_upload(file: IO[bytes], file_name: str = "") -> Upload:
    """Open an upload, seekable. Raises `UnreadableError` if it is an archive that cannot be read."""
    size = file.seek(0, 2)
    return archives.open_upload(file, Budget(LIMITS, packed_bytes=size), name=file_name)


def sources(upload: Upload, file_name: str = "") -> list[Source]:
    """Select the files of an upload that may be playlists."""
    # Our archive of an account has every playlist twice, and much besides.
    is_archive = any(member.name.startswith(ARCHIVED) for member in upload.members)
    return [
        Source(member, member.name if upload.is_archive else file_name)
        for member in upload.members
        if not is_archive or member.name.startswith(ARCHIVED)
    ]


def read_source(
    source: Source, detected: DetectedPlaylistFormat, report: Callable[[ReadError], None]
) -> Iterator[PlaylistHeader | Entry | PlaylistLink]:
    """The playlists of one file; see `read_playlists`.

    Raises:
        UnreadableError: the file is damaged; what was given of its last playlist is not the whole of it.
    """
    yield from detected.read(source, lambda line, reason: report(ReadError(source.member.name, line, reason)))
