import pytest

from tools.checks.clock import machine_clock


@pytest.mark.parametrize(
    ("source", "name"),
    [
        ("import datetime\nx = datetime.datetime.now()", "datetime.datetime.now"),
        ("from datetime import UTC, datetime\nx = datetime.now(UTC)", "datetime.datetime.now"),
        ("from datetime import date as day\nx = day.today()", "datetime.date.today"),
        ("import time\nx = time.time()", "time.time"),
        ("from time import time\nx = time", "time.time"),
    ],
)
def test_finds_the_machines_clock_under_any_name(source: str, name: str) -> None:
    assert list(machine_clock(source)) == [(2, name)]


@pytest.mark.parametrize(
    "source",
    [
        "import time\nx = time.monotonic()",
        "from musicconnect.platform import clock\nx = clock.now()",
        "from datetime import datetime\nx = datetime(2026, 1, 1)",
        "def test(time): time.time()",
    ],
)
def test_leaves_other_clocks_alone(source: str) -> None:
    assert list(machine_clock(source)) == []
