"""Read JSON values one after the other, wherever they stand.

They may stand in a list, in lists one after the other, in lists of lists, on lines, or in the lists under a
key of some object.

A value that is no JSON costs itself and none behind it: reading goes on where the next one begins, which is
known by the key that all values begin with.
"""

import codecs
import json
import re
from collections.abc import Generator
from dataclasses import dataclass, field
from typing import IO, Any, Final

from musicconnect.trends.imports.readers import record
from musicconnect.trends.imports.readers.record import CUT_OFF, MAX_RECORD_LENGTH, Record

# Brackets count as blanks: lists may follow each other, or hold each other. RFC 7464 puts RS between texts.
_GAP: Final = re.compile(r"[\s,\[\]\ufeff\x1e]*")
_TOKEN: Final = re.compile(r'"(?:[^"\\]++|\\.)*+"|[{}\[\]"]', re.DOTALL)
_FIRST_KEY: Final = re.compile(r'\{\s*("(?:[^"\\]|\\.){1,100}"\s*:)')
_ANY_OBJECT: Final = re.compile(r"(?<=[\s,\[\]{}])\{")
_END_OF_JUNK: Final = re.compile(r"[{\[\]]|,\s*(?=[{\[\"])|\n")
TAIL: Final = 256
"""Characters that are kept of a text that was searched, for what a chunk's end cut in two."""
# What is no JSON although the text goes on behind it ends before so many characters of what has been read.
_LONGEST_TOKEN: Final = 32


@dataclass(slots=True)
class TextBuffer:
    """The unread part of a stream as text, with its byte offset."""

    stream: IO[bytes]
    start: int
    text: str = ""
    ended: bool = False
    # Whatever it is, it is no reason to end: offsets stay exact, and names that are no text are refused.
    decoder: codecs.IncrementalDecoder = field(
        default_factory=lambda: codecs.getincrementaldecoder("utf-8")("surrogateescape")
    )
    _known: tuple[int, int] = (0, 0)
    """A place in the text, and how many bytes stand before it."""

    def more(self) -> bool:
        """Read another chunk, larger where much is unread already; False at the end."""
        if self.ended:
            return False
        data = self.stream.read(max(record.CHUNK_BYTES, len(self.text)))
        self.ended = not data
        self.text += self.decoder.decode(data, final=self.ended)
        return not self.ended

    def offset(self, at: int) -> int:
        """Give the byte offset of a place in the text, at or behind the last one that was asked for."""
        if self.text.isascii():
            return self.start + at
        place, size = self._known
        size += len(self.text[place:at].encode("utf-8", "surrogateescape"))
        self._known = at, size
        return self.start + size

    def drop(self, length: int) -> None:
        """Drop the first characters."""
        self.start = self.offset(length)
        self.text = self.text[length:]
        self._known = 0, 0


def first_key_of(text: str) -> str | None:
    """Find the key that the first value of a text begins with, quotes and colon included."""
    found = _FIRST_KEY.search(text)
    return found[1] if found else None


def _beginning_with(key: str) -> re.Pattern[str]:
    return re.compile(r"(?<=[\s,\[\]{}])\{\s*" + re.escape(key))


def depth_of(text: str) -> int:
    """Count the brackets that are open at the end of a text; quoted ones are text."""
    depth = 0
    for bracket in _TOKEN.findall(text):
        if bracket in "{[":
            depth += 1
        elif bracket in "}]":
            depth -= 1
    return depth


def list_under(key: str) -> re.Pattern[str]:
    """Make the pattern of what stands before the list, or the only object, under a key."""
    return re.compile(rf'(?<!\\)"{re.escape(key)}"\s*:\s*(?=[\[{{])')


def read_values(
    stream: IO[bytes],
    *,
    within: str | None,
    depth: int,
    is_lines: bool = False,
    first_key: str | None = None,
    offset: int = 0,
    line: int = 0,
) -> Generator[Record]:
    """Read the values of a stream.

    Args:
        stream: UTF-8, at ``offset``.
        within: The key under whose lists the values stand; None: they stand for themselves.
        depth: How many brackets are open where a value stands; needed to go on at an offset.
        is_lines: Whether each stands on a line, whose number is then its own.
        first_key: The key that values begin with, as `first_key_of` gives it.
        offset: The ``end`` of the value before.
        line: Its ``line``.
    """
    reader = _ValueReader(
        TextBuffer(stream, offset), list_under(within) if within else None, first_key, is_lines=is_lines
    )
    if offset:
        reader.resume(depth)
    return reader.read(line)


class _ValueReader:
    def __init__(
        self, source: TextBuffer, enter: re.Pattern[str] | None, first_key: str | None, *, is_lines: bool
    ) -> None:
        self._source = source
        self._is_lines = is_lines
        self._new_lines = 0 if source.start else 1
        """Since the value before."""
        self._enter = enter
        self._decode = json.JSONDecoder(strict=False).raw_decode
        self._begin = _beginning_with(first_key) if first_key else _ANY_OBJECT
        self._depth = 0
        self._base = -1
        """The depth at which the list under the key ends."""
        self._is_inside = enter is None
        self._is_single = False
        """Whether one object stands under the key in place of a list."""
        self._is_resumed = False

    def resume(self, depth: int) -> None:
        """Go on behind a value, at so many open brackets."""
        self._depth = depth
        if self._enter:
            self._is_inside = self._is_resumed = True
            self._base = depth - 1

    def read(self, line: int) -> Generator[Record]:
        source, decode, gap = self._source, self._decode, _GAP.match
        make = tuple.__new__
        is_plain = self._enter is None and not self._is_lines
        source.more()
        at = 0
        while True:
            # Nearly always a comma and a value; the rest is looked at more closely.
            found = gap(source.text, at)
            stop = found.end() if found else at
            if is_plain and stop < len(source.text) and source.text[at:stop] in {", ", ","}:
                at = stop
            elif (at := self._begin_of_value(at)) < 0:
                break
            try:
                value, stop = decode(source.text, at)
            except (ValueError, RecursionError) as error:
                source.drop(at)
                at = 0
                if self._may_go_on(error) and source.more():
                    continue
                stop, value = self._skip(error)
            else:
                if stop == len(source.text) and source.text[stop - 1] not in '}]"' and source.more():
                    continue  # a number may go on
            at = stop
            line += self._new_lines if self._is_lines else 1
            self._new_lines = 0
            text = source.text
            yield make(Record, (line, value, source.start + stop if text.isascii() else source.offset(stop)))
            if value is CUT_OFF:
                return
            if at > record.CHUNK_BYTES:
                source.drop(at)
                at = 0
        if self._depth > 0:  # no closing bracket
            yield Record(line + 1, CUT_OFF, source.start)

    def _begin_of_value(self, at: int) -> int:
        """Find where the next value begins; -1 at the end."""
        source = self._source
        while True:
            if not self._is_inside:
                at = self._find_list(at)
                if at < 0:
                    return -1
            gap = _GAP.match(source.text, at)
            stop = gap.end() if gap else at
            between = source.text[at:stop]
            if between not in {", ", ","}:
                self._new_lines += between.count("\n")
                self._depth += between.count("[") - between.count("]")
            at = stop
            if at >= len(source.text):
                source.drop(at)
                at = 0
                if not source.more():
                    return -1
            elif self._enter and self._has_left(source.text[at]):
                self._is_inside = False
            else:
                return at

    def _has_left(self, character: str) -> bool:
        """Whether the list under the key ends before this character."""
        if self._is_resumed:
            self._is_resumed = False
            # Behind the value before, only the end of a list or another value could stand in a list.
            if character in '"}' and self._depth > self._base:
                self._depth -= 1
                self._is_single = True
        return self._depth <= self._base or (self._is_single and character in '"}')

    def _find_list(self, at: int) -> int:
        """Go to the next list under the key; gives -1 at the end, else the place of its first value."""
        source = self._source
        assert self._enter is not None  # otherwise reading is always inside
        while True:
            found = self._enter.search(source.text, at)
            if found and found.end() < len(source.text):
                self._depth += depth_of(source.text[at : found.end()])
                source.drop(found.end())
                self._is_single = source.text.startswith("{")
                self._base = self._depth - self._is_single
                self._is_inside = True
                return 0
            if source.ended:
                self._depth += depth_of(source.text[at:])
                source.drop(len(source.text))
                return -1
            if len(source.text) - at > MAX_RECORD_LENGTH:
                keep = len(source.text) - TAIL
                self._depth += depth_of(source.text[at:keep])
                source.drop(keep)
                at = 0
            source.more()

    def _may_go_on(self, error: Exception) -> bool:
        """Whether what could not be read may only be incomplete."""
        if self._source.ended or len(self._source.text) >= MAX_RECORD_LENGTH:
            return False
        if not isinstance(error, json.JSONDecodeError):
            return False
        return error.msg.startswith("Unterminated") or error.pos >= len(self._source.text) - _LONGEST_TOKEN

    def _skip(self, error: Exception) -> tuple[int, Any]:
        """Find the end of a value that is no JSON, with which the text begins; gives what stands for it."""
        source = self._source
        begins = _FIRST_KEY.match(source.text)
        pattern = _beginning_with(begins[1]) if begins else self._begin
        searched, measured = 1, 0
        while self._is_lines and len(source.text) < MAX_RECORD_LENGTH:
            line_end = source.text.find("\n", searched)
            if line_end >= 0:
                return line_end, None
            searched = len(source.text)
            if not source.more():
                return len(source.text), CUT_OFF
        while True:
            if not isinstance(error, RecursionError):
                found = pattern.search(source.text, searched)
                if found:
                    return found.start(), None
                searched = max(1, len(source.text) - TAIL)
            if len(source.text) >= 2 * measured:
                measured = len(source.text)
                stop = _end_of_value(source.text)
                if stop is not None:
                    return stop, None
            if len(source.text) >= MAX_RECORD_LENGTH:
                return len(source.text), None
            if not source.more():
                stop = _end_of_value(source.text)
                return (stop, None) if stop is not None else (len(source.text), CUT_OFF)


def _end_of_value(text: str) -> int | None:
    """Find the end of the object or list with which a text begins, by its brackets; None if it is not there.

    What neither a bracket nor a quote begins ends at the next one.
    """
    if not text or text[0] not in "{[":
        end = _END_OF_JUNK.search(text, 1)
        return end.start() if end else None
    depth = 0
    for found in _TOKEN.finditer(text):
        one = found[0]
        if one in "{[":
            depth += 1
        elif one in "}]":
            depth -= 1
            if depth == 0:
                return found.end()
        elif one == '"':  # without another one
            return None
    return None
