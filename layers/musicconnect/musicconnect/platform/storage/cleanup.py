"""Emptying buckets: all of a folder, or what lies in one for too long and belongs to nobody.

Anything that speaks S3 will do; who calls brings the client.
"""

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

PAGE: Final = 1000
"""Objects per request: the most that S3 lists at a time."""


@dataclass(frozen=True, slots=True)
class SweepResult:
    """What came of looking at a page of a folder."""

    deleted: int
    aborted: int
    """Uploads in parts that were begun and never finished."""
    position: str | None
    """After which key to go on; None: that was the end."""


def delete_all(client: Any, bucket: str, folder: str) -> int:
    """Delete everything whose key begins so, unfinished uploads in parts included; gives how many."""
    # Uploads first: one that is completed in between would leave an object behind.
    deleted, after = abort_all(client, bucket, folder), ""
    while True:
        page = client.list_objects_v2(Bucket=bucket, Prefix=folder, StartAfter=after, MaxKeys=PAGE)
        keys = [entry["Key"] for entry in page.get("Contents", [])]
        deleted += _delete(client, bucket, keys)
        if not page.get("IsTruncated"):
            return deleted
        after = keys[-1]


def abort_all(client: Any, bucket: str, folder: str) -> int:
    """Abort every upload in parts to a key that begins so; gives how many."""
    return sum(_abort(client, bucket, upload) for upload in _unfinished(client, bucket, folder))


def sweep(
    client: Any,
    bucket: str,
    folder: str,
    is_wanted: Callable[[Sequence[str]], Collection[str]],
    *,
    before: datetime,
    after: str | None,
) -> SweepResult:
    """Look at a page of a folder, and delete what is older than a moment and belongs to nobody.

    Args:
        client: Of S3.
        bucket: Where.
        folder: What keys begin with.
        is_wanted: Of these keys, those that somebody needs.
        before: What is younger may be on its way: its row is not committed yet.
        after: The key after which to begin; None or the folder: with the first. Unfinished uploads are looked
            at then.
    """
    page = client.list_objects_v2(Bucket=bucket, Prefix=folder, StartAfter=after or "", MaxKeys=PAGE)
    entries = page.get("Contents", [])
    old = [entry["Key"] for entry in entries if entry["LastModified"] < before]
    wanted = set(is_wanted(old)) if old else set()
    deleted = _delete(client, bucket, [key for key in old if key not in wanted])
    aborted = 0
    if after in (None, folder):
        for upload in _unfinished(client, bucket, folder):
            if upload["Initiated"] < before:
                aborted += _abort(client, bucket, upload)
    return SweepResult(deleted, aborted, entries[-1]["Key"] if page.get("IsTruncated") else None)


def _delete(client: Any, bucket: str, keys: Sequence[str]) -> int:
    # One by one: what deletes many at once wants a checksum that not every storage computes as AWS does.
    for key in keys:
        client.delete_object(Bucket=bucket, Key=key)
    return len(keys)


def _unfinished(client: Any, bucket: str, folder: str) -> Iterator[dict[str, Any]]:
    paginator = client.get_paginator("list_multipart_uploads")
    for page in paginator.paginate(Bucket=bucket, Prefix=folder):
        yield from page.get("Uploads", [])


def _abort(client: Any, bucket: str, upload: dict[str, Any]) -> int:
    from botocore.exceptions import ClientError  # noqa: PLC0415 - comes with boto3, which the caller has

    try:
        client.abort_multipart_upload(Bucket=bucket, Key=upload["Key"], UploadId=upload["UploadId"])
    except ClientError as error:
        if error.response.get("Error", {}).get("Code") != "NoSuchUpload":
            raise
        return 0  # somebody else was quicker
    return 1
