"""Given parts of an upload, when it is completed without copies, then moto's own answer comes out."""

import os
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from moto.s3 import models
from moto.s3.exceptions import EntityTooSmall, InvalidPart, MalformedXML
from moto.settings import S3_UPLOAD_PART_MIN_SIZE
from requests.structures import CaseInsensitiveDict

from local.stack.object_storage import complete_without_copies

LEAST = S3_UPLOAD_PART_MIN_SIZE
MOTOS_OWN = models.FakeMultipart.complete
type Complete = Callable[[models.FakeMultipart, Iterator[tuple[int, str]]], tuple[Any, str, Any]]


@pytest.fixture
def complete(monkeypatch: pytest.MonkeyPatch) -> Complete:
    monkeypatch.setattr(models.FakeMultipart, "complete", MOTOS_OWN)
    complete_without_copies()
    ours: Complete = models.FakeMultipart.complete
    assert ours is not MOTOS_OWN
    return ours


def upload(*parts: bytes, **metadata: str) -> models.FakeMultipart:
    made = models.FakeMultipart("key", CaseInsensitiveDict(metadata), "123456789012", "us-east-1")
    for number, data in enumerate(parts, 1):
        made.set_part(number, data)
    return made


def named(made: models.FakeMultipart, *numbers: int) -> Iterator[tuple[int, str]]:
    return iter([(number, made.parts[number].etag) for number in numbers])


@pytest.mark.parametrize(
    "asked",
    [
        {},
        {"x-amz-checksum-algorithm": "CRC64NVME"},
        {"x-amz-checksum-algorithm": "SHA256"},
        {"x-amz-checksum-algorithm": "CRC32", "x-amz-checksum-type": "FULL_OBJECT"},
    ],
)
def test_object_tag_and_checksum_are_those_of_moto(complete: Complete, asked: dict[str, str]) -> None:
    made = upload(os.urandom(LEAST), b"", os.urandom(LEAST + 1), b"the end", **asked)
    ours, motos = complete(made, named(made, 1, 3, 4)), MOTOS_OWN(made, named(made, 1, 3, 4))
    assert (bytes(ours[0]), *ours[1:]) == motos


def test_what_cannot_be_completed_is_refused_as_moto_refuses_it(complete: Complete) -> None:
    made = upload(b"small", b"the end")
    for refuses in (complete, MOTOS_OWN):
        with pytest.raises(EntityTooSmall):
            refuses(made, named(made, 1, 2))
        with pytest.raises(InvalidPart):
            refuses(made, iter([(3, "none")]))
        with pytest.raises(InvalidPart):
            refuses(made, iter([(1, '"0123456789abcdef0123456789abcdef"')]))
        with pytest.raises(MalformedXML):
            refuses(made, iter([]))
