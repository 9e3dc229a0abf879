"""Streams between what was uploaded and who reads it: counted, limited, kept open."""

import io
import lzma
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from gzip import BadGzipFile
from typing import IO, TYPE_CHECKING, Final

from musicconnect.files.budget import Budget
from musicconnect.files.encodings import SAMPLE_BYTES
from musicconnect.files.errors import UnreadableError

if TYPE_CHECKING:
    from collections.abc import Buffer

DAMAGED: Final = (
    zipfile.BadZipFile, BadGzipFile, EOFError, zlib.error, lzma.LZMAError, struct.error, NotImplementedError,
)  # fmt: skip
"""What unpacking raises: among them a wrong checksum, an early end, an unknown method."""


@contextmanager
def translated(said: str, what: str) -> Iterator[None]:
    """Raise `UnreadableError` for what the libraries raise."""
    try:
        yield
    except (*DAMAGED, ValueError, OverflowError, RuntimeError) as error:
        raise UnreadableError(f"{said}: {what[0].lower()}{what[1:]} ({error}).") from error


def wrapped(raw: io.RawIOBase, size: int = SAMPLE_BYTES) -> io.BufferedReader:
    """Give a stream that reads so many bytes at once, and lines."""
    return io.BufferedReader(raw, size)


def counted(
    begin: Callable[[], IO[bytes]], budget: Budget, said: str, *, has_rows: bool = False
) -> "CountedStream":
    """Open something whose bytes count, and lines if it has any. Raises `UnreadableError`."""
    try:
        return CountedStream(begin(), budget, said, has_rows=has_rows)
    except (*DAMAGED, ValueError, RuntimeError) as error:
        raise UnreadableError(f"{said or 'The file'} cannot be unpacked: {error}.") from error


class CountedStream(io.RawIOBase):
    """A stream whose bytes and lines count; what unpacking raises becomes `UnreadableError`."""

    def __init__(self, stream: IO[bytes], budget: Budget, said: str, *, has_rows: bool) -> None:
        super().__init__()
        self._stream = stream
        # What is there before the damage comes first.
        self._read: Callable[[int], bytes] = getattr(stream, "read1", stream.read)
        self._budget = budget
        self._said = said
        self._has_rows = has_rows

    def readable(self) -> bool:
        """It is."""
        return True

    def readinto(self, buffer: "Buffer", /) -> int:
        """Read up to as many bytes as fit."""
        view = memoryview(buffer)
        try:
            data = self._read(len(view))
        except (*DAMAGED, RuntimeError) as error:
            raise UnreadableError(f"{self._said or 'The file'} cannot be unpacked: {error}.") from error
        self._budget.count_bytes(
            len(data), max(data.count(b"\n"), data.count(b"\r")) if self._has_rows else 0
        )
        view[: len(data)] = data
        return len(data)

    def close(self) -> None:
        """Close what it reads."""
        if not self.closed:
            self._stream.close()
        super().close()


class KeptOpen:
    """A file that stays open when who reads it is done."""

    def __init__(self, file: IO[bytes]) -> None:
        self.read = file.read
        self.read1 = getattr(file, "read1", file.read)

    def close(self) -> None:
        """Leave it open."""


class CappedReads:
    """A file of which nobody may read more than so much at once: sizes in headers are anybody's word."""

    def __init__(self, file: IO[bytes], limit: int) -> None:
        self._file = file
        self.limit: int | None = limit
        self.seek = file.seek
        self.tell = file.tell
        self.seekable = file.seekable

    def read(self, size: int = -1) -> bytes:
        """Read some bytes. Raises `UnreadableError` for too many."""
        if self.limit is None:
            return self._file.read(size)
        data = self._file.read(self.limit + 1 if size < 0 else min(size, self.limit + 1))
        if len(data) > self.limit:
            raise UnreadableError("The archive says too much about what is in it. It cannot be read.")
        return data

    def close(self) -> None:
        """Leave it open."""
