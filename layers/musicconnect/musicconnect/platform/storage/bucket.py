"""Object storage: anything that speaks S3 (AWS, IBM Cloud Object Storage, MinIO), as the settings say.

boto3 is imported where it is used: most requests need none of it.
"""

import io
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from typing import Any, Final, NamedTuple
from urllib.parse import quote

from musicconnect.platform import secrets
from musicconnect.platform.config import ObjectStorageSettings
from musicconnect.platform.storage import cleanup

MIN_PART: Final = 5 * 1024**2
"""Bytes of every part of an upload but its last, as S3 demands."""
MAX_PARTS: Final = 10_000
GONE: Final = frozenset({"NoSuchUpload", "InvalidPart", "InvalidPartOrder", "404"})


class StorageError(Exception):
    """Object storage does not answer, or refuses; worth trying again after a while."""


class UploadLostError(Exception):
    """An upload in parts is no longer there, or no longer what it was: begin it again."""


class Part(NamedTuple):
    """A part that has arrived."""

    etag: str
    size: int
    """Bytes."""


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

    def abort_uploads(self, prefix: str) -> int:
        """Abort every upload in parts to a key that begins so; gives how many."""
        with _translated_errors("abort_uploads"):
            return cleanup.abort_all(_client(self.settings), self.name, prefix)

    def size_of(self, key: str) -> int | None:
        """Bytes of an object; None if there is none."""
        try:
            return int(self._call("head_object", Key=key)["ContentLength"])
        except UploadLostError:
            return None

    def delete(self, keys: Iterable[str]) -> None:
        """Delete objects; those that are gone are no error."""
        for key in keys:
            self._call("delete_object", Key=key)

    def delete_below(self, prefix: str) -> int:
        """Delete every object whose key begins so, and abort the uploads to such keys; gives how many."""
        with _translated_errors("delete_below"):
            return cleanup.delete_all(_client(self.settings), self.name, prefix)

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

    def _encryption(self) -> dict[str, str]:
        method = self.settings.encryption
        return {"ServerSideEncryption": method} if method else {}

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


def client(settings: ObjectStorageSettings) -> Any:
    """A client of its own for these settings; `Bucket` shares one."""
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
            s3={"addressing_style": settings.addressing},  # type: ignore[arg-type] # one of three words
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


_client = cache(client)
