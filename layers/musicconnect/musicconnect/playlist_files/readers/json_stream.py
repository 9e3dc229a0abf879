"""JSON read as a stream: objects member by member, arrays element by element, in constant memory."""

import codecs
import json
import re
from collections.abc import Iterator
from typing import IO, Any, Final

from musicconnect.files.errors import UnreadableError
from musicconnect.playlist_files.readers.source import CHUNK_SIZE, MAX_RECORD, Report

_SPACE: Final = re.compile(r"[ \t\r\n]*")
_PLAIN: Final = re.compile(r"[^\"\[\]{},]+")
_WITHIN: Final = re.compile(r"[^\"\\]*")
_decode: Final = json.JSONDecoder().raw_decode


class Scanner:
    """Reads a JSON text from its beginning. Every method raises `UnreadableError` where it is none.

    Args:
        stream: UTF-8.
    """

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream = stream
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._text = ""
        self._at = 0
        self._ended = False

    def peek(self) -> str:
        """The next character that is not blank; empty at the end."""
        while True:
            match = _SPACE.match(self._text, self._at)
            self._at = match.end() if match else self._at
            if self._at < len(self._text):
                return self._text[self._at]
            if not self._more():
                return ""

    def value(self) -> Any:
        """The next value, whole."""
        self.peek()
        while True:
            try:
                value, end = _decode(self._text, self._at)
            except RecursionError:
                raise UnreadableError("The JSON is nested too deeply.") from None
            except ValueError as error:
                if len(self._text) - self._at < MAX_RECORD and self._more():
                    continue
                raise UnreadableError(f"The JSON is damaged or incomplete: {error}.") from None
            # A number could go on in what is not read yet.
            if end < len(self._text) or not self._more():
                self._at = end
                return value

    def elements(self, report: Report | None = None) -> Iterator[tuple[int, Any]]:
        """The elements of the array that comes next, with their places from 1.

        Args:
            report: Told of elements that are no JSON, or too long, which are passed over; without it they
                end the reading.
        """
        for place in self.places():
            if report is None:
                yield place, self.value()
                continue
            try:
                value = self.value()
            except UnreadableError as error:
                self.skip()
                report(place, str(error).removesuffix("."))
                continue
            yield place, value

    def places(self) -> Iterator[int]:
        """The places of the elements of the array that comes next, from 1; whoever asks has to read each."""
        self._take("[")
        place = 0
        while self.peek() != "]":
            place += 1
            yield place
            if self.peek() != "]":
                self._take(",")
        self._take("]")

    def skip(self) -> None:
        """Pass over the next value, however long or damaged, up to what follows it."""
        depth = 0
        while character := self.peek():
            if character in "]}," and depth == 0:
                return
            if character == '"':
                self._skip_text()
                continue
            plain = _PLAIN.match(self._text, self._at)
            if plain is not None:
                self._at = plain.end()
                continue
            depth += {"[": 1, "{": 1, "]": -1, "}": -1}.get(character, 0)
            self._at += 1
        if depth:
            raise UnreadableError("The JSON is incomplete.")

    def _skip_text(self) -> None:
        self._at += 1
        while True:
            match = _WITHIN.match(self._text, self._at)
            self._at = match.end() if match else self._at
            if len(self._text) - self._at < 2 and self._more():
                continue
            if self._at >= len(self._text):
                raise UnreadableError("The JSON is incomplete.")
            if self._text[self._at] == '"':
                self._at += 1
                return
            self._at += 2  # a backslash, and what it stands before

    def names(self) -> Iterator[str]:
        """The names of the object that comes next; whoever asks has to read the value after each."""
        self._take("{")
        while self.peek() != "}":
            name = self.value()
            if not isinstance(name, str):
                raise UnreadableError("The JSON is damaged: a name is no text.")
            self._take(":")
            yield name
            if self.peek() != "}":
                self._take(",")
        self._take("}")

    def _take(self, character: str) -> None:
        found = self.peek()
        if found != character:
            raise UnreadableError(
                f"The JSON is damaged or incomplete: {character} is missing."
                if found
                else "The JSON is incomplete."
            )
        self._at += 1

    def _more(self) -> bool:
        """Read another chunk; False at the end."""
        if self._ended:
            return False
        data = self._stream.read(CHUNK_SIZE)
        self._ended = not data
        self._text = self._text[self._at :] + self._decoder.decode(data, final=self._ended)
        self._at = 0
        return not self._ended
