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
NOTED = Right(frozenset({INSERT}))
LEDGER = Right(frozenset({SELECT, INSERT, UPDATE}))
# Acting for a person on a provider: refreshing their tokens, noting that the consent is gone.
ACTING = {
    "providers.accounts": Right(
        frozenset({SELECT, UPDATE}), update_columns=("status", "status_reason", "status_since")
    ),
    "providers.tokens": Right(frozenset({SELECT, UPDATE, DELETE})),
    "providers.quota_usage": LEDGER,
    # That the consent is gone is told to the person.
    "outbox.events": NOTED,
}
PROVIDER = {
    "providers.accounts": OWN,
    "providers.tokens": OWN,
    "providers.playlist_snapshots": OWN,
    "providers.snapshot_syncs": LEDGER,
    "providers.link_states": OWN,
    "providers.quota_usage": LEDGER,
    # For maintenance: what was unlinked, and what a provider has yet to be told to forget.
    "providers.unlinked_accounts": Right(frozenset({SELECT, INSERT})),
    "providers.revocations": NOTED,
    "outbox.events": NOTED,
}

KEYS = {"core.idempotency_keys": Right(frozenset({SELECT, INSERT, DELETE}))}
"""What requests with an ``Idempotency-Key`` made."""
MARKS = Right(frozenset({SELECT, INSERT}))
USER_TRENDS = {
    **KEYS,
    "trends.plays": Right(frozenset({SELECT, INSERT, DELETE})),
    "trends.alternate_reports": OWN,
    "trends.tombstones": MARKS,
    "trends.imports": OWN,
    # What ListenBrainz's clients read of playlists.
    "migrations.jobs": Right(
        frozenset({SELECT}), select_columns=("id", "user_id", "source_provider", "is_rollback")
    ),
    "migrations.playlists": Right(
        frozenset({SELECT}),
        select_columns=(
            "id",
            "job_id",
            "user_id",
            "source_playlist_id",
            "source_name",
            "source_description",
            "track_count",
            "stage",
            "created_at",
            "part",
        ),
    ),
    "migrations.tracks": Right(
        frozenset({SELECT}),
        select_columns=("playlist_migration_id", "user_id", "position", "source_title", "source"),
    ),
    # Statistics for them.
    "trends.user_daily": Right(frozenset({SELECT, DELETE})),
    "trends.rollup_state": READ,
    "trends.polls": LEDGER,
    "trends.poll_gaps": MARKS,
    "trends.dirty_user_days": MARKS,
    "trends.dirty_days": NOTED,
    "trends.dirty_listeners": NOTED,
    "trends.sharing": LEDGER,
    "trends.now_playing": OWN,
    "trends.feedback": OWN,
    "trends.import_marks": LEDGER,
    "outbox.events": NOTED,
    # In which zone the person's days begin, and what ListenBrainz's clients call them.
    "core.users": Right(frozenset({SELECT}), select_columns=("id", "time_zone", "display_name")),
    # Whether there is a Spotify account to poll.
    "providers.accounts": Right(frozenset({SELECT}), select_columns=("id", "user_id", "provider")),
}

PREFERENCE = Right(frozenset({SELECT}), select_columns=("id", "match_content", "match_strictness"))
"""How the person wants recordings matched."""

RIGHTS: dict[str, dict[str, Right]] = {
    "mc_core": {
        **KEYS,
        "core.users": OWN,
        "core.user_sessions": OWN,
        "core.known_sources": OWN,
        "core.sign_in_limits": OWN,
        "core.personal_tokens": OWN,
        "core.app_approvals": MARKS,
        # As the mail worker, too; what is enqueued comes by a function.
        "core.mail_messages": Right(frozenset({SELECT, UPDATE})),
        "core.mail_suppressions": OWN,
        "core.verifications": LEDGER,
        "core.passkeys": OWN,
        "core.passkey_ceremonies": Right(frozenset({SELECT, INSERT, DELETE})),
        "core.services": READ,  # written on deploy
        "providers.accounts": READ,
        "providers.tokens": READ,  # to give them back when the person goes
        # What exports of whoever left have in object storage; it names nobody.
        "exports.leftovers": Right(frozenset({SELECT, DELETE})),
        "providers.revocations": NOTED,
        "outbox.events": NOTED,
    },
    "mc_authorizer": {},
    "mc_providers": {**PROVIDER, **KEYS, "providers.quota_shares": READ, "providers.shares": OWN},
    "mc_search": {
        **KEYS,
        "search.queries": Right(frozenset({SELECT, INSERT, DELETE})),
        "search.pinned_items": OWN,
        "search.cache": OWN,
        "providers.match_store": OWN,
        "providers.match_disputes": READ,
        "providers.artist_channels": LEDGER,
        "providers.seeds": READ,
        "core.users": PREFERENCE,
        # What a person's matches teach about names, and what everybody's have taught.
        "providers.name_reports": Right(frozenset({SELECT, INSERT, UPDATE})),
        "providers.learned_names": READ,
        **ACTING,
    },
    "mc_migrations": {
        **KEYS,
        "migrations.jobs": LEDGER,
        "migrations.playlists": LEDGER,
        "migrations.tracks": OWN,
        "migrations.rules": OWN,
        "providers.match_votes": LEDGER,
        "providers.match_disputes": Right(frozenset({SELECT, INSERT, DELETE})),
        "providers.artist_channels": LEDGER,
        "providers.seeds": READ,
        "migrations.decisions": LEDGER,
        "migrations.imports": OWN,
        "sync.pairs": OWN,
        "sync.states": LEDGER,
        "sync.runs": LEDGER,
        "sync.repairs": LEDGER,
        "sync.repair_schedules": OWN,
        # What a lost entry of a playlist was.
        "trends.plays": Right(
            frozenset({SELECT}),
            select_columns=(
                "user_id",
                "played_at",
                "duration_ms",
                "provider",
                "provider_track_id",
                "title",
                "artist",
            ),
        ),
        "changes.sets": LEDGER,
        "changes.operations": LEDGER,
        "providers.quota_shares": LEDGER,
        "providers.playlist_snapshots": READ,
        "providers.match_store": OWN,
        "core.users": PREFERENCE,
        # What a person's matches teach about names, and what everybody's have taught.
        "providers.name_reports": Right(frozenset({SELECT, INSERT, UPDATE})),
        "providers.learned_names": READ,
        **ACTING,
    },
    "mc_exports": {
        "exports.jobs": OWN,
        "exports.files": OWN,
        "exports.playlists": OWN,
        "exports.entries": Right(frozenset({SELECT, INSERT, DELETE})),
        "exports.leftovers": OWN,
        "trends.plays": READ,
        "trends.imports": READ,
        "trends.sharing": READ,
        "trends.now_playing": READ,
        "trends.feedback": READ,
        "trends.import_marks": READ,
        "trends.user_daily": READ,
        "migrations.imports": Right(
            frozenset({SELECT}),
            select_columns=(
                "id",
                "user_id",
                "file_name",
                "size_bytes",
                "formats",
                "target_provider",
                "as_copy",
                "remove_missing",
                "dry_run",
                "status",
                "created_at",
                "finished_at",
                "playlist_count",
                "entry_count",
                "failed_count",
                "failures",
            ),
        ),
        # What the archive tells a person about themselves: no password hash, no token.
        "core.users": Right(
            frozenset({SELECT}),
            select_columns=(
                "id",
                "email",
                "email_confirmed_at",
                "display_name",
                "time_zone",
                "match_content",
                "match_strictness",
                "created_at",
                "updated_at",
            ),
        ),
        "core.user_sessions": Right(
            frozenset({SELECT}),
            select_columns=(
                "id",
                "user_id",
                "created_at",
                "expires_at",
                "last_used_at",
                "ip_address",
                "user_agent",
            ),
        ),
        "core.passkeys": Right(
            frozenset({SELECT}),
            select_columns=("id", "user_id", "name", "created_at", "last_used_at"),
        ),
        "core.verifications": Right(
            frozenset({SELECT}),
            select_columns=("id", "user_id", "kind", "address", "created_at", "expires_at"),
        ),
        "core.mail_messages": Right(
            frozenset({SELECT}),
            select_columns=(
                "id",
                "user_id",
                "template",
                "address",
                "status",
                "reason",
                "created_at",
                "finished_at",
            ),
        ),
        "core.app_approvals": Right(
            frozenset({SELECT}),
            select_columns=("user_id", "app", "approved_at", "redeemed_at", "expires_at"),
        ),
        "core.personal_tokens": Right(
            frozenset({SELECT}),
            select_columns=("id", "user_id", "name", "scope", "created_at", "last_used_at", "expires_at"),
        ),
        "notices.notices": Right(
            frozenset({SELECT}),
            select_columns=("id", "user_id", "code", "params", "occurred_at", "read_at"),
        ),
        "operators.acts": Right(
            frozenset({SELECT}),
            select_columns=("id", "user_id", "action", "reason", "outcome", "at"),
        ),
        "notices.settings": READ,
        "notices.webhooks": Right(
            frozenset({SELECT}),
            select_columns=(
                "id",
                "user_id",
                "name",
                "url",
                "is_enabled",
                "disabled_reason",
                "disabled_at",
                "created_at",
                "updated_at",
            ),
        ),
        "notices.deliveries": Right(
            frozenset({SELECT}),
            select_columns=(
                "id",
                "user_id",
                "webhook_id",
                "message_id",
                "code",
                "body",
                "is_test",
                "status",
                "status_code",
                "status_params",
                "log",
                "created_at",
                "finished_at",
            ),
        ),
        "search.queries": READ,
        "search.pinned_items": READ,
        "migrations.jobs": READ,
        "migrations.playlists": READ,
        "migrations.tracks": READ,
        "migrations.rules": READ,
        "migrations.decisions": READ,
        "sync.pairs": READ,
        "sync.runs": READ,
        "sync.repairs": READ,
        "sync.repair_schedules": READ,
        "providers.shares": READ,
        "providers.match_votes": READ,
        "changes.sets": READ,
        "changes.operations": READ,
        "providers.name_reports": READ,
        **ACTING,
    },
    "mc_notices": {
        **KEYS,
        "outbox.events": Right(frozenset({SELECT, INSERT, DELETE})),
        # When the person's morning is.
        "core.users": Right(frozenset({SELECT}), select_columns=("id", "time_zone")),
        "notices.notices": LEDGER,
        "notices.settings": LEDGER,
        "notices.deliveries": LEDGER,
        "notices.webhooks": OWN,
    },
    # What strangers see: what is shared they get by a function.
    "mc_public": {"providers.match_store": READ, "providers.match_disputes": READ},
    "mc_operator": {
        "operators.acts": MARKS,
        "outbox.events": NOTED,
    },
    "mc_user_trends": USER_TRENDS,
    "mc_dispatch": {"providers.quota_usage": READ},  # how much is spent, for the alarms
    # Draws the aggregates from everybody's plays: the one login role that looks across people.
    "mc_rollup": {
        "core.users": Right(frozenset({SELECT}), select_columns=("id", "time_zone")),
        "trends.plays": READ,
        "trends.dirty_user_days": OWN,
        "trends.dirty_days": OWN,
        "trends.dirty_listeners": Right(frozenset({SELECT, DELETE})),
        "trends.open_days": Right(frozenset({SELECT, INSERT, DELETE})),
        "trends.open_contributions": OWN,
        "trends.open_tracks": OWN,
        "trends.open_track_names": OWN,
        "trends.open_artists": OWN,
        "trends.open_artist_names": OWN,
        "trends.user_daily": OWN,
        "trends.track_daily": OWN,
        "trends.global_daily": OWN,
        "trends.rollup_state": Right(frozenset({SELECT, UPDATE})),
    },
    # Shows a person's figures.
    "mc_trends": {
        "core.users": Right(frozenset({SELECT}), select_columns=("id", "time_zone", "created_at")),
        "trends.plays": READ,
        "trends.dirty_user_days": READ,
        "trends.dirty_days": READ,
        "trends.user_daily": READ,
        "trends.track_daily": READ,
        "trends.global_daily": READ,
        "trends.rollup_state": READ,
    },
    "mc_play_poll": {**USER_TRENDS, **PROVIDER},
    # Looks across people by functions only; by itself it is the provider services and User Trends, for one
    # person at a time. What else it may touch is about nobody.
    "mc_maintenance": {
        **USER_TRENDS,
        **PROVIDER,
        "providers.unlinked_accounts": OWN,
        "providers.revocations": OWN,
        "core.maintenance_cursors": LEDGER,
        # Reading again what a person shares, or pausing it.
        "providers.shares": Right(frozenset({SELECT, UPDATE})),
        # Rotating keys, one person at a time.
        "notices.webhooks": Right(
            frozenset({SELECT, UPDATE}),
            select_columns=("id", "user_id", "secret", "previous_secret"),
            update_columns=("secret", "previous_secret"),
        ),
        "providers.match_store": Right(frozenset({SELECT, UPDATE, DELETE})),
        "providers.artist_channels": Right(frozenset({SELECT, DELETE})),
        "search.cache": Right(
            frozenset({SELECT, DELETE}), select_columns=("key", "expires_at", "claimed_until")
        ),
    },
}

TRENDS = frozenset({"mc_user_trends", "mc_play_poll", "mc_maintenance"})
"""User Trends, and the roles that are members of it."""

FUNCTIONS: dict[str, frozenset[str]] = {
    "core.find_sign_in": frozenset({"mc_core"}),
    "core.take_page_token": frozenset({"mc_public"}),
    "providers.find_shared_playlist": frozenset({"mc_public"}),
    "core.delete_expired_sessions": frozenset({"mc_core", "mc_maintenance"}),
    "core.find_session": frozenset({"mc_authorizer"}),
    "core.switched_off": frozenset(),  # for the functions that find sessions and tokens
    "core.find_personal_token": frozenset({"mc_authorizer", *TRENDS}),
    "core.redeem_approval": TRENDS,
    "core.find_passkey": frozenset({"mc_core"}),
    "core.find_verification": frozenset({"mc_core"}),
    "core.take_verification": frozenset({"mc_core"}),
    "core.enqueue_mail": frozenset({"mc_core", "mc_notices", "mc_operator"}),
    "core.claim_due_mail": frozenset({"mc_core"}),
    "core.record_mail_sent": frozenset({"mc_core"}),
    "core.current_user_id": frozenset(RIGHTS),
    "core.time_zones": TRENDS | {"mc_trends", "mc_rollup", "mc_notices"},
    "core.time_zones_after": frozenset({"mc_rollup"}),
    "core.display_name": TRENDS,
    "providers.account_id": TRENDS,
    "core.is_claimable": frozenset(RIGHTS),
    "providers.claim_due_syncs": frozenset({"mc_providers"}),
    "providers.match_words": frozenset({"mc_search", "mc_migrations", "mc_maintenance"}),
    "search.delete_old_queries": frozenset({"mc_search", "mc_maintenance"}),
    "search.clear_old_pin_titles": frozenset({"mc_search", "mc_maintenance"}),
    "search.erase_text": frozenset(),  # a trigger's
    "migrations.claim_due_playlists": frozenset({"mc_dispatch"}),
    "migrations.claim_due_imports": frozenset({"mc_migrations"}),
    "sync.claim_due_pairs": frozenset({"mc_migrations"}),
    "sync.claim_due_repairs": frozenset({"mc_migrations"}),
    "sync.begin_due_checks": frozenset({"mc_migrations"}),
    "trends.claim_due_imports": TRENDS,
    "trends.claim_due_polls": frozenset({"mc_play_poll"}),
    "trends.is_public": TRENDS,
    "trends.lock_user": TRENDS | {"mc_rollup"},
    "trends.make_partitions": TRENDS | {"mc_rollup"},
    "trends.drop_partitions": frozenset({"mc_rollup"}),
    "trends.mark_time_zone_change": frozenset(),
    "trends.mark_user_deleted": frozenset(),
    "migrations.work_ahead": frozenset({"mc_migrations"}),
    "providers.tally_votes": frozenset({"mc_migrations"}),
    "trends.own_days": frozenset({"mc_migrations"}),
    "migrations.playlist_targets": frozenset({"mc_providers"}),
    "providers.after_account_delete": frozenset(),
    "providers.after_user_delete": frozenset(),
    **dict.fromkeys(
        (
            "core.delete_expired_tokens",
            "core.delete_known_sources",
            "core.delete_expired_limits",
            "core.retention_violations",
            "providers.delete_expired_links",
            "providers.delete_stale_snapshots",
            "providers.delete_quota_usage",
            "providers.learn_names",
            "providers.delete_names",
            "providers.claim_checks",
            "providers.claim_warnings",
            "providers.find_lapsed_consents",
            "providers.find_unusable_accounts",
            "providers.find_outdated_tokens",
            "providers.any_user_of",
            "providers.due_unlinked_accounts",
            "providers.delete_account_data",
            "migrations.clear_facts",
            "migrations.clear_rule_facts",
            "trends.abandoned_imports",
            "trends.referenced_uploads",
            "migrations.referenced_uploads",
            "migrations.delete_abandoned_imports",
            "trends.count_reported",
            "trends.delete_now_playing",
            "core.delete_expired_approvals",
            "outbox.delete_old_events",
            "operators.delete_old_acts",
            "notices.delete_old_notices",
            "notices.delete_old_deliveries",
            "notices.find_outdated_secrets",
            "providers.find_ending_consents",
            "core.delete_old_mail",
            "core.delete_expired_verifications",
            "core.delete_expired_ceremonies",
            "core.delete_old_suppressions",
            "changes.delete_expired",
            "sync.delete_stale_states",
            "sync.delete_expired_repairs",
            "providers.claim_due_shares",
            "providers.delete_expired_shares",
        ),
        frozenset({"mc_maintenance"}),
    ),
    **dict.fromkeys(
        ("migrations.requeue_stuck", "trends.requeue_stuck_imports", "providers.release_stuck_syncs"),
        frozenset({"mc_maintenance", "mc_operator"}),
    ),
    "core.is_active": TRENDS | {"mc_providers", "mc_migrations", "mc_exports", "mc_notices"},
    **dict.fromkeys(
        (
            "operators.find_account",
            "operators.set_active",
            "operators.end_sessions",
            "operators.holdings",
        ),
        frozenset({"mc_operator"}),
    ),
    "outbox.people_with_events": frozenset({"mc_notices"}),
    "notices.people_with_digests": frozenset({"mc_notices"}),
    "notices.claim_due_deliveries": frozenset({"mc_notices"}),
    "exports.claim_due_jobs": frozenset({"mc_exports"}),
    "exports.expired_files": frozenset({"mc_exports"}),
    "exports.delete_expired_files": frozenset({"mc_exports"}),
    "exports.record_leftovers": frozenset(),  # a trigger's
}
"""Who may call which function."""

PLAIN_FUNCTIONS = frozenset(
    {
        "core.current_user_id",
        "core.switched_off",
        "providers.match_words",
        "search.erase_text",
        "trends.lock_user",
        "core.time_zones",
        "core.time_zones_after",
        "core.display_name",
        "providers.account_id",
        "core.is_claimable",
    }
)
"""Those that run with the rights of whoever calls them. The others alone look across people."""
