"""Read the records of uploaded histories in constant memory, from any record on. Pure.

A position is a byte offset into the text of one file of an upload, as `musicconnect.files` gives it.
"""

import codecs
import csv
import json
import re
from collections.abc import Generator, Iterator
from dataclasses import dataclass, field
from typing import IO, Any, Final, NamedTuple

from musicconnect.files import archives
from musicconnect.files.archives import Upload
from musicconnect.files.budget import Budget, Limits
from musicconnect.trends.imports.formats.detection import HEAD_BYTES, DetectedFormat, array_start, detect

CHUNK_BYTES: Final = 262_144
MAX_RECORD_LENGTH: Final = 4_194_304
"""Characters; a page of Last.fm's has about half a million."""
LIMITS: Final = Limits(unpacked_bytes=16 * 1024**3, members=10_000, rows=100_000_000, seconds=60)
"""Of one upload; plays that are read grant more time: see `worker`."""
_SEPARATOR = re.compile(r"[\s,]*")


class Record(NamedTuple):
    """A record, and where the next one begins."""

    line: int
    """1-based: the line of a text, the position in a JSON list."""
    value: Any
    """For the format's parser; None if it is unreadable."""
    end: int
    """Byte offset after it."""


def open_archive(file: IO[bytes], budget: Budget | None = None) -> Upload:
    """Open an upload (seekable): a file or an archive of files; raises UnreadableError if it is damaged."""
    return archives.open_upload(file, budget or Budget(LIMITS, packed_bytes=file.seek(0, 2)))


def detect_member(upload: Upload, member: int) -> DetectedFormat | str | None:
    """Detect the format of one of the files, see `detect`; raises UnreadableError if it is damaged."""
    with upload.members[member].open_text() as stream:
        return detect(stream.read(HEAD_BYTES))


def read_records(
    upload: Upload, member: int, found: DetectedFormat, *, offset: int = 0, line: int = 0
) -> Generator[Record]:
    """Read the records of one file after one whose ``end`` and ``line`` are given.

    Raises:
        UnreadableError: the data ends or is damaged half-way.
    """
    readers = {"array": _array, "lines": _lines, "csv": _csv, "tsv": _tsv}
    with upload.members[member].open_text(offset) as stream:
        yield from readers[found.format.shape](stream, found, offset, line)


@dataclass(slots=True)
class _TextBuffer:
    """The unread part of a stream as text, with its byte offset."""

    stream: IO[bytes]
    start: int
    text: str = ""
    ended: bool = False
    # Bytes that are not UTF-8 become lone surrogates, so that offsets stay exact.
    decoder: codecs.IncrementalDecoder = field(
        default_factory=lambda: codecs.getincrementaldecoder("utf-8")("surrogateescape")
    )

    def more(self) -> bool:
        """Read another chunk; False at the end."""
        if self.ended:
            return False
        data = self.stream.read(CHUNK_BYTES)
        self.ended = not data
        self.text += self.decoder.decode(data, final=self.ended)
        return not self.ended

    def drop(self, length: int) -> None:
        """Drop the first characters."""
        self.start += len(self.text[:length].encode("utf-8", "surrogateescape"))
        self.text = self.text[length:]


def _array(stream: IO[bytes], found: DetectedFormat, offset: int, line: int) -> Iterator[Record]:
    source = _TextBuffer(stream, offset)
    source.more()
    at = 0
    if offset == 0:
        at = _array_begin(source, found.format.within)
        if at < 0:
            yield Record(line + 1, None, 0)
            return
    decode = json.JSONDecoder().raw_decode
    done = 0  # up to here the offset is known
    end = source.start
    plain = source.text.isascii()  # then characters are bytes
    while True:
        gap = _SEPARATOR.match(source.text, at)
        at = gap.end() if gap else at
        if at >= len(source.text):
            if source.more():
                plain = source.text.isascii()
                continue
            yield Record(line + 1, None, end)  # no closing bracket: the file was cut off
            return
        if source.text[at] == "]":
            return
        try:
            value, stop = decode(source.text, at)
        except (ValueError, RecursionError):
            source.drop(at)
            end, at, done = source.start, 0, 0
            if len(source.text) < MAX_RECORD_LENGTH and source.more():
                plain = source.text.isascii()
                continue
            yield Record(line + 1, None, end)
            return
        end += stop - done if plain else len(source.text[done:stop].encode("utf-8", "surrogateescape"))
        done = at = stop
        line += 1
        yield tuple.__new__(Record, (line, value, end))
        if at > CHUNK_BYTES:
            source.start, source.text = end, source.text[at:]
            at = done = 0


def _array_begin(source: _TextBuffer, within: str | None) -> int:
    while within is not None:
        begin = array_start(source.text, within)
        if begin is not None:
            return begin
        if len(source.text) > HEAD_BYTES or not source.more():
            return -1
    return source.text.find("[") + 1 or -1


def _lines(stream: IO[bytes], _found: DetectedFormat, offset: int, line: int) -> Iterator[Record]:
    for raw in iter(lambda: stream.readline(MAX_RECORD_LENGTH), b""):
        offset += len(raw)
        line += 1
        if not raw.strip(b" \t\r\n\xef\xbb\xbf"):
            continue
        try:
            value = json.loads(raw.decode("utf-8-sig"))
        except (ValueError, RecursionError):
            value = None
        yield Record(line, value, offset)


@dataclass(slots=True)
class _LineCounter:
    stream: IO[bytes]
    offset: int
    line: int

    def __iter__(self) -> Iterator[str]:
        for raw in iter(lambda: self.stream.readline(MAX_RECORD_LENGTH), b""):
            self.offset += len(raw)
            self.line += 1
            yield raw.decode("utf-8-sig" if self.line == 1 else "utf-8", "surrogateescape")


def _csv(stream: IO[bytes], found: DetectedFormat, offset: int, line: int) -> Iterator[Record]:
    lines = _LineCounter(stream, offset, line)
    text = iter(lines)
    reader = csv.reader(text)
    skip_header = offset == 0 and found.facts.get("header", False)
    while True:
        first = lines.line + 1
        try:
            row = next(reader, None)
        except csv.Error:
            reader = csv.reader(text)
            yield Record(first, None, lines.offset)
            continue
        if row is None:
            return
        if skip_header:
            skip_header = False
        elif row:
            yield Record(first, row, lines.offset)


def _tsv(stream: IO[bytes], _found: DetectedFormat, offset: int, line: int) -> Iterator[Record]:
    """Read tab-separated rows; those that begin with # are the header."""
    lines = _LineCounter(stream, offset, line)
    for text in lines:
        row = text.rstrip("\r\n").split("\t")
        if text.strip() and not text.startswith("#"):
            yield Record(lines.line, row, lines.offset)
