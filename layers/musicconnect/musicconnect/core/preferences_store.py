"""The SQL by which other packages read a person's preferences, with their own rights."""

from dataclasses import dataclass
from typing import Any

from psycopg import Connection
from psycopg.rows import class_row

from musicconnect.matching import Content


@dataclass(frozen=True, slots=True)
class MatchingRow:
    """How a person wants recordings matched."""

    match_content: Content
    match_strictness: str


def get_matching(connection: Connection[Any]) -> MatchingRow | None:
    """Get how the transaction's person wants recordings matched."""
    with connection.cursor(row_factory=class_row(MatchingRow)) as cursor:
        return cursor.execute(
            """
            SELECT match_content, match_strictness FROM core.users
            WHERE id = (SELECT core.current_user_id())"""
        ).fetchone()
