"""What the tests of the database itself share."""

from collections.abc import Iterator

import pytest

from local.stack import postgres as embedded
from tests.support.postgres import sql


@pytest.fixture(scope="module")
def own_server() -> Iterator[embedded.Postgres]:
    """A server with nothing of ours on it, for tests that change roles, which belong to the whole server."""
    with embedded.postgres(throwaway=True) as server:
        yield server


@pytest.fixture(scope="module")
def people(database_url: str) -> tuple[int, int]:
    """The ids of two people."""
    insert = "INSERT INTO core.users (email, password_hash, display_name) VALUES (%s, 'x', 'x') RETURNING id"
    first, second = (int(str(sql(database_url, insert, name)[0][0])) for name in ("ada", "bob"))
    return first, second
