"""List and open the members of a tar, in one that is compressed as in one that is not."""

import io
import tarfile
from collections.abc import Callable, Iterator
from typing import IO, Final, NamedTuple, cast

from musicconnect.files.budget import MIB
from musicconnect.files.encodings import SAMPLE_BYTES

CACHED_BYTES: Final = 16 * MIB
"""A member of a compressed tar up to this size is kept while it is read, so that it can be read twice."""


class TarMember(NamedTuple):
    """Where a member of a tar lies."""

    name: str
    offset: int
    size_bytes: int
    is_file: bool
    """Not a folder, a link, a device, or something with holes."""


def list_members(file: IO[bytes]) -> Iterator[TarMember]:
    """List what is in a tar, by its headers. Raises EOFError where it is damaged or ends early."""
    try:
        with tarfile.open(fileobj=file, mode="r:") as archive:
            for info in archive:
                is_file = info.isreg() and not info.issparse()
                yield TarMember(info.name, info.offset_data, info.size, is_file)
    except tarfile.TarError as error:
        raise EOFError(str(error)) from error


class ForwardStream:
    """A stream in which one can go forward, as far as reading a tar's headers needs it."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream = stream
        self._at = 0

    def seekable(self) -> bool:
        """It is, forward."""
        return True

    def tell(self) -> int:
        """Give where it is."""
        return self._at

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Go forward."""
        if whence != io.SEEK_SET or offset < self._at:
            raise EOFError("its headers are damaged")
        while self._at < offset and self.read(min(offset - self._at, SAMPLE_BYTES)):
            pass
        return self._at

    def read(self, size: int) -> bytes:
        """Read some bytes."""
        data = self._stream.read(size)
        self._at += len(data)
        return data


class TarStream:
    """A tar of which members are read: in a compressed one in order, and again only from its beginning."""

    def __init__(self, begin: Callable[[], IO[bytes]], file: IO[bytes] | None) -> None:
        self._begin = begin
        self._file = file
        self._stream: IO[bytes] | None = None
        self._at = 0

    def opener(self, offset: int, size: int) -> Callable[[], IO[bytes]]:
        """Give what opens the member at an offset."""
        return lambda: self._open(offset, size)

    def _open(self, offset: int, size: int) -> IO[bytes]:
        if self._file is not None:
            self._file.seek(offset)
            return cast("IO[bytes]", _Slice(self._file.read, size))
        if self._stream is None or offset < self._at:
            self.close()
            self._stream, self._at = self._begin(), 0
        while self._at < offset:
            self._take(min(offset - self._at, SAMPLE_BYTES))
        member = _Slice(self._take, size)
        if size <= CACHED_BYTES:
            return io.BytesIO(b"".join(iter(member.read, b"")))
        return cast("IO[bytes]", member)

    def _take(self, size: int) -> bytes:
        """Read from where it is. Raises EOFError where the tar ends early."""
        assert self._stream is not None
        data = self._stream.read(size)
        if not data:
            raise EOFError("it ends early")
        self._at += len(data)
        return data

    def close(self) -> None:
        """Close the stream; `_open` begins another."""
        if self._stream is not None:
            self._stream.close()
            self._stream = None


class _Slice:
    """A member of a tar."""

    def __init__(self, take: Callable[[int], bytes], size: int) -> None:
        self._take = take
        self._left = size

    def read(self, size: int = SAMPLE_BYTES) -> bytes:
        """Read some bytes."""
        data = self._take(min(size, self._left)) if self._left else b""
        self._left -= len(data)
        return data

    def close(self) -> None:
        """Leave the tar open."""
