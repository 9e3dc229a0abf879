"""Give a provider that came later its group: what 0001 gave the first ones, in one place."""

from typing import Any

from alembic import op
from psycopg.sql import SQL, Identifier, Literal

_OWN = "user_id = (SELECT core.current_user_id())"
_BY_PROVIDER = ("accounts", "link_states", "unlinked_accounts")
_BY_ACCOUNT = ("tokens", "playlist_snapshots", "snapshot_syncs")
_MEMBERS = ("mc_providers", "mc_maintenance")


def create(provider: str) -> None:
    """Create the group of a provider in a revision: a role that sees one person's rows of this provider."""
    connection: Any = op.get_bind().connection.dbapi_connection
    name = f"mc_{provider}"
    role = Identifier(name)
    if connection.execute("SELECT FROM pg_roles WHERE rolname = %s", [name]).fetchone() is None:
        connection.execute(SQL("CREATE ROLE {} NOLOGIN").format(role))
    of_account = (
        f"{_OWN} AND EXISTS (SELECT FROM providers.accounts a WHERE a.id = account_id AND a.provider = {{}})"
    )
    conditions = dict.fromkeys(_BY_PROVIDER, f"{_OWN} AND provider = {{}}") | dict.fromkeys(
        _BY_ACCOUNT, of_account
    )
    for table, condition in conditions.items():
        what = SQL(condition).format(Literal(provider))
        connection.execute(
            SQL("CREATE POLICY {} ON {} TO {} USING ({}) WITH CHECK ({})").format(
                Identifier(f"own_{provider}"), Identifier("providers", table), role, what, what
            )
        )
    for statement in (
        "GRANT USAGE ON SCHEMA core, providers TO {}",
        "GRANT SELECT, INSERT, UPDATE, DELETE ON providers.accounts, providers.tokens, "
        "providers.playlist_snapshots, providers.link_states TO {}",
        "GRANT SELECT, INSERT, UPDATE ON providers.snapshot_syncs, providers.quota_usage TO {}",
        "GRANT SELECT, INSERT ON providers.unlinked_accounts TO {}",
        "GRANT INSERT ON providers.revocations TO {}",
        "GRANT USAGE ON ALL SEQUENCES IN SCHEMA providers TO {}",
        *(f"GRANT {{}} TO {member}" for member in _MEMBERS),
    ):
        connection.execute(SQL(statement).format(role))
