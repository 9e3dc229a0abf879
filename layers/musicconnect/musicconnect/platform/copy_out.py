"""Read the rows that COPY sends, in blocks.

`psycopg.Copy` runs a generator of its own for every row, which costs more than all else that is done with
one. Here one generator takes a block of rows from libpq. Waiting, interrupts and errors are psycopg's.
"""

from collections.abc import Generator, Mapping
from typing import Any, Final

from psycopg import Connection, errors
from psycopg.abc import PQGen
from psycopg.generators import fetch_many
from psycopg.pq import ExecStatus
from psycopg.pq.abc import PGconn
from psycopg.waiting import WAIT_R

BLOCK: Final = 128
"""Rows of a block: few enough that their bytes stay in the processor's cache while they are put together."""
type Rows = list[memoryview]


def read_blocks(connection: Connection[Any], statement: str, values: Mapping[str, Any]) -> Generator[Rows]:
    """Run ``COPY ... TO STDOUT``, and give its rows as they were sent: in text formats with their line end.

    Raises:
        psycopg.Error: the statement failed, perhaps after some rows; the connection can be used again.
    """
    with connection.cursor().copy(statement, values):
        is_last = False
        while not is_last:
            rows, is_last = connection.wait(_gather(connection.pgconn))
            if rows:
                yield rows


def _gather(connection: PGconn) -> PQGen[tuple[Rows, bool]]:
    rows: Rows = []
    next_row = connection.get_copy_data
    while len(rows) < BLOCK:
        size, row = next_row(1)
        if size > 0:
            rows.append(row)
        elif size == 0:
            while not (yield WAIT_R):
                continue
            connection.consume_input()
        else:
            for result in (yield from fetch_many(connection)):
                if result.status != ExecStatus.COMMAND_OK:
                    raise errors.error_from_result(result)
            return rows, True
    return rows, False
