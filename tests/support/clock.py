"""The time of the tests: that of `musicconnect.platform.clock`, which a test moves, and never the machine's.

``MUSICCONNECT_TEST_START=2026-03-08T07:59:00Z`` makes the whole suite run as if it began then: functions,
simulators, local stacks and Postgres' ``now()``.
"""

import os
import tempfile
from datetime import datetime
from pathlib import Path

from local.simulators.clock import BASE_VARIABLE, base_offset
from musicconnect.platform import clock

START_VARIABLE = "MUSICCONNECT_TEST_START"
CLOCK_FILE_VARIABLE = "MUSICCONNECT_CLOCK_FILE"


def start_clock() -> None:
    """Set the clock of this process and of those that it starts, once and before anything asks for it."""
    start = os.environ.get(START_VARIABLE)
    os.environ.pop(CLOCK_FILE_VARIABLE, None)
    if start:
        moment = datetime.fromisoformat(start)
        if moment.tzinfo is None:
            raise ValueError(f"{START_VARIABLE}={start} has no time zone: write 2026-03-08T07:59:00Z")
        os.environ[BASE_VARIABLE] = str((moment - clock.now()).total_seconds())
    if base := base_offset().total_seconds():
        path = Path(tempfile.mkdtemp(prefix="musicconnect-clock-")) / "offset"
        path.write_text(str(base))
        os.environ[CLOCK_FILE_VARIABLE] = str(path)


class ShiftedClock:
    """The functions' clock, so many seconds ahead of the suite's."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self.set_offset(0)

    @property
    def offset(self) -> float:
        """Seconds ahead of the suite's clock."""
        return float(self._path.read_text()) - base_offset().total_seconds()

    def set_offset(self, seconds: float) -> None:
        """Make it so many seconds later than the suite's clock says."""
        self._path.write_text(str(base_offset().total_seconds() + seconds))

    def advance(self, seconds: float) -> None:
        """Let so many seconds pass."""
        self.set_offset(self.offset + seconds)

    def set_to(self, moment: datetime) -> float:
        """Make it ``moment`` now; gives the offset in seconds."""
        self.advance((moment - clock.now()).total_seconds())
        return self.offset
