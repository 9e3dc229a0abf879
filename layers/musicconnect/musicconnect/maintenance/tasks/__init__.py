"""All tasks, in the order in which they run: what the law asks for before what only keeps tables short."""

from typing import Final

from musicconnect.maintenance.task import MaintenanceTask
from musicconnect.maintenance.tasks import (
    consents,
    key_rotation,
    match_store,
    retention,
    retention_audit,
    unlinked_accounts,
    uploads,
)

TASKS: Final[dict[str, MaintenanceTask]] = {
    "unlinked_accounts": unlinked_accounts.purge_unlinked,
    "revocations": unlinked_accounts.retry_revocations,
    "unusable_accounts": consents.end_unusable,
    "lapsed_consents": consents.end_lapsed,
    "consent_checks": consents.check,
    "consent_warnings": consents.warn,
    "consent_notices": consents.tell_ending,
    # Only what the current matcher stands by is refreshed.
    "matches_rescored": match_store.rescore,
    # Refreshing comes before forgetting what was not refreshed.
    "matches_refreshed": match_store.refresh,
    "matches": match_store.delete_stale,
    "channels": match_store.delete_channels,
    "names_learned": match_store.learn_names,
    "names_deleted": match_store.delete_names,
    "snapshots": retention.snapshots,
    "pin_titles": retention.pin_titles,
    "migration_facts": retention.migration_facts,
    "rule_facts": retention.rule_facts,
    "change_sets": retention.change_sets,
    "pair_states": retention.pair_states,
    "repairs": retention.repairs,
    "shares": retention.shares,
    "stuck_jobs": retention.stuck_jobs,
    "key_rotation": key_rotation.reencrypt,
    "abandoned_uploads": uploads.abandoned_uploads,
    "orphaned_uploads": uploads.orphaned_uploads,
    "sessions": retention.sessions,
    "personal_tokens": retention.personal_tokens,
    "app_approvals": retention.app_approvals,
    "known_sources": retention.known_sources,
    "sign_in_limits": retention.sign_in_limits,
    "verifications": retention.verifications,
    "passkey_ceremonies": retention.passkey_ceremonies,
    "mail_messages": retention.mail_messages,
    "mail_suppressions": retention.mail_suppressions,
    "link_states": retention.link_states,
    "now_playing": retention.now_playing,
    "notices": retention.notices,
    "webhook_deliveries": retention.webhook_deliveries,
    "outbox": retention.outbox,
    "operator_acts": retention.operator_acts,
    "searches": retention.searches,
    "search_pages": retention.search_pages,
    "quota_ledger": retention.quota_ledger,
    "retention_audit": retention_audit.check,
}
