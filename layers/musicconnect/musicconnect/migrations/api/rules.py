"""Manage a person's own choices of counterparts."""

from musicconnect.api.binding import Repeat
from musicconnect.core import idempotency
from musicconnect.migrations import rules_store
from musicconnect.migrations.schemas import ListQuery, Rule, RuleCreate, RuleList
from musicconnect.music import links
from musicconnect.music.model import Track
from musicconnect.platform import clock, pagination, problems
from musicconnect.platform.database import Database
from musicconnect.providers import registry
from musicconnect.providers.match_store import votes
from musicconnect.providers.match_store.votes import Vote
from musicconnect.providers.registry import FILE


def create(database: Database, user_id: int, rule: RuleCreate, repeat: Repeat | None = None) -> Rule:
    """Save a rule, or find what this request saved.

    Raises:
        Problem: 422, source and target are one, or the link leads to no recording of the target's.
    """
    if rule.source_provider == rule.target_provider:
        raise problems.invalid("body.target_provider", "The target must be another provider than the source.")
    if rule.target_link is not None:
        rule = rule.model_copy(update={"target_id": _linked(rule), "target_link": None})
    with database.transaction(user_id) as connection:
        earlier = idempotency.find(connection, user_id, repeat)
        if earlier is not None:
            row = rules_store.get_rule(connection, earlier)
            if row is None:
                raise idempotency.gone()
        else:
            now = clock.now()
            row = rules_store.save_rule(connection, rule.model_dump(exclude={"target_link"}), now)
            votes.cast(connection, _votes(rule), now)
            idempotency.save(connection, user_id, repeat, row["id"])
        return Rule.model_validate(row)


def _linked(rule: RuleCreate) -> str:
    """Give the id that a rule's link names. Raises `Problem` 422."""
    assert rule.target_link is not None
    if rule.target_id is not None:
        raise problems.invalid("body.target_link", "Send an id or a link, not both.")
    entry = registry.PROVIDERS[rule.target_provider]
    try:
        link = links.parse(rule.target_link)
    except links.LinkError as error:
        raise problems.invalid("body.target_link", error.message) from None
    if link.provider != entry.name or link.type is not entry.item_types[0]:
        raise problems.invalid("body.target_link", f"This is no link to a track at {entry.title}.")
    return link.id


def _votes(rule: RuleCreate) -> list[Vote]:
    """Give what a rule says of a track that others have, too: only its ids are the provider's words."""
    if rule.source_provider == FILE:
        return []
    target = (
        None if rule.target_id is None else Track(provider=rule.target_provider, id=rule.target_id, title="")
    )
    source = Track(provider=rule.source_provider, id=rule.source_id, title="")
    return [Vote(source=source, target_provider=rule.target_provider, target=target)]


def list_rules(database: Database, user_id: int, query: ListQuery) -> RuleList:
    """List a person's rules, the latest first. Raises `Problem` 400 for a cursor that is not one of ours."""
    key = pagination.decode(query.cursor, int)
    with database.transaction(user_id) as connection:
        rows = rules_store.list_rules(connection, before=key[0] if key else None, limit=query.limit + 1)
    page, next_cursor = pagination.page(rows, query.limit, lambda row: (row["id"],))
    return RuleList(items=[Rule.model_validate(row) for row in page], next_cursor=next_cursor)


def delete(database: Database, user_id: int, rule_id: int) -> None:
    """Delete a rule. Raises `Problem` 404."""
    with database.transaction(user_id) as connection:
        if not rules_store.delete_rule(connection, rule_id):
            raise problems.not_found("rule")
