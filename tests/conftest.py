"""What every ring of the tests shares: the time, and how hypothesis looks for examples."""

import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from tests.support import ROOT
from tests.support.clock import CLOCK_FILE_VARIABLE, ShiftedClock, start_clock
from tools import console

start_clock()
KNOWS_TIME = (
    "unit/local/events/test_schedule_expressions.py",
    "unit/local/simulators/youtube/test_quota.py",
    "unit/maintenance/test_months.py",
    "unit/migrations/test_estimates.py",
    "unit/migrations/test_status_text.py",
    "unit/platform/test_config.py",
    "unit/providers/quota/test_days.py",
    "unit/providers/quota/test_fair_share.py",
    "unit/trends/reports/test_periods.py",
    "integration/core/test_rate_limits.py",
    "integration/core/test_sessions.py",
    "integration/exports/test_history.py",
    "integration/exports/test_service.py",
    "integration/maintenance/test_consents.py",
    "integration/maintenance/test_months.py",
    "integration/migrations/test_fair_share.py",
    "integration/migrations/test_waiting.py",
    "integration/providers/test_quota.py",
    "integration/providers/test_sync_troubles.py",
    "integration/providers/test_tokens.py",
    "integration/search/test_cache.py",
    "integration/search/test_errors.py",
    "integration/trends/plays/test_polling.py",
    "integration/trends/scrobbling/test_listenbrainz.py",
    "integration/trends/scrobbling/test_statistics.py",
    "integration/trends/test_reports.py",
    "integration/trends/test_rollup.py",
)
"""Files whose tests' outcome could depend on the hour or the day: marked ``knows_time``."""
# What comes out counts, not how long it takes on a busy machine.
_PATIENT = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("ci", _PATIENT, derandomize=True, database=None)
settings.register_profile("fuzz", _PATIENT, max_examples=2000, print_blob=True)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "ci"))


@pytest.fixture(scope="session")
def built_console() -> None:
    """The console's files, built if that has not happened since its sources changed."""
    console.build()


@pytest.fixture
def shifted_clock(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ShiftedClock:
    """The functions' clock, which a test moves."""
    path = tmp_path / "clock-offset"
    monkeypatch.setenv(CLOCK_FILE_VARIABLE, str(path))
    return ShiftedClock(path)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the tests that know time."""
    for item in items:
        if item.path.relative_to(ROOT / "tests").as_posix() in KNOWS_TIME:
            item.add_marker(pytest.mark.knows_time)
