"""What readers of all kinds of files give, and how much of a file they look at."""

from typing import Any, Final, NamedTuple

CHUNK_BYTES: Final = 262_144
MAX_RECORD_LENGTH: Final = 4_194_304
"""Characters. No exporter writes longer records; what is longer is malformed."""


class Record(NamedTuple):
    """A record, and where the next one begins."""

    line: int
    """1-based: the line of a text, the position in a JSON list or in an HTML page."""
    value: Any
    """For the format's parser; None if it is unreadable, `CUT_OFF` if the file ends in it."""
    end: int
    """Byte offset after it."""


class CutOff:
    """What stands in place of a record, or of the end of a list, where a file ends too early."""


CUT_OFF: Final = CutOff()
