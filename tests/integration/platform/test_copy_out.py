"""Given a statement, when its rows are copied out in blocks, then they are those that psycopg gives."""

from typing import Any

import psycopg
import pytest

from musicconnect.platform import copy_out
from musicconnect.platform.database import Database

ROWS = copy_out.BLOCK * 3 + 5
QUERY = """
    SELECT n, CASE WHEN n %% 7 = 0 THEN E'two\\nlines' WHEN n %% 5 = 0 THEN NULL ELSE repeat('é', n) END
    FROM generate_series(1, %(rows)s) n
"""


def copied(connection: psycopg.Connection[Any], query: str, form: str, **values: Any) -> list[bytes]:
    statement = f"COPY ({query}) TO STDOUT ({form})"
    return [bytes(row) for rows in copy_out.read_blocks(connection, statement, values) for row in rows]


@pytest.mark.parametrize("form", ["FORMAT csv, FORCE_QUOTE *", "FORMAT text"])
@pytest.mark.parametrize("rows", [0, 1, copy_out.BLOCK - 1, copy_out.BLOCK, ROWS])
def test_rows_are_those_of_psycopg(database: Database, form: str, rows: int) -> None:
    with database.transaction() as connection:
        with connection.cursor().copy(f"COPY ({QUERY}) TO STDOUT ({form})", {"rows": rows}) as copy:
            known = [bytes(row) for row in copy]
        assert copied(connection, QUERY, form, rows=rows) == known
        assert len(known) == rows


def test_an_error_behind_some_rows_is_raised_and_the_connection_goes_on(database: Database) -> None:
    with database.transaction() as connection:
        with pytest.raises(psycopg.errors.DivisionByZero), connection.transaction():
            copied(connection, "SELECT 1 / (n - 5000) FROM generate_series(1, 9000) n", "FORMAT csv")
        assert copied(connection, QUERY, "FORMAT csv", rows=2) == ["1,é\n".encode(), "2,éé\n".encode()]


def test_a_statement_over_its_time_limit_ends_as_such(database: Database) -> None:
    slow = "SELECT n, pg_sleep(0.05) FROM generate_series(1, 1000) n"
    with database.transaction() as connection:
        connection.execute("SET LOCAL statement_timeout = '200ms'")
        with pytest.raises(psycopg.errors.QueryCanceled), connection.transaction():
            copied(connection, slow, "FORMAT csv")
        assert copied(connection, "SELECT 1", "FORMAT csv") == [b"1\n"]


def test_whoever_reads_no_further_leaves_a_connection_that_can_be_used(database: Database) -> None:
    endless = "SELECT generate_series(1, 1000000000), repeat('x', 1000)"
    with database.transaction() as connection:
        connection.execute("SAVEPOINT before")
        blocks = copy_out.read_blocks(connection, f"COPY ({endless}) TO STDOUT", {})
        assert len(next(blocks)) == copy_out.BLOCK
        blocks.close()
        connection.execute("ROLLBACK TO before")
        assert copied(connection, "SELECT 1", "FORMAT csv") == [b"1\n"]


def test_a_connection_that_dies_is_an_operational_error(database: Database) -> None:
    with pytest.raises(psycopg.OperationalError), database.transaction() as connection:
        copied(
            connection,
            "SELECT n, CASE WHEN n = 5000 THEN pg_terminate_backend(pg_backend_pid()) END "
            "FROM generate_series(1, 1000000) n",
            "FORMAT csv",
        )
    with database.transaction() as connection:
        assert copied(connection, "SELECT 1", "FORMAT csv") == [b"1\n"]
