"""The store as the search service sees it."""

from collections.abc import Iterator

import psycopg
import pytest

from tests.support.postgres import release, sql, url_for


@pytest.fixture
def connection(database_url: str) -> Iterator[psycopg.Connection[tuple[object, ...]]]:
    sql(database_url, "DELETE FROM providers.match_store")
    with psycopg.connect(url_for(database_url, role="mc_search"), autocommit=True) as made:
        yield made


@pytest.fixture(scope="module", autouse=True)
def _released(database_url: str) -> Iterator[None]:
    yield
    release(database_url)
