"""Links to object storage name a host that answers, and are signed for that host.

The signature is computed here a second time, as AWS documents it ("Authenticating Requests: Using Query
Parameters"), so that what is signed (host, length of an upload, region) is held, not only what is printed.
"""

import hashlib
import hmac
from collections.abc import Iterator
from urllib.parse import parse_qsl, quote, urlsplit

import boto3
import pytest

from musicconnect.platform.config import ObjectStorageSettings
from musicconnect.platform.storage import bucket as bucket_module
from musicconnect.platform.storage.bucket import Bucket

KEY = "exports/7/road trip.csv"
SECRET = "a secret that signs"
COS = "https://s3.eu-de.cloud-object-storage.appdomain.cloud"


@pytest.fixture(autouse=True)
def credentials(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    for name in ("AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_S3", "AWS_PROFILE", "AWS_SESSION_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_CONFIG_FILE", "/dev/null")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", SECRET)
    monkeypatch.setattr(boto3, "DEFAULT_SESSION", None)  # it keeps the credentials it has seen first
    bucket_module._client.cache_clear()
    yield
    bucket_module._client.cache_clear()


def is_signed(url: str, method: str, region: str, headers: dict[str, str]) -> bool:
    """Whether a link's signature is that of a request to its own host."""
    parts = urlsplit(url)
    query = dict(parse_qsl(parts.query, keep_blank_values=True))
    signature = query.pop("X-Amz-Signature")
    sent = {"host": parts.netloc, **headers}
    named = query["X-Amz-SignedHeaders"].split(";")
    encoded = sorted((quote(name, safe="-_.~"), quote(value, safe="-_.~")) for name, value in query.items())
    canonical = "\n".join(
        [
            method,
            parts.path,
            "&".join(f"{name}={value}" for name, value in encoded),
            *(f"{name}:{sent[name]}" for name in named),
            "",
            ";".join(named),
            "UNSIGNED-PAYLOAD",
        ]
    )
    day = query["X-Amz-Date"][:8]
    scope = f"{day}/{region}/s3/aws4_request"
    if query["X-Amz-Credential"] != f"AKIDEXAMPLE/{scope}" or set(sent) - set(named):
        return False
    text = "\n".join(
        ["AWS4-HMAC-SHA256", query["X-Amz-Date"], scope, hashlib.sha256(canonical.encode()).hexdigest()]
    )
    key = f"AWS4{SECRET}".encode()
    for part in (day, region, "s3", "aws4_request"):
        key = hmac.digest(key, part.encode(), "sha256")
    return hmac.compare_digest(hmac.digest(key, text.encode(), "sha256").hex(), signature)


@pytest.mark.parametrize(
    ("region", "host"),
    [
        ("us-east-1", "music-files.s3.amazonaws.com"),
        ("eu-central-1", "music-files.s3.eu-central-1.amazonaws.com"),
        ("eu-central-2", "music-files.s3.eu-central-2.amazonaws.com"),  # newer ones answer to no other host
        ("af-south-1", "music-files.s3.af-south-1.amazonaws.com"),
        ("ap-southeast-5", "music-files.s3.ap-southeast-5.amazonaws.com"),
        ("us-gov-west-1", "music-files.s3.us-gov-west-1.amazonaws.com"),
        ("cn-north-1", "music-files.s3.cn-north-1.amazonaws.com.cn"),
    ],
)
def test_links_name_the_host_of_the_region_of_the_function(
    region: str, host: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_REGION", region)
    monkeypatch.setenv("AWS_DEFAULT_REGION", region)
    files = Bucket("music-files", ObjectStorageSettings())

    upload = files.presign_put(KEY, 1234, seconds=60)
    download = files.download_link(KEY, name="Straße.csv", mime_type="text/csv", seconds=60)

    assert {urlsplit(upload).netloc, urlsplit(download).netloc} == {host}
    assert urlsplit(upload).path == "/exports/7/road%20trip.csv"
    assert is_signed(upload, "PUT", region, {"content-length": "1234"})
    assert not is_signed(upload, "PUT", region, {"content-length": "1235"}), "a file of another size"
    assert is_signed(download, "GET", region, {})


@pytest.mark.parametrize(
    ("settings", "address", "region"),
    [
        # IBM Cloud Object Storage takes both; what auto gives has to stay what it was.
        (ObjectStorageSettings(endpoint=COS, region="eu-de"), f"{COS}/music-files", "eu-de"),
        (
            ObjectStorageSettings(endpoint=COS, region="eu-de", addressing="virtual"),
            COS.replace("https://", "https://music-files."),
            "eu-de",
        ),
        (
            ObjectStorageSettings(endpoint="http://minio.lan:9000", region="us-east-1", addressing="path"),
            "http://minio.lan:9000/music-files",
            "us-east-1",
        ),
        # A bucket of AWS in another region than the function's.
        (
            ObjectStorageSettings(region="ap-south-2"),
            "https://music-files.s3.ap-south-2.amazonaws.com",
            "ap-south-2",
        ),
        (
            ObjectStorageSettings(region="eu-west-1", addressing="path"),
            "https://s3.eu-west-1.amazonaws.com/music-files",
            "eu-west-1",
        ),
    ],
)
def test_links_name_the_storage_that_is_set(
    settings: ObjectStorageSettings, address: str, region: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-central-1")
    files = Bucket("music-files", settings)

    upload = files.presign_put(KEY, 5, seconds=60)
    download = files.download_link(KEY, name="a.csv", mime_type="text/csv", seconds=60)

    assert upload.startswith(f"{address}/exports/7/road%20trip.csv?")
    assert download.startswith(f"{address}/exports/7/road%20trip.csv?")
    assert is_signed(upload, "PUT", region, {"content-length": "5"})
    assert is_signed(download, "GET", region, {})


def test_a_bucket_with_dots_stands_in_the_path(monkeypatch: pytest.MonkeyPatch) -> None:
    """As a host, ``files.music`` would have no certificate: ``*.s3...`` covers one label."""
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-central-1")
    files = Bucket("files.music", ObjectStorageSettings())

    upload = files.presign_put(KEY, 5, seconds=60)

    assert upload.startswith("https://s3.eu-central-1.amazonaws.com/files.music/exports/7/road%20trip.csv?")
    assert is_signed(upload, "PUT", "eu-central-1", {"content-length": "5"})


def test_an_endpoint_of_the_environment_is_not_given_the_bucket_as_a_host(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-central-1")
    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", "http://localhost:9000")

    link = Bucket("music-files", ObjectStorageSettings()).presign_put(KEY, 5, seconds=60)

    assert link.startswith("http://localhost:9000/music-files/exports/7/road%20trip.csv?")
