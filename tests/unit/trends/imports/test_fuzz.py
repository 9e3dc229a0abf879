"""Mutated histories of every kind: whatever comes of them, it is told, in bounds, and the same from anywhere.

`make fuzz` runs these longer, with seeds of their own.
"""

import gzip
import io
import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from musicconnect.files.budget import Budget, Limits
from musicconnect.files.errors import UnreadableError
from musicconnect.trends.imports import status_text
from musicconnect.trends.imports.batches import read_batches
from musicconnect.trends.imports.formats.base import ParseContext, Rejection
from musicconnect.trends.imports.formats.detection import DetectedFormat
from musicconnect.trends.imports.records import CUT_OFF, detect_member, open_archive, read_records
from musicconnect.trends.plays.model import Listen
from tests.support.properties import examples
from tests.unit.trends.imports import test_tables, test_takeout_html, test_takeout_verbs
from tests.unit.trends.imports.files import (
    NOW,
    account_row,
    as_csv,
    as_json,
    as_zip,
    extended_row,
    lastfm_csv,
    listen_line,
    scrobbler_log,
)
from tests.unit.trends.imports.test_formats import TestLastFm, TestServersOfOnesOwn

SONGS = ["Low Tide", "Größe", "愛", 'say "it"', "=1+1", "a;b,c\td"]
OWN = as_csv(
    [
        ["played_at", "local_time", "title", "artist", "album", "provider", "provider_track_id", "ms_played",
         "duration_ms", "kind", "source", "precision_s"],
        *(["2024-05-01 12:00:00.5+00", "2024-05-01 14:00:00.5", f"'{song}", "Abba", "", "other", "", str(n),
           "9", "skip", "spotify_extended", "1"] for n, song in enumerate(SONGS)),
    ]
)  # fmt: skip
SEEDS: dict[str, bytes] = {
    "extended": as_json(extended_row(n, song) for n, song in enumerate(SONGS)),
    "account, pretty": json.dumps([account_row(n, song) for n, song in enumerate(SONGS)], indent=2).encode(),
    "lines": b"".join(listen_line(n, song) for n, song in enumerate(SONGS)),
    "pages": as_json(
        [{"track": [TestLastFm.TRACK] * 3, "@attr": {"page": "1"}}, {"track": TestLastFm.TRACK}]
    ),
    "maloja": json.dumps({"maloja": {}, "scrobbles": [TestServersOfOnesOwn.MALOJA] * 3}).encode(),
    "koito": json.dumps({"version": "1", "listens": [TestServersOfOnesOwn.KOITO] * 3}).encode(),
    "takeout": test_takeout_verbs.rows([f"Watched {song}" for song in SONGS]),
    "takeout html": b"<html>mdl-typography" + b"".join(
        test_takeout_html.block("Watched&nbsp;{}", f"May {n}, 2024, 2:00:00 PM CEST").encode()
        for n in range(1, 5)
    ),
    "csv": lastfm_csv(SONGS),
    "csv of utf-16": lastfm_csv(SONGS).decode().encode("utf-16"),
    "lastfmstats": test_tables.LASTFMSTATS.encode(),
    "libre.fm": test_tables.LIBREFM.encode(),
    "spinitron": test_tables.SPINITRON.encode(),
    "pano": test_tables.PANO.encode(),
    "scrubbler": test_tables.SCRUBBLER.encode(),
    "apple": (
        test_tables.TestAppleMusic.HEADER + ",Salt,,,,,2024-05-01T12:05:00Z,PLAY_END,,9,AUDIO,1,x\n"
    ).encode(),
    "log": scrobbler_log(SONGS),
    "our own": OWN,
}  # fmt: skip
SEEDS["zip"] = as_zip(
    {"a.json": SEEDS["extended"], "b.zip": as_zip({"c.csv": SEEDS["csv"]}), "d": SEEDS["log"]}
)
SEEDS["gzip"] = gzip.compress(SEEDS["lines"])

PIECES = [
    b'"', b"\\", b"{", b"}", b"[", b"]", b",", b":", b";", b"\t", b"\n", b"\r", b"\x00", b"\xff",
    b"\xef\xbb\xbf",
    b"null", b"-1", b"1e999", b"9" * 400, b"\\ud800", b"<a href=", b"</div>", b"'=", b"2024-13-45",
    b"01/02/2024 1:00",
    b"#", b'"track": [', b'{"track":', "🎵".encode(), b" " * 300, b'""', b"{" * 50, b"[" * 500, b"PK\x03\x04",
]  # fmt: skip
Mutation = tuple[str, float, float, bytes]
MUTATIONS = st.lists(
    st.tuples(
        st.sampled_from(["insert", "replace", "cut", "repeat", "swap"]), st.floats(0, 1), st.floats(0, 1),
        st.sampled_from(PIECES) | st.binary(max_size=4),
    ),
    max_size=6,
)  # fmt: skip


def mutated(content: bytes, mutations: list[Mutation]) -> bytes:
    for what, begin, end, piece in mutations:
        a = int(begin * len(content))
        b = min(len(content), a + 1 + int(end * 60))
        match what:
            case "insert":
                content = content[:a] + piece + content[a:]
            case "replace":
                content = content[:a] + piece + content[b:]
            case "cut":
                content = content[: max(1, a)] if end > 0.9 else content[:a] + content[b:]
            case "repeat":
                content = content[:b] + content[a:]
            case _:
                content = content[b:] + content[:a]
    return content[:200_000]


LIMITS = Limits(unpacked_bytes=20_000_000, members=100, rows=200_000, seconds=60, free_bytes=2_000_000)


def everything(content: bytes, resume: Callable[[list[Any]], int] | None = None) -> list[Any]:
    """What becomes of every record of an upload, each file gone on with somewhere if that is wanted."""
    became: list[Any] = []
    budget = Budget(LIMITS, packed_bytes=len(content))
    try:
        with open_archive(io.BytesIO(content), budget) as upload:
            for number in range(len(upload.members)):
                found = detect_member(upload, number)
                if not isinstance(found, DetectedFormat):
                    assert found is None or found in status_text.TEXTS
                    continue
                json.dumps(found.facts)
                context = ParseContext(NOW, "Europe/Berlin", found.facts)
                source = read_records(upload, number, found)
                seen = 0
                for batch in read_batches(source, found, context, "", offset=0, line=0):
                    seen += batch.size
                    assert batch.size == len(batch.listens) + batch.refused.total()
                    became += batch.listens
                    became += batch.refused.elements()
                records = [] if seen > 2_000 else list(read_records(upload, number, found))
                if records and resume is not None:
                    at = resume(records)
                    one = records[at]
                    rest = read_records(upload, number, found, offset=one.end, line=one.line)
                    again = [(r.value, r.end) for r in rest if r.value is not CUT_OFF]
                    # Where brackets are out of order, what is within them depends on where one looks from.
                    assert found.facts.get("within") or again == [
                        (r.value, r.end) for r in records[at + 1 :] if r.value is not CUT_OFF
                    ]
    except UnreadableError:
        pass  # in words, as the tests of `musicconnect.files` see to
    for one in became:
        assert isinstance(one, Listen | Rejection | tuple)
        if isinstance(one, Listen):
            assert one.title.strip()
            assert one.artist.strip()
            json.dumps(one.details)
    assert budget.unpacked_bytes <= LIMITS.free_bytes + 1_000_000
    return became


@pytest.mark.parametrize("seed", SEEDS)
def test_the_seeds_are_histories(seed: str) -> None:
    assert any(isinstance(one, Listen) for one in everything(SEEDS[seed]))


@pytest.mark.parametrize("seed", SEEDS)
@examples(30)
@given(mutations=MUTATIONS, at=st.floats(0, 0.999))
def test_whatever_an_upload_is_every_record_is_told_of(
    seed: str, mutations: list[Mutation], at: float
) -> None:
    content = mutated(SEEDS[seed], mutations)
    everything(content, lambda records: int(at * len(records)))
