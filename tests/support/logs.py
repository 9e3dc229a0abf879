"""What functions that run in this process write: their log lines and metrics, as parsed JSON."""

import contextlib
import io
import json
from collections.abc import Iterator
from typing import Any

from musicconnect.platform.logging import logger


class Written:
    """Everything written since it began."""

    def __init__(self, stream: io.StringIO) -> None:
        self._stream = stream

    def everything(self) -> list[dict[str, Any]]:
        """Every line."""
        return [json.loads(line) for line in self._stream.getvalue().splitlines()]

    def lines(self, message: str | None = None) -> list[dict[str, Any]]:
        """The logger's lines; those with one message."""
        found = [line for line in self.everything() if "_aws" not in line]
        return [line for line in found if message in (None, line["message"])]

    def metrics(self, name: str) -> list[dict[str, Any]]:
        """Lines that bring values of a metric."""
        return [line for line in self.everything() if "_aws" in line and name in line]

    def clear(self) -> None:
        """Begin anew."""
        self._stream.seek(0)
        self._stream.truncate()


@contextlib.contextmanager
def written() -> Iterator[Written]:
    """Catch what the logger and the metrics write, which go the same way."""
    stream = io.StringIO()
    handler = logger.registered_handler
    before = handler.setStream(stream)  # type: ignore[attr-defined]
    try:
        yield Written(stream)
    finally:
        handler.setStream(before)  # type: ignore[attr-defined]
