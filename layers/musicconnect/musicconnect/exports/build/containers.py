"""Turn rows' bytes into a file's: as they are, gzipped, or in a zip, so that another process can go on.

zlib's state can be kept by no process for another. So a gzip file is ended and another begun behind it at
every point where a build may go on (RFC 1952, 2.2: a file is one or more members), and a zip is gone on with
between its files only, which are kept small enough for that. What a zip's end tells of the files before is
the standard library's own list of them. See docs/decisions/files.md.
"""

import hashlib
import zlib
from contextlib import suppress
from datetime import datetime
from typing import Any, BinaryIO, Final, cast
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

LEVEL: Final = 6


class ByteBuffer:
    """Holds bytes until they are taken, and counts them all."""

    def __init__(self, offset: int) -> None:
        self._pieces: list[bytes] = []
        self._offset = offset
        self.waiting = 0
        """How many are not taken yet. Not its length: the standard library takes what has none for closed."""

    def write(self, data: bytes) -> int:
        """Add some."""
        self._pieces.append(data)
        self.waiting += len(data)
        self._offset += len(data)
        return len(data)

    def tell(self) -> int:
        """Count all that were written."""
        return self._offset

    def flush(self) -> None:
        """Do nothing: the standard library asks for it."""

    def take(self, limit: int | None = None) -> bytes:
        """Take what there is, or its beginning."""
        data = b"".join(self._pieces)
        self._pieces = [] if limit is None else [data[limit:]]
        data = data[:limit]
        self.waiting -= len(data)
        return data


class ContainerWriter:
    """Writes documents into a file: here one document, as it is."""

    can_pause_inside = True
    """Whether a build may go on between any two rows; otherwise between two documents only."""

    def __init__(self, buffer: ByteBuffer) -> None:
        self._buffer = buffer

    def begin(self, name: str) -> None:
        """Begin a document."""

    def write(self, data: bytes) -> None:
        """Add to it."""
        self._buffer.write(data)

    def end(self, rows: int) -> None:
        """End it."""

    def pause(self) -> dict[str, Any]:
        """Bring everything out to the buffer; gives, as JSON, what another process needs to go on."""
        return {}

    def finish(self) -> None:
        """End the file."""

    def abandon(self) -> None:
        """Release a file that somebody else will go on with, or nobody."""


class GzipWriter(ContainerWriter):
    """Writes one document, in as many gzip members as there were pauses, and one more."""

    def __init__(self, buffer: ByteBuffer) -> None:
        super().__init__(buffer)
        self._member: Any = None

    def begin(self, name: str) -> None:  # noqa: ARG002 - nobody would see it
        """Begin a member even if the document is empty."""
        self._member = self._member or _gzip()

    def write(self, data: bytes) -> None:
        """Compress it."""
        self._member = self._member or _gzip()
        self._buffer.write(self._member.compress(data))

    def pause(self) -> dict[str, Any]:
        """End the member."""
        self.finish()
        return {}

    def finish(self) -> None:
        """End the member, if one was begun."""
        if self._member is not None:
            self._buffer.write(self._member.flush())
            self._member = None


def _gzip() -> Any:
    return zlib.compressobj(LEVEL, zlib.DEFLATED, zlib.MAX_WBITS | 16)


class ZipWriter(ContainerWriter):
    """Writes many documents into a zip, front to back."""

    can_pause_inside = False

    def __init__(self, buffer: ByteBuffer, state: dict[str, Any], at: datetime) -> None:
        super().__init__(buffer)
        self._date = at.timetuple()[:6]
        self._zip = ZipFile(cast("BinaryIO", buffer), "w", ZIP_DEFLATED, compresslevel=LEVEL)
        self.listed: list[dict[str, Any]] = list(state.get("listed", []))
        """What a manifest says of each."""
        self._members: list[list[Any]] = list(state.get("members", []))
        for name, crc, packed, size, offset, flags in self._members:
            info = self._info(name)
            info.CRC, info.compress_size, info.file_size = crc, packed, size
            info.header_offset, info.flag_bits, info.external_attr = offset, flags, 0o600 << 16
            self._zip.filelist.append(info)
            self._zip.NameToInfo[name] = info
        self._handle: Any = None
        self._name = ""
        self._hash = hashlib.sha256()
        self._size = 0

    def begin(self, name: str) -> None:
        """Begin a file in it."""
        self._handle = self._zip.open(self._info(name), "w")
        self._name, self._hash, self._size = name, hashlib.sha256(), 0

    def write(self, data: bytes) -> None:
        """Compress it."""
        self._hash.update(data)
        self._size += len(data)
        self._handle.write(data)

    def end(self, rows: int) -> None:
        """End the file, and record what the zip's directory and a manifest say of it."""
        self._handle.close()
        self._handle = None
        info = self._zip.filelist[-1]
        self._members.append(
            [info.filename, info.CRC, info.compress_size, info.file_size, info.header_offset, info.flag_bits]
        )
        self.listed.append(
            {"path": self._name, "rows": rows, "bytes": self._size, "sha256": self._hash.hexdigest()}
        )

    def pause(self) -> dict[str, Any]:
        """The list of the files so far."""
        return {"members": list(self._members), "listed": list(self.listed)}

    def finish(self) -> None:
        """Write the list of the files."""
        self._zip.close()

    def abandon(self) -> None:
        """Let the standard library close what nobody will read, and not more than that."""
        if self._handle is not None:
            with suppress(ValueError):
                self._handle.close()
        self._zip.close()

    def _info(self, name: str) -> ZipInfo:
        info = ZipInfo(name, self._date)
        info.compress_type = ZIP_DEFLATED
        info.compress_level = LEVEL
        return info


def container_writer(form: str, buffer: ByteBuffer, state: dict[str, Any], at: datetime) -> ContainerWriter:
    """Make a writer that begins, or goes on where another has paused.

    Args:
        form: ``plain``, ``gzip`` or ``zip``.
        buffer: Where the bytes go, at the offset where the other one paused.
        state: What its `ContainerWriter.pause` gave; empty in the beginning.
        at: When the files of a zip were made.
    """
    match form:
        case "zip":
            return ZipWriter(buffer, state, at)
        case "gzip":
            return GzipWriter(buffer)
        case _:
            return ContainerWriter(buffer)
