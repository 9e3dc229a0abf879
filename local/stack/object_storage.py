"""Complete uploads in parts as S3 does: without reading the object again and again.

S3 makes an object of parts that it has; their checksums are known when they arrive. moto reads every part
twice and copies the object four times, one after the other, while whoever completes the upload waits. Here
the parts are read once, into what becomes the object, and the checksum goes along. Everything that a client
sees is moto's.
"""

from base64 import b64encode
from collections.abc import Iterator

from awscrt.checksums import crc64nvme
from moto.s3 import models
from moto.s3.exceptions import EntityTooSmall, InvalidPart, MalformedXML
from moto.settings import S3_UPLOAD_PART_MIN_SIZE
from moto.utilities.utils import md5_hash


class _CarriedChecksum(models.MultipartChecksumBuilder):
    """CRC-64/NVME of a whole object, carried from part to part; the others are moto's."""

    _crc = 0

    @property
    def _is_carried(self) -> bool:
        return (self.checksum_type, self.checksum_algorithm) == ("FULL_OBJECT", "CRC64NVME")

    def addPart(self, part: bytes) -> None:  # noqa: N802 - moto's name
        """Add a part."""
        if self._is_carried:
            self._crc = crc64nvme(part, self._crc)
        else:
            super().addPart(part)

    def build(self) -> tuple[str, str, int] | None:
        """Give type, checksum and number of checksums."""
        if self._is_carried:
            return self.checksum_type, b64encode(self._crc.to_bytes(8, "big")).decode(), 1
        return super().build()


def _complete(
    self: models.FakeMultipart, body: Iterator[tuple[int, str]]
) -> tuple[bytearray, str, tuple[str, str, int] | None]:
    checksum = _CarriedChecksum(
        self.metadata.get("x-amz-checksum-algorithm"), self.metadata.get("x-amz-checksum-type")
    )
    whole, digests, last = bytearray(), b"", None
    for number, etag in body:
        part = self.parts.get(number)
        if part is None or part.etag.strip('"') != etag.strip('"'):
            raise InvalidPart
        if last is not None and last.contentsize < S3_UPLOAD_PART_MIN_SIZE:
            raise EntityTooSmall
        digests += bytes.fromhex(part.etag.strip('"'))
        value = part.value
        whole += value
        checksum.addPart(value)
        last = part
    if last is None:
        raise MalformedXML
    count = len(digests) // 16
    return whole, f"{md5_hash(digests).hexdigest()}-{count}", checksum.build()


def complete_without_copies() -> None:
    """Let moto complete uploads so, in this process."""
    models.FakeMultipart.complete = _complete  # type: ignore[method-assign, assignment]
