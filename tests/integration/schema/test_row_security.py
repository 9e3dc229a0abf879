"""Without the right ``app.user_id``, a table that holds a person's data gives no rows and takes no writes."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
import pytest
from psycopg import sql
from psycopg.errors import InsufficientPrivilege

from tests.integration.schema.rights import DELETE, INSERT, RIGHTS, SELECT, UPDATE
from tests.integration.schema.rows import Table, fill_everything, insertion, tables, values_for
from tests.support.postgres import sql as run
from tests.support.postgres import url_for

ACROSS = "mc_rollup"
"""Draws figures from everybody's plays; what else it may see is in `rights`."""
SETTINGS = {"none at all": None, "empty": "", "nobody's": "0", "somebody else's": "other"}


@pytest.fixture(scope="module")
def owned(database_url: str) -> list[Table]:
    """Every table with the person in it, from the catalogue."""
    with psycopg.connect(database_url) as connection:
        return [table for table in tables(connection) if table.person_column]


@pytest.fixture(scope="module")
def rows(database_url: str, people: tuple[int, int]) -> dict[str, dict[str, dict[str, Any]]]:
    return {
        provider: fill_everything(database_url, person, provider)
        for person, provider in zip(people, ("spotify", "youtube"), strict=True)
    }


@contextmanager
def acting(database_url: str, role: str, user_id: str | None) -> Iterator[psycopg.Connection[Any]]:
    with psycopg.connect(url_for(database_url, role=role)) as connection:
        if user_id is not None:
            connection.execute("SELECT set_config('app.user_id', %s, true)", [user_id])
        yield connection
        connection.rollback()


def test_every_table_of_the_data_model_that_holds_a_persons_data_is_among_them(owned: list[Table]) -> None:
    names = {table.name for table in owned}

    assert names >= {
        "core.users", "core.user_sessions", "providers.accounts", "providers.tokens",
        "providers.playlist_snapshots", "search.queries", "search.pinned_items", "migrations.jobs",
        "migrations.playlists", "migrations.tracks", "migrations.rules", "exports.jobs",
        "exports.files", "trends.user_daily",
    }  # fmt: skip


def test_row_security_is_on_in_all_of_them(database_url: str, owned: list[Table]) -> None:
    found = run(
        database_url,
        "SELECT n.nspname || '.' || c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace "
        "WHERE c.relrowsecurity",
    )

    assert {table.name for table in owned} <= {name for (name,) in found}


def test_no_policy_shows_a_login_role_more_than_one_person(database_url: str) -> None:
    """Only the role that nobody logs in as has policies that look across people, and the roll-up's."""
    found = run(
        database_url,
        """
        SELECT schemaname || '.' || tablename || ' ' || policyname FROM pg_policies
        WHERE roles <> '{mc_lookup}' AND roles <> '{mc_rollup}'
          AND coalesce(qual, with_check) NOT LIKE '%%current_user_id()%%'
        """,
    )

    assert found == []


@pytest.mark.parametrize("setting", SETTINGS)
@pytest.mark.parametrize("role", [role for role, rights in RIGHTS.items() if rights and role != ACROSS])
def test_gives_no_rows_and_takes_no_writes(
    database_url: str,
    owned: list[Table],
    rows: dict[str, dict[str, dict[str, Any]]],
    people: tuple[int, int],
    role: str,
    setting: str,
) -> None:
    (person, other), provider = people, "spotify"
    user_id = str(other) if SETTINGS[setting] == "other" else SETTINGS[setting]
    checked = 0
    for table in owned:
        right = RIGHTS[role].get(table.name)
        if right is None:
            continue
        is_theirs = sql.SQL("WHERE {} = {}").format(sql.Identifier(str(table.person_column)), person)
        if SELECT in right.verbs:
            names = right.select_columns or [column.name for column in table.columns]
            select = sql.SQL("SELECT {} FROM {} ").format(
                sql.SQL(", ").join(map(sql.Identifier, names)), table.identifier
            )
            with acting(database_url, role, user_id) as connection:
                assert connection.execute(select + is_theirs).fetchall() == [], table.name
                checked += 1
        if UPDATE in right.verbs:
            name = sql.Identifier((right.update_columns or [table.columns[-1].name])[0])
            update = sql.SQL("UPDATE {0} SET {1} = {1} ").format(table.identifier, name)
            with acting(database_url, role, user_id) as connection:
                assert connection.execute(update + is_theirs).rowcount == 0, table.name
        if DELETE in right.verbs:
            with acting(database_url, role, user_id) as connection:
                delete = sql.SQL("DELETE FROM {} ").format(table.identifier)
                assert connection.execute(delete + is_theirs).rowcount == 0, table.name
        if INSERT in right.verbs:
            values = values_for(table, person, rows[provider], provider)
            with (
                acting(database_url, role, user_id) as connection,
                pytest.raises(InsufficientPrivilege, match="row-level security"),
            ):
                connection.execute(insertion(table, values, yielding=False), values)
        if {INSERT, UPDATE} <= right.verbs and user_id == str(other):
            with acting(database_url, role, user_id) as connection:  # one's own row made another's
                give = sql.SQL("UPDATE {} SET {} = {}").format(
                    table.identifier, sql.Identifier(str(table.person_column)), person
                )
                touched: object
                try:
                    touched = connection.execute(give).rowcount
                except InsufficientPrivilege as error:
                    touched = error.diag.message_primary
                assert touched == 0 or "row-level security" in str(touched), table.name
    assert checked > 0 or not any(table.name in RIGHTS[role] for table in owned)


def test_a_query_logged_for_nobody_is_not_taken_either(database_url: str, people: tuple[int, int]) -> None:
    with (
        acting(database_url, "mc_search", str(people[0])) as connection,
        pytest.raises(InsufficientPrivilege, match="row-level security"),
    ):
        connection.execute(
            "INSERT INTO search.queries (user_id, query_text, provider_filter, results_count) "
            "VALUES (NULL, 'x', 'both', 0)"
        )


def test_the_person_ends_with_the_transaction(database_url: str, people: tuple[int, int]) -> None:
    """A pooler hands the connection to somebody else right after."""
    with psycopg.connect(url_for(database_url, role="mc_core"), autocommit=True) as connection:
        with connection.transaction():
            connection.execute("SELECT set_config('app.user_id', %s, true)", [str(people[0])])
            assert connection.execute("SELECT count(*) FROM core.users").fetchone() == (1,)
        assert connection.execute("SELECT count(*) FROM core.users").fetchone() == (0,)
