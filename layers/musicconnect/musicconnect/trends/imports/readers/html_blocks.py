"""Read the activities of Google Takeout's HTML, which is one line of any length."""

from collections.abc import Generator
from typing import IO, Final

from musicconnect.trends.imports.readers import record
from musicconnect.trends.imports.readers.record import Record

BEGIN: Final = b'<div class="outer-cell'
MAX_BLOCK_BYTES: Final = 1_048_576


def read_blocks(stream: IO[bytes], *, offset: int = 0, line: int = 0) -> Generator[Record]:
    """Read the blocks of activities.

    Args:
        stream: UTF-8, at ``offset``.
        offset: The ``end`` of the block before.
        line: Its number.
    """
    buffer, start = stream.read(record.CHUNK_BYTES), offset
    at = buffer.find(BEGIN)
    while True:
        if at < 0:
            keep = len(BEGIN) - 1
            start += max(0, len(buffer) - keep)
            data = stream.read(record.CHUNK_BYTES)
            if not data:
                return
            buffer = buffer[-keep:] + data
            at = buffer.find(BEGIN)
            continue
        stop = buffer.find(BEGIN, at + len(BEGIN))
        if stop < 0 and len(buffer) - at <= MAX_BLOCK_BYTES:
            data = stream.read(record.CHUNK_BYTES)
            if data:
                start += at
                buffer, at = buffer[at:] + data, 0
                continue
            stop = len(buffer)
        line += 1
        if stop < 0:
            # Larger than any activity: its beginning is one record, and the next begins behind it.
            yield Record(line, None, start + at + MAX_BLOCK_BYTES)
            start += at + MAX_BLOCK_BYTES
            buffer = buffer[at + MAX_BLOCK_BYTES :]
            at = buffer.find(BEGIN)
            continue
        yield Record(line, buffer[at:stop].decode("utf-8", "replace"), start + stop)
        if stop == len(buffer):
            return
        at = stop
