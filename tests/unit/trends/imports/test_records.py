"""Reading files of any size, from any record on."""

import gzip
import io
import json
import tracemalloc
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from musicconnect.files.errors import UnreadableError
from musicconnect.trends.imports.formats.detection import detect
from musicconnect.trends.imports.records import (
    CUT_OFF,
    Record,
    detect_member,
    open_archive,
    read_records,
)
from tests.unit.trends.imports.files import (
    account_row,
    as_json,
    as_zip,
    extended_row,
    lastfm_csv,
    listen_line,
    scrobbler_log,
)

names = st.text(st.characters(exclude_categories=("Cs", "Cc")), min_size=1, max_size=30)
Made = Callable[[list[str]], bytes]
FORMATS: dict[str, Made] = {
    "array": lambda songs: as_json(account_row(n, song) for n, song in enumerate(songs)),
    "escaped array": lambda songs: json.dumps(
        [account_row(n, song) for n, song in enumerate(songs)]
    ).encode(),
    "pretty array": lambda songs: json.dumps(
        [extended_row(n, song) for n, song in enumerate(songs)], indent=1, ensure_ascii=False
    ).encode(),
    "array with a mark": lambda songs: b"\xef\xbb\xbf" + FORMATS["array"](songs),
    "wrapped array": lambda songs: json.dumps(
        {"version": 1, "listens": [json.loads(listen_line(n, song)) for n, song in enumerate(songs)]}
    ).encode(),
    "lines": lambda songs: b"".join(listen_line(n, song) for n, song in enumerate(songs)),
    "csv": lastfm_csv,
    "log": scrobbler_log,
}


def everything(content: bytes, offset: int = 0, line: int = 0) -> list[Record]:
    with open_archive(io.BytesIO(content)) as upload:
        found = detect_member(upload, 0)
        assert found is not None
        assert not isinstance(found, str)
        return list(read_records(upload, 0, found, offset=offset, line=line))


@pytest.mark.parametrize("kind", FORMATS)
@given(songs=st.lists(names, min_size=1, max_size=12), packed=st.booleans())
def test_reading_goes_on_at_any_record(kind: str, songs: list[str], packed: bool) -> None:
    content = FORMATS[kind](songs)
    content = gzip.compress(content) if packed else content
    whole = everything(content)
    assert len(whole) == len(songs)
    for at, record in enumerate(whole):
        assert everything(content, record.end, record.line) == whole[at + 1 :]


@pytest.mark.parametrize("chunk", [1, 7, 64, 1000])
def test_it_does_not_matter_how_much_is_read_at_once(monkeypatch: pytest.MonkeyPatch, chunk: int) -> None:
    songs = [f'Größe {n} 愛 \\ " ] }} 🎵' for n in range(40)]
    content = FORMATS["array"](songs)
    whole = everything(content)
    monkeypatch.setattr("musicconnect.trends.imports.readers.record.CHUNK_BYTES", chunk)
    assert everything(content) == whole
    assert everything(content, whole[20].end, whole[20].line) == whole[21:]
    assert [record.value["trackName"] for record in whole] == songs


def songs_of(content: bytes) -> list[str | None]:
    """The songs of account data; None for what is no record, "..." where the file is cut off."""
    return [
        "..." if one.value is CUT_OFF else one.value and one.value.get("trackName")
        for one in everything(content)
    ]


SONGS = ["a", "b", "c", "d"]
ROWS = [json.dumps(account_row(n, song)).encode() for n, song in enumerate(SONGS)]


@pytest.mark.parametrize(
    ("bad", "found"),
    [
        (ROWS[1].replace(b'"b"', b'"b'), [None]),
        (ROWS[1].replace(b'"b"', b'"\\q"'), [None]),
        (ROWS[1].replace(b'"b"', b'"\\u12"'), [None]),
        (ROWS[1].replace(b"60001", b"1" * 5000), [None]),
        (ROWS[1].replace(b"60001", b"60001,"), [None]),
        (ROWS[1].replace(b"60001", b'{"a": [1, {"trackName": ]}'), [None]),
        (ROWS[1].replace(b"60001", b"[" * 60_000 + b"]" * 60_000), [None]),
        (b"nonsense", [None]),
        (b"nonsense, " + ROWS[1], [None, "b"]),
        (b"null", [None]),
        (b"[" + ROWS[1] + b", " + ROWS[1] + b"]", ["b", "b"]),
        (b"]" + b"[" + ROWS[1], ["b"]),
        (ROWS[1] + b"] x [" + ROWS[1], ["b", None, "b"]),
        (b"", []),
        (ROWS[1].replace(b'"b"', b'"b\n\x01"'), ["b\n\x01"]),
        (ROWS[1].replace(b'"b"', b'"\xff"'), ["\u00ff"]),
    ],
)
def test_a_record_that_is_no_json_costs_itself_and_no_other(bad: bytes, found: list[str | None]) -> None:
    """Reading used to end there, and the import was complete."""
    content = b"[" + b", ".join([ROWS[0], *([bad] if bad else []), ROWS[2], ROWS[3]]) + b"]"
    assert songs_of(content) == ["a", *found, "c", "d"]


@pytest.mark.parametrize("cut", [*range(1, len(ROWS[3]) + 1, 9), 1])
def test_a_list_that_is_cut_off_says_so(cut: int) -> None:
    content = b"[" + b", ".join(ROWS) + b"]"
    assert songs_of(content[:-cut])[:3] == SONGS[:3]
    assert songs_of(content[:-cut])[-1] == "..."


def test_lists_one_after_the_other_are_all_read() -> None:
    assert songs_of(b"[" + ROWS[0] + b"]\n[" + ROWS[1] + b",]\n" + ROWS[2] + b"\n" + ROWS[3]) == SONGS


def test_documents_with_lists_one_after_the_other_are_all_read() -> None:
    document = FORMATS["wrapped array"](["a", "b"])
    read = everything(document + b"\n" + document)
    assert [one.value["track_metadata"]["track_name"] for one in read] == ["a", "b", "a", "b"]
    assert everything(document + b"\n" + document[:-20])[-1].value is CUT_OFF


def test_a_line_that_is_no_json_does_not_hide_the_next_one() -> None:
    content = listen_line(0, "a") + b"{nonsense\n\n" + listen_line(1, "b")
    assert [(record.line, record.value is None) for record in everything(content)] == [
        (1, False), (2, True), (4, False),
    ]  # fmt: skip


def test_nesting_without_end_is_no_json() -> None:
    content = FORMATS["array"](["a"])[:-1] + b"," + b"[" * 200_000
    assert everything(content)[-1].value is CUT_OFF


def test_a_damaged_member_of_a_zip_is_reported() -> None:
    content = bytearray(as_zip({"a.json": FORMATS["array"]([f"song {n}" for n in range(3000)])}))
    content[len(content) // 2] ^= 0xFF
    upload = open_archive(io.BytesIO(bytes(content)))
    found = detect_member(upload, 0)
    assert found is not None
    with pytest.raises(UnreadableError):
        list(read_records(upload, 0, found, offset=0, line=0))  # type: ignore[arg-type]


def test_a_zip_that_would_fill_the_disk_is_not_read() -> None:
    import zipfile  # noqa: PLC0415

    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for n in range(3):
            archive.writestr(f"{n}.json", b"")
        for info in archive.infolist():
            info.file_size = 6 * 1024**3
    with pytest.raises(UnreadableError, match="too much"):
        open_archive(io.BytesIO(buffer.getvalue()))


class Endless(io.RawIOBase):
    """A history of so many bytes that is never anywhere as a whole."""

    def __init__(self, size: int) -> None:
        super().__init__()
        self._row = json.dumps(account_row(1, "Song")).encode() + b", "
        self._size = size // len(self._row) * len(self._row)
        self._at = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = 0) -> int:
        assert whence in {io.SEEK_SET, io.SEEK_END}
        self._at = offset if whence == io.SEEK_SET else self._size
        return self._at

    def readinto(self, buffer: Any, /) -> int:
        view = memoryview(buffer)
        if self._at == 0:
            view[:1] = b"["
            self._at = 1
            return 1
        length = min(len(view), self._size - self._at)
        start = (self._at - 1) % len(self._row)
        text = (self._row * (length // len(self._row) + 2))[start : start + length]
        view[:length] = text
        self._at += length
        return length


def peak_of(size: int) -> tuple[int, int]:
    """Records, and the most memory that reading them took."""
    upload = open_archive(io.BufferedReader(Endless(size), 1 << 16))
    found = detect_member(upload, 0)
    assert found is not None
    tracemalloc.start()
    count = sum(1 for _ in read_records(upload, 0, found))  # type: ignore[arg-type]
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return count, peak


def test_memory_does_not_grow_with_the_file() -> None:
    small, large = peak_of(2_000_000), peak_of(12_000_000)
    assert large[0] > 5 * small[0]
    assert large[1] < small[1] + 200_000


@given(st.binary(max_size=300))
def test_anything_at_all_can_be_looked_at(content: bytes) -> None:
    for lead in (b"", b"[", b"{", b"[{", b"#AUDIOSCROBBLER/1.1\n", b"uts,artist,album,track\n", b"<html>"):
        detect((lead + content).decode("utf-8", "replace"))
