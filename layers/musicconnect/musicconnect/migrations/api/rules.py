"""A person's own choices: this track is that one there, or it does not exist there. They win over all."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, LiteralString

from psycopg import Connection
from psycopg.rows import class_row

from musicconnect.matching import Outcome
from musicconnect.matching.candidate_search import Decision
from musicconnect.music.model import ProviderName, Track
from musicconnect.platform import clock, pagination, problems
from musicconnect.platform.database import Database

if TYPE_CHECKING:
    # They take the HTTP resolver along, of which the queue's worker has no use.
    from musicconnect.migrations.api.schemas import ListQuery, Rule, RuleCreate, RuleList

CHOSEN = "your own choice"
LEFT_OUT = "left out: you said that it does not exist there"

_RULES: LiteralString = """
    SELECT id, source_provider, source_id, source_title, source_artist, target_provider, target_id,
           target_title, target_artist, created_at
    FROM migrations.rules WHERE user_id = core.current_user_id()"""


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleRow:
    """A rule as it is kept."""

    id: int
    source_provider: str
    source_id: str
    source_title: str
    source_artist: str
    target_provider: str
    target_id: str | None
    """None: it does not exist there."""
    target_title: str
    target_artist: str
    created_at: datetime


def find(
    connection: Connection[Any], sources: Sequence[Track], target_provider: ProviderName
) -> dict[str, RuleRow]:
    """The person's rules about tracks, by source id."""
    with connection.cursor(row_factory=class_row(RuleRow)) as cursor:
        rows = cursor.execute(
            _RULES + " AND target_provider = %s AND source_id = ANY (%s)",
            [target_provider, [source.id for source in sources]],
        ).fetchall()
    asked = {(source.provider, source.id) for source in sources}
    return {row.source_id: row for row in rows if (row.source_provider, row.source_id) in asked}


def decision(source: Track, rule: RuleRow) -> Decision:
    """What a rule decides."""
    if rule.target_id is None:
        return Decision(
            outcome=Outcome.NO_MATCH, target=None, score=None, parts=None, reasons=[LEFT_OUT],
            candidates=None, error_message=LEFT_OUT,
        )  # fmt: skip
    target = Track(
        provider=rule.target_provider,
        id=rule.target_id,
        title=rule.target_title or source.title,
        artists=(rule.target_artist,) if rule.target_artist else source.artists,
    )
    return Decision(
        outcome=Outcome.MATCHED, target=target, score=None, parts=None, reasons=[CHOSEN], candidates=None,
        error_message=None,
    )  # fmt: skip


def save(connection: Connection[Any], rule: "RuleCreate", now: datetime) -> RuleRow:
    """Write a rule down, in place of an earlier one about the same track."""
    with connection.cursor(row_factory=class_row(RuleRow)) as cursor:
        row = cursor.execute(
            """
            INSERT INTO migrations.rules AS r (user_id, source_provider, source_id, source_title,
                source_artist, target_provider, target_id, target_title, target_artist, created_at)
            VALUES (core.current_user_id(), %(source_provider)s, %(source_id)s, %(source_title)s,
                %(source_artist)s, %(target_provider)s, %(target_id)s, %(target_title)s, %(target_artist)s,
                %(now)s)
            ON CONFLICT (user_id, source_provider, source_id, target_provider) DO UPDATE
            SET target_id = excluded.target_id, target_title = excluded.target_title,
                target_artist = excluded.target_artist, source_title = excluded.source_title,
                source_artist = excluded.source_artist, created_at = excluded.created_at
            RETURNING id, source_provider, source_id, source_title, source_artist, target_provider, target_id,
                target_title, target_artist, created_at
            """,
            {**rule.model_dump(), "now": now},
        ).fetchone()
    assert row is not None
    return row


def create(database: Database, user_id: int, rule: "RuleCreate") -> "Rule":
    """Keep a person's rule. Raises `Problem` 422 when source and target are one provider."""
    if rule.source_provider == rule.target_provider:
        raise problems.invalid("body.target_provider", "The target must be another provider than the source.")
    with database.transaction(user_id) as connection:
        return _to_schema(save(connection, rule, clock.now()))


def list_rules(database: Database, user_id: int, query: "ListQuery") -> "RuleList":
    """A person's rules, the latest first."""
    from musicconnect.migrations.api.schemas import RuleList  # noqa: PLC0415

    key = pagination.decode(query.cursor, int)
    with (
        database.transaction(user_id) as connection,
        connection.cursor(row_factory=class_row(RuleRow)) as cursor,
    ):
        rows = cursor.execute(
            _RULES
            + """ AND (%(after)s::bigint IS NULL OR id < %(after)s)
            ORDER BY id DESC LIMIT %(limit)s
            """,
            {"after": key and key[0], "limit": query.limit + 1},
        ).fetchall()
    page, cursor_after = pagination.page(rows, query.limit, lambda row: (row.id,))
    return RuleList(items=[_to_schema(row) for row in page], next_cursor=cursor_after)


def delete(database: Database, user_id: int, rule_id: int) -> None:
    """Forget a rule. Raises `Problem` 404."""
    with database.transaction(user_id) as connection:
        gone = connection.execute(
            "DELETE FROM migrations.rules WHERE id = %s RETURNING id", [rule_id]
        ).fetchone()
    if gone is None:
        raise problems.not_found("rule")


def _to_schema(row: RuleRow) -> "Rule":
    from musicconnect.migrations.api.schemas import Rule  # noqa: PLC0415

    return Rule.model_validate({name: getattr(row, name) for name in RuleRow.__dataclass_fields__})
