"""Upload files to object storage by links, read them piece by piece, and delete them.

``AWS_ENDPOINT_URL_S3`` names another storage than AWS.
"""

import io
from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from datetime import datetime
from typing import IO, TYPE_CHECKING, Final

from musicconnect.platform import config, problems
from musicconnect.platform.config import ObjectStorageSettings
from musicconnect.platform.logging import logger
from musicconnect.platform.storage.bucket import Bucket, SweepResult, UploadLostError

if TYPE_CHECKING:
    from collections.abc import Buffer

LINK_SECONDS: Final = 3600
FOLDERS: Final = ("imports/", "playlist-imports/")
"""Of histories and of playlists; in them people's own, by their ids."""
READ_AHEAD: Final = 8 * 1024**2
"""Bytes per request: an import of 500 MB makes 60 of them."""


class ReplacedError(Exception):
    """The file was replaced or deleted while it was being read."""


def presign_put(key: str, size: int) -> str:
    """Give a link that takes a PUT of exactly ``size`` bytes, for an hour."""
    return _bucket().presign_put(key, size, seconds=LINK_SECONDS)


def stat(key: str) -> tuple[int, str] | None:
    """Get size in bytes and entity tag; None if nothing was uploaded."""
    return _bucket().stat(key)


def open_upload(key: str, size: int, etag: str) -> IO[bytes]:
    """The file, seekable; reading raises `ReplacedError` if it is no longer the one with this entity tag."""
    return io.BufferedReader(_Remote(key, size, etag), READ_AHEAD)


def delete(key: str) -> None:
    """Delete the file; one that is gone is no error."""
    _bucket().delete([key])


def delete_all(user_id: int) -> int:
    """Delete all files of a person; gives how many."""
    return sum(_bucket().delete_below(f"{folder}{user_id}/") for folder in FOLDERS)


def delete_orphans(
    is_wanted: Callable[[Sequence[str]], Collection[str]], before: datetime, after: str | None
) -> SweepResult:
    """Look at some files and delete those from before a moment that nobody wants; see `Bucket.sweep`."""
    folder = next((one for one in FOLDERS if after and after.startswith(one)), FOLDERS[0])
    swept = _bucket().sweep(folder, is_wanted, before=before, after=after)
    if swept.position is None and folder != FOLDERS[-1]:
        return replace(swept, position=FOLDERS[FOLDERS.index(folder) + 1])
    return swept


class _Remote(io.RawIOBase):
    """A file in object storage, read by ranges."""

    def __init__(self, key: str, size: int, etag: str) -> None:
        super().__init__()
        self._key = key
        self._size = size
        self._etag = etag
        self._at = 0

    def readable(self) -> bool:
        """It is."""
        return True

    def seekable(self) -> bool:
        """It is."""
        return True

    def tell(self) -> int:
        """Where the next read begins."""
        return self._at

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Go somewhere else."""
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._size}[whence]
        self._at = max(0, base + offset)
        return self._at

    def readinto(self, buffer: "Buffer", /) -> int:
        """Read up to as many bytes as fit."""
        view = memoryview(buffer)
        length = min(len(view), self._size - self._at)
        if length <= 0:
            return 0
        try:
            data = _bucket().read_range(self._key, self._at, self._at + length - 1, etag=self._etag)
        except UploadLostError as error:
            raise ReplacedError(self._key) from error
        view[: len(data)] = data
        self._at += len(data)
        return len(data)


def _bucket() -> Bucket:
    return Bucket(config.require("UPLOAD_BUCKET"), ObjectStorageSettings())


def require(key: str, size_bytes: int) -> str:
    """Give the entity tag of a file that should have been uploaded.

    Raises:
        Problem: 409, it is not there or not of the announced size.
    """
    uploaded = stat(key)
    if uploaded is None:
        raise problems.conflict("not-uploaded", "The file is not there", "Upload it to the link first.")
    size, etag = uploaded
    if size != size_bytes:
        raise problems.conflict(
            "wrong-size",
            "The file has another size",
            f"It has {size:,} bytes, and {size_bytes:,} were announced. Ask for a new import.",
        )
    return etag


def discard(key: str) -> None:
    """Delete a file that is no longer needed. If that fails, the bucket's own expiry does it."""
    try:
        delete(key)
    except Exception:  # noqa: BLE001 - whatever it is, what the file was for is done
        logger.warning("upload not deleted", exc_info=True)
