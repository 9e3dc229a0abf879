"""Manage a person's own choices of counterparts, which win over every search."""

from typing import TYPE_CHECKING

from musicconnect.matching import Outcome
from musicconnect.matching.candidate_search import Decision
from musicconnect.migrations.api import store
from musicconnect.migrations.api.store import Row
from musicconnect.music.model import Track
from musicconnect.platform import clock, pagination, problems
from musicconnect.platform.database import Database

if TYPE_CHECKING:
    # They take the HTTP resolver along, of which the queue's worker has no use.
    from musicconnect.migrations.api.schemas import ListQuery, Rule, RuleCreate, RuleList

CHOSEN = "your own choice"
LEFT_OUT = "left out: you said that it does not exist there"


def decision(source: Track, rule: Row) -> Decision:
    """Give what a rule decides about its source."""
    target: Track | None = None
    if rule["target_id"] is not None:
        target = Track(
            provider=rule["target_provider"],
            id=rule["target_id"],
            title=rule["target_title"] or source.title,
            artists=(rule["target_artist"],) if rule["target_artist"] else source.artists,
        )
    return Decision(
        outcome=Outcome.MATCHED if target else Outcome.NO_MATCH,
        target=target,
        score=None,
        parts=None,
        reasons=[CHOSEN if target else LEFT_OUT],
        candidates=None,
        is_left_out=target is None,
    )


def create(database: Database, user_id: int, rule: "RuleCreate") -> "Rule":
    """Save a rule. Raises `Problem` 422 when source and target are one provider."""
    from musicconnect.migrations.api.schemas import Rule  # noqa: PLC0415

    if rule.source_provider == rule.target_provider:
        raise problems.invalid("body.target_provider", "The target must be another provider than the source.")
    with database.transaction(user_id) as connection:
        return Rule.model_validate(store.save_rule(connection, rule.model_dump(), clock.now()))


def list_rules(database: Database, user_id: int, query: "ListQuery") -> "RuleList":
    """List a person's rules, the latest first. Raises `Problem` 400 for a cursor that is not one of ours."""
    from musicconnect.migrations.api.schemas import Rule, RuleList  # noqa: PLC0415

    key = pagination.decode(query.cursor, int)
    with database.transaction(user_id) as connection:
        rows = store.list_rules(connection, before=key[0] if key else None, limit=query.limit + 1)
    page, next_cursor = pagination.page(rows, query.limit, lambda row: (row["id"],))
    return RuleList(items=[Rule.model_validate(row) for row in page], next_cursor=next_cursor)


def delete(database: Database, user_id: int, rule_id: int) -> None:
    """Delete a rule. Raises `Problem` 404."""
    with database.transaction(user_id) as connection:
        if not store.delete_rule(connection, rule_id):
            raise problems.not_found("rule")
