"""What every ring of the tests shares: the time, and how hypothesis looks for examples."""

import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from tests.support.clock import CLOCK_FILE_VARIABLE, ShiftedClock, start_clock

start_clock()
# What comes out counts, not how long it takes on a busy machine.
_PATIENT = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("ci", _PATIENT, derandomize=True, database=None)
settings.register_profile("fuzz", _PATIENT, max_examples=2000, print_blob=True)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "ci"))


@pytest.fixture
def shifted_clock(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ShiftedClock:
    """The functions' clock, which a test moves."""
    path = tmp_path / "clock-offset"
    monkeypatch.setenv(CLOCK_FILE_VARIABLE, str(path))
    return ShiftedClock(path)
