"""What each service's role may do: its own tables, what it demonstrably needs of others, and nothing else."""

from dataclasses import dataclass

SELECT, INSERT, UPDATE, DELETE = "SELECT", "INSERT", "UPDATE", "DELETE"
ALL = frozenset({SELECT, INSERT, UPDATE, DELETE})


@dataclass(frozen=True)
class Right:
    """What a role may do with a table."""

    verbs: frozenset[str]
    select_columns: tuple[str, ...] | None = None
    """None: every column."""
    update_columns: tuple[str, ...] | None = None

    def columns(self, verb: str) -> tuple[str, ...] | None:
        """The columns that a verb is limited to; None: it is not."""
        return {SELECT: self.select_columns, UPDATE: self.update_columns}.get(verb)


OWN = Right(ALL)
READ = Right(frozenset({SELECT}))
LEDGER = Right(frozenset({SELECT, INSERT, UPDATE}))
# Acting for a person on a provider: refreshing their tokens, noting that the consent is gone.
ACTING = {
    "providers.accounts": Right(frozenset({SELECT, UPDATE}), update_columns=("status", "status_reason")),
    "providers.tokens": Right(frozenset({SELECT, UPDATE, DELETE})),
    "providers.playlist_snapshots": READ,
    "providers.quota_usage": LEDGER,
}
PROVIDER = {
    "providers.accounts": OWN,
    "providers.tokens": OWN,
    "providers.playlist_snapshots": OWN,
    "providers.snapshot_syncs": OWN,
    "providers.link_states": OWN,
    "providers.quota_usage": LEDGER,
}

RIGHTS: dict[str, dict[str, Right]] = {
    "mc_core": {
        "core.users": OWN,
        "core.user_sessions": OWN,
        "core.known_sources": OWN,
        "core.sign_in_limits": OWN,
        "core.services": READ,  # written on deploy
        "providers.accounts": READ,
        "providers.tokens": READ,  # to give them back when the person goes
    },
    "mc_authorizer": {},
    "mc_spotify": PROVIDER,
    "mc_youtube": PROVIDER,
    "mc_providers": PROVIDER,
    "mc_search": {
        "search.queries": OWN,
        "search.pinned_items": OWN,
        "search.cache": OWN,
        "providers.match_store": OWN,
        **ACTING,
    },
    "mc_migrations": {
        "migrations.jobs": OWN,
        "migrations.playlists": OWN,
        "migrations.tracks": OWN,
        "providers.match_store": OWN,
        **ACTING,
    },
    "mc_exports": {"exports.jobs": OWN, "exports.files": OWN, **ACTING},
    "mc_user_trends": {
        "trends.user_daily": OWN,
        "trends.track_daily": OWN,
        # In which zone the person's days begin.
        "core.users": Right(frozenset({SELECT}), select_columns=("id", "time_zone")),
    },
    "mc_global_trends": {"trends.track_daily": OWN, "trends.global_daily": OWN},
    "mc_dispatch": {},
}

FUNCTIONS: dict[str, frozenset[str]] = {
    "core.find_sign_in": frozenset({"mc_core"}),
    "core.delete_expired_sessions": frozenset({"mc_core"}),
    "core.find_session": frozenset({"mc_authorizer"}),
    "core.current_user_id": frozenset(RIGHTS),
    "providers.claim_due_syncs": frozenset({"mc_providers"}),
    "providers.match_words": frozenset({"mc_search", "mc_migrations"}),
    "search.forget_queries": frozenset({"mc_search"}),
    "search.forget_titles": frozenset({"mc_search"}),
    "search.drop_text": frozenset(),  # a trigger's
    "migrations.claim_due_playlists": frozenset({"mc_dispatch"}),
}
"""Who may call which function."""

PLAIN_FUNCTIONS = frozenset({"core.current_user_id", "providers.match_words", "search.drop_text"})
"""Those that run with the rights of whoever calls them. The others alone look across people."""
