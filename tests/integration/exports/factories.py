"""What the tests of exports have in common: asking, building, downloading, filling tables."""

import csv
import gzip
import io
import json
import zipfile
from typing import Any
from urllib.parse import parse_qs, urlsplit

import boto3
import requests

from benchmarks.fixtures import plays
from musicconnect.playlist_files import csv_safety
from tests.support.functions import Person

QUEUE = "EXPORTS_QUEUE_URL"


def ask(
    person: Person, kind: str, *, filters: Any = None, options: Any = None, **more: Any
) -> dict[str, Any]:
    """Ask for an export."""
    body = (
        {"type": kind} | ({"filters": filters} if filters else {}) | ({"options": options} if options else {})
    )
    answer = person.call("POST", "/v1/exports", body, **more)
    assert answer.status == 202, answer.text
    return dict(answer.json)


def build(person: Person, export_id: int, *, remaining_ms: int = 300_000) -> dict[str, Any]:
    """Let a worker do what there is to do for one export; gives the export."""
    work(person, export_id, remaining_ms=remaining_ms)
    return dict(person.call("GET", f"/v1/exports/{export_id}").json)


def work(person: Person, export_id: int, *, remaining_ms: int = 300_000, user_id: int | None = None) -> Any:
    """One invocation on one message."""
    body = json.dumps({"export_id": export_id, "user_id": user_id or person.id})
    return person.harness.invoke(
        "exports_worker", {"Records": [{"messageId": "m", "body": body}]}, remaining_ms=remaining_ms
    )


def export(person: Person, kind: str, **wanted: Any) -> dict[str, Any]:
    """Ask for an export and have it built."""
    found = build(person, ask(person, kind, **wanted)["id"])
    assert found["status"] == "completed", found
    return found


def download(person: Person, found: dict[str, Any], index: int = 0) -> bytes:
    """Follow the redirect, as a browser does."""
    answer = person.call("GET", found["files"][index]["download"])
    assert answer.status == 302, answer.text
    got = requests.get(answer.headers["location"], timeout=30)
    assert got.status_code == 200, got.text
    assert len(got.content) == found["files"][index]["size_bytes"]
    return got.content


def exported(person: Person, kind: str, **wanted: Any) -> bytes:
    """Ask, build, download."""
    return download(person, export(person, kind, **wanted))


def table(content: bytes) -> list[dict[str, str]]:
    """The rows of a CSV as they were before they were made harmless."""
    rows = csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline=""))
    return [{name: csv_safety.unescape_formula(value) for name, value in row.items()} for row in rows]


def unzipped(content: bytes) -> dict[str, bytes]:
    """The files of a zip, their checksums tested."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert archive.testzip() is None
        return {name: archive.read(name) for name in archive.namelist()}


def gunzipped(content: bytes) -> bytes:
    return gzip.decompress(content)


def lines(content: bytes) -> list[Any]:
    """What JSON lines say."""
    return [json.loads(line) for line in content.splitlines()]


def stored(person: Person) -> dict[str, int]:
    """Every key in the bucket, with its size."""
    answer = boto3.client("s3").list_objects_v2(Bucket=person.harness.environment["EXPORT_BUCKET"])
    return {one["Key"]: one["Size"] for one in answer.get("Contents", [])}


def uploads_under_way(person: Person) -> int:
    """Uploads in parts that are neither completed nor aborted."""
    answer = boto3.client("s3").list_multipart_uploads(Bucket=person.harness.environment["EXPORT_BUCKET"])
    return len(answer.get("Uploads", []))


def disposition(link: str) -> str:
    return parse_qs(urlsplit(link).query)["response-content-disposition"][0]


def fill_plays(person: Person, rows: int, **more: Any) -> None:
    """Give a person plays."""
    plays.fill_plays(person.harness.database_url, person.id, rows, **more)
