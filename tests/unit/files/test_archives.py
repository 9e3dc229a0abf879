"""Given an upload, packed in whatever way, then every file in it is found, once, and at no unlimited cost."""

import gzip
import io
import random
import struct
import tracemalloc
import zipfile
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from musicconnect.files import archives
from musicconnect.files.budget import Budget
from musicconnect.files.errors import BudgetError, StepOverError, UnreadableError
from tests.unit.files.packing import LIMITS, contents, opened, tarred, zipped

FILES = {"a.csv": b"1,2\n", "folder/b.json": b"[]", "c": b""}


@pytest.mark.parametrize(
    "data",
    [
        zipped(FILES),
        zipped(FILES, zipfile.ZIP_STORED),
        zipped(FILES, zipfile.ZIP_LZMA),
        tarred(FILES),
        tarred(FILES, packed=False),
        gzip.compress(zipped(FILES)),
        zipped({name: gzip.compress(content) for name, content in FILES.items()}),
    ],
)
def test_files_of_every_archive(data: bytes) -> None:
    assert contents(data) == FILES


def test_archives_within_archives_are_opened_and_their_names_tell_where_files_lie() -> None:
    apple = zipped(
        {"Media.zip": zipped({"Music.zip": zipped({"Plays.json.zip": zipped({"Plays.json": b"[]"})})})}
    )
    assert contents(apple) == {"Media.zip/Music.zip/Plays.json.zip/Plays.json": b"[]"}
    takeout = tarred({"Takeout/history.json": b"[1]", "Takeout/more.zip": zipped({"x": b"y"})})
    assert contents(takeout) == {"Takeout/history.json": b"[1]", "Takeout/more.zip/x": b"y"}


def test_what_is_nested_too_deeply_is_named_and_the_rest_is_read() -> None:
    deep = b"x"
    for _ in range(archives.MAX_DEPTH + 1):
        deep = gzip.compress(deep)
    with pytest.raises(UnreadableError, match=r"within 5 archives\. Unpack it"):
        opened(deep)
    with opened(zipped({"deep.gz": deep, "a.csv": b"1"})) as upload:
        assert [member.name for member in upload.members] == ["a.csv"]
        assert [(unread.name, "Unpack it" in unread.reason) for unread in upload.unread] == [
            ("deep.gz", True)
        ]


@pytest.mark.parametrize(
    ("data", "advice"),
    [
        (b"Rar!\x1a\x07\x01", "RAR archive. Unpack it"),
        (b"7z\xbc\xaf\x27\x1c\x00", "7z archive. Unpack it"),
        (zipped({"xl/workbook.xml": b"<x/>"}), "as CSV"),
        (b"PK\x03\x04 and no more", "damaged or incomplete"),
        (zipped(FILES)[:-30], "damaged or incomplete"),
        (gzip.compress(b"a" * 1000, mtime=0)[:-6], "cannot be unpacked"),
    ],
)
def test_what_cannot_be_opened_says_why_and_what_to_do(data: bytes, advice: str) -> None:
    with pytest.raises(UnreadableError, match=advice):
        contents(data)
    with opened(zipped({"inside": data, "a.csv": b"1"})) as upload:
        assert "a.csv" in [member.name for member in upload.members]


def test_a_tar_that_was_cut_gives_what_stands_before_and_says_so() -> None:
    noise = random.Random(1).randbytes(300_000)
    data = tarred({"a.csv": b"1,2\n", "b.bin": noise})
    with opened(data[:200_000]) as upload:
        assert [member.name for member in upload.members][:1] == ["a.csv"]
        with upload.members[0].open() as stream:
            assert stream.read() == b"1,2\n"
        assert "What stands before that is read." in upload.unread[0].reason


def test_what_systems_put_beside_files_is_no_file() -> None:
    noise = {"__MACOSX/._a.csv": b"x", "d/._b": b"x", ".DS_Store": b"x", "d/Thumbs.db": b"x"}
    assert contents(zipped(FILES | noise)) == FILES
    assert contents(tarred(FILES | noise)) == FILES


def test_members_of_one_name_are_two_files() -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("a", b"first")
        with pytest.warns(UserWarning, match="Duplicate name"):
            archive.writestr("a", b"second")
    with opened(buffer.getvalue()) as upload:
        found = []
        for member in upload.members:
            with member.open() as stream:
                found.append(stream.read())
    assert found == [b"first", b"second"]


def bombs() -> dict[str, bytes]:
    lines = gzip.compress(b"\n" * 50_000_000)
    return {
        "a gzip of newlines in a zip": zipped({"a.gz": lines}),
        "gzip in gzip": gzip.compress(lines),
        "a tar of newlines": tarred({"a": b"\n" * 50_000_000}),
        "a zip of zeros in zips": zipped({"a.zip": zipped({"b.zip": zipped({"c": bytes(100_000_000)})})}),
        "many members": zipped({str(number): b"x" for number in range(60)}),
    }


@pytest.mark.parametrize("kind", bombs())
def test_a_bomb_ends_at_the_budget_in_little_memory(kind: str) -> None:
    data = bombs()[kind]
    tracemalloc.start()
    with pytest.raises(BudgetError):
        contents(data)
    assert tracemalloc.get_traced_memory()[1] < 40 * 1024**2
    tracemalloc.stop()


def test_overlapping_members_are_not_unpacked_again_and_again() -> None:
    data = bytearray(zipped({"a": random.Random(2).randbytes(1000), "b": b"b" * 1000}))
    directory = data.rindex(b"PK\x01\x02")
    data[directory + 42 : directory + 46] = struct.pack("<I", 0)  # b begins where a does
    with opened(bytes(data)) as upload:
        assert len(upload.members) + len(upload.unread) == 2
        assert upload.unread


def test_headers_that_claim_gigabytes_cost_nothing() -> None:
    header = bytearray(tarred({"a": b""}, packed=False)[:512])
    header[156:157] = b"x"  # a header of names, which are read into memory
    header[124:136] = b"77777777777\x00"
    header[148:156] = b" " * 8
    header[148:156] = b"%06o\x00 " % sum(header)
    with pytest.raises(UnreadableError):
        contents(gzip.compress(bytes(header) + bytes(50_000_000)), replace(LIMITS, ratio=10_000))


def test_time_is_limited_for_all_files_together_and_what_brings_something_in_grants_more() -> None:
    now = [0.0]
    data = zipped({"a": b"1\n", "b": b"2\n"})
    budget = Budget(LIMITS, packed_bytes=len(data), clock=lambda: now[0])
    with archives.open_upload(io.BytesIO(data), budget) as upload:
        now[0] = 59
        with upload.members[0].open() as stream:
            assert stream.read() == b"1\n"
        now[0] = 61
        with upload.members[1].open() as stream, pytest.raises(BudgetError, match="longer than 60 seconds"):
            stream.read()
        budget.grant(10)
        with upload.members[1].open() as stream:
            assert stream.read() == b"2\n"
    later = Budget(LIMITS, packed_bytes=len(data), spent=budget.spent, clock=lambda: now[0])
    assert later.spent == budget.spent


def test_a_step_ends_wherever_it_is_and_the_time_of_all_steps_is_limited() -> None:
    now = [0.0]
    data = zipped({"a": b"1\n"})
    spent: dict[str, float] = {}
    for _ in range(2):  # 25 seconds each
        budget = Budget(LIMITS, packed_bytes=len(data), spent=spent, step_s=20, clock=lambda: now[0])
        with archives.open_upload(io.BytesIO(data), budget) as upload:
            now[0] += 20
            assert upload.members[0].head() == b"1\n"
            now[0] += 5
            with pytest.raises(StepOverError):
                upload.members[0].head()
        spent = budget.spent
    budget = Budget(LIMITS, packed_bytes=len(data), spent=spent, step_s=20, clock=lambda: now[0])
    with archives.open_upload(io.BytesIO(data), budget) as upload:
        now[0] += 15
        with pytest.raises(BudgetError, match="longer than 60 seconds"):
            upload.members[0].head()


@given(
    offset=st.integers(0, 3_000), kind=st.sampled_from(["utf-8", "utf-16", "cp1252"]), packed=st.booleans()
)
def test_reading_goes_on_at_any_offset_of_the_text(offset: int, kind: str, packed: bool) -> None:
    text = "".join(f"{number};Motörhead;Bömb\r\n" for number in range(100))
    data = text.encode(kind)
    whole = text.encode()
    with (
        opened(zipped({"a": data}) if packed else data) as upload,
        upload.members[0].open_text(offset) as stream,
    ):
        assert stream.read() == whole[offset:]


def test_memory_does_not_grow_with_the_file() -> None:
    text = "".join(f"{number},Motörhead,Bömb\n" for number in range(90_000))
    data = gzip.compress(text.encode("cp1252"))
    tracemalloc.start()
    limits = replace(LIMITS, rows=200_000)
    with opened(data, limits) as upload, upload.members[0].open_text() as stream:
        assert sum(1 for _ in stream) == 90_000
    assert tracemalloc.get_traced_memory()[1] < 6 * 1024**2
    tracemalloc.stop()
