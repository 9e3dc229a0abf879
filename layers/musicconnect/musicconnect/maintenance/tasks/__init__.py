"""All duties, in the order in which they run: what the law asks for before what only keeps tables short."""

from typing import Final

from musicconnect.maintenance.task import Duty
from musicconnect.maintenance.tasks import (
    consents,
    key_rotation,
    match_store,
    retention,
    retention_audit,
    stuck_jobs,
    unlinked_accounts,
    uploads,
)

DUTIES: Final = (
    Duty("unlinked_accounts", unlinked_accounts.purge_unlinked),
    Duty("revocations", unlinked_accounts.revoke_again),
    Duty("unusable_accounts", consents.end_unusable),
    Duty("lapsed_consents", consents.end_lapsed),
    Duty("consent_checks", consents.check),
    Duty("consent_warnings", consents.warn),
    # Refreshing comes before forgetting what was not refreshed.
    Duty("matches_refreshed", match_store.refresh),
    Duty("matches", match_store.forget),
    Duty("snapshots", retention.snapshots),
    Duty("pin_titles", retention.pin_titles),
    Duty("migration_facts", retention.migration_facts),
    Duty("choice_facts", retention.choice_facts),
    Duty("stuck", stuck_jobs.free),
    Duty("sealing", key_rotation.seal_again),
    Duty("uploads", uploads.uploads_that_never_came),
    Duty("stray_files", uploads.strays),
    Duty("sessions", retention.sessions),
    Duty("personal_tokens", retention.personal_tokens),
    Duty("known_sources", retention.known_sources),
    Duty("sign_in_limits", retention.sign_in_limits),
    Duty("link_states", retention.link_states),
    Duty("searches", retention.searches),
    Duty("search_pages", retention.search_pages),
    Duty("quota_ledger", retention.quota_ledger),
    Duty("limits", retention_audit.check),
)
