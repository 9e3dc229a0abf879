"""Given any file that was damaged in any way, then it is read or refused in words, within its budget."""

import contextlib
import gzip
import io
import json
from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from musicconnect.playlist_files import readers
from musicconnect.playlist_files.model import Entry, PlaylistHeader
from musicconnect.playlist_files.readers import UnreadableError
from tests.unit.files.packing import tarred, zipped
from tests.unit.playlist_files import factories
from tests.unit.playlist_files import test_collections_of_programs as collections
from tests.unit.playlist_files import test_lists_of_programs as lists
from tests.unit.playlist_files import test_tables_of_programs as tables

SAMPLES = [
    *(
        factories.written(kind, PlaylistHeader(name="Mix"), factories.ordinary(4))
        for kind in factories.FORMATS
    ),
    *tables.SMALL.values(),
    tables.table(tuple(tables.EXPORTIFY["ja"].split("|")), tables.ROW),
    tables.table(*tables.TAKEOUT.values(), "Zz9_yX-8wV0,2023-03-07T05:54:43+00:00"),
    f"{tables.APPLE['de']}\r{tables.APPLE_ROW}\r".encode("utf-16"),
    lists.ITUNES.encode(),
    lists.PLS.encode(),
    lists.XSPF.format(encoding="UTF-8").encode(),
    json.dumps(lists.SPOTIFY).encode(),
    json.dumps({"playlists": [{"name": "x", "tracks": [{"track": lists.API_TRACK}]}]}).encode(),
    json.dumps({"playlists": [{"playlist": {"track": [{"title": "a"}]}}]}).encode(),
    json.dumps([{"title": "Reed", "artists": ["Oar"], "duration": 216.5}]).encode(),
    b"Oar - Reed\nOar - Ferry\n",
    *(text.encode() for text in (*collections.LIBRARIES.values(), *collections.LISTS.values())),
]
NASTY = [
    *(sign.encode() for sign in "\x00\"'\\\r\n,;\t{}[]<>&%"),
    *(b"9" * 5_000, b"[" * 3_000, b"x" * 10_000),
    *(b"\xff", b"\xed\xa0\x80", b"\r\n", b"#EXTINF:", b"null", b"=1+1"),
    *(b"\\ud800", b"1e999", b"NaN", b"\xef\xbb\xbf", b"\xff\xfe", b"<![CDATA[", b"-1", b" - "),
    b"<!DOCTYPE a [<!ENTITY b 'c'>]>",
]

type Mutation = Callable[[bytes], bytes]


def cut(at: float, length: int, instead: bytes) -> Mutation:
    """Put something in the place of some bytes."""

    def change(data: bytes) -> bytes:
        begin = int(at * len(data))
        return data[:begin] + instead + data[begin + length :]

    return change


def in_zip(data: bytes) -> bytes:
    return zipped({"a": data, "b.csv": data})


def in_tar(data: bytes) -> bytes:
    return tarred({"a": data})


def with_returns(data: bytes) -> bytes:
    return data.replace(b"\n", b"\r")


places = st.floats(0, 1, exclude_max=True)
mutations: st.SearchStrategy[Mutation] = st.one_of(
    st.builds(cut, places, st.just(0), st.sampled_from(NASTY)),
    st.builds(cut, places, st.integers(1, 60), st.just(b"")),
    st.builds(cut, places, st.just(1), st.binary(min_size=1, max_size=1)),
    st.builds(cut, places, st.just(10**9), st.just(b"")),
    st.sampled_from([gzip.compress, in_zip, in_tar, with_returns, lambda data: data * 3]),
)


@given(st.sampled_from(SAMPLES), st.lists(mutations, min_size=1, max_size=4))
def test_whatever_happened_to_a_file_it_is_read_or_refused(sample: bytes, changes: list[Mutation]) -> None:
    data = sample
    for change in changes:
        data = change(data)
    faults: list[readers.ReadError] = []
    positions: dict[int, int] = {}
    heads: list[PlaylistHeader] = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(
            readers, "LIMITS", replace(readers.LIMITS, free_bytes=2_000_000, rows=50_000, seconds=20)
        )
        # Anything else is a fault of ours.
        with contextlib.suppress(UnreadableError):
            for part in readers.read_playlists(io.BytesIO(data), file_name="a.csv", report=faults.append):
                if isinstance(part, Entry):
                    assert part.position == positions.get(id(heads[-1]), 0)
                    positions[id(heads[-1])] = part.position + 1
                else:
                    heads.append(part)
    assert all(fault.reason for fault in faults)
