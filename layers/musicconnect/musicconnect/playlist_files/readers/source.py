"""What readers read from: a file that can be opened again, unpacked, with limits."""

import codecs
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import IO, Final, cast

from musicconnect.platform.storage.archives import UnreadableError, UploadedFile

SAMPLE_SIZE: Final = 262_144
"""Bytes from which a format is found out."""
CHUNK_SIZE: Final = 262_144
"""Bytes read at a time."""
MAX_BYTES: Final = 256 * 1024**2
"""Of one file, unpacked."""
MAX_RECORD: Final = 1024**2
"""Characters of a line, of a record, of an element."""
_UTF16: Final = (b"\xff\xfe", b"\xfe\xff")

type Report = Callable[[int, str], None]
"""Told of what cannot be read: its line, or its place in a list, from 1; and why."""


@dataclass(frozen=True, slots=True)
class Source:
    """One file of an upload. It can be opened more than once."""

    upload: UploadedFile
    member: int
    name: str
    """As whoever sent it calls it; perhaps empty."""

    @contextmanager
    def open(self) -> Iterator[IO[bytes]]:
        """The file from its beginning, in UTF-8 where it is UTF-16.

        Raises:
            UnreadableError: it is damaged, or larger than it may be.
        """
        with self.upload.open(self.member) as stream:
            mark = stream.read(2)
            stream.seek(0)
            limited = cast("IO[bytes]", _Limited(stream))
            yield cast("IO[bytes]", _Utf8(limited)) if mark in _UTF16 else limited

    def lines(self, stream: IO[bytes]) -> Iterator[str]:
        """The lines of an open file, with their ends, without its byte order mark."""
        first = True
        for raw in iter(lambda: stream.readline(MAX_RECORD), b""):
            yield decode(raw.removeprefix(codecs.BOM_UTF8) if first else raw)
            first = False


def decode(raw: bytes) -> str:
    """A line of text: UTF-8, or what players of old wrote where it is none."""
    try:
        return raw.decode()
    except UnicodeDecodeError:
        return raw.decode("cp1252", "replace")


class _Limited:
    """A stream that ends in an error where it is too long, whatever it was packed to."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream = stream
        self._left = MAX_BYTES

    def read(self, size: int = CHUNK_SIZE) -> bytes:
        """The next bytes."""
        return self._counted(self._stream.read(size))

    def readline(self, size: int = MAX_RECORD) -> bytes:
        """The next line, or as much of it as is asked for."""
        return self._counted(self._stream.readline(size))

    def _counted(self, data: bytes) -> bytes:
        self._left -= len(data)
        if self._left < 0:
            raise UnreadableError(f"A file is larger than {MAX_BYTES // 1024**2} MB.")
        return data


class _Utf8:
    """A UTF-16 stream with a byte order mark, as UTF-8."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream = stream
        self._decoder = codecs.getincrementaldecoder("utf-16")("replace")
        self._buffer = b""
        self._ended = False

    def read(self, size: int = CHUNK_SIZE) -> bytes:
        """The next bytes."""
        while len(self._buffer) < size and not self._ended:
            self._fill()
        data, self._buffer = self._buffer[:size], self._buffer[size:]
        return data

    def readline(self, size: int = MAX_RECORD) -> bytes:
        """The next line, or as much of it as is asked for."""
        while (end := self._buffer.find(b"\n") + 1) == 0 and len(self._buffer) < size and not self._ended:
            self._fill()
        return self.read(min(end or size, size))

    def _fill(self) -> None:
        data = self._stream.read(CHUNK_SIZE)
        self._ended = not data
        self._buffer += self._decoder.decode(data, final=self._ended).encode("utf-8", "replace")
