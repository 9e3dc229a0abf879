"""Files that are gone on with by another packer, as after a kill, are the same as those of one go."""

import gzip
import io
import zipfile
from datetime import UTC, datetime

import pytest

from musicconnect.exports.build.containers import ByteBuffer, container_writer

AT = datetime(2026, 11, 22, 12, 30, 2, tzinfo=UTC)


@pytest.mark.parametrize("pauses", [0, 1, 5])
@pytest.mark.parametrize("form", ["plain", "gzip"])
def test_one_document_in_pieces(form: str, pauses: int) -> None:
    out, state, offset = b"", {}, 0
    for number in range(pauses + 1):
        sink = ByteBuffer(offset)
        pack = container_writer(form, sink, state, AT)
        pack.begin("x")
        pack.write(f"piece {number}\n".encode() * 1000)
        if number == pauses:
            pack.end(1)
            pack.finish()
        else:
            state = pack.pause()
        out += sink.take()
        offset = sink.tell()
        pack.abandon()
    content = gzip.decompress(out) if form == "gzip" else out
    assert content == b"".join(f"piece {number}\n".encode() * 1000 for number in range(pauses + 1))
    assert offset == len(out)


def test_an_empty_gzip_is_valid() -> None:
    sink = ByteBuffer(0)
    pack = container_writer("gzip", sink, {}, AT)
    pack.begin("x")
    pack.end(0)
    pack.finish()
    assert gzip.decompress(sink.take()) == b""


@pytest.mark.parametrize("every", [1, 2, 100])
def test_a_zip_that_is_gone_on_with_after_every_so_many_files(every: int) -> None:
    files = {f"folder/file {n} 愛.txt": f"content {n}\n".encode() * n * 50 for n in range(7)}
    out, state, offset = b"", {}, 0
    sink = ByteBuffer(0)
    pack = container_writer("zip", sink, state, AT)
    for number, (name, content) in enumerate(files.items(), 1):
        pack.begin(name)
        pack.write(content[:10])
        pack.write(content[10:])
        pack.end(number)
        if number % every == 0:
            state = pack.pause()
            out += sink.take()
            offset = sink.tell()
            # Somebody begins another file and dies.
            pack.begin("lost")
            pack.write(b"x" * 100_000)
            pack.abandon()
            sink = ByteBuffer(offset)
            pack = container_writer("zip", sink, state, AT)
    pack.finish()
    out += sink.take()
    with zipfile.ZipFile(io.BytesIO(out)) as archive:
        assert archive.testzip() is None
        assert {name: archive.read(name) for name in archive.namelist()} == files
        assert {info.date_time for info in archive.infolist()} == {(2026, 11, 22, 12, 30, 2)}


def test_an_empty_zip_is_valid() -> None:
    sink = ByteBuffer(0)
    container_writer("zip", sink, {}, AT).finish()
    with zipfile.ZipFile(io.BytesIO(sink.take())) as archive:
        assert archive.namelist() == []


def test_what_is_taken_in_part_keeps_its_place() -> None:
    sink = ByteBuffer(100)
    sink.write(b"abcdef")
    assert (sink.take(2), sink.waiting, sink.tell()) == (b"ab", 4, 106)
    assert (sink.take(), sink.tell()) == (b"cdef", 106)
