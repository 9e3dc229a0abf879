"""The SQL of where maintenance's tasks go on, and what they have spent."""

from datetime import date
from typing import Any

from psycopg import Connection


def position(connection: Connection[Any], task: str) -> str | None:
    """Where a task goes on; None: at the beginning."""
    row = connection.execute(
        "SELECT position FROM core.maintenance_cursors WHERE name = %s", [task]
    ).fetchone()
    return row[0] if row else None


def save_position(connection: Connection[Any], task: str, value: str | None) -> None:
    """Where the task goes on next time."""
    connection.execute(
        """
        INSERT INTO core.maintenance_cursors (name, position) VALUES (%s, %s)
        ON CONFLICT (name) DO UPDATE SET position = excluded.position""",
        [task, value],
    )


def may_spend(connection: Connection[Any], task: str, day: date, limit: int) -> bool:
    """Take one unit of what a task may spend on a day; False when it has had it all."""
    row = connection.execute(
        """
        INSERT INTO core.maintenance_cursors AS d (name, day, spent)
        SELECT %(task)s, %(day)s, 1 WHERE %(limit)s >= 1
        ON CONFLICT (name) DO UPDATE
        SET spent = CASE WHEN d.day = excluded.day THEN d.spent + 1 ELSE 1 END, day = excluded.day
        WHERE d.day IS DISTINCT FROM excluded.day OR d.spent < %(limit)s
        RETURNING spent""",
        {"task": task, "day": day, "limit": limit},
    ).fetchone()
    return row is not None
