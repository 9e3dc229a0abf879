"""Uploaded files in object storage: links to upload with, and reading them piece by piece.

Anything that speaks S3 will do; ``AWS_ENDPOINT_URL_S3`` names another than AWS. boto3 is imported where it is
used: most requests need none of it.
"""

import io
from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from datetime import datetime
from functools import cache
from typing import IO, TYPE_CHECKING, Any, Final

from musicconnect.platform import config
from musicconnect.platform.config import ObjectStorageSettings
from musicconnect.platform.storage import bucket, cleanup

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
    """A link that takes a PUT of exactly ``size`` bytes, for an hour."""
    url: str = _client().generate_presigned_url(
        "put_object",
        Params={"Bucket": _bucket(), "Key": key, "ContentLength": size},
        ExpiresIn=LINK_SECONDS,
    )
    return url


def stat(key: str) -> tuple[int, str] | None:
    """Size in bytes and entity tag; None if nothing was uploaded."""
    from botocore.exceptions import ClientError  # noqa: PLC0415

    try:
        head = _client().head_object(Bucket=_bucket(), Key=key)
    except ClientError as error:
        if error.response["ResponseMetadata"]["HTTPStatusCode"] == 404:
            return None
        raise
    return head["ContentLength"], head["ETag"]


def open_upload(key: str, size: int, etag: str) -> IO[bytes]:
    """The file, seekable; reading raises `ReplacedError` if it is no longer the one with this entity tag."""
    return io.BufferedReader(_Remote(key, size, etag), READ_AHEAD)


def delete(key: str) -> None:
    """Delete the file; one that is gone is no error."""
    _client().delete_object(Bucket=_bucket(), Key=key)


def delete_all(user_id: int) -> int:
    """Delete all files of a person; gives how many."""
    return sum(cleanup.delete_all(_client(), _bucket(), f"{folder}{user_id}/") for folder in FOLDERS)


def delete_orphans(
    is_wanted: Callable[[Sequence[str]], Collection[str]], before: datetime, after: str | None
) -> cleanup.SweepResult:
    """Look at some files and delete those from before a moment that nobody wants; see `cleanup.sweep`."""
    folder = next((one for one in FOLDERS if after and after.startswith(one)), FOLDERS[0])
    swept = cleanup.sweep(_client(), _bucket(), folder, is_wanted, before=before, after=after)
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
        from botocore.exceptions import ClientError  # noqa: PLC0415

        view = memoryview(buffer)
        length = min(len(view), self._size - self._at)
        if length <= 0:
            return 0
        try:
            answer = _client().get_object(
                Bucket=_bucket(),
                Key=self._key,
                Range=f"bytes={self._at}-{self._at + length - 1}",
                IfMatch=self._etag,
            )
        except ClientError as error:
            if error.response["ResponseMetadata"]["HTTPStatusCode"] in {404, 412}:
                raise ReplacedError(self._key) from error
            raise
        data = answer["Body"].read()
        view[: len(data)] = data
        self._at += len(data)
        return len(data)


def _bucket() -> str:
    return config.require("UPLOAD_BUCKET")


@cache
def _client() -> Any:
    return bucket.client(ObjectStorageSettings())
