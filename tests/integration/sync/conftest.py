"""A person with both accounts and a pair of playlists, on the simulators and a clock that all share."""

from collections.abc import Iterator

import pytest

from tests.integration.migrations.conftest import interruption, scenario
from tests.integration.migrations.scenario import MigrationScenario
from tests.integration.sync.pairs import Pairs
from tests.integration.sync.repairs import Repairs

__all__ = ["interruption", "scenario"]


@pytest.fixture
def pairs(scenario: MigrationScenario) -> Iterator[Pairs]:
    """Pairs of the scenario's person; nothing else waits."""
    scenario.lift_quotas()
    scenario.control("youtube", "PUT", "/settings", {"manual_sort": True})
    made = Pairs(scenario)
    made.clear()
    yield made
    made.clear()


@pytest.fixture
def repairs(pairs: Pairs) -> Repairs:
    """Repairs of the scenario's person; nothing else waits."""
    return Repairs(pairs.scenario, pairs)
