"""From rows' bytes to a file's bytes: as they are, gzipped, or in a zip, so that it can be gone on with.

zlib's state can be kept by no process for another. So a gzip file is ended and another begun behind it at
every point where a build may go on (RFC 1952, 2.2: a file is one or more members), and a zip is gone on with
between its files only, which are kept small enough for that. What a zip's end tells of the files before is
the standard library's own list of them. See docs/decisions/files.md.
"""

import hashlib
import zlib
from contextlib import suppress
from datetime import datetime
from typing import Any, BinaryIO, Final, Protocol, cast
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

LEVEL: Final = 6


class ByteBuffer:
    """Bytes on their way out: what is not taken yet, and how many there were in all."""

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
        """How many there were."""
        return self._offset

    def flush(self) -> None:
        """Nothing waits."""

    def take(self, most: int | None = None) -> bytes:
        """Take what there is away, or its beginning."""
        data = b"".join(self._pieces)
        self._pieces = [] if most is None else [data[most:]]
        data = data[:most]
        self.waiting -= len(data)
        return data


class ContainerWriter(Protocol):
    """Puts documents into a file."""

    can_pause_inside: bool
    """Whether a build may go on between any two rows; otherwise between two documents only."""

    def begin(self, name: str) -> None:
        """Begin a document."""
        ...

    def write(self, data: bytes) -> None:
        """Add to it."""
        ...

    def end(self, rows: int) -> None:
        """End it."""
        ...

    def pause(self) -> dict[str, Any]:
        """Bring everything out to the sink; gives, as JSON, what another process needs to go on."""
        ...

    def finish(self) -> None:
        """End the file."""
        ...

    def abandon(self) -> None:
        """Let go of a file that somebody else will go on with, or nobody."""
        ...


def container_writer(form: str, sink: ByteBuffer, state: dict[str, Any], at: datetime) -> ContainerWriter:
    """A packer that begins, or goes on where another has paused.

    Args:
        form: ``plain``, ``gzip`` or ``zip``.
        sink: Where the bytes go, at the offset where the other one paused.
        state: What its `Packer.pause` gave; empty in the beginning.
        at: When the files of a zip were made.
    """
    match form:
        case "zip":
            return ZipWriter(sink, state, at)
        case "gzip":
            return GzipWriter(sink)
        case _:
            return PlainWriter(sink)


class PlainWriter:
    """One document, as it is."""

    can_pause_inside = True

    def __init__(self, sink: ByteBuffer) -> None:
        self._sink = sink

    def begin(self, name: str) -> None:
        """Nothing."""

    def write(self, data: bytes) -> None:
        """Pass it on."""
        self._sink.write(data)

    def end(self, rows: int) -> None:
        """Nothing."""

    def pause(self) -> dict[str, Any]:
        """All is out already."""
        return {}

    def finish(self) -> None:
        """Nothing."""

    def abandon(self) -> None:
        """Nothing."""


class GzipWriter:
    """One document, in as many gzip members as there were pauses, and one more."""

    can_pause_inside = True

    def __init__(self, sink: ByteBuffer) -> None:
        self._sink = sink
        self._member: Any = None

    def begin(self, name: str) -> None:  # noqa: ARG002 - nobody would see it
        """A member at least, even if the document is empty."""
        self._member = self._member or _gzip()

    def write(self, data: bytes) -> None:
        """Compress it."""
        self._member = self._member or _gzip()
        self._sink.write(self._member.compress(data))

    def end(self, rows: int) -> None:
        """Nothing."""

    def pause(self) -> dict[str, Any]:
        """End the member."""
        self.finish()
        return {}

    def finish(self) -> None:
        """End the member, if one was begun."""
        if self._member is not None:
            self._sink.write(self._member.flush())
            self._member = None

    def abandon(self) -> None:
        """Nothing."""


def _gzip() -> Any:
    return zlib.compressobj(LEVEL, zlib.DEFLATED, zlib.MAX_WBITS | 16)


class ZipWriter:
    """Many documents in a zip, written front to back."""

    can_pause_inside = False

    def __init__(self, sink: ByteBuffer, state: dict[str, Any], at: datetime) -> None:
        self._date = at.timetuple()[:6]
        self._zip = ZipFile(cast("BinaryIO", sink), "w", ZIP_DEFLATED, compresslevel=LEVEL)
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
        """End the file, and remember what there is to be said of it."""
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
