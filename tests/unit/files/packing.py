"""Archives for the tests of reading them."""

import io
import tarfile
import zipfile
from collections.abc import Mapping

from musicconnect.files import archives
from musicconnect.files.archives import Upload
from musicconnect.files.budget import MIB, Budget, Limits

LIMITS = Limits(unpacked_bytes=64 * MIB, members=50, rows=100_000, seconds=60)


def opened(data: bytes, limits: Limits = LIMITS) -> Upload:
    return archives.open_upload(io.BytesIO(data), Budget(limits, packed_bytes=len(data)))


def zipped(files: Mapping[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", method) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def tarred(files: Mapping[str, bytes], *, packed: bool = True) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz" if packed else "w") as archive:
        for name, content in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
    return buffer.getvalue()


def contents(data: bytes, limits: Limits = LIMITS) -> dict[str, bytes]:
    """What every file of an upload holds, as text in UTF-8."""
    with opened(data, limits) as upload:
        found = {}
        for member in upload.members:
            with member.open_text() as stream:
                found[member.name] = stream.read()
        return found
