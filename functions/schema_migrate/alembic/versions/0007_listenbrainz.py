"""ListenBrainz: its group."""

from schema_migrate import provider_groups

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the group that sees one person's rows of ListenBrainz."""
    provider_groups.create("listenbrainz")
