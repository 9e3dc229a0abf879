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

TASKS: Final = (
    MaintenanceTask("unlinked_accounts", unlinked_accounts.purge_unlinked),
    MaintenanceTask("revocations", unlinked_accounts.retry_revocations),
    MaintenanceTask("unusable_accounts", consents.end_unusable),
    MaintenanceTask("lapsed_consents", consents.end_lapsed),
    MaintenanceTask("consent_checks", consents.check),
    MaintenanceTask("consent_warnings", consents.warn),
    # Refreshing comes before forgetting what was not refreshed.
    MaintenanceTask("matches_refreshed", match_store.refresh),
    MaintenanceTask("matches", match_store.delete_stale),
    MaintenanceTask("snapshots", retention.snapshots),
    MaintenanceTask("pin_titles", retention.pin_titles),
    MaintenanceTask("migration_facts", retention.migration_facts),
    MaintenanceTask("rule_facts", retention.rule_facts),
    MaintenanceTask("stuck_jobs", retention.stuck_jobs),
    MaintenanceTask("key_rotation", key_rotation.reencrypt),
    MaintenanceTask("abandoned_uploads", uploads.abandoned_uploads),
    MaintenanceTask("orphaned_uploads", uploads.orphaned_uploads),
    MaintenanceTask("sessions", retention.sessions),
    MaintenanceTask("personal_tokens", retention.personal_tokens),
    MaintenanceTask("known_sources", retention.known_sources),
    MaintenanceTask("sign_in_limits", retention.sign_in_limits),
    MaintenanceTask("link_states", retention.link_states),
    MaintenanceTask("searches", retention.searches),
    MaintenanceTask("search_pages", retention.search_pages),
    MaintenanceTask("quota_ledger", retention.quota_ledger),
    MaintenanceTask("retention_audit", retention_audit.check),
)
