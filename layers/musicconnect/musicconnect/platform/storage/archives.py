"""Uploaded files as they come: as they are, gzipped, or many in a zip. Unpacked as a stream."""

import lzma
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from gzip import BadGzipFile, GzipFile
from typing import IO, Final, cast

DAMAGED: Final = (
    zipfile.BadZipFile, BadGzipFile, EOFError, zlib.error, lzma.LZMAError, RuntimeError, NotImplementedError,
)  # fmt: skip
"""What unpacking raises: among them a wrong checksum, an early end, an encrypted file, an unknown method."""


class UnreadableError(Exception):
    """The upload as a whole cannot be read. Its text is for the person."""


@dataclass(slots=True)
class UploadedFile:
    """An uploaded file, or a zip of files."""

    file: IO[bytes]
    archive: zipfile.ZipFile | None
    names: list[str]
    """Of the files in it; one empty name where it is not a zip."""

    @contextmanager
    def open(self, member: int, offset: int = 0) -> Iterator[IO[bytes]]:
        """One of the files, unpacked, from an offset on.

        Raises:
            UnreadableError: it is damaged or encrypted.
        """
        with ExitStack() as stack:
            try:
                if self.archive is None:
                    self.file.seek(0)
                    stream = self.file  # the caller's to close
                else:
                    stream = stack.enter_context(self.archive.open(self.names[member]))
                stream = _gunzipped(stream)
                stream.seek(offset)
                yield stream
            except DAMAGED as error:
                raise UnreadableError(
                    f"{self.names[member] or 'The file'} cannot be unpacked: {error}."
                ) from error


def open_uploaded(file: IO[bytes], *, max_members: int, max_unpacked: int) -> UploadedFile:
    """What was uploaded.

    Args:
        file: Seekable.
        max_members: Files that a zip may hold.
        max_unpacked: Bytes that they may have together, unpacked.

    Raises:
        UnreadableError: it is a zip that cannot be read, or one that holds more than that.
    """
    file.seek(0)
    if file.read(4) != b"PK\x03\x04":
        return UploadedFile(file, None, [""])
    try:
        archive = zipfile.ZipFile(file)
    except zipfile.BadZipFile as error:
        raise UnreadableError("The zip file is damaged or incomplete.") from error
    members = [info for info in archive.infolist() if not info.is_dir()]
    if len(members) > max_members or sum(info.file_size for info in members) > max_unpacked:
        raise UnreadableError("The zip file holds too much.")
    if any(info.flag_bits & 1 for info in members):
        raise UnreadableError("The zip file is encrypted. Send it without a password.")
    return UploadedFile(file, archive, [info.filename for info in members])


def _gunzipped(stream: IO[bytes]) -> IO[bytes]:
    magic = stream.read(2)
    stream.seek(0)
    return cast("IO[bytes]", GzipFile(fileobj=stream)) if magic == b"\x1f\x8b" else stream
