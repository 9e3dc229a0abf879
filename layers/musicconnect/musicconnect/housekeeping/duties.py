"""All duties, in the order in which they run: what the law asks for before what only keeps tables short."""

from typing import Final

from musicconnect.housekeeping import (
    catalogue,
    checking,
    consents,
    departures,
    files,
    forgetting,
    sealing,
    stuck,
)
from musicconnect.housekeeping.duty import Duty

DUTIES: Final = (
    Duty("departures", departures.see_off),
    Duty("revocations", departures.revoke_again),
    Duty("unusable_accounts", consents.end_unusable),
    Duty("lapsed_consents", consents.end_lapsed),
    Duty("consent_checks", consents.check),
    Duty("consent_warnings", consents.warn),
    # Refreshing comes before forgetting what was not refreshed.
    Duty("matches_refreshed", catalogue.refresh),
    Duty("matches", catalogue.forget),
    Duty("snapshots", forgetting.snapshots),
    Duty("pin_titles", forgetting.pin_titles),
    Duty("migration_facts", forgetting.migration_facts),
    Duty("choice_facts", forgetting.choice_facts),
    Duty("stuck", stuck.free),
    Duty("sealing", sealing.seal_again),
    Duty("uploads", files.uploads_that_never_came),
    Duty("stray_files", files.strays),
    Duty("sessions", forgetting.sessions),
    Duty("personal_tokens", forgetting.personal_tokens),
    Duty("known_sources", forgetting.known_sources),
    Duty("sign_in_limits", forgetting.sign_in_limits),
    Duty("link_states", forgetting.link_states),
    Duty("searches", forgetting.searches),
    Duty("search_pages", forgetting.search_pages),
    Duty("quota_ledger", forgetting.quota_ledger),
    Duty("limits", checking.check),
)
