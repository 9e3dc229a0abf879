"""A person with both accounts and a pair of playlists, on the simulators and a clock that all share."""

from collections.abc import Iterator

import pytest

from tests.integration.migrations.conftest import everywhere, interruption, scenario
from tests.integration.migrations.scenario import MigrationScenario
from tests.integration.sync.pairs import Pairs
from tests.integration.sync.repairs import Repairs

__all__ = ["everywhere", "interruption", "scenario"]


@pytest.fixture
def pairs(request: pytest.FixtureRequest) -> Iterator[Pairs]:
    """Pairs of the scenario's person, of these two providers or Spotify and YouTube; nothing else waits."""
    sides: tuple[str, str] = getattr(request, "param", ("spotify", "youtube"))
    name = "everywhere" if hasattr(request, "param") else "scenario"
    found: MigrationScenario = request.getfixturevalue(name)
    found.lift_quotas()
    found.control("youtube", "PUT", "/settings", {"manual_sort": True})
    made = Pairs(found, sides)
    made.clear()
    yield made
    made.clear()


@pytest.fixture
def repairs(pairs: Pairs) -> Repairs:
    """Repairs of the scenario's person; nothing else waits."""
    return Repairs(pairs.scenario, pairs)
