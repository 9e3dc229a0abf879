"""Limit how many requests of a client an execution environment takes. Pure.

The counts are the environment's own, not the service's: they keep one client from holding an environment,
and cost no statement. Windows are aligned to the clock, as ListenBrainz's are.
"""

from typing import Final

WINDOW_S: Final = 10
MAX_REQUESTS: Final = 300
"""Of a client in a window. ListenBrainz allows 30, which a scrobbler that catches up exceeds."""
MAX_CLIENTS: Final = 10_000
"""In a window; more are not counted."""


class Limits:
    """Counts of the window at hand."""

    def __init__(self) -> None:
        self._window = 0
        self._counts: dict[str, int] = {}

    def count(self, client: str, at: float) -> tuple[dict[str, str], bool]:
        """Count a request at ``at`` (Unix seconds): the headers of its answer, and whether it is too many."""
        window = int(at) // WINDOW_S
        if window != self._window:
            self._window, self._counts = window, {}
        count = self._counts.get(client, 0) + 1
        if client in self._counts or len(self._counts) < MAX_CLIENTS:
            self._counts[client] = count
        reset = (window + 1) * WINDOW_S
        headers = {
            "X-RateLimit-Limit": str(MAX_REQUESTS),
            "X-RateLimit-Remaining": str(max(MAX_REQUESTS - count, 0)),
            "X-RateLimit-Reset": str(reset),
            "X-RateLimit-Reset-In": str(reset - int(at)),
        }
        return headers, count > MAX_REQUESTS
