"""Lists that lag behind what was written, as YouTube's do now and then."""

from dataclasses import dataclass, field


@dataclass(slots=True)
class Lag:
    """Which new entries of one list are still hidden from its readers.

    An entry shows once its time is over *and* the list was read as often as asked.
    """

    _reads: int = 0
    _hidden: dict[str, tuple[float, int]] = field(default_factory=dict)
    """By key: the moment (s) and the count of reads from which on it shows."""

    def hide(self, key: str, now: float, *, lag_ms: float, reads: int) -> None:
        """Keep a new entry out of sight for ``lag_ms`` ms from ``now`` (s) and for ``reads`` reads."""
        if lag_ms > 0 or reads > 0:
            self._hidden[key] = (now + lag_ms / 1000, self._reads + reads + 1 if reads else 0)

    def read(self) -> None:
        """Count one read of the list."""
        if self._hidden:
            self._reads += 1

    def hides_any(self, now: float) -> bool:
        """Whether anything is hidden at ``now`` (s). Drops what has become visible."""
        if self._hidden:
            self._hidden = {
                key: (until, reads)
                for key, (until, reads) in self._hidden.items()
                if now < until or self._reads < reads
            }
        return bool(self._hidden)

    def hides(self, key: str) -> bool:
        """Whether this entry was hidden when ``hides_any`` last looked."""
        return key in self._hidden
