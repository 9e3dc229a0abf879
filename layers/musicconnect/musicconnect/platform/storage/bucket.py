"""Object storage: anything that speaks S3 (AWS, IBM Cloud Object Storage, MinIO), as the settings say.

boto3 is imported where it is used: most requests need none of it.
"""

import io
import os
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any, Final, Literal, NamedTuple
from urllib.parse import quote

from musicconnect.platform import secrets
from musicconnect.platform.config import ObjectStorageSettings

MIN_PART: Final = 5 * 1024**2
"""Bytes of every part of an upload but its last, as S3 demands."""
MAX_PARTS: Final = 10_000
PAGE: Final = 1000
"""Objects per request: the most that S3 lists at a time."""
GONE: Final = frozenset(
    {"NoSuchUpload", "InvalidPart", "InvalidPartOrder", "404", "NoSuchKey", "PreconditionFailed"}
)


class StorageError(Exception):
    """Object storage does not answer, or refuses; worth trying again after a while."""


class UploadLostError(Exception):
    """An upload in parts, or an object, is no longer there, or no longer what it was."""


class Part(NamedTuple):
    """A part that has arrived."""

    etag: str
    size: int
    """Bytes."""


@dataclass(frozen=True, slots=True)
class SweepResult:
    """What came of looking at a page of a folder."""

    deleted: int
    aborted: int
    """Uploads in parts that were begun and never finished."""
    position: str | None
    """After which key to go on; None: that was the end."""


@dataclass(frozen=True, slots=True)
class Bucket:
    """A bucket, and what is done with it.

    Every method raises `StorageError` when the storage does not answer or refuses. Requests that fail for the
    moment have then been made several times already.
    """

    name: str
    settings: ObjectStorageSettings

    def put(self, key: str, data: bytes, mime_type: str) -> None:
        """Store an object in one piece."""
        self._call("put_object", Key=key, Body=data, ContentType=mime_type, **self._encryption())

    def begin_upload(self, key: str, mime_type: str) -> str:
        """Begin an upload in parts; gives its id. The object appears when the upload is completed."""
        answer = self._call("create_multipart_upload", Key=key, ContentType=mime_type, **self._encryption())
        return str(answer["UploadId"])

    def put_part(self, key: str, upload_id: str, number: int, data: bytes) -> Part:
        """Upload a part, 1-based; one that arrived before under the same number is replaced.

        Raises:
            UploadLostError: the upload was aborted.
        """
        # Bytes would be copied to stand behind the request's head; a file is read as it is.
        answer = self._call(
            "upload_part", Key=key, UploadId=upload_id, PartNumber=number, Body=io.BytesIO(data)
        )
        return Part(answer["ETag"], len(data))

    def complete_upload(self, key: str, upload_id: str, parts: Sequence[Part]) -> None:
        """Make one object of the parts.

        Raises:
            UploadLostError: the upload was aborted, completed before, or lacks one of the parts.
        """
        listed = [{"PartNumber": number, "ETag": part.etag} for number, part in enumerate(parts, 1)]
        self._call(
            "complete_multipart_upload", Key=key, UploadId=upload_id, MultipartUpload={"Parts": listed}
        )

    def abort_uploads(self, prefix: str, *, before: datetime | None = None) -> int:
        """Abort uploads in parts to keys that begin so, all or those from before a moment; gives how many."""
        with _translated_errors("list_multipart_uploads"):
            paginator = _client(self.settings).get_paginator("list_multipart_uploads")
            pages = paginator.paginate(Bucket=self.name, Prefix=prefix)
            uploads = [upload for page in pages for upload in page.get("Uploads", [])]
        aborted = 0
        for upload in uploads:
            # What is lost was aborted by somebody quicker.
            if before is None or upload["Initiated"] < before:
                with suppress(UploadLostError):
                    self._call("abort_multipart_upload", Key=upload["Key"], UploadId=upload["UploadId"])
                    aborted += 1
        return aborted

    def stat(self, key: str) -> tuple[int, str] | None:
        """Size in bytes and entity tag of an object; None if there is none."""
        try:
            head = self._call("head_object", Key=key)
        except UploadLostError:
            return None
        return head["ContentLength"], head["ETag"]

    def delete(self, keys: Iterable[str]) -> None:
        """Delete objects; those that are gone are no error."""
        # One by one: what deletes many at once wants a checksum that not every storage computes as AWS does.
        for key in keys:
            self._call("delete_object", Key=key)

    def delete_below(self, prefix: str) -> int:
        """Delete every object whose key begins so, and abort the uploads to such keys; gives how many."""
        # Uploads first: one that is completed in between would leave an object behind.
        deleted, after, is_last = self.abort_uploads(prefix), "", False
        while not is_last:
            entries, is_last = self._list(prefix, after)
            self.delete(entry["Key"] for entry in entries)
            deleted += len(entries)
            after = "" if is_last else entries[-1]["Key"]
        return deleted

    def sweep(
        self,
        prefix: str,
        is_wanted: Callable[[Sequence[str]], Collection[str]],
        *,
        before: datetime,
        after: str | None,
    ) -> SweepResult:
        """Look at a page of a folder, and delete what is older than a moment and belongs to nobody.

        Args:
            prefix: What keys begin with.
            is_wanted: Of these keys, those that somebody needs.
            before: What is younger may be on its way: its row is not committed yet.
            after: The key after which to begin; None or the prefix: with the first. Unfinished uploads are
                looked at then.
        """
        entries, is_last = self._list(prefix, after or "")
        old = [entry["Key"] for entry in entries if entry["LastModified"] < before]
        wanted = set(is_wanted(old)) if old else set()
        unwanted = [key for key in old if key not in wanted]
        self.delete(unwanted)
        aborted = self.abort_uploads(prefix, before=before) if after in (None, prefix) else 0
        return SweepResult(len(unwanted), aborted, None if is_last else entries[-1]["Key"])

    def download_link(self, key: str, *, name: str, mime_type: str, seconds: int) -> str:
        """A link that gives the object under a name, signed now and good for so many seconds.

        Signing takes no request. A link dies with the credentials that signed it, so it is not for keeping.
        """
        ascii_name = "".join(char if char.isascii() and char.isprintable() else "_" for char in name)
        quoted = ascii_name.replace("\\", "_").replace('"', "_")
        url: str = _client(self.settings).generate_presigned_url(
            "get_object",
            Params={
                "Bucket": self.name,
                "Key": key,
                "ResponseContentType": mime_type,
                # RFC 6266: a name for everybody, and the right one for whoever reads UTF-8.
                "ResponseContentDisposition": f"attachment; filename=\"{quoted}\"; filename*=UTF-8''"
                + quote(name, safe=""),
            },
            ExpiresIn=seconds,
        )
        return url

    def _list(self, prefix: str, after: str) -> tuple[list[Any], bool]:
        page = self._call("list_objects_v2", Prefix=prefix, StartAfter=after, MaxKeys=PAGE)
        return page.get("Contents", []), not page.get("IsTruncated")

    def _encryption(self) -> dict[str, str]:
        method = self.settings.encryption
        return {"ServerSideEncryption": method} if method else {}

    def presign_put(self, key: str, size: int, *, seconds: int) -> str:
        """A link that takes a PUT of exactly ``size`` bytes, for so many seconds."""
        url: str = _client(self.settings).generate_presigned_url(
            "put_object",
            Params={"Bucket": self.name, "Key": key, "ContentLength": size},
            ExpiresIn=seconds,
        )
        return url

    def read_range(self, key: str, first: int, last: int, *, etag: str) -> bytes:
        """Read bytes of an object, ``last`` included.

        Raises:
            UploadLostError: it is gone, or no longer the one with this entity tag.
        """
        answer = self._call("get_object", Key=key, Range=f"bytes={first}-{last}", IfMatch=etag)
        with _translated_errors("get_object"):
            return bytes(answer["Body"].read())

    def _call(self, operation: str, **parameters: Any) -> Any:
        with _translated_errors(operation):
            return getattr(_client(self.settings), operation)(Bucket=self.name, **parameters)


@contextmanager
def _translated_errors(operation: str) -> Iterator[None]:
    """Raise our own exceptions for botocore's."""
    from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415

    try:
        yield
    except ClientError as error:
        code = error.response.get("Error", {}).get("Code", "")
        if code in GONE:
            raise UploadLostError(code) from error
        raise StorageError(f"{operation}: {code}") from error
    except BotoCoreError as error:
        raise StorageError(f"{operation}: {type(error).__name__}") from error


def _addressing(settings: ObjectStorageSettings) -> Literal["auto", "path", "virtual"]:
    """Choose where the bucket stands in addresses.

    For AWS itself ``auto`` becomes ``virtual``: botocore's own ``auto`` signs links for
    ``BUCKET.s3.amazonaws.com``, which outside of us-east-1 redirects for a day after a bucket was made and,
    in regions launched since March 2019, answers 400. With ``virtual`` it names the region's host. At another
    endpoint ``auto`` is botocore's, the path.
    """
    other = settings.endpoint or os.environ.get("AWS_ENDPOINT_URL_S3") or os.environ.get("AWS_ENDPOINT_URL")
    if settings.addressing == "auto":
        return "auto" if other else "virtual"
    return "path" if settings.addressing == "path" else "virtual"


@cache
def _client(settings: ObjectStorageSettings) -> Any:
    import boto3  # noqa: PLC0415 - a third of a second; only paths that touch files pay it
    from botocore.config import Config  # noqa: PLC0415

    secret = secrets.get(settings.secret_arn) if settings.secret_arn else {}
    return boto3.client(
        "s3",
        endpoint_url=settings.endpoint or None,
        region_name=settings.region or None,
        config=Config(
            # Version 4 signs lengths too, so that a link for an upload takes a file of that size only.
            signature_version="s3v4",
            s3={"addressing_style": _addressing(settings)},
            connect_timeout=5,
            read_timeout=settings.timeout,
            retries={"mode": "standard", "total_max_attempts": 4},
            # What AWS alone understands of checksums is left out where S3 does not demand it.
            request_checksum_calculation="when_required",
            response_checksum_validation="when_required",
        ),
        aws_access_key_id=secret.get("access_key_id"),
        aws_secret_access_key=secret.get("secret_access_key"),
    )
