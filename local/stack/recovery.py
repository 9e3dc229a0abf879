"""Start again what ended by itself in a running stack, and say what was lost with it."""

import signal
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from local.stack.control_client import StackError
from local.supervisor import Supervisor

MAX_ENDS = 3
"""Of one process within `WITHIN_S`; with more, it is not started again."""
WITHIN_S = 60.0


@dataclass(slots=True)
class _Process:
    title: str
    start: Callable[[], None]
    lost: str
    ended_at: list[float] = field(default_factory=list)


class Recovery:
    """Knows how to start each process again, and asks the supervisor which have ended."""

    def __init__(self, supervisor: Supervisor, say: Callable[[str], None]) -> None:
        self._supervisor = supervisor
        self._say = say
        self._processes: dict[str, _Process] = {}

    def register(self, name: str, title: str, start: Callable[[], None], *, lost: str) -> None:
        """Start this process again by ``start``; ``lost`` says what its end has cost."""
        self._processes[name] = _Process(title, start, lost)

    def look(self) -> list[str]:
        """Start again what has ended without being asked to; give what was said about it.

        Raises:
            StackError: it cannot be started again, or ends again and again.
        """
        said = []
        for name, code in self._supervisor.died().items():
            how = signal.Signals(-code).name if code < 0 else f"exit code {code}"
            if (process := self._processes.get(name)) is None:
                raise StackError(f"{name} ended ({how}), and cannot be started again by itself; see its log")
            now = time.monotonic()
            process.ended_at = [at for at in process.ended_at if now - at < WITHIN_S] + [now]
            if len(process.ended_at) > MAX_ENDS:
                raise StackError(
                    f"{process.title} ended {len(process.ended_at)} times within a minute ({how})"
                )
            process.start()
            said.append(f"{process.title} ended ({how}) and was started again. {process.lost}")
            self._say(said[-1])
        return said
