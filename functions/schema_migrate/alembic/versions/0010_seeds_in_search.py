"""What open data names, for links, too."""

from alembic import op

revision = "0010"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Let searches read candidates out of open data: code before works on without."""
    op.execute("GRANT SELECT ON providers.seeds TO mc_search")
