"""Which kinds of notices there are, and how each is told where its person has not chosen. Pure."""

from dataclasses import dataclass
from typing import Final, Literal

type Mail = Literal["at_once", "daily", "none"]
"""When a mail goes out: at once, in the digest of the person's next morning, never."""
type NoticeCode = Literal[
    "migration-completed",
    "migration-needs-you",
    "migration-stopped",
    "pair-stopped",
    "pair-contested",
    "playlist-needs-repair",
    "share-paused",
    "consent-ending",
    "consent-ended",
    "export-ready",
    "import-ready",
    "sign-in-from-new-place",
    "webhook-switched-off",
    "account-suspended",
    "account-restored",
]
"""Part of the API: a code never changes its meaning."""


@dataclass(frozen=True, slots=True)
class Kind:
    """How notices of a code are told."""

    mail: Mail = "at_once"
    """By default."""
    webhook: bool = True
    """Whether webhooks get it by default."""
    is_fixed: bool = False
    """Whether the person cannot choose: what concerns the security of the account is always mailed."""


KINDS: Final[dict[str, Kind]] = {
    "migration-completed": Kind(),
    "migration-needs-you": Kind(),
    "migration-stopped": Kind(),
    "pair-stopped": Kind(),
    "pair-contested": Kind(),
    "playlist-needs-repair": Kind(),
    "share-paused": Kind(),
    "consent-ending": Kind(),
    "consent-ended": Kind(),
    "export-ready": Kind(),
    "import-ready": Kind(),
    "sign-in-from-new-place": Kind(),
    "webhook-switched-off": Kind(),
    "account-suspended": Kind(is_fixed=True),
    "account-restored": Kind(is_fixed=True),
}
"""By code."""


@dataclass(frozen=True, slots=True)
class Choice:
    """How notices of a kind reach a person."""

    mail: Mail
    webhook: bool


def default(code: str) -> Choice:
    """Give what holds for a kind as long as nothing is chosen."""
    kind = KINDS[code]
    return Choice(kind.mail, kind.webhook)
