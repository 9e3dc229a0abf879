"""What readers read from: a text that can be opened again, unpacked, with limits."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import IO, Final

from musicconnect.files.archives import Member

CHUNK_SIZE: Final = 262_144
"""Bytes read at a time."""
MAX_RECORD: Final = 1024**2
"""Characters of a line, of a record, of an element."""

type Report = Callable[[int, str], None]
"""Told of what cannot be read: its line, or its place in a list, from 1; and why."""


@dataclass(frozen=True, slots=True)
class Source:
    """One file of an upload. It can be opened more than once."""

    member: Member
    name: str
    """As whoever sent it calls it; perhaps empty."""

    def open(self) -> AbstractContextManager[IO[bytes]]:
        """Open the text from its beginning, as UTF-8 with LF or CR LF.

        Raises:
            UnreadableError: it is damaged, or larger than it may be.
        """
        return self.member.open_text()

    def lines(self, stream: IO[bytes]) -> Iterator[str]:
        """The lines of an open file, with their ends."""
        for raw in iter(lambda: stream.readline(MAX_RECORD), b""):
            yield raw.decode("utf-8", "replace")
