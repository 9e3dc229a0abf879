"""The SQL by which other packages read a person's preferences, with their own rights."""

from typing import Any

from psycopg import Connection


def get_matching(connection: Connection[Any]) -> tuple[str, str] | None:
    """Get edition and strictness of the transaction's person."""
    return connection.execute(
        "SELECT match_edition, match_strictness FROM core.users WHERE id = (SELECT core.current_user_id())"
    ).fetchone()
