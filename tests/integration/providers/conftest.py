"""What the tests of the providers share: the simulators' controls, and acting as a worker does."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest

from musicconnect.platform.config import DatabaseSettings
from musicconnect.platform.database import Database
from musicconnect.providers.accounts.clients import client_for
from musicconnect.providers.protocol import Access, Client
from tests.integration.providers.helpers import drain_messages
from tests.support.functions import FunctionRunner, Person, new_person
from tests.support.postgres import sql
from tests.support.simulator import Simulator

type Act = Callable[..., Client]


@pytest.fixture(params=["spotify", "youtube", "tidal", "listenbrainz"])
def provider(request: pytest.FixtureRequest) -> str:
    """Each of them in turn."""
    name: str = request.param
    return name


@pytest.fixture
def simulator(request: pytest.FixtureRequest, provider: str) -> Simulator:
    """The simulator of the provider whose turn it is; others run beside it, as just started."""
    for name in {"spotify", "youtube", "tidal"} - {provider}:
        request.getfixturevalue(name)
    made: Simulator = request.getfixturevalue(provider)
    if provider == "tidal":
        made.settings(access_token_seconds=3600)  # as the others', so that one test fits all
    return made


@pytest.fixture
def person(harness: FunctionRunner) -> Person:
    """Somebody who is signed in; nobody else is linked, no work waits, no quota is used."""
    drain_messages(harness)
    sql(harness.database_url, "DELETE FROM providers.accounts")
    sql(harness.database_url, "DELETE FROM providers.quota_usage")
    return new_person(harness)


@pytest.fixture
def act(harness: FunctionRunner) -> Iterator[Act]:
    """Gives clients as another service's function has them: ``act(person, provider, access)``."""
    with ExitStack() as stack:
        stack.enter_context(harness.environment_of("migrations_worker"))

        def acting(person: Person, provider: str, access: Access = "read") -> Client:
            database = Database(DatabaseSettings.from_environment())
            stack.callback(database.close)
            return client_for(database, person.id, provider, access=access)

        yield acting
